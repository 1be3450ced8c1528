from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_unfinished_games(row: Row, gate: Judge) -> None:
    assert gate(row.unfinished_games)


def test_repeated_games(row: Row, gate: Judge) -> None:
    assert gate(row.repeated_games)


def test_moved_games(row: Row, gate: Judge) -> None:
    assert gate(row.moved_games)


def test_conflicting_games(row: Row, gate: Judge) -> None:
    assert gate(row.conflicting_games)


def test_teams_twice_a_date(row: Row, gate: Judge) -> None:
    assert gate(row.teams_twice_a_date)


def test_unnamed_teams(row: Row, gate: Judge) -> None:
    assert gate(row.unnamed_teams)
