from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_worst_scored(row: Row, gate: Judge) -> None:
    assert gate(row.worst_scored)


def test_worst_game_scored(row: Row, gate: Judge) -> None:
    assert gate(row.worst_game_scored)


def test_worst_quality_score(row: Row, gate: Judge) -> None:
    assert gate(row.worst_quality_score)


def test_worst_date_ready(row: Row, gate: Judge) -> None:
    assert gate(row.worst_date_ready)
