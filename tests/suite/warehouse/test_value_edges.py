"""Gates of values computed again, on both sides of their thresholds: the last data that passes, and
with one row, tenth or point more the first that fails. All stand in the warehouse at once, each on
games or months of its own.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from math import floor

import pytest
from harness import ROOT, GatesProject, GatesRun, TestWarehouse

from gates.config.settings import load

TEAM = "nba_analytics.team_offense_game_summary"
PLAYER = "nba_analytics.player_game_summary"
SCHEDULE = "nba_raw.nbac_schedule"
# Within the window of Phase 1, and before that of Phase 2.
EARLY = "2022-12-{:02d}"
PLAYED = "points IS NOT NULL AND is_dnp IS NOT TRUE"
PLAYS = "(fg_attempts + 0.44 * ft_attempts + turnovers)"
VALUES = "_values"
# Dates on which one game was played, so that the date and the game have the same share.
ONE_GAME = ["game_date = '2025-05-22'", "game_date = '2025-05-24'"]

# The DML that does `more` (0 or 1) than what still passes.
Edge = Callable[[TestWarehouse, int], list[str]]


def game(warehouse: TestWarehouse, day: str, table: str = PLAYER) -> str:
    return str(warehouse.value(f"SELECT MIN(game_id) FROM {table} WHERE game_date = '{day}'"))


def change(table: str, assignment: str, where: str) -> list[str]:
    return [f"UPDATE {table} SET {assignment} WHERE {where}"]


def one_row(table: str, assignment: str, day: str) -> Edge:
    """A count that has to be 0: nothing, or one row of a game."""
    key = "team_abbr" if table == TEAM else "player_lookup"

    def dml(warehouse: TestWarehouse, more: int) -> list[str]:
        one = f"game_id = '{game(warehouse, day, table)}'"
        first = f"(SELECT MIN({key}) FROM {table} WHERE {one} AND points_scored IS NOT NULL)"
        if table == PLAYER:
            first = f"(SELECT MIN({key}) FROM {table} WHERE {one} AND {PLAYED})"
        return change(table, assignment, f"{one} AND {key} = {first}") if more else []

    return dml


def at(table: str, assignment: str, where: str) -> Edge:
    """A value at its bound, and one step beyond it."""
    return lambda warehouse, more: change(table, assignment.format(more=more), where)


def share(
    table: str, assignment: str, period: str, percent: int, due: str, good: str, last: str = ""
) -> Edge:
    """As many rows of a period lose a value as still leave `percent` of those due."""
    key = "CONCAT(game_id, team_abbr)" if table == TEAM else "CONCAT(game_id, player_lookup)"

    def dml(warehouse: TestWarehouse, more: int) -> list[str]:
        counts = f"SELECT COUNTIF({due}) AS due, COUNTIF({due} AND {good}) AS good FROM {table}"
        (found,) = warehouse.rows(f"{counts} WHERE {period}")
        spoilt = found["good"] - -(-percent * found["due"] // 100) + more
        rows = f"SELECT {key} FROM {table} WHERE {period} AND {due} AND {good} {last}"
        first = f"{rows} ORDER BY TO_HEX(MD5({key})) LIMIT {spoilt}"
        return change(table, assignment, f"{key} IN ({first})")

    return dml


def of_game(day: str) -> str:
    return f"game_id = (SELECT MIN(game_id) FROM {PLAYER} WHERE game_date = '{day}')"


def usage_edge(warehouse: TestWarehouse, more: int) -> list[str]:
    """The highest usage_rate that follows from a player's shots, and a hundredth more."""
    one = game(warehouse, "2024-11-12")
    (row,) = warehouse.rows(f"""
        SELECT p.player_lookup AS who, p.minutes_played AS minutes, t.overtime_periods AS overtimes,
          4800 * (p.fg_attempts + 0.44 * p.ft_attempts + p.turnovers)
          / (p.minutes_played * (t.fg_attempts + 0.44 * t.ft_attempts + t.turnovers)) AS usage
        FROM {PLAYER} AS p JOIN {TEAM} AS t ON p.game_id = t.game_id AND p.team_abbr = t.team_abbr
        WHERE p.game_id = '{one}' AND p.usage_rate > 15 AND p.minutes_played > 20
        ORDER BY p.player_lookup LIMIT 1""")
    longest = float(row["usage"]) * (1 + 5 * row["overtimes"] / 48)
    most = longest * (1.1 + 0.06 / float(row["minutes"])) + 0.5
    usage = (floor(100 * most) + more) / 100
    where = f"game_id = '{one}' AND player_lookup = '{row['who']}'"
    return change(PLAYER, f"usage_rate = CAST('{usage:.2f}' AS NUMERIC)", where)


def true_shooting(warehouse: TestWarehouse, more: int) -> list[str]:
    one = game(warehouse, "2024-11-13")
    (row,) = warehouse.rows(f"""
        SELECT player_lookup AS who, points / (2 * (fg_attempts + 0.44 * ft_attempts)) AS exact
        FROM {PLAYER} WHERE game_id = '{one}' AND points > 10 ORDER BY player_lookup LIMIT 1""")
    value = (floor(1000 * (float(row["exact"]) + 0.01)) + more) / 1000
    where = f"game_id = '{one}' AND player_lookup = '{row['who']}'"
    return change(PLAYER, f"ts_pct = CAST('{value:.3f}' AS NUMERIC)", where)


def one_player(day: str, condition: str) -> str:
    one = of_game(day)
    return (
        f"{one} AND player_lookup = (SELECT MIN(player_lookup) FROM {PLAYER} "
        f"WHERE {one} AND {PLAYED} AND {condition})"
    )


def minutes_edge(warehouse: TestWarehouse, more: int) -> list[str]:
    """Eight minutes short, on a row whose usage_rate does not follow from its minutes."""
    who = one_player("2024-11-14", "minutes_played > 20")
    change_ = f"minutes_played = minutes_played - 8 - {more}.0 / 10, usage_rate = NULL"
    return change(PLAYER, change_, who)


def blocks_edge(warehouse: TestWarehouse, more: int) -> list[str]:
    team = f"{of_game('2024-11-15')} AND team_abbr = SUBSTR(game_id, 14, 3)"
    first = f"(SELECT MIN(player_lookup) FROM {PLAYER} WHERE {team} AND {PLAYED})"
    return change(PLAYER, "blocks = NULL", team if more else f"{team} AND player_lookup != {first}")


def zones_edge(warehouse: TestWarehouse, more: int) -> list[str]:
    """A fifth of a team's players with shots lack their zones, and one more."""
    (side,) = warehouse.rows(f"""
        SELECT game_id, team_abbr, COUNTIF(fg_attempts > 0) AS shooters FROM {PLAYER}
        WHERE game_date = '2024-11-16' AND {PLAYED} AND paint_attempts IS NOT NULL
        GROUP BY game_id, team_abbr ORDER BY game_id, team_abbr LIMIT 1""")
    where = f"game_id = '{side['game_id']}' AND team_abbr = '{side['team_abbr']}'"
    who = (
        f"SELECT player_lookup FROM {PLAYER} WHERE {where} AND fg_attempts > 0 "
        f"ORDER BY player_lookup LIMIT {side['shooters'] // 5 + more}"
    )
    return change(PLAYER, "paint_attempts = NULL", f"{where} AND player_lookup IN ({who})")


def winners_edge(warehouse: TestWarehouse, more: int) -> list[str]:
    """All who won have won, or all but one."""
    one = of_game("2024-11-18")
    won = f"(SELECT team_abbr FROM {TEAM} WHERE {one} AND win_flag)"
    one_less = one_player("2024-11-18", f"team_abbr = {won}") if more else "FALSE"
    flag = f"win_flag = (team_abbr = {won} AND NOT ({one_less}))"
    return change(PLAYER, flag, one)


def month(name: str) -> str:
    return f"FORMAT_DATE('%Y-%m', game_date) = '{name}'"


EDGES: dict[str, Edge] = {
    "phase1.team_row_values.schedule_scores": one_row(
        TEAM, "points_scored = points_scored - 1, ft_makes = ft_makes - 1", EARLY.format(3)
    ),
    "phase1.team_row_values.results": one_row(
        TEAM, "margin_of_victory = margin_of_victory + 1", EARLY.format(4)
    ),
    "phase1.team_row_values.game_columns": one_row(
        TEAM, "opponent_team_abbr = team_abbr", EARLY.format(5)
    ),
    "phase1.team_row_values.ratings": at(
        TEAM,
        "pace = possessions + 2 + {more} / 10",
        f"game_date = '{EARLY.format(6)}' AND overtime_periods = 0",
    ),
    "phase1.team_share_values.missing_values": one_row(TEAM, "assists = NULL", EARLY.format(7)),
    "phase1.team_share_values.implausible_counts": at(
        TEAM, "personal_fouls = 60 + {more}", f"game_date = '{EARLY.format(8)}' AND home_game"
    ),
    "phase1.team_share_values.worst_filled": share(
        TEAM,
        "second_chance_points_scored = NULL",
        month("2022-11"),
        99,
        "TRUE",
        "second_chance_points_scored IS NOT NULL",
    ),
    "phase1.quality_values.worst_scored[team_offense_game_summary]": share(
        TEAM, "quality_score = NULL", month("2023-01"), 99, "TRUE", "quality_score IS NOT NULL"
    ),
    "phase1.quality_values.worst_game_scored[team_offense_game_summary]": share(
        TEAM,
        "quality_score = NULL",
        "game_id = (SELECT MIN(game_id) FROM " + TEAM + f" WHERE game_date = '{EARLY.format(10)}')",
        50,
        "TRUE",
        "quality_score IS NOT NULL",
    ),
    "phase1.quality_values.worst_quality_score[team_offense_game_summary]": at(
        TEAM, "quality_score = 75 - {more} / 100", month("2023-02")
    ),
    "phase1.quality_values.worst_date_ready[team_offense_game_summary]": share(
        TEAM,
        "is_production_ready = FALSE",
        f"game_date = '{EARLY.format(9)}'",
        50,
        "TRUE",
        "is_production_ready",
    ),
    "phase2.player_row_values.usage_from_shots": usage_edge,
    "phase2.player_row_values.shooting_rates": true_shooting,
    "phase2.player_row_values.game_columns": one_row(
        PLAYER, "season_year = season_year + 1", "2024-11-19"
    ),
    "phase2.player_row_values.two_names": one_row(
        PLAYER, "player_lookup = CONCAT(player_lookup, 'jr')", "2024-11-20"
    ),
    "phase2.player_sum_values.team_sums": at(
        TEAM,
        f"rebounds = 15 + {{more}} + (SELECT SUM(offensive_rebounds + defensive_rebounds) "
        f"FROM {PLAYER} WHERE {of_game('2024-11-21')} AND {PLAYED} "
        "AND team_abbr = SUBSTR(game_id, 14, 3))",
        f"{of_game('2024-11-21')} AND home_game",
    ),
    "phase2.player_sum_values.team_minutes": minutes_edge,
    "phase2.player_sum_values.plus_minus": at(
        PLAYER, "plus_minus = plus_minus + 5 + {more}", one_player("2024-11-22", "TRUE")
    ),
    "phase2.player_sum_values.missing_counts": blocks_edge,
    "phase2.player_sum_values.partial_zones": zones_edge,
    "phase2.player_sum_values.winners": winners_edge,
    "phase2.player_share_values.worst_filled": share(
        PLAYER, "steals = NULL", month("2025-01"), 99, PLAYED, "steals IS NOT NULL"
    ),
    "phase2.player_share_values.worst_month_usage": share(
        PLAYER,
        "usage_rate = NULL",
        month("2025-02"),
        90,
        f"{PLAYED} AND {PLAYS} > 0",
        "usage_rate IS NOT NULL",
    ),
    "phase2.player_share_values.worst_date_usage": share(
        PLAYER,
        "usage_rate = NULL",
        ONE_GAME[0],
        65,
        f"{PLAYED} AND {PLAYS} > 0",
        "usage_rate IS NOT NULL",
    ),
    "phase2.player_share_values.worst_game_usage": share(
        PLAYER,
        "usage_rate = NULL",
        of_game("2024-12-01"),
        60,
        f"{PLAYED} AND {PLAYS} > 0",
        "usage_rate IS NOT NULL",
    ),
    "phase2.player_share_values.worst_game_usage_near": share(
        PLAYER,
        "usage_rate = ROUND(usage_rate * 1.05, 2)",
        of_game("2024-12-03"),
        80,
        f"usage_rate IS NOT NULL AND minutes_played >= 5 AND {PLAYS} > 0",
        "TRUE",
        "AND usage_rate > 9 AND minutes_played > 10",
    ),
    "phase2.player_share_values.worst_month_minutes": share(
        PLAYER, "minutes_played = NULL", month("2025-03"), 97, PLAYED, "minutes_played IS NOT NULL"
    ),
    "phase2.player_share_values.worst_date_minutes": share(
        PLAYER,
        "minutes_played = NULL",
        ONE_GAME[1],
        85,
        PLAYED,
        "minutes_played IS NOT NULL",
    ),
    "phase2.player_share_values.worst_game_minutes": share(
        PLAYER,
        "minutes_played = NULL",
        of_game("2024-12-06"),
        80,
        PLAYED,
        "minutes_played IS NOT NULL",
    ),
    "phase2.quality_values.worst_scored[player_game_summary]": share(
        PLAYER, "quality_score = NULL", month("2025-01"), 99, "TRUE", "quality_score IS NOT NULL"
    ),
    "phase2.quality_values.worst_game_scored[player_game_summary]": share(
        PLAYER,
        "quality_score = NULL",
        of_game("2024-12-08"),
        50,
        "TRUE",
        "quality_score IS NOT NULL",
    ),
    "phase2.quality_values.worst_quality_score[player_game_summary]": at(
        PLAYER, "quality_score = 75 - {more} / 100", month("2025-02")
    ),
    "phase2.quality_values.worst_date_ready[player_game_summary]": share(
        PLAYER,
        "is_production_ready = FALSE",
        "game_date = '2024-12-07'",
        50,
        "TRUE",
        "is_production_ready",
    ),
}


def zones_of_a_month(warehouse: TestWarehouse, more: int) -> list[str]:
    """A month has 40% of the shot zones that are usual since mid-2024, and one row less."""
    where = f"{month('2025-03')} AND {PLAYED} AND paint_attempts IS NOT NULL"
    played = warehouse.value(f"SELECT COUNT(*) FROM {PLAYER} WHERE {month('2025-03')} AND {PLAYED}")
    zones = warehouse.value(f"SELECT COUNT(*) FROM {PLAYER} WHERE {where}")
    spoilt = zones - -(-40 * (played * 45 // 100) // 100) + more
    key = "CONCAT(game_id, player_lookup)"
    first = f"SELECT {key} FROM {PLAYER} WHERE {where} ORDER BY 1 LIMIT {spoilt}"
    return change(PLAYER, "paint_attempts = NULL", f"{key} IN ({first})")


def judged(run: GatesRun) -> dict[str, str]:
    """The gates of recomputed values that did not pass."""
    found = run.others_than_pass()
    return {gate: found[gate] for gate in found if gate.split(".")[1].endswith(VALUES)}


@pytest.mark.parametrize("more", [0, 1], ids=["last that passes", "first that fails"])
def test_every_gate_of_values_at_its_threshold(
    project: GatesProject, warehouse: TestWarehouse, more: int
) -> None:
    statements = [dml for edge in EDGES.values() for dml in edge(warehouse, more)]
    with warehouse.fault(*statements):
        run = project.run()
    assert judged(run) == (dict.fromkeys(EDGES, "fail") if more else {})


@pytest.mark.parametrize("more", [0, 1], ids=["last that passes", "first that fails"])
def test_the_zones_of_a_month_at_their_threshold(
    project: GatesProject, warehouse: TestWarehouse, more: int
) -> None:
    gate = "phase2.player_share_values.worst_month_zones"
    with warehouse.fault(*zones_of_a_month(warehouse, more)):
        run = project.run("-k", "worst_month_zones")
    assert run.statuses[gate] == ("fail" if more else "pass")


def test_every_gate_of_values_has_an_edge() -> None:
    settings = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, datetime.now(UTC))
    gates = {
        gate.id for gate in settings.gates_of(["phase1", "phase2"]) if gate.source.endswith(VALUES)
    }
    assert gates == {*EDGES, "phase2.player_share_values.worst_month_zones"}
