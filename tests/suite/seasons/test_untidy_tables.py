"""Contexts, schedule and Phase 4 of seasons like the platform's."""

from datetime import date

import pytest
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
    SCHEDULE,
    TEAM_CONTEXT,
    TEAM_ZONES,
    one,
)

# Dates of wide contexts: the least and the most rows of a game.
WIDE = {
    (date(2025, 11, 4), date(2025, 11, 22)): (41, 44),
    (date(2025, 12, 27), date(2025, 12, 29)): (60, 66),
    (date(2026, 1, 2), date(2026, 1, 2)): (60, 66),
}


def test_contexts_have_32_to_36_rows_a_game_and_more_on_certain_dates(
    complete_warehouse: TestWarehouse,
) -> None:
    rows = complete_warehouse.rows(
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
    complete_warehouse: TestWarehouse,
) -> None:
    context = f"SELECT game_id, player_lookup FROM {CONTEXT} WHERE {EVER}"
    played = f"SELECT game_id, player_lookup FROM ({ON_THE_FLOOR}) WHERE game_date >= '2024-10-01'"
    factors = f"SELECT game_id, player_lookup FROM {FACTORS} WHERE {EVER}"
    assert complete_warehouse.rows(f"{played} EXCEPT DISTINCT {context}") == []
    assert complete_warehouse.rows(f"{factors} EXCEPT DISTINCT {context}") == []


@pytest.mark.parametrize("table", [CONTEXT, TEAM_CONTEXT])
def test_contexts_are_written_before_the_games_and_again_after_them(
    complete_warehouse: TestWarehouse, table: str
) -> None:
    found = one(
        complete_warehouse,
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


def test_a_few_dates_of_the_team_tables_were_run_again(complete_warehouse: TestWarehouse) -> None:
    again = f"""
        SELECT COUNT(DISTINCT IF(processed_at > created_at, game_date, NULL))
            / COUNT(DISTINCT game_date)
        FROM {OFFENSE} WHERE {EVER}"""
    assert complete_warehouse.value(again) == pytest.approx(1 / 30, abs=0.02)


def listed(where: str) -> str:
    return f"SELECT * FROM {SCHEDULE} WHERE {EVER} AND {where}"


def test_a_game_that_was_put_off_stays_on_its_old_date_with_status_9(
    complete_warehouse: TestWarehouse,
) -> None:
    rows = complete_warehouse.rows(f"""
        SELECT old.season, DATE_DIFF(new.game_date, old.game_date, DAY) AS days,
            old.home_team_score IS NULL AND old.away_team_score IS NULL
                AND old.winning_team_tricode IS NULL AS scoreless,
            old.home_team_tricode = new.home_team_tricode
                AND old.away_team_tricode = new.away_team_tricode AS same,
            new.game_status AS status
        FROM ({listed("game_status = 9")}) AS old
        INNER JOIN ({listed("game_status != 9")}) AS new USING (game_id)""")
    assert len(rows) == complete_warehouse.value(
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
    complete_warehouse: TestWarehouse,
) -> None:
    series = "season, LEAST(home_team_tricode, away_team_tricode) AS one, " + (
        "GREATEST(home_team_tricode, away_team_tricode) AS other"
    )
    rows = complete_warehouse.rows(f"""
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
    assert complete_warehouse.value(f"SELECT COUNT(*) FROM ({listed('game_status = 1')})") == sum(
        row["due"] for row in rows
    )


def test_preseason_and_cup_finals_have_scores_and_no_rows_anywhere_else(
    complete_warehouse: TestWarehouse,
) -> None:
    rows = complete_warehouse.rows(f"""
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
    found = complete_warehouse.rows(f"""
        SELECT nba_game_id FROM {OFFENSE} WHERE {EVER}
            AND nba_game_id IN (SELECT game_id FROM ({ids}))""")
    assert found == []


def test_two_games_of_a_season_are_on_neutral_ground_and_the_scores_are_the_teams(
    complete_warehouse: TestWarehouse,
) -> None:
    rows = complete_warehouse.rows(f"""
        SELECT season, COUNT(*) AS n FROM ({listed("neutral_site_flag")})
        WHERE STARTS_WITH(game_id, '002') GROUP BY season""")
    assert {row["season"]: row["n"] for row in rows} == {
        **{f"{year}-{year % 100 + 1}": 2 for year in range(2021, 2025)},
        "2025-26": 1,
    }
    found = complete_warehouse.value(f"""
        SELECT COUNT(*)
        FROM ({listed("game_status = 3")}) AS s
        INNER JOIN {OFFENSE} AS home ON home.nba_game_id = s.game_id AND home.home_game
        INNER JOIN {OFFENSE} AS away ON away.nba_game_id = s.game_id AND NOT away.home_game
        WHERE home.{EVER} AND away.{EVER}
            AND home.points_scored = s.home_team_score AND away.points_scored = s.away_team_score
            AND s.winning_team_tricode = IF(home.win_flag, home.team_abbr, away.team_abbr)""")
    assert found == 5793


def by_date(warehouse: TestWarehouse, table: str, column: str) -> dict[date, int]:
    """Rows of each date of 2025-26 with rows."""
    rows = warehouse.rows(f"""
        SELECT {column} AS day, COUNT(*) AS n FROM {table}
        WHERE {column} >= '2025-10-01' GROUP BY day""")
    return {row["day"]: row["n"] for row in rows}


def test_the_daily_cache_has_a_few_rows_on_the_last_days_of_the_bootstrap(
    complete_warehouse: TestWarehouse,
) -> None:
    found = by_date(complete_warehouse, CACHE, "cache_date")
    early = {day: n for day, n in found.items() if day < date(2025, 11, 4)}
    assert early == {date(2025, 11, 1): 9, date(2025, 11, 2): 13, date(2025, 11, 3): 16}


def test_the_daily_cache_has_25_rows_a_game_of_players_with_three_games(
    complete_warehouse: TestWarehouse,
) -> None:
    rows = sum(by_date(complete_warehouse, CACHE, "cache_date").values())
    games = complete_warehouse.value(
        f"SELECT COUNT(DISTINCT game_id) FROM {CONTEXT} WHERE game_date >= '2025-11-04'"
    )
    assert rows / games == pytest.approx(25.5, rel=0.03)
    fewest = complete_warehouse.value(
        f"SELECT MIN(games_played_season) FROM {CACHE} WHERE cache_date >= '2025-10-01'"
    )
    assert fewest == 3


def test_shot_zones_of_players_begin_with_those_who_played_most(
    complete_warehouse: TestWarehouse,
) -> None:
    found = by_date(complete_warehouse, PLAYER_ZONES, "analysis_date")
    first = [found[date(2025, 11, day)] for day in (4, 5, 6)]
    assert first == [19, 14, 14]
    assert found[date(2025, 11, 16)] == pytest.approx(280, rel=0.05)
    games = one(
        complete_warehouse,
        f"""SELECT MIN(actual_games_count) AS least, COUNTIF(NOT early_season_flag) AS grown
        FROM {PLAYER_ZONES} WHERE analysis_date BETWEEN '2025-11-04' AND '2025-11-06'""",
    )
    assert games["least"] >= 7
    assert games["grown"] == 0


def test_a_players_row_without_zones_does_not_say_that_it_is_ready(
    complete_warehouse: TestWarehouse,
) -> None:
    found = one(
        complete_warehouse,
        f"""SELECT
            COUNTIF(paint_rate_last_10 IS NULL) AS empty,
            COUNTIF(is_production_ready = (paint_rate_last_10 IS NOT NULL)) AS good,
            COUNT(*) AS n
        FROM {PLAYER_ZONES} WHERE TRUE""",
    )
    assert found["good"] == found["n"]
    assert found["empty"] > 0


def test_team_zones_come_with_five_games_that_have_zones_and_all_thirty_by_late_november(
    complete_warehouse: TestWarehouse,
) -> None:
    found = by_date(complete_warehouse, TEAM_ZONES, "analysis_date")
    early = [n for day, n in sorted(found.items()) if day <= date(2025, 11, 23)]
    assert early == sorted(early)
    assert early[0] < 15
    assert {n for day, n in found.items() if day > date(2025, 11, 23)} == {30}
    games = one(
        complete_warehouse,
        f"""SELECT MIN(games) AS fewest, MIN(IF(games < 15, seen, NULL)) AS fewest_seen FROM (
            SELECT z.analysis_date, z.team_abbr, COUNT(*) AS games,
                COUNT(d.opp_paint_attempts) AS seen
            FROM {TEAM_ZONES} AS z
            INNER JOIN {DEFENSE} AS d
                ON d.defending_team_abbr = z.team_abbr AND d.game_date <= z.analysis_date
            WHERE z.analysis_date >= '2025-10-01' AND d.game_date >= '2025-10-01'
            GROUP BY z.analysis_date, z.team_abbr
        )""",
    )
    assert games["fewest"] < 10
    assert games["fewest_seen"] == 5
