from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_judged_values(row: Row, gate: Judge) -> None:
    assert gate(row.judged_values)


def test_zone_success(row: Row, gate: Judge) -> None:
    assert gate(row.zone_success)


def test_team_averages(row: Row, gate: Judge) -> None:
    assert gate(row.team_averages)
