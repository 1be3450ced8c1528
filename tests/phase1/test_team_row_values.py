from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_schedule_scores(row: Row, gate: Judge) -> None:
    assert gate(row.schedule_scores)


def test_results(row: Row, gate: Judge) -> None:
    assert gate(row.results)


def test_game_columns(row: Row, gate: Judge) -> None:
    assert gate(row.game_columns)


def test_ratings(row: Row, gate: Judge) -> None:
    assert gate(row.ratings)
