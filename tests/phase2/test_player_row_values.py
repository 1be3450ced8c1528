from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_usage_from_shots(row: Row, gate: Judge) -> None:
    assert gate(row.usage_from_shots)


def test_shooting_rates(row: Row, gate: Judge) -> None:
    assert gate(row.shooting_rates)


def test_game_columns(row: Row, gate: Judge) -> None:
    assert gate(row.game_columns)


def test_two_names(row: Row, gate: Judge) -> None:
    assert gate(row.two_names)
