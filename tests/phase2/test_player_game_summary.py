from gates.measure.result import Row
from gates.plugin.hooks import Judge


def test_record_count(player_game_summary: Row, gate: Judge) -> None:
    assert gate(player_game_summary.record_count)


def test_minutes_played(player_game_summary: Row, gate: Judge) -> None:
    assert gate(player_game_summary.minutes_played)


def test_usage_rate(player_game_summary: Row, gate: Judge) -> None:
    assert gate(player_game_summary.usage_rate)


def test_shot_zones(player_game_summary: Row, gate: Judge) -> None:
    assert gate(player_game_summary.shot_zones)


def test_quality_score(player_game_summary: Row, gate: Judge) -> None:
    assert gate(player_game_summary.quality_score)


def test_production_ready(player_game_summary: Row, gate: Judge) -> None:
    assert gate(player_game_summary.production_ready)


def test_critical_issues(player_game_summary: Row, gate: Judge) -> None:
    assert gate(player_game_summary.critical_issues)


def test_malformed_ids(player_game_summary: Row, gate: Judge) -> None:
    assert gate(player_game_summary.malformed_ids)


def test_box_score(player_game_summary: Row, gate: Judge) -> None:
    assert gate(player_game_summary.box_score)


def test_minutes_range(player_game_summary: Row, gate: Judge) -> None:
    assert gate(player_game_summary.minutes_range)


def test_usage_range(player_game_summary: Row, gate: Judge) -> None:
    assert gate(player_game_summary.usage_range)


def test_zero_points(player_game_summary: Row, gate: Judge) -> None:
    assert gate(player_game_summary.zero_points)


def test_zero_usage(player_game_summary: Row, gate: Judge) -> None:
    assert gate(player_game_summary.zero_usage)


def test_shot_attempts(player_game_summary: Row, gate: Judge) -> None:
    assert gate(player_game_summary.shot_attempts)


def test_quality_scale(player_game_summary: Row, gate: Judge) -> None:
    assert gate(player_game_summary.quality_scale)
