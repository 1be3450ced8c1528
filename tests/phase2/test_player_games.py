from gates.measure.result import Row
from gates.plugin.hooks import Judge


def test_missing_games(player_games: Row, gate: Judge) -> None:
    assert gate(player_games.missing_games)


def test_unknown_games(player_games: Row, gate: Judge) -> None:
    assert gate(player_games.unknown_games)


def test_partial_dates(player_games: Row, gate: Judge) -> None:
    assert gate(player_games.partial_dates)


def test_thin_games(player_games: Row, gate: Judge) -> None:
    assert gate(player_games.thin_games)


def test_longest_gap(player_games: Row, gate: Judge) -> None:
    assert gate(player_games.longest_gap)


def test_duplicate_rows(player_games: Row, gate: Judge) -> None:
    assert gate(player_games.duplicate_rows)


def test_duplicate_dates(player_games: Row, gate: Judge) -> None:
    assert gate(player_games.duplicate_dates)


def test_swapped_games(player_games: Row, gate: Judge) -> None:
    assert gate(player_games.swapped_games)


def test_joinable_games(player_games: Row, gate: Judge) -> None:
    assert gate(player_games.joinable_games)


def test_usage_given_team(player_games: Row, gate: Judge) -> None:
    assert gate(player_games.usage_given_team)


def test_worst_season_minutes(player_games: Row, gate: Judge) -> None:
    assert gate(player_games.worst_season_minutes)


def test_worst_season_usage(player_games: Row, gate: Judge) -> None:
    assert gate(player_games.worst_season_usage)


def test_worst_season_shot_zones(player_games: Row, gate: Judge) -> None:
    assert gate(player_games.worst_season_shot_zones)


def test_season_drop_minutes(player_games: Row, gate: Judge) -> None:
    assert gate(player_games.season_drop_minutes)


def test_season_drop_usage(player_games: Row, gate: Judge) -> None:
    assert gate(player_games.season_drop_usage)


def test_dead_columns(player_games: Row, gate: Judge) -> None:
    assert gate(player_games.dead_columns)


def test_team_points(player_games: Row, gate: Judge) -> None:
    assert gate(player_games.team_points)


def test_odd_months(player_games: Row, gate: Judge) -> None:
    assert gate(player_games.odd_months)


def test_commonest_minutes(player_games: Row, gate: Judge) -> None:
    assert gate(player_games.commonest_minutes)


def test_commonest_usage(player_games: Row, gate: Judge) -> None:
    assert gate(player_games.commonest_usage)


def test_stale_rows(player_games: Row, gate: Judge) -> None:
    assert gate(player_games.stale_rows)
