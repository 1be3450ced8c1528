from gates.measure.runner import EachTable
from gates.plugin.hooks import Judge


def test_player_game_summary(phase3_coverage: EachTable, gate: Judge) -> None:
    assert gate(phase3_coverage.player_game_summary)


def test_team_defense_game_summary(phase3_coverage: EachTable, gate: Judge) -> None:
    assert gate(phase3_coverage.team_defense_game_summary)


def test_team_offense_game_summary(phase3_coverage: EachTable, gate: Judge) -> None:
    assert gate(phase3_coverage.team_offense_game_summary)


def test_upcoming_player_game_context(phase3_coverage: EachTable, gate: Judge) -> None:
    assert gate(phase3_coverage.upcoming_player_game_context)


def test_upcoming_team_game_context(phase3_coverage: EachTable, gate: Judge) -> None:
    assert gate(phase3_coverage.upcoming_team_game_context)
