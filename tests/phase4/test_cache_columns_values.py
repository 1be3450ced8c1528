from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_null_date(row: Row, gate: Judge) -> None:
    assert gate(row.null_date)


def test_implausible_rows(row: Row, gate: Judge) -> None:
    assert gate(row.implausible_rows)
