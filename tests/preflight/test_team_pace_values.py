from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_judged_values(row: Row, gate: Judge) -> None:
    assert gate(row.judged_values)


def test_possessions(row: Row, gate: Judge) -> None:
    assert gate(row.possessions)


def test_pace_and_rating(row: Row, gate: Judge) -> None:
    assert gate(row.pace_and_rating)
