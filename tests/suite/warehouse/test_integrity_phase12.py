"""Every integrity gate of Phase 1 and 2 at its edge: a small fault, and the gates that must fail.

Faults that do not hide each other share a run; whatever else fails is an error as well.
"""

from collections.abc import Callable

import pytest
from harness import GatesProject, TestWarehouse, counts_alone

TEAMS = "nba_analytics.team_offense_game_summary"
PLAYERS = "nba_analytics.player_game_summary"
SCHEDULE = "nba_raw.nbac_schedule"
TEAM, PLAYER = "phase1.team_offense_game_summary", "phase2.player_game_summary"
TEAM_GAMES, PLAYER_GAMES = "phase1.team_offense_games", "phase2.player_games"
DAY = "2022-12-07"
LATER = "2025-01-15"

Fails = Callable[..., dict[str, str]]


@pytest.fixture
def project(project: GatesProject) -> GatesProject:
    return counts_alone(project)


@pytest.fixture
def fails(project: GatesProject, warehouse: TestWarehouse) -> Fails:
    """Damage the warehouse and run: the gates that do not pass, which are `expected`."""

    def run(faults: list[str], *expected: str) -> dict[str, str]:
        with warehouse.fault(*faults):
            found = project.run()
        others = found.others_than_pass()
        assert others == dict.fromkeys(expected, "fail")
        return found.details

    return run


def games(warehouse: TestWarehouse, day: str, table: str = PLAYERS) -> list[str]:
    asked = f"SELECT DISTINCT game_id FROM {table} WHERE game_date = '{day}' ORDER BY game_id"
    return [row["game_id"] for row in warehouse.rows(asked)]


def swapped(game: str) -> str:
    day, away, home = game.split("_")
    return f"{day}_{home}_{away}"


def copied(table: str, where: str, change: str = "") -> str:
    return f"INSERT INTO {table} SELECT * {change} FROM {table} WHERE {where}"


def test_one_missing_game_of_5793(fails: Fails, warehouse: TestWarehouse) -> None:
    game = games(warehouse, DAY, TEAMS)[0]
    said = fails(
        [f"DELETE FROM {TEAMS} WHERE game_id = '{game}'"],
        f"{TEAM_GAMES}.missing_games",
        f"{TEAM_GAMES}.partial_dates",
    )
    assert f"first: {game}" in said[f"{TEAM_GAMES}.missing_games"]
    assert f"first: {DAY}" in said[f"{TEAM_GAMES}.partial_dates"]


def test_one_missing_game_of_the_players(fails: Fails, warehouse: TestWarehouse) -> None:
    game = games(warehouse, LATER)[0]
    said = fails(
        [f"DELETE FROM {PLAYERS} WHERE game_id = '{game}'"],
        f"{PLAYER_GAMES}.missing_games",
        f"{PLAYER_GAMES}.partial_dates",
    )
    assert f"first: {game}" in said[f"{PLAYER_GAMES}.missing_games"]


def test_two_dates_in_a_row(fails: Fails, warehouse: TestWarehouse) -> None:
    days = [f"2022-12-{n:02d}" for n in (7, 8)]
    later = ["2025-01-14", "2025-01-15"]
    lost = len(games(warehouse, days[0], TEAMS)) + len(games(warehouse, days[1], TEAMS))
    said = fails(
        [
            f"DELETE FROM {TEAMS} WHERE game_date BETWEEN '{days[0]}' AND '{days[1]}'",
            f"DELETE FROM {PLAYERS} WHERE game_date BETWEEN '{later[0]}' AND '{later[1]}'",
        ],
        f"{TEAM_GAMES}.missing_games",
        f"{TEAM_GAMES}.longest_gap",
        f"{PLAYER_GAMES}.missing_games",
        f"{PLAYER_GAMES}.longest_gap",
    )
    assert f"and {lost - 10} more" in said[f"{TEAM_GAMES}.missing_games"]
    assert f"starting: {days[0]}" in said[f"{TEAM_GAMES}.longest_gap"]
    assert f"starting: {later[0]}" in said[f"{PLAYER_GAMES}.longest_gap"]


def test_one_date_without_rows_is_no_gap(fails: Fails) -> None:
    fails([f"DELETE FROM {TEAMS} WHERE game_date = '{DAY}'"], f"{TEAM_GAMES}.missing_games")


def test_games_that_the_schedule_does_not_have_as_played(
    fails: Fails, warehouse: TestWarehouse
) -> None:
    game = games(warehouse, DAY, TEAMS)[0]
    star = "'2023-02-19'"
    all_star = warehouse.rows(
        f"SELECT away_team_tricode AS away, home_team_tricode AS home FROM {SCHEDULE} "
        f"WHERE game_date = {star}"
    )[0]
    star_id = f"20230219_{all_star['away']}_{all_star['home']}"
    side = (
        f"DATE {star} AS game_date, '{star_id}' AS game_id, "
        f"IF(home_game, '{all_star['home']}', '{all_star['away']}') AS team_abbr"
    )
    _, away, home = game.split("_")
    said = fails(
        [
            copied(TEAMS, f"game_id = '{game}'", f"REPLACE ({side})"),
            f"UPDATE {SCHEDULE} SET game_status = 2 WHERE game_date = '{DAY}' "
            f"AND away_team_tricode = '{away}' AND home_team_tricode = '{home}'",
        ],
        f"{TEAM_GAMES}.unscheduled_games",
        "phase1.full_schedule.short_seasons",
    )
    assert f"first: {game}, {star_id}" in said[f"{TEAM_GAMES}.unscheduled_games"]


def test_the_final_of_the_cup_is_neither_missing_nor_unknown(
    fails: Fails, warehouse: TestWarehouse
) -> None:
    game = games(warehouse, LATER)[0]
    _, away, home = game.split("_")
    cup = (
        f"UPDATE {SCHEDULE} SET game_id = '0062400001' WHERE game_date = '{LATER}' "
        f"AND away_team_tricode = '{away}' AND home_team_tricode = '{home}'"
    )
    # The season has one game less for it.
    short = [f"{stage}.full_schedule.short_seasons" for stage in ("phase1", "phase2")]
    fails([cup], *short)
    fails([cup, f"DELETE FROM {PLAYERS} WHERE game_id = '{game}'"], *short)


def test_one_swapped_game(fails: Fails, warehouse: TestWarehouse) -> None:
    team_game, game = games(warehouse, DAY, TEAMS)[0], games(warehouse, LATER)[0]
    said = fails(
        [
            f"UPDATE {table} SET game_id = '{swapped(one)}' WHERE game_id = '{one}'"
            for table, one in ((TEAMS, team_game), (PLAYERS, game))
        ],
        *(
            f"{source}.{measure}"
            for source in (TEAM_GAMES, PLAYER_GAMES)
            for measure in ("missing_games", "unscheduled_games", "partial_dates", "swapped_games")
        ),
    )
    assert f"first: {swapped(team_game)}" in said[f"{TEAM_GAMES}.swapped_games"]
    assert f"first: {swapped(game)}" in said[f"{PLAYER_GAMES}.swapped_games"]


def test_home_and_away_of_one_game_against_the_schedule(
    fails: Fails, warehouse: TestWarehouse
) -> None:
    game = games(warehouse, DAY, TEAMS)[0]
    fails(
        [f"UPDATE {TEAMS} SET home_game = NOT home_game WHERE game_id = '{game}'"],
        f"{TEAM_GAMES}.swapped_games",
    )


def test_one_team_and_four_players(fails: Fails, warehouse: TestWarehouse) -> None:
    lost, game = games(warehouse, DAY, TEAMS)[0], games(warehouse, LATER)[0]
    team = game.split("_")[1]
    said = fails(
        [
            f"DELETE FROM {TEAMS} WHERE game_id = '{lost}' AND home_game",
            f"DELETE FROM {PLAYERS} WHERE game_id = '{game}' AND team_abbr = '{team}' "
            "AND NOT starter_flag",
            f"DELETE FROM {PLAYERS} WHERE game_id = '{game}' AND player_lookup = (SELECT "
            f"MIN(player_lookup) FROM {PLAYERS} WHERE game_id = '{game}' "
            f"AND team_abbr = '{team}')",
        ],
        f"{TEAM_GAMES}.incomplete_games",
        f"{PLAYER_GAMES}.incomplete_games",
        f"{PLAYER_GAMES}.team_points",
    )
    assert f"first: {lost}" in said[f"{TEAM_GAMES}.incomplete_games"]
    assert f"first: {game} {team}" in said[f"{PLAYER_GAMES}.team_points"]


def test_one_duplicate(fails: Fails, warehouse: TestWarehouse) -> None:
    game, team_game = games(warehouse, LATER)[0], games(warehouse, DAY, TEAMS)[0]
    who = warehouse.value(f"SELECT MIN(player_lookup) FROM {PLAYERS} WHERE game_id = '{game}'")
    said = fails(
        [
            copied(PLAYERS, f"game_id = '{game}' AND player_lookup = '{who}'"),
            copied(TEAMS, f"game_id = '{team_game}' AND home_game"),
        ],
        f"{PLAYER_GAMES}.duplicate_rows",
        f"{TEAM_GAMES}.duplicate_rows",
    )
    assert f"first: {game} {who}" in said[f"{PLAYER_GAMES}.duplicate_rows"]
    assert f"first: {team_game} {team_game[-3:]}" in said[f"{TEAM_GAMES}.duplicate_rows"]


def test_of_a_row_that_stands_there_three_times_two_are_too_many(
    fails: Fails, warehouse: TestWarehouse
) -> None:
    game, team_game = games(warehouse, LATER)[0], games(warehouse, DAY, TEAMS)[0]
    who = warehouse.value(f"SELECT MIN(player_lookup) FROM {PLAYERS} WHERE game_id = '{game}'")
    twice = "CROSS JOIN UNNEST([1, 2])"
    said = fails(
        [
            f"INSERT INTO {PLAYERS} SELECT rows_of.* FROM {PLAYERS} AS rows_of {twice} "
            f"WHERE game_id = '{game}' AND player_lookup = '{who}'",
            f"INSERT INTO {TEAMS} SELECT rows_of.* FROM {TEAMS} AS rows_of {twice} "
            f"WHERE game_id = '{team_game}' AND home_game",
        ],
        f"{PLAYER_GAMES}.duplicate_rows",
        f"{TEAM_GAMES}.duplicate_rows",
    )
    for source in (PLAYER_GAMES, TEAM_GAMES):
        assert "measured 2 rows" in said[f"{source}.duplicate_rows"]


def test_one_player_in_two_games_of_a_date(fails: Fails, warehouse: TestWarehouse) -> None:
    one, two = games(warehouse, LATER)[:2]
    who = warehouse.value(
        f"SELECT MIN(player_lookup) FROM {PLAYERS} WHERE game_id = '{one}' AND points IS NULL"
    ) or warehouse.value(
        f"SELECT MIN(player_lookup) FROM {PLAYERS} WHERE game_id = '{one}' AND points = 0"
    )
    moved = f"REPLACE ('{two}' AS game_id, '{two[-3:]}' AS team_abbr, 0 AS points)"
    fails(
        [
            copied(PLAYERS, f"game_id = '{one}' AND player_lookup = '{who}'", moved),
            f"UPDATE {PLAYERS} SET fg_makes = 0, three_pt_makes = 0, ft_makes = 0 "
            f"WHERE game_id = '{two}' AND player_lookup = '{who}'",
        ],
        f"{PLAYER_GAMES}.duplicate_dates",
    )


def test_a_team_in_two_games_of_a_date(fails: Fails, warehouse: TestWarehouse) -> None:
    game = games(warehouse, DAY, TEAMS)[0]
    again = f"REPLACE ('{swapped(game)}' AS game_id, NOT home_game AS home_game)"
    said = fails(
        [copied(TEAMS, f"game_id = '{game}'", again)],
        f"{TEAM_GAMES}.duplicate_dates",
        f"{TEAM_GAMES}.unscheduled_games",
        f"{TEAM_GAMES}.swapped_games",
    )
    assert f"first: {DAY} " in said[f"{TEAM_GAMES}.duplicate_dates"]


@pytest.mark.parametrize(
    "change",
    [
        "win_flag = TRUE",
        "win_flag = NOT win_flag",
        "home_game = TRUE",
    ],
)
def test_one_one_sided_game(change: str, fails: Fails, warehouse: TestWarehouse) -> None:
    game = games(warehouse, DAY, TEAMS)[0]
    said = fails(
        [f"UPDATE {TEAMS} SET {change} WHERE game_id = '{game}'"], f"{TEAM_GAMES}.one_sided_games"
    )
    assert f"first: {game}" in said[f"{TEAM_GAMES}.one_sided_games"]


def test_ids_that_are_not_of_their_row(fails: Fails, warehouse: TestWarehouse) -> None:
    team_game = games(warehouse, DAY, TEAMS)[0]
    game = games(warehouse, LATER)[0]
    who = warehouse.value(
        f"SELECT MIN(player_lookup) FROM {PLAYERS} WHERE game_id = '{game}' AND points IS NULL"
    ) or warehouse.value(
        f"SELECT MIN(player_lookup) FROM {PLAYERS} WHERE game_id = '{game}' AND points = 0"
    )
    said = fails(
        [
            f"UPDATE {TEAMS} SET game_id = LOWER(game_id) WHERE game_id = '{team_game}'",
            f"UPDATE {PLAYERS} SET game_date = '2025-01-16' WHERE game_id = '{game}' "
            f"AND player_lookup = '{who}'",
        ],
        f"{TEAM}.malformed_ids",
        f"{TEAM_GAMES}.missing_games",
        f"{TEAM_GAMES}.unscheduled_games",
        f"{TEAM_GAMES}.partial_dates",
        f"{PLAYER}.malformed_ids",
    )
    assert f"first: {team_game.lower()}" in said[f"{TEAM}.malformed_ids"]
    assert f"first: {game} {who}" in said[f"{PLAYER}.malformed_ids"]


def test_figures_of_one_row(fails: Fails, warehouse: TestWarehouse) -> None:
    played = games(warehouse, LATER)
    team_games = games(warehouse, DAY, TEAMS)

    def one(game: str) -> str:
        chosen = (
            f"SELECT MIN(player_lookup) FROM {PLAYERS} WHERE game_id = '{game}' "
            "AND minutes_played > 20 AND usage_rate IS NOT NULL"
        )
        return f"WHERE game_id = '{game}' AND player_lookup = '{warehouse.value(chosen)}'"

    said = fails(
        [
            f"UPDATE {PLAYERS} SET ft_makes = ft_makes + 1 {one(played[0])}",
            f"UPDATE {PLAYERS} SET minutes_played = 73.1 {one(played[1])}",
            f"UPDATE {PLAYERS} SET usage_rate = 75.1 {one(played[2])}",
            f"UPDATE {PLAYERS} SET quality_score = 1 {one(played[3])}",
            f"UPDATE {TEAMS} SET fg_attempts = 141 WHERE game_id = '{team_games[0]}' AND home_game",
            f"UPDATE {TEAMS} SET ft_makes = ft_makes + 1 "
            f"WHERE game_id = '{team_games[1]}' AND home_game",
            f"UPDATE {TEAMS} SET quality_score = 100.5 "
            f"WHERE game_id = '{team_games[1]}' AND home_game",
        ],
        *(f"{PLAYER}.{m}" for m in ("box_score", "minutes_range", "usage_range", "quality_scale")),
        *(f"{TEAM}.{m}" for m in ("box_score", "team_attempts", "quality_scale")),
    )
    assert f"first: {played[2]} " in said[f"{PLAYER}.usage_range"]
    assert f"first: {team_games[0]} {team_games[0][-3:]}" in said[f"{TEAM}.team_attempts"]


def test_values_at_their_edge_pass(fails: Fails, warehouse: TestWarehouse) -> None:
    row = f"game_id = '{games(warehouse, LATER)[0]}' AND starter_flag"
    fails(
        [
            f"UPDATE {PLAYERS} SET minutes_played = 73, usage_rate = 75 WHERE {row}",
            f"UPDATE {TEAMS} SET quality_score = 0, fg_attempts = 140 WHERE game_date = '{DAY}'",
        ]
    )


def test_shares_of_zeros_and_defaults(fails: Fails) -> None:
    said = fails(
        [
            f"UPDATE {PLAYERS} SET points = NULL WHERE points = 0",
            f"UPDATE {PLAYERS} SET usage_rate = usage_rate / 100 "
            "WHERE game_date BETWEEN '2025-02-01' AND '2025-03-31'",
            f"UPDATE {PLAYERS} SET minutes_played = 24 WHERE minutes_played BETWEEN 19 AND 29",
            f"UPDATE {PLAYERS} SET paint_attempts = paint_attempts + 1 "
            "WHERE game_date >= '2025-10-01'",
            f"UPDATE {TEAMS} SET turnovers = NULL WHERE game_date < '2022-03-01'",
        ],
        f"{PLAYER}.zero_points",
        f"{PLAYER}.zero_usage",
        f"{PLAYER_GAMES}.commonest_minutes",
        f"{PLAYER_GAMES}.implausible_months",
        f"{TEAM}.usage_inputs",
        f"{PLAYER}.shot_attempts",
        f"{PLAYER_GAMES}.contradictory_rows",
        f"{PLAYER_GAMES}.incomplete_games",
    )
    assert "commonest: 24" in said[f"{PLAYER_GAMES}.commonest_minutes"]
    assert (
        "first: 2025-02 usage_rate, 2025-03 usage_rate"
        in said[f"{PLAYER_GAMES}.implausible_months"]
    )


def test_a_default_usage_and_a_shift_inside_every_bound(fails: Fails) -> None:
    said = fails(
        [
            f"UPDATE {PLAYERS} SET usage_rate = 20 WHERE usage_rate BETWEEN 18 AND 22",
            f"UPDATE {TEAMS} SET pace = pace * 40 / 48 "
            "WHERE game_date BETWEEN '2023-01-01' AND '2023-01-31'",
        ],
        f"{PLAYER_GAMES}.commonest_usage",
        f"{TEAM_GAMES}.implausible_months",
    )
    assert "first: 2023-01 pace" in said[f"{TEAM_GAMES}.implausible_months"]


def test_a_dead_part_of_a_season(fails: Fails) -> None:
    # What the pooled percentages do not show: the season of 49 games.
    said = fails(
        [
            f"UPDATE {PLAYERS} SET minutes_played = NULL "
            "WHERE game_date BETWEEN '2024-05-01' AND '2024-05-20'",
            f"UPDATE {PLAYERS} SET assists = NULL WHERE game_date < '2024-07-01'",
            f"UPDATE {PLAYERS} SET turnovers = 0 WHERE game_date > '2025-10-01'",
            f"UPDATE {PLAYERS} SET paint_attempts = NULL WHERE game_date < '2024-06-01'",
            f"UPDATE {TEAMS} SET possessions = 100 WHERE game_date < '2022-07-01'",
            f"UPDATE {TEAMS} SET second_chance_points_scored = NULL",
        ],
        f"{PLAYER}.minutes_played",
        f"{PLAYER_GAMES}.worst_season_minutes",
        f"{PLAYER_GAMES}.constant_columns",
        f"{TEAM_GAMES}.constant_columns",
        f"{PLAYER_GAMES}.worst_season_shot_zones",
        f"{PLAYER_GAMES}.contradictory_rows",
    )
    assert "season: 2023-24" in said[f"{PLAYER_GAMES}.worst_season_minutes"]
    assert "first: 2023 assists, 2025 turnovers" in said[f"{PLAYER_GAMES}.constant_columns"]
    assert "first: 2021 possessions" in said[f"{TEAM_GAMES}.constant_columns"]


def test_a_drop_from_one_season_to_the_next(fails: Fails) -> None:
    fails(
        [
            f"UPDATE {PLAYERS} SET minutes_played = NULL, usage_rate = NULL "
            "WHERE game_date BETWEEN '2025-11-01' AND '2025-11-30'"
        ],
        f"{PLAYER}.minutes_played",
        f"{PLAYER}.usage_rate",
        f"{PLAYER_GAMES}.usage_given_team",
        f"{PLAYER_GAMES}.worst_season_minutes",
        f"{PLAYER_GAMES}.worst_season_usage",
        f"{PLAYER_GAMES}.season_drop_minutes",
        f"{PLAYER_GAMES}.season_drop_usage",
        f"{PLAYER_GAMES}.implausible_months",
        f"{PLAYER_GAMES}.contradictory_rows",
    )


def test_players_against_the_team_table(fails: Fails, warehouse: TestWarehouse) -> None:
    one, two = games(warehouse, LATER)[:2]
    said = fails(
        [
            f"UPDATE {TEAMS} SET processed_at = CURRENT_TIMESTAMP() "
            f"WHERE game_id = '{one}' AND home_game",
            f"UPDATE {PLAYERS} SET points = points + 3, fg_makes = fg_makes + 1, "
            f"fg_attempts = fg_attempts + 1, three_pt_makes = three_pt_makes + 1, "
            f"three_pt_attempts = three_pt_attempts + 1 WHERE game_id = '{two}' "
            f"AND team_abbr = '{two[-3:]}' AND starter_flag",
        ],
        f"{PLAYER_GAMES}.outdated_rows",
        f"{PLAYER_GAMES}.team_points",
    )
    assert f"first: {one} {one[-3:]}" in said[f"{PLAYER_GAMES}.outdated_rows"]
    assert f"first: {two} {two[-3:]}" in said[f"{PLAYER_GAMES}.team_points"]


def test_games_that_do_not_join(fails: Fails) -> None:
    lost = "game_date BETWEEN '2025-01-10' AND '2025-01-14'"
    fails(
        [f"DELETE FROM {TEAMS} WHERE {lost}"],
        f"{TEAM_GAMES}.missing_games",
        f"{TEAM_GAMES}.longest_gap",
        f"{PLAYER_GAMES}.joinable_games",
    )
