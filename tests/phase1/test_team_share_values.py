from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_missing_values(row: Row, gate: Judge) -> None:
    assert gate(row.missing_values)


def test_implausible_counts(row: Row, gate: Judge) -> None:
    assert gate(row.implausible_counts)


def test_worst_filled(row: Row, gate: Judge) -> None:
    assert gate(row.worst_filled)
