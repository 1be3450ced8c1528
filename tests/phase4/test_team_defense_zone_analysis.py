from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_duplicate_rows(row: Row, gate: Judge) -> None:
    assert gate(row.duplicate_rows)


def test_implausible_rows(row: Row, gate: Judge) -> None:
    assert gate(row.implausible_rows)
