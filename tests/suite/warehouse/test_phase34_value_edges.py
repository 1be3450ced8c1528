"""Gates of the contexts' and Phase 4's values on both sides of their thresholds: the last data that
passes, and with one row or one tenth more the first that fails. All stand in the warehouse at once.
"""

from collections.abc import Callable

import pytest
from harness import GatesProject, GatesRun, TestWarehouse

CONTEXT = "nba_analytics.upcoming_player_game_context"
PLAYERS = "nba_analytics.player_game_summary"
TEAMS = "nba_analytics.upcoming_team_game_context"
OFFENSE = "nba_analytics.team_offense_game_summary"
DEFENSE = "nba_analytics.team_defense_game_summary"
CACHE = "nba_precompute.player_daily_cache"
FACTORS = "nba_precompute.player_composite_factors"
FEATURES = "nba_predictions.ml_feature_store_v2"
VALUES = "_values"
# A date of many games.
FULL = "2025-03-12"
LAST = "2026-01-02"

# The DML that does `more` (0 or 1) than what still passes.
Edge = Callable[[TestWarehouse, int], list[str]]


def one(
    table: str,
    assignment: str,
    day: str,
    where: str = "TRUE",
    key: str = "CONCAT(game_id, player_lookup)",
    date: str = "game_date",
) -> Edge:
    """One row of a date: `assignment` with {more} as 0 or 1."""

    def dml(_warehouse: TestWarehouse, more: int) -> list[str]:
        first = f"SELECT MIN({key}) FROM {table} WHERE {date} = '{day}' AND {where}"
        change = assignment.format(more=more)
        return [f"UPDATE {table} SET {change} WHERE {date} = '{day}' AND {key} = ({first})"]

    return dml


def side(table: str, assignment: str, day: str, where: str = "TRUE") -> Edge:
    """The same for one row of a table of teams."""
    team = "defending_team_abbr" if table == DEFENSE else "team_abbr"
    return one(table, assignment, day, where, f"CONCAT(game_id, {team})")


def without_features(warehouse: TestWarehouse, more: int) -> list[str]:
    """5% of those who played on a full date, and `more`, have no features."""
    played = (
        f"SELECT DISTINCT player_lookup FROM {PLAYERS} WHERE game_date = '{FULL}' "
        "AND points IS NOT NULL AND is_dnp IS NOT TRUE"
    )
    players = sorted(str(row["player_lookup"]) for row in warehouse.rows(played))
    # Spread over the names, and so over the games.
    count = 5 * len(players) // 100 + more
    gone = ", ".join(f"'{player}'" for player in players[::10][:count])
    return [f"DELETE FROM {FEATURES} WHERE game_date = '{FULL}' AND player_lookup IN ({gone})"]


def if_more(edge: Edge) -> Edge:
    """A count that has to be 0: nothing, or one row."""
    return lambda warehouse, more: edge(warehouse, more) if more else []


def evenly(
    table: str, assignment: str, day: str, percent: int, by: str, date: str = "game_date"
) -> Edge:
    """As many rows of a date as are `percent` of them, and `more`, spread over `by`."""

    def dml(warehouse: TestWarehouse, more: int) -> list[str]:
        where = f"{date} = '{day}'"
        rows = warehouse.value(f"SELECT COUNT(*) FROM {table} WHERE {where}")
        spread = (
            f"SELECT player_lookup FROM (SELECT player_lookup, ROW_NUMBER() OVER (PARTITION BY {by}"
            f" ORDER BY player_lookup) AS nth FROM {table} WHERE {where}) "
            f"ORDER BY nth, player_lookup LIMIT {percent * rows // 100 + more}"
        )
        return [f"UPDATE {table} SET {assignment} WHERE {where} AND player_lookup IN ({spread})"]

    return dml


def of_a_team(warehouse: TestWarehouse, more: int) -> list[str]:
    """A quarter of a team's rows, and one more."""
    day = "2025-02-08"
    where = f"game_date = '{day}' AND team_abbr = (SELECT MIN(team_abbr) FROM {CONTEXT} WHERE "
    where += f"game_date = '{day}')"
    rows = warehouse.value(f"SELECT COUNT(*) FROM {CONTEXT} WHERE {where}")
    first = f"SELECT player_lookup FROM {CONTEXT} WHERE {where} ORDER BY 1 LIMIT {rows // 4 + more}"
    return [
        f"UPDATE {CONTEXT} SET travel_miles = NULL WHERE {where} AND player_lookup IN ({first})"
    ]


def roster(warehouse: TestWarehouse, more: int) -> list[str]:
    """A team's context with ten players, and with nine; those who played are the last to go."""
    day = "2025-02-10"
    team = f"(SELECT MIN(team_abbr) FROM {CONTEXT} WHERE game_date = '{day}')"
    played = (
        "SELECT player_lookup FROM nba_analytics.player_game_summary WHERE points IS NOT NULL "
        f"AND is_dnp IS NOT TRUE AND game_date = '{day}'"
    )
    kept = (
        f"SELECT player_lookup FROM {CONTEXT} WHERE game_date = '{day}' AND team_abbr = {team} "
        f"ORDER BY player_lookup IN ({played}) DESC, player_lookup LIMIT {10 - more}"
    )
    return [
        f"DELETE FROM {CONTEXT} WHERE game_date = '{day}' AND team_abbr = {team} "
        f"AND player_lookup NOT IN ({kept})"
    ]


def renamed(warehouse: TestWarehouse, more: int) -> list[str]:
    """A player who is in the context of half of his games, and of one less."""
    played = (
        "FROM nba_analytics.player_game_summary WHERE points IS NOT NULL AND is_dnp IS NOT TRUE "
        "AND game_date BETWEEN '2024-10-01' AND '2025-09-30' AND player_lookup = "
        "(SELECT MIN(player_lookup) FROM nba_analytics.player_game_summary "
        "WHERE game_date = '2025-01-15' AND points > 10)"
    )
    games = warehouse.value(f"SELECT COUNT(*) {played}")
    who = warehouse.value(f"SELECT MIN(player_lookup) {played}")
    some = f"SELECT game_id {played} ORDER BY 1 LIMIT {games // 2 + more}"
    return [
        f"UPDATE {CONTEXT} SET player_lookup = CONCAT(player_lookup, 'x') "
        f"WHERE player_lookup = '{who}' AND game_id IN ({some})"
    ]


def vector(place: int, value: str, day: str) -> Edge:
    """One feature of one row."""
    features = (
        f"features = ARRAY(SELECT IF(place = {place}, {value}, number) FROM UNNEST(features) "
        "AS number WITH OFFSET AS place ORDER BY place)"
    )
    return if_more(one(FEATURES, features, day))


CONTEXTS: dict[str, Edge] = {
    "team_defense_values.judged_values": if_more(side(DEFENSE, "opp_assists = NULL", "2025-01-03")),
    "team_defense_values.points_allowed": side(
        DEFENSE, "points_allowed = points_allowed + {more}", "2025-01-04"
    ),
    "team_defense_values.opponent_counts": side(
        DEFENSE, "opp_rebounds = opp_rebounds - {more}", "2025-01-05"
    ),
    "team_defense_values.opponent_zones": side(
        DEFENSE,
        "opp_paint_makes = opp_paint_makes + {more}",
        "2025-01-06",
        "opp_paint_makes IS NOT NULL",
    ),
    "team_defense_values.opponent_ratings": side(
        DEFENSE, "opponent_pace = opponent_pace + 8 + {more} / 10", "2025-01-07"
    ),
    "team_defense_values.other_seasons": side(
        DEFENSE, "season_year = season_year + {more}", "2025-01-08"
    ),
    "team_defense_values.home_and_opponent": if_more(
        side(DEFENSE, "home_game = NOT home_game", "2025-01-09")
    ),
    "team_pace_values.judged_values": if_more(side(OFFENSE, "possessions = NULL", LAST)),
    "team_pace_values.pace_and_rating": side(
        OFFENSE,
        "offensive_rating = ROUND(100 * points_scored / possessions + 2 * {more} + 1, 2)",
        LAST,
        "game_id = (SELECT MAX(game_id) FROM nba_analytics.team_offense_game_summary "
        f"WHERE game_date = '{LAST}')",
    ),
    "team_context_values.judged_values": if_more(
        side(TEAMS, "days_since_last_game = NULL", "2025-01-11")
    ),
    "team_context_values.rest_and_load": side(
        TEAMS, "games_in_last_7_days = games_in_last_7_days + 1 + {more}", "2025-01-12"
    ),
    "team_context_values.other_seasons": side(
        TEAMS, "season_year = season_year + {more}", "2025-01-13"
    ),
    "team_context_values.home_and_opponent": if_more(
        side(TEAMS, "home_game = NOT home_game", "2025-01-14")
    ),
    "player_context_values.null_date": evenly(CONTEXT, "season_phase = NULL", FULL, 8, "team_abbr"),
    "player_context_values.null_team": of_a_team,
    "player_context_values.home_and_opponent": if_more(
        one(CONTEXT, "opponent_team_abbr = team_abbr", "2025-01-15")
    ),
    "player_context_values.implausible_rows": one(
        CONTEXT, "player_age = 50 + {more}", "2025-01-16"
    ),
    "player_form_values.rest_and_load": one(
        CONTEXT, "days_rest = days_rest + {more}", "2025-01-17", "days_rest = 2"
    ),
    "player_form_values.recent_points": one(
        CONTEXT,
        "points_avg_last_5 = points_avg_last_5 + 0.5 + {more} / 10",
        "2025-01-18",
        "points_avg_last_5 > 5 AND days_rest < 4",
    ),
    "player_form_values.opponent_pace": one(
        CONTEXT,
        "opponent_pace_last_10 = opponent_pace_last_10 + 2.9 + {more} / 5",
        "2025-01-19",
        "opponent_pace_last_10 IS NOT NULL AND days_rest < 4",
    ),
    "player_rosters_values.roster_sizes": roster,
    "player_rosters_values.two_spellings": if_more(
        lambda _warehouse, _more: [
            f"INSERT INTO {CONTEXT} SELECT * REPLACE (CONCAT('12', player_lookup) AS player_lookup)"
            f" FROM {CONTEXT} WHERE game_date = '2025-01-20' AND player_lookup = "
            f"(SELECT MIN(player_lookup) FROM {CONTEXT} WHERE game_date = '2025-01-20')"
        ]
    ),
    "player_rosters_values.absent_players": renamed,
}
PHASE4: dict[str, Edge] = {
    "cache_values.points_averages": one(
        CACHE,
        "points_avg_last_5 = points_avg_last_5 + 0.5 + {more} / 10",
        "2025-01-18",
        "games_played_season >= 5",
        "player_lookup",
        "cache_date",
    ),
    "cache_values.other_averages": one(
        CACHE,
        "minutes_avg_last_10 = minutes_avg_last_10 + 1.9 + {more} / 5",
        "2025-01-19",
        "minutes_avg_last_10 BETWEEN 20 AND 40",
        "player_lookup",
        "cache_date",
    ),
    "cache_values.games_played": one(
        CACHE,
        "games_played_season = games_played_season + {more}",
        "2025-01-20",
        key="player_lookup",
        date="cache_date",
    ),
    "cache_columns_values.null_date": evenly(
        CACHE, "points_std_last_10 = NULL", FULL, 15, "cache_date", "cache_date"
    ),
    "cache_columns_values.implausible_rows": one(
        CACHE,
        "ts_pct_last_10 = 2 + {more} / 1000",
        "2025-01-21",
        "TRUE",
        "player_lookup",
        "cache_date",
    ),
    "feature_values.player_features": vector(0, "number + 5", "2025-01-22"),
    "feature_values.factor_features": vector(12, "number - 5", "2025-01-23"),
    "feature_rows_values.endless_features": vector(20, "CAST('Inf' AS FLOAT64)", "2025-01-24"),
    "feature_rows_values.vector_lengths": one(
        FEATURES, "feature_count = feature_count - {more}", "2025-01-25"
    ),
    "feature_rows_values.implausible_rows": one(
        FEATURES, "feature_quality_score = 100 + {more} / 10", "2025-01-26"
    ),
    "feature_rows_values.worst_date_players": without_features,
    "feature_rows_values.unrated_date": evenly(
        FEATURES, "is_training_ready = NULL", "2025-03-05", 5, "game_id"
    ),
}


def judged(run: GatesRun, stage: str) -> set[str]:
    """The gates of recomputed values that did not pass."""
    found = run.others_than_pass()
    return {gate.removeprefix(f"{stage}.") for gate in found if gate.split(".")[1].endswith(VALUES)}


@pytest.mark.parametrize("more", [0, 1], ids=["last that passes", "first that fails"])
@pytest.mark.parametrize(("stage", "edges"), [("preflight", CONTEXTS), ("phase4", PHASE4)])
def test_gates_of_values_at_their_thresholds(
    project: GatesProject,
    complete_warehouse: TestWarehouse,
    stage: str,
    edges: dict[str, Edge],
    more: int,
) -> None:
    project.host = complete_warehouse.host
    statements = [dml for edge in edges.values() for dml in edge(complete_warehouse, more)]
    with complete_warehouse.fault(*statements):
        run = project.run(stage=stage)
    assert judged(run, stage) == ({*edges} if more else set()), run.details
