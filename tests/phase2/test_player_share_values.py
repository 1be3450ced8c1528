from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_worst_filled(row: Row, gate: Judge) -> None:
    assert gate(row.worst_filled)


def test_worst_month_usage(row: Row, gate: Judge) -> None:
    assert gate(row.worst_month_usage)


def test_worst_date_usage(row: Row, gate: Judge) -> None:
    assert gate(row.worst_date_usage)


def test_worst_game_usage(row: Row, gate: Judge) -> None:
    assert gate(row.worst_game_usage)


def test_worst_game_usage_near(row: Row, gate: Judge) -> None:
    assert gate(row.worst_game_usage_near)


def test_worst_month_minutes(row: Row, gate: Judge) -> None:
    assert gate(row.worst_month_minutes)


def test_worst_date_minutes(row: Row, gate: Judge) -> None:
    assert gate(row.worst_date_minutes)


def test_worst_game_minutes(row: Row, gate: Judge) -> None:
    assert gate(row.worst_game_minutes)


def test_worst_month_zones(row: Row, gate: Judge) -> None:
    assert gate(row.worst_month_zones)
