from gates.measure.result import Row
from gates.plugin.judge import Judge


def test_missing_games(row: Row, gate: Judge) -> None:
    assert gate(row.missing_games)


def test_unscheduled_games(row: Row, gate: Judge) -> None:
    assert gate(row.unscheduled_games)


def test_partial_dates(row: Row, gate: Judge) -> None:
    assert gate(row.partial_dates)


def test_incomplete_games(row: Row, gate: Judge) -> None:
    assert gate(row.incomplete_games)


def test_longest_gap(row: Row, gate: Judge) -> None:
    assert gate(row.longest_gap)


def test_duplicate_rows(row: Row, gate: Judge) -> None:
    assert gate(row.duplicate_rows)


def test_duplicate_dates(row: Row, gate: Judge) -> None:
    assert gate(row.duplicate_dates)


def test_swapped_games(row: Row, gate: Judge) -> None:
    assert gate(row.swapped_games)


def test_joinable_games(row: Row, gate: Judge) -> None:
    assert gate(row.joinable_games)


def test_usage_given_team(row: Row, gate: Judge) -> None:
    assert gate(row.usage_given_team)


def test_worst_season_minutes(row: Row, gate: Judge) -> None:
    assert gate(row.worst_season_minutes)


def test_worst_season_usage(row: Row, gate: Judge) -> None:
    assert gate(row.worst_season_usage)


def test_worst_season_shot_zones(row: Row, gate: Judge) -> None:
    assert gate(row.worst_season_shot_zones)


def test_season_drop_minutes(row: Row, gate: Judge) -> None:
    assert gate(row.season_drop_minutes)


def test_season_drop_usage(row: Row, gate: Judge) -> None:
    assert gate(row.season_drop_usage)


def test_constant_columns(row: Row, gate: Judge) -> None:
    assert gate(row.constant_columns)


def test_team_points(row: Row, gate: Judge) -> None:
    assert gate(row.team_points)


def test_implausible_months(row: Row, gate: Judge) -> None:
    assert gate(row.implausible_months)


def test_commonest_minutes(row: Row, gate: Judge) -> None:
    assert gate(row.commonest_minutes)


def test_commonest_usage(row: Row, gate: Judge) -> None:
    assert gate(row.commonest_usage)


def test_contradictory_rows(row: Row, gate: Judge) -> None:
    assert gate(row.contradictory_rows)


def test_outdated_rows(row: Row, gate: Judge) -> None:
    assert gate(row.outdated_rows)
