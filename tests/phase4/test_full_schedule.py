from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_days_short(row: Row, gate: Judge) -> None:
    assert gate(row.days_short)


def test_long_gaps(row: Row, gate: Judge) -> None:
    assert gate(row.long_gaps)


def test_short_seasons(row: Row, gate: Judge) -> None:
    assert gate(row.short_seasons)


def test_days_stale(row: Row, gate: Judge) -> None:
    assert gate(row.days_stale)
