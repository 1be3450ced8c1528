"""Seasons like the platform's: what its own papers count, and sums that hold all the same."""

from datetime import date
from typing import Any

import pytest
from harness import TestWarehouse

SCHEDULE = "nba_raw.nbac_schedule"
PLAYERS = "nba_analytics.player_game_summary"
OFFENSE = "nba_analytics.team_offense_game_summary"
DEFENSE = "nba_analytics.team_defense_game_summary"
CONTEXT = "nba_analytics.upcoming_player_game_context"
TEAM_CONTEXT = "nba_analytics.upcoming_team_game_context"
FACTORS = "nba_precompute.player_composite_factors"
CACHE = "nba_precompute.player_daily_cache"
PLAYER_ZONES = "nba_precompute.player_shot_zone_analysis"
TEAM_ZONES = "nba_precompute.team_defense_zone_analysis"
EVER = "game_date BETWEEN '2000-01-01' AND '2100-01-01'"
PLAYED = "points IS NOT NULL AND is_dnp IS NOT TRUE"
ROWS = f"SELECT * FROM {PLAYERS} WHERE {EVER}"
ON_THE_FLOOR = f"{ROWS} AND {PLAYED}"
JOINED = f"""
    SELECT p.*, t.overtime_periods,
        t.fg_attempts + 0.44 * t.ft_attempts + t.turnovers AS team_total
    FROM ({ON_THE_FLOOR}) AS p
    INNER JOIN (SELECT * FROM {OFFENSE} WHERE {EVER}) AS t USING (game_id, team_abbr)"""
WHOLE_ROSTERS = 2025
# Dates of wide contexts: the least and the most rows of a game.
WIDE = {
    (date(2025, 11, 4), date(2025, 11, 22)): (41, 44),
    (date(2025, 12, 27), date(2025, 12, 29)): (60, 66),
    (date(2026, 1, 2), date(2026, 1, 2)): (60, 66),
}


def one(warehouse: TestWarehouse, sql: str) -> dict[str, Any]:
    """The one row that `sql` gives."""
    (row,) = warehouse.rows(sql)
    return row


def season_of(day: str) -> str:
    """The year in which the season of a date column began."""
    return f"EXTRACT(YEAR FROM {day}) - IF(EXTRACT(MONTH FROM {day}) >= 10, 0, 1)"


# ── Rosters and who did not play ──────────────────────────────────────────────


def test_a_game_lists_17_to_24_players_and_whole_rosters_from_2025_26_on(
    untidy_warehouse: TestWarehouse,
) -> None:
    rows = untidy_warehouse.rows(f"""
        SELECT season_year, MIN(n) AS least, MAX(n) AS most, AVG(n) AS mean
        FROM (SELECT season_year, COUNT(*) AS n FROM ({ROWS}) GROUP BY season_year, game_id)
        GROUP BY season_year""")
    assert len(rows) == 5
    for row in rows:
        whole = row["season_year"] >= WHOLE_ROSTERS
        least, most, mean = (34, 54, 37) if whole else (17, 24, 21.2)
        assert least <= row["least"] <= row["most"] <= most, row
        assert row["mean"] == pytest.approx(mean, rel=0.03), row
        assert row["most"] > 44 or not whole


def test_of_whole_rosters_36_to_43_per_cent_did_not_play_on_every_date(
    untidy_warehouse: TestWarehouse,
) -> None:
    rows = untidy_warehouse.rows(f"""
        SELECT season_year, game_date, COUNTIF(NOT ({PLAYED})) / COUNT(*) AS share
        FROM ({ROWS}) GROUP BY season_year, game_date""")
    whole = [row["share"] for row in rows if row["season_year"] >= WHOLE_ROSTERS]
    assert len(whole) == 72
    assert 0.36 <= min(whole) <= max(whole) <= 0.43


def test_before_whole_rosters_three_per_cent_did_not_play(untidy_warehouse: TestWarehouse) -> None:
    rows = untidy_warehouse.rows(f"""
        SELECT season_year, COUNTIF(NOT ({PLAYED})) / COUNT(*) AS share
        FROM ({ROWS}) WHERE season_year < {WHOLE_ROSTERS} GROUP BY season_year""")
    assert len(rows) == 4
    assert all(row["share"] == pytest.approx(0.03, abs=0.005) for row in rows)


def test_eight_to_twelve_of_a_team_play(untidy_warehouse: TestWarehouse) -> None:
    found = one(
        untidy_warehouse,
        f"""SELECT MIN(n) AS least, MAX(n) AS most FROM (
            SELECT COUNT(*) AS n FROM ({ON_THE_FLOOR}) GROUP BY game_id, team_abbr)""",
    )
    assert (found["least"], found["most"]) == (8, 12)


def test_a_row_that_did_not_play_is_marked_and_has_one_of_three_forms(
    untidy_warehouse: TestWarehouse,
) -> None:
    rows = untidy_warehouse.rows(f"""
        SELECT
            season_year >= {WHOLE_ROSTERS} AS whole,
            SUBSTR(t.nba_game_id, 1, 3) = '002' AS regular,
            CASE
                WHEN points IS NULL AND minutes_played IS NULL AND fg_attempts IS NULL
                    THEN 'no figures'
                WHEN points = 0 AND minutes_played IS NULL AND fg_attempts IS NULL THEN 'no points'
                WHEN points = 0 AND minutes_played = 0 AND fg_attempts = 0 AND turnovers = 0
                    THEN 'noughts'
                ELSE 'another'
            END AS form,
            COUNT(*) AS n, COUNT(usage_rate) AS usages, COUNT(paint_attempts) AS zones,
            COUNT(dnp_reason) AS excused
        FROM (SELECT * FROM ({ROWS}) WHERE is_dnp) AS p
        INNER JOIN (SELECT game_id, team_abbr, nba_game_id FROM {OFFENSE} WHERE {EVER}) AS t
            USING (game_id, team_abbr)
        GROUP BY 1, 2, 3""")
    assert {row["form"] for row in rows} == {"no figures", "no points", "noughts"}
    assert {(row["usages"], row["zones"], row["n"] - row["excused"]) for row in rows} == {(0, 0, 0)}
    for row in rows:
        assert row["whole"] or row["form"] != "no points"
        assert row["form"] != "noughts" or not row["regular"]
    repaired = sum(row["n"] for row in rows if row["form"] == "no points")
    # 981 rows of some 16,000 of a whole season.
    assert repaired == pytest.approx(0.061 * sum(r["n"] for r in rows if r["whole"]), rel=0.15)


def test_no_row_says_both_that_a_player_played_and_that_he_did_not(
    untidy_warehouse: TestWarehouse,
) -> None:
    found = one(
        untidy_warehouse,
        f"""SELECT
            COUNTIF(is_dnp IS NULL) AS unmarked,
            COUNTIF(is_dnp AND (points > 0 OR minutes_played > 0)) AS scored,
            COUNTIF(NOT is_dnp AND points IS NULL) AS pointless,
            COUNTIF(NOT is_dnp AND minutes_played = 0) AS unseen,
            COUNTIF(NOT is_dnp AND minutes_played IS NULL) / COUNTIF(NOT is_dnp) AS untimed
        FROM ({ROWS})""",
    )
    untimed = found.pop("untimed")
    assert set(found.values()) == {0}
    assert untimed == pytest.approx(0.002, abs=0.0005)


def test_nobody_is_reported_out_and_plays(untidy_warehouse: TestWarehouse) -> None:
    found = untidy_warehouse.rows(f"""
        SELECT game_id, player_lookup FROM ({ON_THE_FLOOR}) AS p
        INNER JOIN (SELECT game_id, player_lookup, player_status FROM {CONTEXT} WHERE {EVER}) AS c
            USING (game_id, player_lookup)
        WHERE c.player_status = 'out'""")
    assert found == []


# ── Figures of those who played ───────────────────────────────────────────────


def test_usage_is_not_written_where_there_was_none_and_is_there_on_95_4_per_cent(
    untidy_warehouse: TestWarehouse,
) -> None:
    rows = untidy_warehouse.rows(f"""
        SELECT season_year, EXTRACT(MONTH FROM game_date) AS month, COUNT(*) AS n,
            COUNT(usage_rate) AS known, COUNTIF(usage_rate = 0) AS zeros,
            COUNTIF(usage_rate IS NULL AND fg_attempts + ft_attempts + turnovers = 0) AS none
        FROM ({ON_THE_FLOOR}) GROUP BY season_year, month""")
    assert {row["season_year"] for row in rows} == {2021, 2022, 2023, 2024, 2025}
    assert sum(row["zeros"] for row in rows) == 0
    assert sum(row["none"] for row in rows) > 1_000
    for row in rows:
        assert row["known"] / row["n"] == pytest.approx(0.954, abs=0.002 + 1 / row["n"]), row


def test_usage_follows_its_formula_and_passes_100_in_moments_only(
    untidy_warehouse: TestWarehouse,
) -> None:
    found = one(
        untidy_warehouse,
        f"""SELECT
            COUNTIF(usage_rate > 100) AS high,
            COUNTIF(usage_rate > 100 AND minutes_played > 1) AS wrong,
            MAX(ABS(usage_rate - 100 * (fg_attempts + 0.44 * ft_attempts + turnovers) * 48
                / (minutes_played * team_total))) AS error
        FROM ({JOINED})""",
    )
    assert found["high"] > found["wrong"] == 0
    assert float(found["error"]) <= 0.00501


def test_a_dozen_players_a_season_play_more_than_48_minutes_all_of_them_in_overtime(
    untidy_warehouse: TestWarehouse,
) -> None:
    rows = untidy_warehouse.rows(f"""
        SELECT season_year, COUNTIF(minutes_played > 48) AS n,
            COUNTIF(minutes_played > 48 AND overtime_periods = 0) AS wrong,
            COUNTIF(minutes_played > 48 + 5 * overtime_periods) AS impossible
        FROM ({JOINED}) GROUP BY season_year""")
    assert {(row["wrong"], row["impossible"]) for row in rows} == {(0, 0)}
    complete = [row["n"] for row in rows if row["season_year"] < WHOLE_ROSTERS]
    assert sum(complete) / len(complete) == pytest.approx(13, abs=5)


def test_points_and_attempts_are_those_of_real_games(untidy_warehouse: TestWarehouse) -> None:
    rows = untidy_warehouse.rows(f"""
        SELECT season_year, EXTRACT(MONTH FROM game_date) AS month, AVG(points) AS mean
        FROM ({ON_THE_FLOOR}) GROUP BY season_year, month""")
    assert all(9.5 < float(row["mean"]) < 11.5 for row in rows)
    attempts = one(
        untidy_warehouse,
        f"""SELECT MIN(fg_attempts) AS least, MAX(fg_attempts) AS most
        FROM {OFFENSE} WHERE {EVER} AND overtime_periods = 0""",
    )
    assert 70 <= attempts["least"] <= attempts["most"] <= 116


def test_half_of_those_who_play_have_shot_zones_in_2025_26(untidy_warehouse: TestWarehouse) -> None:
    rows = untidy_warehouse.rows(f"""
        SELECT season_year, COUNT(paint_attempts) / COUNT(*) AS share
        FROM ({ON_THE_FLOOR}) GROUP BY season_year""")
    share = {row["season_year"]: row["share"] for row in rows}
    assert share[2025] == pytest.approx(0.52, abs=0.015)
    assert 0.40 <= share[2024] <= 0.50
    assert all(0.85 <= share[season] <= 0.89 for season in (2021, 2022, 2023))


def test_reconstructed_team_rows_have_85_points_of_quality_and_players_99_9(
    untidy_warehouse: TestWarehouse,
) -> None:
    for table in (OFFENSE, DEFENSE):
        rows = untidy_warehouse.rows(f"""
            SELECT season_year, quality_score, quality_tier, is_production_ready,
                quality_issues[SAFE_OFFSET(0)] AS issue, COUNT(*) AS n
            FROM {table} WHERE {EVER} AND quality_reconstructed GROUP BY 1, 2, 3, 4, 5""")
        (found,) = rows
        assert found.pop("n") % 2 == 0
        assert list(found.values()) == [2025, 85, "silver", True, "reconstructed_from_players"]
    mean = untidy_warehouse.value(f"SELECT AVG(quality_score) FROM ({ROWS})")
    assert mean == pytest.approx(99.9, abs=0.02)


def test_no_player_row_says_that_its_team_won(untidy_warehouse: TestWarehouse) -> None:
    assert untidy_warehouse.value(f"SELECT COUNTIF(win_flag) FROM ({ROWS})") == 0
    won = f"SELECT COUNTIF(win_flag) / COUNT(*) FROM {OFFENSE} WHERE {EVER}"
    assert untidy_warehouse.value(won) == 0.5


# ── Players ───────────────────────────────────────────────────────────────────


def test_names_have_accents_apostrophes_and_suffixes_and_lookups_have_not(
    untidy_warehouse: TestWarehouse,
) -> None:
    found = one(
        untidy_warehouse,
        f"""SELECT
            COUNTIF(REGEXP_CONTAINS(name, r'[^ -~]')) AS accents,
            COUNTIF(name LIKE "%'%") AS apostrophes,
            COUNTIF(REGEXP_CONTAINS(name, r' (Jr\\.|II|III)$')) AS suffixes,
            COUNTIF(NOT REGEXP_CONTAINS(player_lookup, r'^[a-z]+$')) AS odd,
            COUNTIF(names > 1 OR ids > 1) AS torn,
            COUNT(*) - COUNT(DISTINCT name) AS namesakes
        FROM (
            SELECT player_lookup, ANY_VALUE(player_full_name) AS name,
                COUNT(DISTINCT player_full_name) AS names,
                COUNT(DISTINCT universal_player_id) AS ids
            FROM ({ROWS}) GROUP BY player_lookup
        )""",
    )
    assert min(found["accents"], found["apostrophes"], found["suffixes"]) > 10
    assert (found["odd"], found["torn"], found["namesakes"]) == (0, 0, 0)


def test_a_player_with_a_suffix_is_named_after_another(untidy_warehouse: TestWarehouse) -> None:
    lookups = f"SELECT DISTINCT player_lookup AS name FROM ({ROWS})"
    rows = untidy_warehouse.rows(f"""
        SELECT young.name FROM ({lookups}) AS young
        INNER JOIN ({lookups}) AS old
            ON young.name IN (CONCAT(old.name, 'jr'), CONCAT(old.name, 'ii'),
                CONCAT(old.name, 'iii'))""")
    assert len(rows) > 10


def test_players_are_traded_within_a_season_but_play_for_one_team_a_date(
    untidy_warehouse: TestWarehouse,
) -> None:
    rows = untidy_warehouse.rows(f"""
        SELECT season_year, COUNT(*) AS n FROM (
            SELECT season_year, player_lookup FROM ({ON_THE_FLOOR})
            GROUP BY season_year, player_lookup HAVING COUNT(DISTINCT team_abbr) > 1)
        GROUP BY season_year""")
    assert {row["season_year"] for row in rows} == {2021, 2022, 2023, 2024, 2025}
    for table in (PLAYERS, CONTEXT):
        found = untidy_warehouse.rows(f"""
            SELECT game_date, player_lookup FROM {table} WHERE {EVER}
            GROUP BY game_date, player_lookup HAVING COUNT(*) > 1""")
        assert found == []


# ── Contexts ──────────────────────────────────────────────────────────────────


def test_contexts_have_32_to_36_rows_a_game_and_more_on_certain_dates(
    untidy_warehouse: TestWarehouse,
) -> None:
    rows = untidy_warehouse.rows(
        f"SELECT game_date, COUNT(*) AS n FROM {CONTEXT} WHERE {EVER} GROUP BY game_date, game_id"
    )
    dates = {first: 0 for first, _ in WIDE}
    for row in rows:
        least, most = 32, 36
        for (first, last), limits in WIDE.items():
            if first <= row["game_date"] <= last:
                least, most = limits
                dates[first] += 1
        assert least <= row["n"] <= most, row
    assert all(dates.values())


def test_whoever_plays_and_whoever_is_due_factors_is_in_the_context(
    untidy_warehouse: TestWarehouse,
) -> None:
    context = f"SELECT game_id, player_lookup FROM {CONTEXT} WHERE {EVER}"
    played = f"SELECT game_id, player_lookup FROM ({ON_THE_FLOOR}) WHERE game_date >= '2024-10-01'"
    factors = f"SELECT game_id, player_lookup FROM {FACTORS} WHERE {EVER}"
    assert untidy_warehouse.rows(f"{played} EXCEPT DISTINCT {context}") == []
    assert untidy_warehouse.rows(f"{factors} EXCEPT DISTINCT {context}") == []


@pytest.mark.parametrize("table", [CONTEXT, TEAM_CONTEXT])
def test_contexts_are_written_before_the_games_and_again_after_them(
    untidy_warehouse: TestWarehouse, table: str
) -> None:
    found = one(
        untidy_warehouse,
        f"""SELECT
            COUNTIF(created_at >= TIMESTAMP(DATE_ADD(game_date, INTERVAL 1 DAY))) AS too_late,
            COUNTIF(processed_at < TIMESTAMP(DATE_ADD(game_date, INTERVAL 1 DAY))) AS once,
            COUNT(DISTINCT IF(processed_at > TIMESTAMP(DATE_ADD(game_date, INTERVAL 3 DAY)),
                game_date, NULL)) / COUNT(DISTINCT game_date) AS weeks_later,
            MAX(DATE(processed_at)) AS last
        FROM {table} WHERE {EVER}""",
    )
    assert (found["too_late"], found["once"]) == (0, 0)
    assert found["weeks_later"] == pytest.approx(1 / 8, abs=0.05)
    assert found["last"] == date(2026, 1, 3)


def test_a_few_dates_of_the_team_tables_were_run_again(untidy_warehouse: TestWarehouse) -> None:
    again = f"""
        SELECT COUNT(DISTINCT IF(processed_at > created_at, game_date, NULL))
            / COUNT(DISTINCT game_date)
        FROM {OFFENSE} WHERE {EVER}"""
    assert untidy_warehouse.value(again) == pytest.approx(1 / 30, abs=0.02)


# ── Schedule ──────────────────────────────────────────────────────────────────


def listed(where: str) -> str:
    return f"SELECT * FROM {SCHEDULE} WHERE {EVER} AND {where}"


def test_a_game_that_was_put_off_stays_on_its_old_date_with_status_9(
    untidy_warehouse: TestWarehouse,
) -> None:
    rows = untidy_warehouse.rows(f"""
        SELECT old.season, DATE_DIFF(new.game_date, old.game_date, DAY) AS days,
            old.home_team_score IS NULL AND old.away_team_score IS NULL
                AND old.winning_team_tricode IS NULL AS scoreless,
            old.home_team_tricode = new.home_team_tricode
                AND old.away_team_tricode = new.away_team_tricode AS same,
            new.game_status AS status
        FROM ({listed("game_status = 9")}) AS old
        INNER JOIN ({listed("game_status != 9")}) AS new USING (game_id)""")
    assert len(rows) == untidy_warehouse.value(
        f"SELECT COUNT(*) FROM ({listed('game_status = 9')})"
    )
    seasons = [row["season"] for row in rows]
    assert {season: seasons.count(season) for season in seasons} == {
        f"{year}-{year % 100 + 1}": 4 for year in range(2021, 2026)
    }
    for row in rows:
        assert 14 <= row["days"] <= 60
        assert (row["scoreless"], row["same"], row["status"]) == (True, True, 3)


def test_games_that_a_series_did_not_need_stay_with_status_1(
    untidy_warehouse: TestWarehouse,
) -> None:
    series = "season, LEAST(home_team_tricode, away_team_tricode) AS one, " + (
        "GREATEST(home_team_tricode, away_team_tricode) AS other"
    )
    rows = untidy_warehouse.rows(f"""
        SELECT {series}, COUNT(*) AS n, COUNTIF(game_status = 1) AS due,
            MAX(IF(game_status = 3, game_date, NULL)) AS over,
            MIN(IF(game_status = 1, game_date, NULL)) AS first_due,
            COUNTIF(game_status = 1 AND home_team_score IS NOT NULL) AS scored
        FROM ({listed("STARTS_WITH(game_id, '004')")}) GROUP BY season, one, other""")
    assert len(rows) == 4 * 15
    assert sum(row["due"] for row in rows) == 4 * 15 * 7 - (87 + 84 + 82 + 84)
    for row in rows:
        assert (row["n"], row["scored"]) == (7, 0)
        assert row["due"] == 0 or row["first_due"] > row["over"]
    assert untidy_warehouse.value(f"SELECT COUNT(*) FROM ({listed('game_status = 1')})") == sum(
        row["due"] for row in rows
    )


def test_preseason_and_cup_finals_have_scores_and_no_rows_anywhere_else(
    untidy_warehouse: TestWarehouse,
) -> None:
    rows = untidy_warehouse.rows(f"""
        SELECT SUBSTR(game_id, 1, 3) AS kind, season, COUNT(*) AS n, MIN(game_date) AS first,
            MAX(game_date) AS last, COUNTIF(game_status = 3 AND
                winning_team_tricode = IF(home_team_score > away_team_score, home_team_tricode,
                    away_team_tricode) AND home_team_score != away_team_score) AS over,
            COUNTIF(is_regular_season OR is_playoffs OR is_all_star) AS wrong
        FROM ({listed("SUBSTR(game_id, 1, 3) IN ('001', '006')")}) GROUP BY kind, season""")
    preseason = {row["season"]: row for row in rows if row["kind"] == "001"}
    finals = {row["season"]: row["first"] for row in rows if row["kind"] == "006"}
    assert len(preseason) == 5
    assert all(40 <= row["n"] <= 90 and row["last"].day < 20 for row in preseason.values())
    assert finals == {
        "2023-24": date(2023, 12, 9),
        "2024-25": date(2024, 12, 17),
        "2025-26": date(2025, 12, 16),
    }
    assert all(row["over"] == row["n"] and row["wrong"] == 0 for row in rows)
    ids = listed("SUBSTR(game_id, 1, 3) IN ('001', '006')")
    found = untidy_warehouse.rows(f"""
        SELECT nba_game_id FROM {OFFENSE} WHERE {EVER}
            AND nba_game_id IN (SELECT game_id FROM ({ids}))""")
    assert found == []


def test_two_games_of_a_season_are_on_neutral_ground_and_the_scores_are_the_teams(
    untidy_warehouse: TestWarehouse,
) -> None:
    rows = untidy_warehouse.rows(f"""
        SELECT season, COUNT(*) AS n FROM ({listed("neutral_site_flag")})
        WHERE STARTS_WITH(game_id, '002') GROUP BY season""")
    assert {row["season"]: row["n"] for row in rows} == {
        **{f"{year}-{year % 100 + 1}": 2 for year in range(2021, 2025)},
        "2025-26": 1,
    }
    found = untidy_warehouse.value(f"""
        SELECT COUNT(*)
        FROM ({listed("game_status = 3")}) AS s
        INNER JOIN {OFFENSE} AS home ON home.nba_game_id = s.game_id AND home.home_game
        INNER JOIN {OFFENSE} AS away ON away.nba_game_id = s.game_id AND NOT away.home_game
        WHERE home.{EVER} AND away.{EVER}
            AND home.points_scored = s.home_team_score AND away.points_scored = s.away_team_score
            AND s.winning_team_tricode = IF(home.win_flag, home.team_abbr, away.team_abbr)""")
    assert found == 5793


# ── Phase 4 ───────────────────────────────────────────────────────────────────


def by_date(warehouse: TestWarehouse, table: str, column: str) -> dict[date, int]:
    """Rows of each date of 2025-26 with rows."""
    rows = warehouse.rows(f"""
        SELECT {column} AS day, COUNT(*) AS n FROM {table}
        WHERE {column} >= '2025-10-01' GROUP BY day""")
    return {row["day"]: row["n"] for row in rows}


def test_the_daily_cache_has_a_few_rows_on_the_last_days_of_the_bootstrap(
    untidy_warehouse: TestWarehouse,
) -> None:
    found = by_date(untidy_warehouse, CACHE, "cache_date")
    early = {day: n for day, n in found.items() if day < date(2025, 11, 4)}
    assert early == {date(2025, 11, 1): 9, date(2025, 11, 2): 13, date(2025, 11, 3): 16}


def test_the_daily_cache_has_25_rows_a_game_of_players_with_three_games(
    untidy_warehouse: TestWarehouse,
) -> None:
    rows = sum(by_date(untidy_warehouse, CACHE, "cache_date").values())
    games = untidy_warehouse.value(
        f"SELECT COUNT(DISTINCT game_id) FROM {CONTEXT} WHERE game_date >= '2025-11-04'"
    )
    assert rows / games == pytest.approx(25.5, rel=0.03)
    fewest = untidy_warehouse.value(
        f"SELECT MIN(games_played_season) FROM {CACHE} WHERE cache_date >= '2025-10-01'"
    )
    assert fewest == 3


def test_shot_zones_of_players_begin_with_those_who_played_most(
    untidy_warehouse: TestWarehouse,
) -> None:
    found = by_date(untidy_warehouse, PLAYER_ZONES, "analysis_date")
    first = [found[date(2025, 11, day)] for day in (4, 5, 6)]
    assert first == [19, 14, 14]
    assert found[date(2025, 11, 16)] == pytest.approx(280, rel=0.05)
    games = one(
        untidy_warehouse,
        f"""SELECT MIN(actual_games_count) AS least, COUNTIF(NOT early_season_flag) AS grown
        FROM {PLAYER_ZONES} WHERE analysis_date BETWEEN '2025-11-04' AND '2025-11-06'""",
    )
    assert games["least"] >= 7
    assert games["grown"] == 0


def test_a_players_row_without_zones_does_not_say_that_it_is_ready(
    untidy_warehouse: TestWarehouse,
) -> None:
    found = one(
        untidy_warehouse,
        f"""SELECT
            COUNTIF(paint_rate_last_10 IS NULL) AS empty,
            COUNTIF(is_production_ready = (paint_rate_last_10 IS NOT NULL)) AS good,
            COUNT(*) AS n
        FROM {PLAYER_ZONES} WHERE TRUE""",
    )
    assert found["good"] == found["n"]
    assert found["empty"] > 0


def test_team_zones_come_with_five_games_that_have_zones_and_all_thirty_by_late_november(
    untidy_warehouse: TestWarehouse,
) -> None:
    found = by_date(untidy_warehouse, TEAM_ZONES, "analysis_date")
    early = [n for day, n in sorted(found.items()) if day <= date(2025, 11, 23)]
    assert early == sorted(early)
    assert early[0] < 15
    assert {n for day, n in found.items() if day > date(2025, 11, 23)} == {30}


# ── Sums that hold ────────────────────────────────────────────────────────────


def test_points_minutes_and_team_sums_hold_in_every_game(untidy_warehouse: TestWarehouse) -> None:
    found = one(
        untidy_warehouse,
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


def test_what_a_team_allows_is_what_the_other_did(untidy_warehouse: TestWarehouse) -> None:
    found = untidy_warehouse.value(f"""
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
    untidy_warehouse: TestWarehouse,
) -> None:
    found = one(
        untidy_warehouse,
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


def test_contexts_follow_from_the_players_games_before(untidy_warehouse: TestWarehouse) -> None:
    found = one(
        untidy_warehouse,
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
    untidy_warehouse: TestWarehouse,
) -> None:
    found = one(
        untidy_warehouse,
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
    untidy_warehouse: TestWarehouse,
) -> None:
    found = one(
        untidy_warehouse,
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
    untidy_warehouse: TestWarehouse,
) -> None:
    found = one(
        untidy_warehouse,
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
    untidy_warehouse: TestWarehouse,
) -> None:
    found = one(
        untidy_warehouse,
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
