from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_judged_values(row: Row, gate: Judge) -> None:
    assert gate(row.judged_values)


def test_points_averages(row: Row, gate: Judge) -> None:
    assert gate(row.points_averages)


def test_other_averages(row: Row, gate: Judge) -> None:
    assert gate(row.other_averages)


def test_games_played(row: Row, gate: Judge) -> None:
    assert gate(row.games_played)
