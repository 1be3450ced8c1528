from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_player_game_summary(row: Row, gate: Judge) -> None:
    assert gate(row.player_game_summary)


def test_team_defense_game_summary(row: Row, gate: Judge) -> None:
    assert gate(row.team_defense_game_summary)


def test_team_offense_game_summary(row: Row, gate: Judge) -> None:
    assert gate(row.team_offense_game_summary)


def test_upcoming_player_game_context(row: Row, gate: Judge) -> None:
    assert gate(row.upcoming_player_game_context)


def test_upcoming_team_game_context(row: Row, gate: Judge) -> None:
    assert gate(row.upcoming_team_game_context)
