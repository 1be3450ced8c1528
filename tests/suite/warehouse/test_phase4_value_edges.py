"""Gates of Phase 4's values on both sides of their thresholds: the last data that passes, and with
one row, or one step of what the column holds, the first that fails. All stand in the warehouse at
once, each on dates of its own.
"""

from datetime import UTC, datetime

import pytest
from average_edges import AVERAGES, COLUMNS
from harness import ROOT, GatesProject, TestWarehouse
from value_edges import FULL, VALUES, Edge, evenly, if_more, judged, one

from gates.config.settings import load
from gates.measure.queries import PLAYED

CONTEXT = "nba_analytics.upcoming_player_game_context"
PLAYERS = "nba_analytics.player_game_summary"
CACHE = "nba_precompute.player_daily_cache"
FACTORS = "nba_precompute.player_composite_factors"
ZONES = "nba_precompute.player_shot_zone_analysis"
FEATURES = "nba_predictions.ml_feature_store_v2"
KEY = "CONCAT(game_id, player_lookup)"
# The season whose players are tried, and from when Phase 4 writes it.
AFTER_BOOTSTRAP, LAST = "2025-11-04", "2026-01-02"


def followed(day: str) -> str:
    """The features of a date follow from its factors, so that those are all that is wrong."""
    return (
        f"UPDATE {FEATURES} AS stored SET features = ARRAY(SELECT CASE place "
        "WHEN 12 THEN CAST(factors.fatigue_score AS FLOAT64) "
        "WHEN 13 THEN CAST(COALESCE(factors.shot_zone_mismatch_score, 0) AS FLOAT64) "
        "WHEN 14 THEN CAST(COALESCE(factors.pace_score, 0) AS FLOAT64) ELSE number END "
        "FROM UNNEST(stored.features) AS number WITH OFFSET AS place ORDER BY place) "
        f"FROM {FACTORS} AS factors WHERE stored.game_date = '{day}' "
        f"AND factors.game_date = '{day}' AND stored.game_id = factors.game_id "
        "AND stored.player_lookup = factors.player_lookup"
    )


def first_game(day: str) -> str:
    return f"game_id = (SELECT MIN(game_id) FROM {FACTORS} WHERE game_date = '{day}')"


def factors(
    assignment: str,
    day: str,
    percent: int,
    bad: str,
    due: str = "TRUE",
    within: str = "TRUE",
    context: str = "",
) -> Edge:
    """As many of a date's or a game's rows are `bad` as are `percent` of those due, and `more`."""

    def dml(warehouse: TestWarehouse, more: int) -> list[str]:
        where = f"game_date = '{day}' AND {within} AND {due}"
        counts = f"SELECT COUNT(*) AS due, COUNTIF({bad}) AS bad FROM {FACTORS} WHERE {where}"
        (found,) = warehouse.rows(counts)
        spoilt = percent * found["due"] // 100 - found["bad"] + more
        rows = f"SELECT {KEY} FROM {FACTORS} WHERE {where} AND ({bad}) IS NOT TRUE"
        first = f"{rows} ORDER BY TO_HEX(MD5({KEY})) LIMIT {spoilt}"
        told = [f"UPDATE {CONTEXT} SET {context} WHERE game_date = '{day}'"] if context else []
        change = f"UPDATE {FACTORS} SET {assignment} WHERE {where} AND {KEY} IN ({first})"
        return [*told, change, followed(day)]

    return dml


def fatigue_by_load(_warehouse: TestWarehouse, more: int) -> list[str]:
    """Ten players with four games and ten with one, the least that is judged: these are fresher by
    a point of one of them, and then not at all.
    """
    day = "2025-02-21"
    keys = f"SELECT {KEY} FROM {CONTEXT} WHERE game_date = '{day}' ORDER BY 1"
    games = f"UPDATE {CONTEXT} SET games_in_last_7_days"
    freshest = f"SELECT MIN({KEY}) FROM {CONTEXT} WHERE game_date = '{day}'"
    return [
        f"{games} = 2 WHERE game_date = '{day}'",
        f"{games} = 1 WHERE game_date = '{day}' AND {KEY} IN ({keys} LIMIT 10)",
        f"{games} = 4 WHERE game_date = '{day}' AND {KEY} IN ({keys} DESC LIMIT 10)",
        f"UPDATE {FACTORS} SET fatigue_score = IF({KEY} = ({freshest}), 81 - {more}, 80) "
        f"WHERE game_date = '{day}'",
        followed(day),
    ]


def trained(change: str, day: str, percent: int, good: str) -> Edge:
    """Of a date's players who played and have factors, `percent` stay `good`, and one less."""

    def dml(warehouse: TestWarehouse, more: int) -> list[str]:
        played = f"SELECT player_lookup FROM {PLAYERS} WHERE game_date = '{day}' AND {PLAYED}"
        with_factors = f"SELECT player_lookup FROM {FACTORS} WHERE game_date = '{day}'"
        where = f"game_date = '{day}' AND player_lookup IN ({played}) "
        where += f"AND player_lookup IN ({with_factors})"
        counts = f"SELECT COUNT(*) AS due, COUNTIF({good}) AS good FROM {FEATURES} WHERE {where}"
        (found,) = warehouse.rows(counts)
        spoilt = found["good"] - -(-percent * found["due"] // 100) + more
        rows = f"SELECT player_lookup FROM {FEATURES} WHERE {where} AND {good}"
        first = f"{rows} ORDER BY TO_HEX(MD5(player_lookup)) LIMIT {spoilt}"
        return [f"{change} WHERE game_date = '{day}' AND player_lookup IN ({first})"]

    return dml


def absent(table: str, date: str, due: str) -> Edge:
    """A player who is in a table on half of the dates that are due, and on one less."""

    def dml(warehouse: TestWarehouse, more: int) -> list[str]:
        season = f"{PLAYED} AND game_date BETWEEN '2025-10-01' AND '{LAST}'"
        # One who plays, and is not among his team's first, which other gates ask for.
        (player,) = warehouse.rows(f"""
            SELECT player_lookup AS name FROM {PLAYERS} WHERE {season} GROUP BY player_lookup
            HAVING COUNTIF(minutes_played >= 20) >= 15 AND COUNT(*) >= 22
            ORDER BY AVG(points), player_lookup LIMIT 1""")
        who = f"player_lookup = '{player['name']}'"
        # The fullest dates first: of a few players one is a large share.
        dates = warehouse.rows(f"""
            SELECT CAST(games.game_date AS STRING) AS day, games.game_date IN (
              SELECT {date} FROM {table} WHERE {who} AND {date} BETWEEN '2025-10-01' AND '{LAST}'
            ) AS is_held
            FROM (
              SELECT game_date, minutes_played, ROW_NUMBER() OVER (ORDER BY game_date) AS game
              FROM {PLAYERS} WHERE {who} AND {season}
            ) AS games
            INNER JOIN (
              SELECT game_date, COUNT(*) AS players FROM {PLAYERS} WHERE {season} GROUP BY game_date
            ) AS sizes ON games.game_date = sizes.game_date
            WHERE {due} AND games.game_date >= '{AFTER_BOOTSTRAP}'
            ORDER BY sizes.players DESC, games.game_date""")
        held = [f"'{each['day']}'" for each in dates if each["is_held"]]
        gone = held[: len(held) - -(-len(dates) // 2) + more]
        return [f"DELETE FROM {table} WHERE {who} AND {date} IN ({', '.join(gone)})"]

    return dml


# No pace to go along with, and neither load nor rest: nothing but the defaults is judged.
LEVEL = "pace_differential = 0, games_in_last_7_days = 2"
DEFAULTS = "fatigue_score = 100, shot_zone_mismatch_score = 0, pace_score = 0"
IS_DEFAULT = "fatigue_score = 100 AND shot_zone_mismatch_score = 0 AND pace_score = 0"


def vector(place: int, value: str, day: str) -> Edge:
    """One feature of one row."""
    features = (
        f"features = ARRAY(SELECT IF(place = {place}, {value}, number) FROM UNNEST(features) "
        "AS number WITH OFFSET AS place ORDER BY place)"
    )
    return if_more(one(FEATURES, features, day))


EDGES: dict[str, Edge] = {
    **AVERAGES,
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
    "feature_rows_values.worst_date_players": trained(f"DELETE FROM {FEATURES}", FULL, 95, "TRUE"),
    "feature_rows_values.unrated_date": trained(
        f"UPDATE {FEATURES} SET is_training_ready = NULL",
        "2025-03-05",
        95,
        "is_training_ready IS NOT NULL",
    ),
    "feature_rows_values.ready_date": trained(
        f"UPDATE {FEATURES} SET is_training_ready = FALSE", "2025-03-10", 25, "is_training_ready"
    ),
    "feature_rows_values.duplicate_rows": if_more(
        lambda _warehouse, _more: [
            f"INSERT INTO {FEATURES} SELECT * FROM {FEATURES} WHERE game_date = '2025-03-11' AND "
            f"player_lookup = (SELECT MIN(player_lookup) FROM {FEATURES} "
            "WHERE game_date = '2025-03-11')"
        ]
    ),
    # An empty row that says that it is not ready is none that a model trains on.
    "feature_rows_values.empty_rows": one(
        FEATURES,
        "features = [], feature_names = [], feature_count = 0, is_production_ready = FALSE, "
        "is_training_ready = FALSE, is_quality_ready = {more} = 1",
        "2025-03-13",
    ),
    "players_values.absent_from_factors": absent(FACTORS, "game_date", "TRUE"),
    "players_values.absent_from_features": absent(FEATURES, "game_date", "TRUE"),
    "players_values.absent_from_zones": absent(ZONES, "analysis_date", "games.game > 10"),
    "players_values.absent_from_cache": absent(CACHE, "cache_date", "games.minutes_played >= 20"),
    "factor_values.null_game": factors(
        "total_composite_adjustment = NULL",
        "2025-02-07",
        25,
        "total_composite_adjustment IS NULL",
        within=first_game("2025-02-07"),
    ),
    "factor_values.default_game": factors(
        DEFAULTS, "2025-02-09", 75, IS_DEFAULT, within=first_game("2025-02-09"), context=LEVEL
    ),
    # Without shot zones, so that no mismatch is expected.
    "factor_values.default_date": factors(
        f"{DEFAULTS}, upstream_player_shot_ready = FALSE",
        "2025-02-12",
        50,
        IS_DEFAULT,
        context=LEVEL,
    ),
    "factor_values.pace_default_game": factors(
        "pace_score = 0",
        "2025-02-11",
        25,
        "pace_score = 0",
        "pace_score IS NOT NULL",
        first_game("2025-02-11"),
        "pace_differential = IF(pace_differential > 0, 1, -1)",
    ),
    "factor_values.mismatch_default_date": factors(
        "shot_zone_mismatch_score = 0",
        "2025-02-05",
        60,
        "shot_zone_mismatch_score = 0",
        "upstream_player_shot_ready AND upstream_team_defense_ready",
    ),
    "factor_values.pace_direction": factors(
        "pace_score = -pace_score", "2025-02-02", 10, "FALSE", "pace_score != 0"
    ),
    "factor_values.fatigue_by_load": fatigue_by_load,
}


@pytest.mark.parametrize("more", [0, 1], ids=["last that passes", "first that fails"])
def test_gates_of_phase_4_at_their_thresholds(
    project: GatesProject, complete_warehouse: TestWarehouse, more: int
) -> None:
    project.host = complete_warehouse.host
    statements = [dml for edge in EDGES.values() for dml in edge(complete_warehouse, more)]
    with complete_warehouse.fault(*statements):
        run = project.run(stage="phase4")
    assert judged(run, "phase4") == ({*EDGES} if more else set()), run.details
    measured = {gate["id"]: gate["measured"] for gate in (run.record or {})["gates"]}
    found = {gate: measured[f"phase4.{gate}"] for gate in COLUMNS}
    assert found == (COLUMNS if more else dict.fromkeys(COLUMNS, 0)), run.details


def test_every_gate_of_phase_4_values_has_an_edge() -> None:
    settings = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, datetime.now(UTC))
    # How many values are there to be compared is no comparison of its own.
    gates = {
        gate.id.removeprefix("phase4.")
        for gate in settings.gates_of(["phase4"])
        if gate.source.endswith(VALUES) and gate.measure != "judged_values"
    }
    assert gates == {*EDGES}
