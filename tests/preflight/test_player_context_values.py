from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_null_date(row: Row, gate: Judge) -> None:
    assert gate(row.null_date)


def test_null_team(row: Row, gate: Judge) -> None:
    assert gate(row.null_team)


def test_home_and_opponent(row: Row, gate: Judge) -> None:
    assert gate(row.home_and_opponent)


def test_implausible_rows(row: Row, gate: Judge) -> None:
    assert gate(row.implausible_rows)
