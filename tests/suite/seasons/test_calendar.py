"""The league's calendar in the embedded warehouse, to the game."""

from datetime import date, timedelta

import pytest
from harness import TestWarehouse

# season: regular, play-in and playoff games, All-Star games, game dates, first and last date
SEASONS = {
    "2021-22": (1230, 6, 87, 213, date(2021, 10, 19), date(2022, 6, 16)),
    "2022-23": (1230, 6, 84, 212, date(2022, 10, 18), date(2023, 6, 12)),
    "2023-24": (1230, 6, 82, 207, date(2023, 10, 24), date(2024, 6, 17)),
    "2024-25": (1230, 6, 84, 213, date(2024, 10, 22), date(2025, 6, 22)),
    "2025-26": (512, 0, 0, 72, date(2025, 10, 21), date(2026, 1, 2)),
}
BOOTSTRAP_GAMES = {
    "2021-22": 102,
    "2022-23": 102,
    "2023-24": 103,
    "2024-25": 108,
    "2025-26": 103,
}
THANKSGIVINGS = ("2021-11-25", "2022-11-24", "2023-11-23", "2024-11-28", "2025-11-27")
# 2025-26 has 72 game dates on the 74 days up to January 2nd: Thanksgiving and December 24th are
# the other two, so that the off-year election of 2025 was a game date.
ELECTION_DAYS = ("2021-11-02", "2022-11-08", "2023-11-07", "2024-11-05")
SCHEDULE = "nba_raw.nbac_schedule"
EVER = "game_date BETWEEN '2000-01-01' AND '2100-01-01'"
LEAGUE = f"SELECT * FROM {SCHEDULE} WHERE {EVER} AND SUBSTR(game_id, 1, 3) IN ('002', '004', '005')"
IN_WINDOW = "game_date BETWEEN '2024-10-01' AND '2026-01-02'"
IN_BOOTSTRAP = " OR ".join(
    f"game_date BETWEEN '{first}' AND '{first + timedelta(days=13)}'"
    for *_, first, _ in SEASONS.values()
)


def test_the_league_played_5793_games_and_all_are_final(warehouse: TestWarehouse) -> None:
    found = warehouse.rows(f"SELECT COUNT(*) AS n, COUNTIF(game_status = 3) AS f FROM ({LEAGUE})")
    assert found == [{"n": 5793, "f": 5793}]


def test_each_season_has_its_games_its_dates_and_its_first_and_last_day(
    warehouse: TestWarehouse,
) -> None:
    rows = warehouse.rows(f"""
        SELECT
            season,
            COUNTIF(STARTS_WITH(game_id, '002')) AS regular,
            COUNTIF(STARTS_WITH(game_id, '005')) AS play_in,
            COUNTIF(STARTS_WITH(game_id, '004')) AS playoffs,
            COUNT(DISTINCT game_date) AS dates,
            MIN(game_date) AS first,
            MAX(game_date) AS last
        FROM ({LEAGUE}) GROUP BY season""")
    assert {row.pop("season"): tuple(row.values()) for row in rows} == SEASONS


def test_regular_season_play_in_and_playoffs_follow_one_another(warehouse: TestWarehouse) -> None:
    rows = warehouse.rows(f"""
        SELECT season FROM ({LEAGUE}) GROUP BY season
        HAVING
            MAX(IF(STARTS_WITH(game_id, '002'), game_date, NULL))
            >= MIN(IF(STARTS_WITH(game_id, '005'), game_date, NULL))
            OR MAX(IF(STARTS_WITH(game_id, '005'), game_date, NULL))
            >= MIN(IF(STARTS_WITH(game_id, '004'), game_date, NULL))""")
    assert rows == []


def test_the_flags_of_the_schedule_say_what_its_ids_say(warehouse: TestWarehouse) -> None:
    rows = warehouse.rows(f"""
        SELECT game_id FROM {SCHEDULE}
        WHERE {EVER} AND (
            NOT REGEXP_CONTAINS(game_id, r'^00[2-5][0-9]{{7}}$')
            OR is_regular_season != STARTS_WITH(game_id, '002')
            OR is_all_star != STARTS_WITH(game_id, '003')
            OR is_playoffs != STARTS_WITH(game_id, '004')
            OR SUBSTR(game_id, 4, 2) != SUBSTR(season, 3, 2)
        )""")
    assert rows == []


def test_each_season_has_its_bootstrap_games_on_fourteen_dates(warehouse: TestWarehouse) -> None:
    rows = warehouse.rows(f"""
        SELECT season, COUNT(*) AS games, COUNT(DISTINCT game_date) AS dates
        FROM ({LEAGUE}) WHERE {IN_BOOTSTRAP} GROUP BY season""")
    assert {row["season"]: row["games"] for row in rows} == BOOTSTRAP_GAMES
    assert {row["dates"] for row in rows} == {14}


def test_the_window_has_257_eligible_dates_of_285(warehouse: TestWarehouse) -> None:
    rows = warehouse.rows(f"""
        SELECT
            {IN_BOOTSTRAP} AS bootstrap,
            COUNT(DISTINCT game_date) AS dates,
            COUNT(*) AS games
        FROM ({LEAGUE}) WHERE {IN_WINDOW} GROUP BY bootstrap""")
    found = {row["bootstrap"]: (row["dates"], row["games"]) for row in rows}
    assert found == {True: (28, 211), False: (257, 1621)}


@pytest.mark.parametrize("off", [*THANKSGIVINGS, *ELECTION_DAYS])
def test_nobody_plays_on_thanksgiving_or_election_day(warehouse: TestWarehouse, off: str) -> None:
    rows = warehouse.rows(f"SELECT game_id FROM {SCHEDULE} WHERE game_date = '{off}'")
    assert rows == []


def test_nobody_plays_on_christmas_eve(warehouse: TestWarehouse) -> None:
    rows = warehouse.rows(f"""
        SELECT game_id FROM {SCHEDULE}
        WHERE {EVER} AND EXTRACT(MONTH FROM game_date) = 12 AND EXTRACT(DAY FROM game_date) = 24""")
    assert rows == []


def test_the_league_rests_on_an_all_star_weekend_and_the_days_after(
    warehouse: TestWarehouse,
) -> None:
    weekends = warehouse.rows(f"""
        SELECT season, MIN(game_date) AS first, MAX(game_date) AS last
        FROM {SCHEDULE} WHERE {EVER} AND STARTS_WITH(game_id, '003') GROUP BY season""")
    assert {row["season"] for row in weekends} == SEASONS.keys() - {"2025-26"}
    for weekend in weekends:
        first, last = weekend["first"], weekend["last"] + timedelta(days=3)
        games = f"SELECT game_id FROM ({LEAGUE}) WHERE game_date BETWEEN '{first}' AND '{last}'"
        assert (weekend["last"] - first).days == 2
        assert warehouse.rows(games) == []


def test_all_star_games_are_in_the_schedule_only(warehouse: TestWarehouse) -> None:
    stars = f"""
        SELECT DISTINCT game_date, away_team_tricode, home_team_tricode FROM {SCHEDULE}
        WHERE {EVER} AND STARTS_WITH(game_id, '003')"""
    assert len(warehouse.rows(stars)) >= 4
    for table in ("team_offense_game_summary", "player_game_summary"):
        rows = warehouse.rows(f"""
            SELECT game_id FROM nba_analytics.{table}
            WHERE {EVER} AND (
                game_date IN (SELECT game_date FROM ({stars}))
                OR team_abbr IN (SELECT away_team_tricode FROM ({stars}))
                OR team_abbr IN (SELECT home_team_tricode FROM ({stars}))
            )""")
        assert rows == []


def test_dates_carry_one_to_fifteen_games_a_fifth_of_them_ten_or_more(
    warehouse: TestWarehouse,
) -> None:
    (found,) = warehouse.rows(f"""
        SELECT
            MIN(games) AS fewest,
            MAX(games) AS most,
            COUNTIF(games >= 10) / COUNT(*) AS full,
            COUNTIF(games <= 4) / COUNT(*) AS thin,
            COUNTIF(games = 1 AND regular = 1) AS lonely
        FROM (
            SELECT COUNT(*) AS games, COUNTIF(STARTS_WITH(game_id, '002')) AS regular
            FROM ({LEAGUE}) GROUP BY game_date
        )""")
    assert (found["fewest"], found["most"]) == (1, 15)
    assert found["full"] == pytest.approx(1 / 5, abs=0.05)
    assert found["thin"] == pytest.approx(1 / 3, abs=0.05)
    assert found["lonely"] > 0


def test_each_team_plays_82_regular_games_of_a_complete_season_and_41_at_home(
    warehouse: TestWarehouse,
) -> None:
    rows = warehouse.rows(f"""
        SELECT season, team, COUNT(*) AS games, COUNTIF(at_home) AS home
        FROM (
            SELECT season, game_id, home_team_tricode AS team, TRUE AS at_home FROM ({LEAGUE})
            UNION ALL
            SELECT season, game_id, away_team_tricode AS team, FALSE AS at_home FROM ({LEAGUE})
        )
        WHERE STARTS_WITH(game_id, '002') AND season != '2025-26'
        GROUP BY season, team""")
    assert len(rows) == 4 * 30
    assert {(row["games"], row["home"]) for row in rows} == {(82, 41)}


def test_no_team_plays_twice_on_a_date(warehouse: TestWarehouse) -> None:
    rows = warehouse.rows(f"""
        SELECT game_date, team
        FROM ({LEAGUE}), UNNEST([home_team_tricode, away_team_tricode]) AS team
        GROUP BY game_date, team HAVING COUNT(*) > 1""")
    assert rows == []


def test_games_tip_off_in_the_first_three_hours_of_the_next_day(warehouse: TestWarehouse) -> None:
    rows = warehouse.rows(f"""
        SELECT game_id FROM {SCHEDULE}
        WHERE {EVER} AND TIMESTAMP_DIFF(game_date_est, TIMESTAMP(game_date), MINUTE)
            NOT BETWEEN 24 * 60 AND 27 * 60""")
    assert rows == []
