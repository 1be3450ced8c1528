from gates.measure.result import Row
from gates.plugin.hooks import Judge


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


def test_malformed_ids(team_offense_game_summary: Row, gate: Judge) -> None:
    assert gate(team_offense_game_summary.malformed_ids)


def test_box_score(team_offense_game_summary: Row, gate: Judge) -> None:
    assert gate(team_offense_game_summary.box_score)


def test_team_attempts(team_offense_game_summary: Row, gate: Judge) -> None:
    assert gate(team_offense_game_summary.team_attempts)


def test_usage_inputs(team_offense_game_summary: Row, gate: Judge) -> None:
    assert gate(team_offense_game_summary.usage_inputs)


def test_quality_scale(team_offense_game_summary: Row, gate: Judge) -> None:
    assert gate(team_offense_game_summary.quality_scale)
