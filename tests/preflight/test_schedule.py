from gates.measure import Row
from gates.plugin import Judge


def test_unfinished_games(schedule: Row, gate: Judge) -> None:
    assert gate(schedule.unfinished_games)
