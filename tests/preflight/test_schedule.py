from gates.measure.result import Row
from gates.plugin.hooks import Judge


def test_unfinished_games(schedule: Row, gate: Judge) -> None:
    assert gate(schedule.unfinished_games)


def test_repeated_games(schedule: Row, gate: Judge) -> None:
    assert gate(schedule.repeated_games)


def test_conflicting_games(schedule: Row, gate: Judge) -> None:
    assert gate(schedule.conflicting_games)


def test_teams_twice_a_date(schedule: Row, gate: Judge) -> None:
    assert gate(schedule.teams_twice_a_date)


def test_unnamed_teams(schedule: Row, gate: Judge) -> None:
    assert gate(schedule.unnamed_teams)
