"""The figures of the embedded warehouse: sums that must hold, coverage, quality columns."""

from typing import Any

import pytest
from harness import TestWarehouse

TEAMS = "nba_analytics.team_offense_game_summary"
DEFENSE = "nba_analytics.team_defense_game_summary"
PLAYERS = "nba_analytics.player_game_summary"
ANALYTICS = (
    TEAMS,
    DEFENSE,
    PLAYERS,
    "nba_analytics.upcoming_player_game_context",
    "nba_analytics.upcoming_team_game_context",
)
EVER = "game_date BETWEEN '2000-01-01' AND '2100-01-01'"
# Each player's row that has points, with its team's row.
JOINED = f"""
    SELECT p.*, t.overtime_periods, t.points_scored,
        t.fg_attempts + 0.44 * t.ft_attempts + t.turnovers AS team_total
    FROM (SELECT * FROM {PLAYERS} WHERE {EVER} AND points IS NOT NULL) AS p
    INNER JOIN (SELECT * FROM {TEAMS} WHERE {EVER}) AS t USING (game_id, team_abbr)"""
SEASONS = {2021, 2022, 2023, 2024, 2025}


def share(column: str) -> str:
    """Per cent of the rows that have `column`."""
    return f"100 * COUNTIF({column} IS NOT NULL) / COUNT(*)"


def test_points_are_the_sum_of_what_was_made(warehouse: TestWarehouse) -> None:
    made = "2 * (fg_makes - three_pt_makes) + 3 * three_pt_makes + ft_makes"
    for table, points in ((PLAYERS, "points"), (TEAMS, "points_scored")):
        (found,) = warehouse.rows(f"""
            SELECT COUNTIF({points} = {made}) AS good, COUNT({points}) AS played
            FROM {table} WHERE {EVER}""")
        assert found["good"] == found["played"] > 0, table


def test_nobody_makes_more_than_he_attempts(warehouse: TestWarehouse) -> None:
    rows = warehouse.rows(f"""
        SELECT game_id, player_lookup FROM {PLAYERS}
        WHERE {EVER} AND (
            fg_makes > fg_attempts OR three_pt_makes > three_pt_attempts
            OR ft_makes > ft_attempts OR three_pt_attempts > fg_attempts
            OR paint_makes > paint_attempts OR mid_range_makes > mid_range_attempts
            OR paint_attempts + mid_range_attempts + three_attempts_pbp != fg_attempts
        )""")
    assert rows == []


def test_a_teams_figures_are_the_sums_of_its_players(warehouse: TestWarehouse) -> None:
    figures = (
        *("fg_attempts", "fg_makes", "three_pt_attempts", "three_pt_makes"),
        *("ft_attempts", "ft_makes", "assists", "turnovers", "personal_fouls"),
    )
    pairs = [(name, name) for name in figures]
    pairs += [("points_scored", "points"), ("rebounds", "boards")]
    sums = ", ".join(f"SUM({name}) AS {name}" for _, name in pairs if name != "boards")
    differ = " OR ".join(f"t.{team} != p.{player}" for team, player in pairs)
    rows = warehouse.rows(f"""
        SELECT game_id, team_abbr
        FROM (SELECT * FROM {TEAMS} WHERE {EVER}) AS t
        LEFT JOIN (
            SELECT game_id, team_abbr, {sums},
                SUM(offensive_rebounds + defensive_rebounds) AS boards
            FROM {PLAYERS} WHERE {EVER} GROUP BY game_id, team_abbr
        ) AS p USING (game_id, team_abbr)
        WHERE p.points IS NULL OR {differ}""")
    assert rows == []


def test_a_player_plays_at_most_48_minutes_and_the_overtime(warehouse: TestWarehouse) -> None:
    (found,) = warehouse.rows(f"""
        SELECT
            MIN(minutes_played) AS least,
            COUNTIF(minutes_played > 48 AND overtime_periods = 0) AS wrong,
            COUNTIF(minutes_played > 48 + 5 * overtime_periods) AS impossible,
            COUNTIF(minutes_played > 48) AS above
        FROM ({JOINED})""")
    assert found["least"] > 0
    assert (found["wrong"], found["impossible"]) == (0, 0)


def test_a_teams_minutes_are_five_times_the_length_of_the_game(warehouse: TestWarehouse) -> None:
    rows = warehouse.rows(f"""
        SELECT
            overtime_periods AS overtimes,
            MIN(minutes) AS least,
            MAX(minutes) AS most
        FROM (
            SELECT overtime_periods, SUM(minutes_played) AS minutes
            FROM ({JOINED}) GROUP BY game_id, team_abbr, overtime_periods
            HAVING COUNT(*) = COUNT(minutes_played)
        ) GROUP BY overtimes""")
    assert {0, 1} <= {row["overtimes"] for row in rows}
    for row in rows:
        assert row["least"] == row["most"] == 240 + 25 * row["overtimes"]


def test_usage_follows_its_formula(warehouse: TestWarehouse) -> None:
    (found,) = warehouse.rows(f"""
        SELECT
            COUNT(usage_rate) AS known,
            MIN(usage_rate) AS least,
            MAX(usage_rate) AS most,
            COUNTIF(usage_rate IS NOT NULL AND minutes_played IS NULL) AS baseless,
            MAX(ABS(usage_rate - 100 * (fg_attempts + 0.44 * ft_attempts + turnovers) * 48
                / (minutes_played * team_total))) AS off
        FROM ({JOINED})""")
    assert found["known"] > 100_000
    assert 0 <= found["least"] <= found["most"] <= 100
    assert found["baseless"] == 0
    assert float(found["off"]) <= 0.00501


def test_whoever_did_not_play_has_no_figures(warehouse: TestWarehouse) -> None:
    (found,) = warehouse.rows(f"""
        SELECT
            COUNT(*) AS n,
            COUNTIF(is_dnp AND dnp_reason IS NOT NULL) AS excused,
            COUNT(minutes_played) + COUNT(usage_rate) + COUNT(fg_attempts) AS figures
        FROM {PLAYERS} WHERE {EVER} AND points IS NULL""")
    assert found["excused"] == found["n"] > 0
    assert found["figures"] == 0


def test_coverage_is_the_same_in_every_season(warehouse: TestWarehouse) -> None:
    rows = warehouse.rows(f"""
        SELECT season_year, {share("usage_rate")} AS rates, {share("minutes_played")} AS minutes
        FROM ({JOINED}) GROUP BY season_year""")
    assert {row["season_year"] for row in rows} == SEASONS
    for row in rows:
        assert row["rates"] == pytest.approx(95.4, abs=0.5), row
        assert row["minutes"] == pytest.approx(99.8, abs=0.2), row


def test_shot_zones_are_scarce_from_mid_2024_on(warehouse: TestWarehouse) -> None:
    rows = warehouse.rows(
        f"SELECT season_year, {share('paint_attempts')} AS zones FROM ({JOINED}) GROUP BY 1"
    )
    assert {row["season_year"] for row in rows} == SEASONS
    for row in rows:
        low, high = (85, 89) if row["season_year"] < 2024 else (40, 50)
        assert low <= row["zones"] <= high, row


def test_points_rise_from_october_to_march(warehouse: TestWarehouse) -> None:
    rows = warehouse.rows(f"""
        SELECT season_year, EXTRACT(MONTH FROM game_date) AS month, AVG(points) AS points
        FROM ({JOINED}) GROUP BY season_year, month""")
    average = {(row["season_year"], row["month"]): float(row["points"]) for row in rows}
    for season in SEASONS:
        assert average[season, 10] == pytest.approx(10.1, abs=0.3), season
        assert average[season, 12] > average[season, 10], season
    for season in SEASONS - {2025}:
        assert average[season, 3] == pytest.approx(10.9, abs=0.3), season
        assert average[season, 3] > average[season, 12], season


def test_the_window_of_phase_2_has_35000_rows_with_points(warehouse: TestWarehouse) -> None:
    counted = f"""
        SELECT COUNT(points) FROM {PLAYERS} WHERE game_date BETWEEN '2024-05-01' AND '2026-01-02'"""
    assert warehouse.value(counted) >= 35_000


@pytest.mark.parametrize("table", ANALYTICS)
def test_a_rows_quality_tier_follows_from_its_score_and_no_issue_blocks(
    warehouse: TestWarehouse, table: str
) -> None:
    found: dict[str, Any] = warehouse.rows(f"""
        SELECT
            COUNT(*) AS n,
            COUNTIF(quality_score BETWEEN 0 AND 100) AS on_scale,
            MAX(quality_score) AS best,
            COUNTIF(quality_tier = CASE
                WHEN quality_score >= 95 THEN 'gold' WHEN quality_score >= 75 THEN 'silver'
                WHEN quality_score >= 50 THEN 'bronze' WHEN quality_score >= 25 THEN 'poor'
                ELSE 'unusable' END) AS tier,
            COUNTIF(is_production_ready) AS ready,
            COUNTIF(EXISTS(SELECT 1 FROM UNNEST(quality_issues) AS issue WHERE issue IN (
                'all_sources_failed', 'missing_required', 'placeholder_created'))) AS blocked,
            AVG(quality_score) AS average
        FROM {table} WHERE {EVER}""")[0]
    assert found["on_scale"] == found["tier"] == found["ready"] == found["n"] > 0
    assert found["blocked"] == 0
    assert found["best"] == 100
    assert found["average"] > 99
