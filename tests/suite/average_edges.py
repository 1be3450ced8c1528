"""Edges of Phase 4's gates of what follows from last games: where players shot from, what teams
allowed, and what the cache holds of teams and of their first scorers.
"""

from decimal import ROUND_FLOOR, Decimal
from typing import Any

from harness import TestWarehouse
from value_edges import DEFENSE, Edge, evenly, together

from gates.measure.queries import PLAYED

PLAYERS = "nba_analytics.player_game_summary"
OFFENSE = "nba_analytics.team_offense_game_summary"
CACHE = "nba_precompute.player_daily_cache"
ZONES = "nba_precompute.player_shot_zone_analysis"
TEAM_ZONES = "nba_precompute.team_defense_zone_analysis"
SHOTS = "(paint_attempts + mid_range_attempts + three_attempts_pbp)"


def last_games(table: str, who: str, expected: str, last: str, games: int, due: str) -> str:
    """What follows from the games of everybody who has had more, until `last`, which is SQL."""
    condition = PLAYED if table == PLAYERS else "TRUE"
    return f"""
        SELECT {who} AS who, PARSE_NUMERIC(CAST({expected} AS STRING)) AS expected FROM (
          SELECT *, COUNT(*) OVER (PARTITION BY {who}) AS games,
            ROW_NUMBER() OVER (PARTITION BY {who} ORDER BY game_date DESC) AS nth
          FROM {table} WHERE game_date BETWEEN '2024-10-01' AND {last} AND {condition}
        ) AS numbered WHERE nth <= {games} AND games > {games} GROUP BY {who} HAVING {due}"""


def furthest(table: str, column: str, day: str, rows: str, tolerance: str, step: str) -> Edge:
    """A value as far as it may be from what it follows from, to the last step that the column
    holds, and one step further; of whoever's is nearest above such a step.
    """
    date = "cache_date" if table == CACHE else "analysis_date"
    key = "team_abbr" if table == TEAM_ZONES else "player_lookup"

    def dml(warehouse: TestWarehouse, more: int) -> list[str]:
        held = f"SELECT {key} FROM {table} WHERE {date} = '{day}' AND {column} IS NOT NULL"
        (first,) = warehouse.rows(
            f"SELECT who, expected FROM ({rows}) AS known WHERE who IN ({held}) "
            f"ORDER BY MOD(expected, NUMERIC '{step}'), who LIMIT 1"
        )
        most = (first["expected"] + Decimal(tolerance)).quantize(Decimal(step), ROUND_FLOOR)
        value = f"{column} = NUMERIC '{most + more * Decimal(step)}'"
        return [f"UPDATE {table} SET {value} WHERE {date} = '{day}' AND {key} = '{first['who']}'"]

    return dml


def of_shooter(
    column: str, expected: str, day: str, tolerance: str, step: str, shots: str = f"SUM({SHOTS})"
) -> Edge:
    """The same of where a player shot from in his last ten games, of thirty `shots` and more."""
    shooters = last_games(PLAYERS, "player_lookup", expected, f"'{day}'", 10, f"{shots} >= 30")
    return furthest(ZONES, column, day, shooters, tolerance, step)


def of_team(
    column: str, expected: str, day: str, tolerance: str, step: str, due: str = "TRUE"
) -> Edge:
    """The same of what a team allowed in its last fifteen games."""
    teams = last_games(DEFENSE, "defending_team_abbr", expected, f"'{day}'", 15, due)
    return furthest(TEAM_ZONES, column, day, teams, tolerance, step)


def of_cached(column: str, expected: str, day: str, tolerance: str, step: str) -> Edge:
    """The same of the last ten games of a player's team, the date's not included."""
    before = f"(SELECT MAX(game_date) FROM {OFFENSE} WHERE game_date < '{day}')"
    teams = last_games(OFFENSE, "team_abbr", expected, before, 10, "TRUE")
    players = (
        f"SELECT players.player_lookup AS who, teams.expected FROM {PLAYERS} AS players "
        f"INNER JOIN ({teams}) AS teams ON players.team_abbr = teams.who "
        f"WHERE players.game_date = '{day}' AND {PLAYED}"
    )
    return furthest(CACHE, column, day, players, tolerance, step)


def regulars(warehouse: TestWarehouse, day: str) -> list[dict[str, Any]]:
    """Each team's first five scorers of a date, by their games before it, and who is cached."""
    return warehouse.rows(f"""
        SELECT * FROM (
          SELECT today.player_lookup, today.team_abbr, cached.player_lookup IS NOT NULL AS is_held,
            ROW_NUMBER() OVER (
              PARTITION BY today.team_abbr ORDER BY past.points DESC, today.player_lookup
            ) AS place
          FROM (
            SELECT player_lookup, AVG(points) AS points FROM {PLAYERS}
            WHERE {PLAYED} AND game_date BETWEEN '2024-10-01' AND DATE_SUB('{day}', INTERVAL 1 DAY)
            GROUP BY player_lookup HAVING COUNT(*) >= 10 AND AVG(minutes_played) >= 20
            AND COUNTIF(game_date >= DATE_SUB('{day}', INTERVAL 14 DAY)) >= 3
          ) AS past
          INNER JOIN (
            SELECT player_lookup, team_abbr FROM {PLAYERS} WHERE game_date = '{day}' AND {PLAYED}
          ) AS today ON past.player_lookup = today.player_lookup
          LEFT JOIN (SELECT player_lookup FROM {CACHE} WHERE cache_date = '{day}') AS cached
            ON today.player_lookup = cached.player_lookup
        ) AS placed WHERE place <= 5 ORDER BY place, team_abbr""")


def left_out(day: str, players: list[dict[str, Any]], percent: int, more: int) -> list[str]:
    """The first of the players leave the cache; `percent` of all stay, or one less."""
    held = [each["player_lookup"] for each in players if each["is_held"]]
    gone = held[: len(held) - -(-percent * len(players) // 100) + more]
    names = ", ".join(f"'{name}'" for name in gone)
    return [f"DELETE FROM {CACHE} WHERE cache_date = '{day}' AND player_lookup IN ({names})"]


def first_scorers(warehouse: TestWarehouse, more: int) -> list[str]:
    """One player of each of several teams, of which none loses half of its first five."""
    day = "2025-03-04"
    first = [each for each in regulars(warehouse, day) if each["place"] <= 3]
    return left_out(day, first, 90, more)


def first_of_team(warehouse: TestWarehouse, more: int) -> list[str]:
    """A team of four regulars, so that there is a half, loses its last two, and one more."""
    day = "2025-03-07"
    found = regulars(warehouse, day)
    teams = sorted({each["team_abbr"] for each in found})
    sides = [[each for each in found if each["team_abbr"] == team] for team in teams]
    side = next(side for side in sides if len(side) == 4)
    return left_out(day, side[::-1], 50, more)


AVERAGES: dict[str, Edge] = {
    "cache_players_values.team_averages": together(
        of_cached("team_pace_last_10", "AVG(pace)", "2025-02-26", "3", "0.1"),
        of_cached("team_off_rating_last_10", "AVG(offensive_rating)", "2025-02-28", "4", "0.01"),
    ),
    "cache_players_values.first_scorers": first_scorers,
    "cache_players_values.first_of_team": first_of_team,
    # Early rows are not compared, so that all that is wrong with them is that they are empty.
    "zone_players_values.empty_date": evenly(
        ZONES,
        "is_production_ready = TRUE, early_season_flag = TRUE, paint_rate_last_10 = NULL, "
        "mid_range_rate_last_10 = NULL, three_pt_rate_last_10 = NULL",
        "2025-01-31",
        5,
        "analysis_date",
        "analysis_date",
    ),
    "zone_players_values.zone_rates": together(
        *(
            of_shooter(
                f"{zone}_rate_last_10",
                f"100 * SUM({attempts}) / NULLIF(SUM({SHOTS}), 0)",
                day,
                "12",
                "0.01",
            )
            for zone, attempts, day in [
                ("paint", "paint_attempts", "2025-02-01"),
                ("mid_range", "mid_range_attempts", "2025-02-02"),
                ("three_pt", "three_attempts_pbp", "2025-02-03"),
            ]
        )
    ),
    "zone_players_values.zone_success": together(
        *(
            of_shooter(
                f"{zone}_pct_last_10",
                f"SUM({makes}) / NULLIF(SUM({attempts}), 0)",
                day,
                "0.15",
                "0.001",
                f"SUM({attempts})",
            )
            for zone, attempts, makes, day in [
                ("paint", "paint_attempts", "paint_makes", "2025-02-04"),
                ("mid_range", "mid_range_attempts", "mid_range_makes", "2025-02-05"),
                ("three_pt", "three_attempts_pbp", "three_makes_pbp", "2025-02-07"),
            ]
        )
    ),
    "zone_players_values.zone_attempts": together(
        *(
            of_shooter(
                f"{zone}_attempts_per_game",
                f"SUM({attempts}) / NULLIF(COUNT({SHOTS}), 0)",
                day,
                "2",
                "0.1",
            )
            for zone, attempts, day in [
                ("paint", "paint_attempts", "2025-02-08"),
                ("three_pt", "three_attempts_pbp", "2025-02-09"),
            ]
        )
    ),
    "zone_teams_values.zone_success": together(
        *(
            of_team(
                f"{zone}_pct_allowed_last_15",
                f"SUM(opp_{zone}_makes) / NULLIF(SUM(opp_{zone}_attempts), 0)",
                day,
                "0.05",
                "0.001",
                f"SUM(opp_{zone}_attempts) >= 100",
            )
            for zone, day in [
                ("paint", "2025-02-01"),
                ("mid_range", "2025-02-02"),
                ("three_pt", "2025-02-03"),
            ]
        )
    ),
    "zone_teams_values.team_averages": together(
        of_team("defensive_rating_last_15", "AVG(defensive_rating)", "2025-02-04", "4", "0.01"),
        of_team("opponent_points_per_game", "AVG(points_allowed)", "2025-02-05", "4", "0.1"),
        of_team("opponent_pace", "AVG(opponent_pace)", "2025-02-07", "3", "0.1"),
    ),
}
# Each of their columns has a tolerance of its own, and is found.
COLUMNS = {
    "cache_players_values.team_averages": 2,
    "zone_players_values.zone_rates": 3,
    "zone_players_values.zone_success": 3,
    "zone_players_values.zone_attempts": 2,
    "zone_teams_values.zone_success": 3,
    "zone_teams_values.team_averages": 3,
}
