from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_judged_values(row: Row, gate: Judge) -> None:
    assert gate(row.judged_values)


def test_rest_and_load(row: Row, gate: Judge) -> None:
    assert gate(row.rest_and_load)


def test_recent_points(row: Row, gate: Judge) -> None:
    assert gate(row.recent_points)


def test_opponent_pace(row: Row, gate: Judge) -> None:
    assert gate(row.opponent_pace)
