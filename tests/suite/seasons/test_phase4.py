"""Phase 4 as the embedded warehouse holds it: fifty dates done, the others not begun."""

from datetime import date

import pytest
from harness import TestWarehouse

FACTORS = "nba_precompute.player_composite_factors"
CACHE = "nba_precompute.player_daily_cache"
PLAYER_ZONES = "nba_precompute.player_shot_zone_analysis"
TEAM_ZONES = "nba_precompute.team_defense_zone_analysis"
FEATURES = "nba_predictions.ml_feature_store_v2"
DEFENSE = "nba_analytics.team_defense_game_summary"
PLAYERS = "nba_analytics.player_game_summary"
CONTEXT = "nba_analytics.upcoming_player_game_context"
STARTS = (date(2024, 10, 22), date(2025, 10, 21))
DATE_COLUMN = {
    FACTORS: "game_date",
    CACHE: "cache_date",
    PLAYER_ZONES: "analysis_date",
    TEAM_ZONES: "analysis_date",
}
EVER = "game_date BETWEEN '2000-01-01' AND '2100-01-01'"
WINDOW = "game_date BETWEEN '2024-10-01' AND '2026-01-02'"
BOOTSTRAP = (
    "(game_date BETWEEN '2024-10-22' AND '2024-11-04'"
    " OR game_date BETWEEN '2025-10-21' AND '2025-11-03')"
)
GAME_DATES = f"""
    SELECT game_date, COUNT(*) AS games FROM nba_raw.nbac_schedule
    WHERE {WINDOW} AND NOT STARTS_WITH(game_id, '003') GROUP BY game_date"""
ELIGIBLE = f"SELECT * FROM ({GAME_DATES}) WHERE NOT {BOOTSTRAP}"


def dates(warehouse: TestWarehouse, sql: str) -> set[date]:
    """The dates in the first column of what `sql` gives."""
    return {next(iter(row.values())) for row in warehouse.rows(sql)}


@pytest.fixture
def done(warehouse: TestWarehouse) -> set[date]:
    return dates(warehouse, f"SELECT DISTINCT game_date FROM {FACTORS}")


def test_fifty_of_257_eligible_dates_are_done(warehouse: TestWarehouse, done: set[date]) -> None:
    eligible = dates(warehouse, ELIGIBLE)
    assert (len(eligible), len(done)) == (257, 50)
    assert done <= eligible


def test_the_dates_that_are_done_are_spread_over_both_seasons(done: set[date]) -> None:
    months = {(day.year, day.month) for day in done}
    assert len(months) >= 9
    assert min(done) < date(2024, 12, 1)
    assert max(done) > date(2025, 12, 1)


def test_the_daily_cache_has_rows_on_just_these_dates(
    warehouse: TestWarehouse, done: set[date]
) -> None:
    assert dates(warehouse, f"SELECT DISTINCT cache_date FROM {CACHE}") == done


@pytest.mark.parametrize("table", DATE_COLUMN)
def test_nothing_is_earlier_than_the_window_or_within_14_days_of_a_seasons_start(
    warehouse: TestWarehouse, table: str
) -> None:
    rows = warehouse.rows(f"""
        SELECT game_date FROM (SELECT {DATE_COLUMN[table]} AS game_date FROM {table})
        WHERE NOT {WINDOW} OR {BOOTSTRAP}""")
    assert rows == []


def test_a_date_that_is_done_has_factors_for_each_player_of_the_context_table(
    warehouse: TestWarehouse,
) -> None:
    held = f"SELECT game_id, player_lookup FROM {FACTORS}"
    due = f"""
        SELECT game_id, player_lookup FROM {CONTEXT}
        WHERE game_date IN (SELECT game_date FROM {FACTORS})"""
    missing = warehouse.rows(f"{due} EXCEPT DISTINCT {held}")
    surplus = warehouse.rows(f"{held} EXCEPT DISTINCT {due}")
    assert (missing, surplus) == ([], [])


@pytest.mark.parametrize(("table", "fewest", "most"), [(FACTORS, 32, 36), (CACHE, 19, 24)])
def test_rows_per_game_of_a_date_stay_in_their_range(
    warehouse: TestWarehouse, table: str, fewest: float, most: float
) -> None:
    (found,) = warehouse.rows(f"""
        SELECT MIN(n / games) AS fewest, MAX(n / games) AS most
        FROM ({GAME_DATES}) INNER JOIN (
            SELECT {DATE_COLUMN[table]} AS game_date, COUNT(*) AS n FROM {table} GROUP BY game_date
        ) USING (game_date)""")
    assert fewest <= found["fewest"] <= found["most"] <= most


def test_factors_stay_in_their_bands_and_a_typical_player_is_fresh(
    warehouse: TestWarehouse,
) -> None:
    (found,) = warehouse.rows(f"""
        SELECT COUNT(*) AS n,
            COUNTIF(fatigue_score BETWEEN 0 AND 100) AS fatigue,
            COUNTIF(COALESCE(ABS(shot_zone_mismatch_score), 0) <= 15) AS mismatch,
            COUNTIF(COALESCE(ABS(pace_score), 0) <= 8) AS pace,
            COUNTIF(usage_spike_score = 0 AND referee_favorability_score = 0
                AND look_ahead_pressure_score = 0 AND travel_impact_score = 0
                AND opponent_strength_score = 0) AS deferred,
            COUNT(total_composite_adjustment) AS total,
            AVG(fatigue_score) AS mean,
            STDDEV(fatigue_score) AS fatigue_spread,
            STDDEV(shot_zone_mismatch_score) AS mismatch_spread,
            STDDEV(pace_score) AS pace_spread,
            COUNT(shot_zone_mismatch_score) / COUNT(*) AS mismatch_known,
            COUNT(pace_score) / COUNT(*) AS pace_known
        FROM {FACTORS}""")
    for name in ("fatigue", "mismatch", "pace", "deferred", "total"):
        assert found[name] == found["n"] > 0, name
    assert found["mean"] == pytest.approx(90, abs=2)
    assert min(found["fatigue_spread"], found["mismatch_spread"], found["pace_spread"]) > 0.5
    assert min(found["mismatch_known"], found["pace_known"]) > 0.95


def test_tired_players_are_those_who_played_the_day_before(warehouse: TestWarehouse) -> None:
    rows = warehouse.rows(f"""
        SELECT back_to_back, AVG(fatigue_score) AS mean
        FROM {FACTORS} INNER JOIN {CONTEXT} USING (game_date, game_id, player_lookup)
        GROUP BY back_to_back""")
    mean = {row["back_to_back"]: row["mean"] for row in rows}
    assert mean[True] < mean[False] - 10


@pytest.mark.parametrize(
    ("table", "key", "source", "played"),
    [
        (TEAM_ZONES, "team_abbr", f"SELECT *, defending_team_abbr AS team_abbr FROM {DEFENSE}", 15),
        (PLAYER_ZONES, "player_lookup", f"SELECT * FROM {PLAYERS} WHERE points IS NOT NULL", 10),
    ],
)
def test_shot_zones_are_those_of_whoever_has_played_enough_games_of_the_season(
    warehouse: TestWarehouse, table: str, key: str, source: str, played: int
) -> None:
    held = f"SELECT analysis_date AS day, {key} FROM {table}"
    due = f"""
        SELECT day, {key}
        FROM (SELECT DISTINCT game_date AS day FROM {FACTORS}), ({source}) AS s
        WHERE s.game_date <= day
            AND s.game_date >= IF(day < '2025-07-01', DATE '2024-10-22', DATE '2025-10-21')
        GROUP BY day, {key} HAVING COUNT(*) >= {played}"""
    missing = warehouse.rows(f"{due} EXCEPT DISTINCT {held}")
    surplus = warehouse.rows(f"{held} EXCEPT DISTINCT {due}")
    assert (missing, surplus) == ([], [])


def test_no_team_has_zones_in_a_seasons_first_weeks_and_all_thirty_have_them_later(
    warehouse: TestWarehouse, done: set[date]
) -> None:
    rows = warehouse.rows(
        f"SELECT analysis_date AS day, COUNT(*) AS n FROM {TEAM_ZONES} GROUP BY 1"
    )
    held = dict.fromkeys(done, 0) | {row["day"]: row["n"] for row in rows}
    age = {day: min((day - start).days for start in STARTS if start <= day) for day in done}
    assert {held[day] for day in done if age[day] < 25} == {0}
    assert {held[day] for day in done if age[day] > 35} == {30}


def test_players_with_zones_grow_to_about_510_over_a_season(warehouse: TestWarehouse) -> None:
    rows = warehouse.rows(f"""
        SELECT analysis_date AS day, COUNT(*) AS n FROM {PLAYER_ZONES} GROUP BY day ORDER BY day""")
    complete = [row["n"] for row in rows if row["day"] < date(2025, 7, 1)]
    begun = [row["n"] for row in rows if row["day"] > date(2025, 7, 1)]
    assert complete == sorted(complete)
    assert begun == sorted(begun)
    assert complete[-1] == pytest.approx(510, abs=15)
    assert begun[0] < 300


def test_the_feature_store_holds_placeholders_on_bootstrap_dates_and_features_elsewhere(
    warehouse: TestWarehouse, done: set[date]
) -> None:
    rows = warehouse.rows(f"""
        SELECT game_date AS day, data_source AS source, COUNT(*) AS n,
            COUNTIF(ARRAY_LENGTH(features) > 0) AS filled,
            COUNTIF(feature_count = ARRAY_LENGTH(features) AND feature_count > 0) AS counted,
            COUNTIF(is_production_ready) AS ready
        FROM {FEATURES} WHERE {EVER} GROUP BY day, source""")
    early = [row for row in rows if row["source"] == "early_season"]
    others = [row for row in rows if row["source"] != "early_season"]
    bootstrap = f"SELECT game_date FROM ({GAME_DATES}) WHERE {BOOTSTRAP}"
    assert {row["day"] for row in early} == dates(warehouse, bootstrap)
    assert {row["day"] for row in others} == done
    assert {(row["filled"], row["ready"]) for row in early} == {(0, 0)}
    assert [r for r in others if not r["filled"] == r["counted"] == r["ready"] == r["n"]] == []


def test_the_feature_store_has_the_players_of_the_context_table(warehouse: TestWarehouse) -> None:
    held = f"SELECT game_date, player_lookup FROM {FEATURES} WHERE {EVER}"
    due = f"""
        SELECT game_date, player_lookup FROM {CONTEXT}
        WHERE game_date IN (SELECT game_date FROM {FEATURES} WHERE {EVER})"""
    missing = warehouse.rows(f"{due} EXCEPT DISTINCT {held}")
    surplus = warehouse.rows(f"{held} EXCEPT DISTINCT {due}")
    assert (missing, surplus) == ([], [])
