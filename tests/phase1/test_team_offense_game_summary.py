from gates.measure import Row
from gates.plugin import Judge


def test_game_count(team_offense_game_summary: Row, gate: Judge) -> None:
    assert gate(team_offense_game_summary.game_count)


def test_records_per_game(team_offense_game_summary: Row, gate: Judge) -> None:
    assert gate(team_offense_game_summary.records_per_game)


def test_quality_score(team_offense_game_summary: Row, gate: Judge) -> None:
    assert gate(team_offense_game_summary.quality_score)


def test_production_ready(team_offense_game_summary: Row, gate: Judge) -> None:
    assert gate(team_offense_game_summary.production_ready)


def test_critical_issues(team_offense_game_summary: Row, gate: Judge) -> None:
    assert gate(team_offense_game_summary.critical_issues)
