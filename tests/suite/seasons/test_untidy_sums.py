"""Sums that hold in seasons like the platform's, however untidy they are."""

from harness import TestWarehouse
from seasons.untidy import (
    CACHE,
    CONTEXT,
    DEFENSE,
    EVER,
    FACTORS,
    OFFENSE,
    ON_THE_FLOOR,
    PLAYER_ZONES,
    ROWS,
    one,
)


def test_points_minutes_and_team_sums_hold_in_every_game(complete_warehouse: TestWarehouse) -> None:
    found = one(
        complete_warehouse,
        f"""
        SELECT COUNT(*) AS n,
            COUNTIF(p.points = t.points_scored AND p.shots = t.fg_attempts
                AND p.losses = t.turnovers AND p.boards = t.rebounds) AS sums,
            COUNTIF(t.points_scored = 2 * t.fg_makes + t.three_pt_makes + t.ft_makes) AS made,
            COUNTIF(p.unknown = 0) AS timed,
            COUNTIF(p.unknown = 0 AND p.minutes = 240 + 25 * t.overtime_periods) AS minutes,
            SUM(p.wrong) AS wrong
        FROM (SELECT * FROM {OFFENSE} WHERE {EVER}) AS t
        INNER JOIN (
            SELECT game_id, team_abbr, SUM(points) AS points, SUM(fg_attempts) AS shots,
                SUM(turnovers) AS losses, SUM(offensive_rebounds + defensive_rebounds) AS boards,
                SUM(minutes_played) AS minutes,
                COUNTIF(NOT is_dnp AND minutes_played IS NULL) AS unknown,
                COUNTIF(NOT is_dnp
                    AND points != 2 * (fg_makes - three_pt_makes) + 3 * three_pt_makes + ft_makes
                ) AS wrong
            FROM ({ROWS}) GROUP BY game_id, team_abbr
        ) AS p USING (game_id, team_abbr)""",
    )
    assert found["n"] == found["sums"] == found["made"] == 2 * 5793
    assert found["minutes"] == found["timed"] > 11_000
    assert found["wrong"] == 0


def test_what_a_team_allows_is_what_the_other_did(complete_warehouse: TestWarehouse) -> None:
    found = complete_warehouse.value(f"""
        SELECT COUNT(*)
        FROM (SELECT * FROM {OFFENSE} WHERE {EVER}) AS o
        INNER JOIN (SELECT * FROM {DEFENSE} WHERE {EVER}) AS d
            ON d.game_id = o.game_id AND d.opponent_team_abbr = o.team_abbr
        WHERE d.points_allowed = o.points_scored AND d.opp_fg_attempts = o.fg_attempts
            AND d.opp_three_pt_makes = o.three_pt_makes AND d.opp_rebounds = o.rebounds
            AND d.turnovers_forced = o.turnovers AND d.opponent_pace = o.pace
            AND d.defensive_rating = o.offensive_rating
            AND d.margin_of_victory = -o.margin_of_victory""")
    assert found == 2 * 5793


def test_possessions_pace_and_rating_follow_from_both_teams_attempts(
    complete_warehouse: TestWarehouse,
) -> None:
    found = one(
        complete_warehouse,
        f"""
        WITH own AS (
            SELECT t.game_id, ANY_VALUE(t.fg_attempts + 0.44 * t.ft_attempts + t.turnovers)
                - SUM(p.offensive_rebounds) AS possessions
            FROM (SELECT * FROM {OFFENSE} WHERE {EVER}) AS t
            INNER JOIN ({ROWS}) AS p USING (game_id, team_abbr)
            GROUP BY t.game_id, t.team_abbr
        ), games AS (SELECT game_id, AVG(possessions) AS exact FROM own GROUP BY game_id)
        SELECT MAX(ABS(possessions - exact)) AS possessions,
            MAX(ABS(pace - exact * 48 / (48 + 5 * overtime_periods))) AS pace,
            MAX(ABS(offensive_rating - 100 * points_scored / exact)) AS rating
        FROM (SELECT * FROM {OFFENSE} WHERE {EVER}) INNER JOIN games USING (game_id)""",
    )
    assert float(found["possessions"]) <= 0.5001
    assert float(found["pace"]) <= 0.0501
    assert float(found["rating"]) <= 0.00501


# Each player's game with what he had done in the season before it.
BEFORE = f"""
    SELECT game_id, player_lookup, game_date, points,
        COUNT(*) OVER earlier AS games,
        AVG(points) OVER (by_date ROWS BETWEEN 5 PRECEDING AND 1 PRECEDING) AS five,
        AVG(points) OVER (by_date ROWS BETWEEN 10 PRECEDING AND 1 PRECEDING) AS ten,
        AVG(points) OVER earlier AS season,
        AVG(minutes_played) OVER (by_date ROWS BETWEEN 10 PRECEDING AND 1 PRECEDING) AS minutes,
        AVG(usage_rate) OVER (by_date ROWS BETWEEN 10 PRECEDING AND 1 PRECEDING) AS usage,
        DATE_DIFF(game_date, LAG(game_date) OVER by_date, DAY) AS rest
    FROM ({ON_THE_FLOOR} AND game_date >= '2024-10-01')
    WINDOW by_date AS (PARTITION BY season_year, player_lookup ORDER BY game_date),
        earlier AS (by_date ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"""


def test_contexts_follow_from_the_players_games_before(complete_warehouse: TestWarehouse) -> None:
    found = one(
        complete_warehouse,
        f"""
        SELECT COUNT(*) AS n,
            COUNTIF(COALESCE(c.days_rest, -1) = COALESCE(b.rest, -1)) AS rest,
            COUNTIF(c.actual_games_count = b.games) AS games,
            MAX(ABS(c.points_avg_last_5 - b.five)) AS five,
            MAX(ABS(c.points_avg_last_10 - b.ten)) AS ten
        FROM (SELECT * FROM {CONTEXT} WHERE {EVER}) AS c
        INNER JOIN ({BEFORE}) AS b USING (game_id, player_lookup)""",
    )
    assert found["n"] == found["rest"] == found["games"] > 30_000
    assert max(float(found["five"]), float(found["ten"])) <= 0.0501


def test_games_and_minutes_of_a_week_follow_from_the_players_games(
    complete_warehouse: TestWarehouse,
) -> None:
    found = one(
        complete_warehouse,
        f"""
        SELECT COUNT(*) AS n, COUNTIF(games_in_last_7_days = games) AS games,
            MAX(ABS(minutes_in_last_7_days - minutes)) AS minutes
        FROM (
            SELECT c.game_id, c.player_lookup, c.games_in_last_7_days, c.minutes_in_last_7_days,
                COUNT(p.game_id) AS games, COALESCE(SUM(p.minutes_played), 0) AS minutes
            FROM {CONTEXT} AS c
            LEFT JOIN ({ON_THE_FLOOR}) AS p
                ON p.player_lookup = c.player_lookup AND p.game_date < c.game_date
                AND p.game_date >= DATE_SUB(c.game_date, INTERVAL 7 DAY)
            WHERE c.game_date BETWEEN '2025-11-01' AND '2025-12-31'
            GROUP BY 1, 2, 3, 4
        )""",
    )
    assert found["n"] == found["games"] > 10_000
    assert float(found["minutes"]) <= 0.501


def test_the_daily_cache_follows_from_the_games_in_which_a_player_played(
    complete_warehouse: TestWarehouse,
) -> None:
    found = one(
        complete_warehouse,
        f"""
        SELECT COUNT(*) AS n, COUNTIF(c.games_played_season = b.games) AS games,
            MAX(ABS(c.points_avg_last_5 - b.five)) AS five,
            MAX(ABS(c.points_avg_last_10 - b.ten)) AS ten,
            MAX(ABS(c.points_avg_season - b.season)) AS season,
            MAX(ABS(c.minutes_avg_last_10 - b.minutes)) AS minutes,
            MAX(ABS(c.usage_rate_last_10 - b.usage)) AS usage
        FROM {CACHE} AS c
        INNER JOIN ({BEFORE}) AS b
            ON b.game_date = c.cache_date AND b.player_lookup = c.player_lookup
        WHERE c.cache_date >= '2024-10-01'""",
    )
    assert found.pop("n") == found.pop("games") > 20_000
    assert float(found.pop("usage")) <= 0.00501
    assert max(map(float, found.values())) <= 0.0501


def test_shot_zones_rest_on_the_last_games_whose_play_by_play_was_read(
    complete_warehouse: TestWarehouse,
) -> None:
    found = one(
        complete_warehouse,
        f"""
        SELECT COUNT(*) AS n, COUNTIF(z.games_in_sample_10 = b.seen) AS seen,
            MAX(ABS(z.paint_rate_last_10 - 100 * b.paint / NULLIF(b.shots, 0))) AS rate,
            COUNTIF(COALESCE(z.total_shots_last_10, 0) = COALESCE(b.shots, 0)) AS shots
        FROM {PLAYER_ZONES} AS z
        INNER JOIN (
            SELECT player_lookup, game_date,
                COUNT(paint_attempts) OVER ten AS seen,
                SUM(paint_attempts) OVER ten AS paint,
                SUM(IF(paint_attempts IS NULL, NULL, fg_attempts)) OVER ten AS shots
            FROM ({ON_THE_FLOOR} AND game_date >= '2024-10-01')
            WINDOW ten AS (PARTITION BY season_year, player_lookup ORDER BY game_date
                ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)
        ) AS b ON b.game_date = z.analysis_date AND b.player_lookup = z.player_lookup
        WHERE z.analysis_date >= '2024-10-01'""",
    )
    assert found["n"] == found["seen"] == found["shots"] > 20_000
    assert float(found["rate"]) <= 0.00501


def test_the_adjustment_is_the_sum_of_the_factors_and_pace_is_healthy(
    complete_warehouse: TestWarehouse,
) -> None:
    found = one(
        complete_warehouse,
        f"""
        SELECT MAX(ABS(f.total_composite_adjustment - (f.fatigue_score - 100) / 20
                - COALESCE(f.shot_zone_mismatch_score, 0) - COALESCE(f.pace_score, 0))) AS error,
            COUNTIF(f.pace_score = 0) / COUNT(*) AS level,
            COUNT(f.pace_score) / COUNT(*) AS known,
            MAX(ABS(f.pace_score - GREATEST(LEAST(-c.pace_differential * 0.5, 8), -8))) AS pace
        FROM {FACTORS} AS f
        INNER JOIN (SELECT game_id, player_lookup, pace_differential FROM {CONTEXT} WHERE {EVER})
            AS c USING (game_id, player_lookup)
        WHERE f.{EVER}""",
    )
    assert float(found["error"]) < 1e-6
    assert found["level"] < 0.1
    assert found["known"] > 0.98
    assert float(found["pace"]) <= 0.0501
