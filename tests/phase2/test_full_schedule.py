from gates.measure.result import Row
from gates.plugin.hooks import Judge


def test_days_short(full_schedule: Row, gate: Judge) -> None:
    assert gate(full_schedule.days_short)


def test_long_gaps(full_schedule: Row, gate: Judge) -> None:
    assert gate(full_schedule.long_gaps)


def test_short_seasons(full_schedule: Row, gate: Judge) -> None:
    assert gate(full_schedule.short_seasons)


def test_days_stale(full_schedule: Row, gate: Judge) -> None:
    assert gate(full_schedule.days_stale)
