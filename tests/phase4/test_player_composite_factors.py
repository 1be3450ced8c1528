from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_coverage(row: Row, gate: Judge) -> None:
    assert gate(row.coverage)


def test_bootstrap_rows(row: Row, gate: Judge) -> None:
    assert gate(row.bootstrap_rows)


def test_null_rate(row: Row, gate: Judge, which: str) -> None:
    assert gate(row.null_rate[which])


def test_records_per_date(row: Row, gate: Judge) -> None:
    assert gate(row.records_per_date)
