"""Gates of the contexts' values on both sides of their thresholds: the last data that passes, and
with one row or one tenth more the first that fails. All stand in the warehouse at once.
"""

import pytest
from harness import GatesProject, TestWarehouse
from value_edges import DEFENSE, FULL, Edge, evenly, if_more, judged, one, side

CONTEXT = "nba_analytics.upcoming_player_game_context"
TEAMS = "nba_analytics.upcoming_team_game_context"
OFFENSE = "nba_analytics.team_offense_game_summary"
PLAYERS = "nba_analytics.player_game_summary"
LAST = "2026-01-02"


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


def called_up(warehouse: TestWarehouse, more: int) -> list[str]:
    """Three quarters of a team's players are in its context by their own names, and one less."""
    day = "2025-02-22"
    (side,) = warehouse.rows(f"""
        SELECT game_id, team_abbr, COUNT(*) AS players FROM {PLAYERS} WHERE game_date = '{day}'
        AND points IS NOT NULL AND is_dnp IS NOT TRUE GROUP BY game_id, team_abbr
        ORDER BY MOD(COUNT(*), 4), game_id, team_abbr LIMIT 1""")
    where = f"game_date = '{day}' AND game_id = '{side['game_id']}' "
    where += f"AND team_abbr = '{side['team_abbr']}'"
    played = f"SELECT player_lookup FROM {PLAYERS} WHERE {where} AND points IS NOT NULL "
    played += "AND is_dnp IS NOT TRUE"
    held = f"{where} AND player_lookup IN ({played})"
    due = -(-75 * side["players"] // 100)
    lost = warehouse.value(f"SELECT COUNT(*) FROM {CONTEXT} WHERE {held}") - due + more
    first = f"SELECT player_lookup FROM {CONTEXT} WHERE {held} ORDER BY 1 LIMIT {lost}"
    # Another name, so that the size of the roster stays.
    return [
        f"UPDATE {CONTEXT} SET player_lookup = CONCAT(player_lookup, 'x') "
        f"WHERE {where} AND player_lookup IN ({first})"
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
    "player_rosters_values.worst_team_players": called_up,
    "player_rosters_values.absent_players": renamed,
}


@pytest.mark.parametrize("more", [0, 1], ids=["last that passes", "first that fails"])
def test_gates_of_contexts_at_their_thresholds(
    project: GatesProject, complete_warehouse: TestWarehouse, more: int
) -> None:
    project.host = complete_warehouse.host
    statements = [dml for edge in CONTEXTS.values() for dml in edge(complete_warehouse, more)]
    with complete_warehouse.fault(*statements):
        run = project.run(stage="preflight")
    assert judged(run, "preflight") == ({*CONTEXTS} if more else set()), run.details
