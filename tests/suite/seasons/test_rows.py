"""Which rows the embedded warehouse holds: games of the schedule, teams, players."""

import pytest
from harness import TestWarehouse

TEAM_OFFENSE = "nba_analytics.team_offense_game_summary"
TEAM_DEFENSE = "nba_analytics.team_defense_game_summary"
PLAYERS = "nba_analytics.player_game_summary"
PLAYER_CONTEXT = "nba_analytics.upcoming_player_game_context"
TEAM_CONTEXT = "nba_analytics.upcoming_team_game_context"
FIRST_DATE = {
    TEAM_OFFENSE: "2021-10-19",
    TEAM_DEFENSE: "2021-10-19",
    PLAYERS: "2021-10-19",
    PLAYER_CONTEXT: "2024-10-01",
    TEAM_CONTEXT: "2024-10-01",
}
TEAM_COLUMN = {
    TEAM_OFFENSE: "team_abbr",
    TEAM_DEFENSE: "defending_team_abbr",
    TEAM_CONTEXT: "team_abbr",
}
KEYS = {
    "nba_raw.nbac_schedule": "game_id",
    TEAM_OFFENSE: "game_id, team_abbr",
    TEAM_DEFENSE: "game_id, defending_team_abbr",
    PLAYERS: "game_id, player_lookup",
    PLAYER_CONTEXT: "game_id, player_lookup",
    TEAM_CONTEXT: "game_id, team_abbr",
    "nba_precompute.player_composite_factors": "game_id, player_lookup",
    "nba_precompute.player_shot_zone_analysis": "analysis_date, player_lookup",
    "nba_precompute.team_defense_zone_analysis": "analysis_date, team_abbr",
    "nba_precompute.player_daily_cache": "cache_date, player_lookup",
    "nba_predictions.ml_feature_store_v2": "game_date, player_lookup",
}
EVER = "game_date BETWEEN '2000-01-01' AND '2100-01-01'"
GAMES = f"""
    SELECT
        game_date,
        CONCAT(
            FORMAT_DATE('%Y%m%d', game_date), '_', away_team_tricode, '_', home_team_tricode
        ) AS game_id,
        IF(away_team_score > home_team_score, away_team_tricode, home_team_tricode) AS winner,
        away_team_tricode AS away,
        home_team_tricode AS home,
        away_team_score AS away_score,
        home_team_score AS home_score
    FROM nba_raw.nbac_schedule WHERE {EVER} AND NOT STARTS_WITH(game_id, '003')"""
each_analytics_table = pytest.mark.parametrize("table", FIRST_DATE)
each_team_table = pytest.mark.parametrize("table", TEAM_COLUMN)
each_player_table = pytest.mark.parametrize("table", [PLAYERS, PLAYER_CONTEXT])


@each_analytics_table
def test_a_table_holds_every_game_of_the_schedule_and_no_other(
    warehouse: TestWarehouse, table: str
) -> None:
    held = f"SELECT DISTINCT game_date, game_id FROM {table} WHERE {EVER}"
    due = f"SELECT game_date, game_id FROM ({GAMES}) WHERE game_date >= '{FIRST_DATE[table]}'"
    missing = warehouse.rows(f"{due} EXCEPT DISTINCT {held}")
    surplus = warehouse.rows(f"{held} EXCEPT DISTINCT {due}")
    assert (missing, surplus) == ([], [])


@pytest.mark.parametrize("table", KEYS)
def test_no_two_rows_of_a_table_have_the_same_key(warehouse: TestWarehouse, table: str) -> None:
    rows = warehouse.rows(
        f"SELECT {KEYS[table]} FROM {table} WHERE TRUE GROUP BY {KEYS[table]} HAVING COUNT(*) > 1"
    )
    assert rows == []


@each_team_table
def test_each_game_has_a_row_for_either_team_and_they_say_who_was_at_home(
    warehouse: TestWarehouse, table: str
) -> None:
    team = TEAM_COLUMN[table]
    rows = warehouse.rows(f"""
        SELECT game_id FROM {table} INNER JOIN ({GAMES}) AS s USING (game_id) GROUP BY game_id
        HAVING
            COUNT(*) != 2
            OR COUNTIF({team} = s.away AND opponent_team_abbr = s.home AND NOT home_game) != 1
            OR COUNTIF({team} = s.home AND opponent_team_abbr = s.away AND home_game) != 1""")
    assert rows == []


def test_the_winner_and_the_score_are_those_of_the_schedule(warehouse: TestWarehouse) -> None:
    rows = warehouse.rows(f"""
        SELECT game_id
        FROM {TEAM_OFFENSE} AS o
        INNER JOIN ({GAMES}) AS s USING (game_id)
        INNER JOIN {TEAM_DEFENSE} AS d USING (game_id)
        WHERE
            o.team_abbr = d.defending_team_abbr
            AND (
                o.win_flag != (o.team_abbr = s.winner)
                OR o.points_scored != IF(o.team_abbr = s.home, s.home_score, s.away_score)
                OR d.points_allowed != IF(o.team_abbr = s.home, s.away_score, s.home_score)
                OR o.margin_of_victory != o.points_scored - d.points_allowed
                OR d.win_flag != o.win_flag
                OR s.home_score = s.away_score
            )""")
    assert rows == []


@each_team_table
def test_all_thirty_teams_play(warehouse: TestWarehouse, table: str) -> None:
    counted = f"SELECT COUNT(DISTINCT {TEAM_COLUMN[table]}) FROM {table} WHERE {EVER}"
    assert warehouse.value(counted) == 30


@pytest.mark.parametrize(
    ("table", "fewest", "most"), [(PLAYERS, 17, 23.6), (PLAYER_CONTEXT, 32, 36)]
)
def test_rows_per_game_stay_in_their_range(
    warehouse: TestWarehouse, table: str, fewest: float, most: float
) -> None:
    (found,) = warehouse.rows(f"""
        SELECT MIN(n) AS fewest, MAX(n) AS most
        FROM (SELECT COUNT(*) AS n FROM {table} WHERE {EVER} GROUP BY game_id)""")
    assert fewest <= found["fewest"] <= found["most"] <= most


def test_a_game_has_21_player_rows_and_a_roster_33_on_average(warehouse: TestWarehouse) -> None:
    for table, usual, off in ((PLAYERS, 21.2, 0.5), (PLAYER_CONTEXT, 33, 1)):
        average = warehouse.value(
            f"SELECT COUNT(*) / COUNT(DISTINCT game_id) FROM {table} WHERE {EVER}"
        )
        assert average == pytest.approx(usual, abs=off), table


@each_player_table
def test_a_player_plays_for_one_of_the_games_teams_and_for_one_team_on_a_date(
    warehouse: TestWarehouse, table: str
) -> None:
    rows = warehouse.rows(f"""
        SELECT player_lookup, game_date
        FROM {table} INNER JOIN ({GAMES}) AS s USING (game_id, game_date)
        GROUP BY player_lookup, game_date
        HAVING
            COUNT(DISTINCT team_abbr) != 1
            OR COUNTIF(
                NOT (team_abbr = s.home AND opponent_team_abbr = s.away)
                AND NOT (team_abbr = s.away AND opponent_team_abbr = s.home)
            ) > 0""")
    assert rows == []


def test_a_players_name_is_the_same_in_every_season_and_careers_span_several(
    warehouse: TestWarehouse,
) -> None:
    (found,) = warehouse.rows(f"""
        SELECT
            MAX(ids) AS ids,
            MAX(names) AS names,
            COUNTIF(seasons = 1) AS short,
            COUNTIF(seasons = 3) AS middling,
            COUNTIF(seasons = 5) AS long,
            COUNTIF(teams > 1) AS moved,
            COUNTIF(player_lookup != LOWER(REPLACE(name, ' ', ''))) AS odd,
            COUNT(DISTINCT id) = COUNT(*) AS one_to_one
        FROM (
            SELECT
                player_lookup,
                ANY_VALUE(player_full_name) AS name,
                ANY_VALUE(universal_player_id) AS id,
                COUNT(DISTINCT universal_player_id) AS ids,
                COUNT(DISTINCT player_full_name) AS names,
                COUNT(DISTINCT season_year) AS seasons,
                COUNT(DISTINCT team_abbr) AS teams
            FROM {PLAYERS} WHERE {EVER} GROUP BY player_lookup
        )""")
    assert (found["ids"], found["names"], found["one_to_one"]) == (1, 1, True)
    assert found["odd"] == 0
    assert min(found["short"], found["middling"], found["long"], found["moved"]) > 50


def test_whoever_played_stood_on_the_roster_of_the_context_table(warehouse: TestWarehouse) -> None:
    rows = warehouse.rows(f"""
        SELECT game_id, player_lookup, team_abbr FROM {PLAYERS}
        WHERE game_date >= '2024-10-01' AND points IS NOT NULL
        EXCEPT DISTINCT
        SELECT game_id, player_lookup, team_abbr FROM {PLAYER_CONTEXT} WHERE {EVER}""")
    assert rows == []
