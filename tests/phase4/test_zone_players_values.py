from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_judged_values(row: Row, gate: Judge) -> None:
    assert gate(row.judged_values)


def test_empty_date(row: Row, gate: Judge) -> None:
    assert gate(row.empty_date)


def test_zone_rates(row: Row, gate: Judge) -> None:
    assert gate(row.zone_rates)


def test_zone_success(row: Row, gate: Judge) -> None:
    assert gate(row.zone_success)


def test_zone_attempts(row: Row, gate: Judge) -> None:
    assert gate(row.zone_attempts)
