from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_team_sums(row: Row, gate: Judge) -> None:
    assert gate(row.team_sums)


def test_team_minutes(row: Row, gate: Judge) -> None:
    assert gate(row.team_minutes)


def test_plus_minus(row: Row, gate: Judge) -> None:
    assert gate(row.plus_minus)


def test_missing_counts(row: Row, gate: Judge) -> None:
    assert gate(row.missing_counts)


def test_partial_zones(row: Row, gate: Judge) -> None:
    assert gate(row.partial_zones)


def test_winners(row: Row, gate: Judge) -> None:
    assert gate(row.winners)
