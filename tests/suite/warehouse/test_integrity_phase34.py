"""Integrity gates of preflight and phase4: a fault at its edge trips its gates, and no others.

Faults of one run lie in different tables or dates, so that none hides another.
"""

from datetime import date, timedelta

import pytest
from corpus import STANDING
from harness import GatesProject, GatesRun, TestWarehouse, counts_alone

SCHEDULE = "nba_raw.nbac_schedule"
ANALYTICS, PRECOMPUTE = "nba_analytics", "nba_precompute"
PLAYERS = "player_game_summary"
DEFENSE = "team_defense_game_summary"
OFFENSE = "team_offense_game_summary"
PLAYER_CONTEXT = "upcoming_player_game_context"
TEAM_CONTEXT = "upcoming_team_game_context"
TABLES = (PLAYERS, DEFENSE, OFFENSE, PLAYER_CONTEXT, TEAM_CONTEXT)
FACTORS = f"{PRECOMPUTE}.player_composite_factors"
CACHE = f"{PRECOMPUTE}.player_daily_cache"
SHOTS = f"{PRECOMPUTE}.player_shot_zone_analysis"
ZONES = f"{PRECOMPUTE}.team_defense_zone_analysis"
INCOMPLETE = "phase4.processors.incomplete_dates"
# Dates of several games; of two the teams of one game rest on the day after.
DAY, OTHER_DAY, THIRD_DAY = "2025-01-15", "2025-03-12", "2024-12-20"


def gates(measures: dict[str, str]) -> set[str]:
    """The gates of these measures, each written out as `table: measures`."""
    return {
        f"preflight.phase3_tables.{measure}[{table}]"
        for table, named in measures.items()
        for measure in named.split()
    }


def factors(measures: str) -> set[str]:
    return {f"phase4.factors.{measure}" for measure in measures.split()}


def games(warehouse: TestWarehouse, day: str) -> list[str]:
    """The ids of a date's games, those first whose teams rest on the day after."""
    after = date.fromisoformat(day) + timedelta(days=1)
    rows = warehouse.rows(
        "SELECT game_date, away_team_tricode AS away, home_team_tricode AS home "
        f"FROM {SCHEDULE} WHERE game_date BETWEEN '{day}' AND '{after}' ORDER BY 2, 3"
    )
    busy = {team for r in rows if r["game_date"] == after for team in (r["away"], r["home"])}
    today = [row for row in rows if row["game_date"] != after]
    today.sort(key=lambda row: bool({row["away"], row["home"]} & busy))
    return [f"{day.replace('-', '')}_{row['away']}_{row['home']}" for row in today]


def delete(table: str, where: str) -> str:
    return f"DELETE FROM {table} WHERE {where}"


def again(table: str, where: str, change: str = "") -> str:
    """The first row of those once more, changed."""
    every = f"* REPLACE ({change})" if change else "*"
    return f"INSERT INTO {table} SELECT {every} FROM {table} WHERE {where} LIMIT 1"


def keep(table: str, game: str, rows: int) -> str:
    """Only so many rows of a game are left."""
    kept = (
        f"SELECT player_lookup FROM {table} WHERE game_id = '{game}' "
        f"ORDER BY player_lookup LIMIT {rows}"
    )
    return delete(table, f"game_id = '{game}' AND player_lookup NOT IN ({kept})")


def swapped(game: str) -> str:
    day, away, home = game.split("_")
    return f"{day}_{home}_{away}"


def not_passed(run: GatesRun) -> set[str]:
    """Without the standing warnings."""
    return set(run.others_than_pass()) - STANDING


def preflight(project: GatesProject) -> GatesRun:
    return project.run(stage="preflight")


@pytest.fixture
def project(project: GatesProject) -> GatesProject:
    return counts_alone(project)


@pytest.fixture
def complete(project: GatesProject, complete_warehouse: TestWarehouse) -> GatesProject:
    project.host = complete_warehouse.host
    return project


def phase4(project: GatesProject) -> GatesRun:
    run = project.run(stage="phase4")
    assert "not_evaluated" not in run.statuses.values(), run.output
    return run


def test_games_and_dates_that_are_missing(project: GatesProject, warehouse: TestWarehouse) -> None:
    (game, *_) = games(warehouse, DAY)
    early = games(warehouse, "2024-10-25")[0]
    with warehouse.fault(
        delete(f"{ANALYTICS}.{PLAYERS}", f"game_id = '{game}'"),
        # One whole date is not a gap yet, two in a row are.
        delete(f"{ANALYTICS}.{DEFENSE}", f"game_date = '{DAY}'"),
        delete(f"{ANALYTICS}.{OFFENSE}", "game_date BETWEEN '2025-01-14' AND '2025-01-15'"),
        # Bootstrap dates count here: Phase 4 reads them.
        delete(f"{ANALYTICS}.{PLAYER_CONTEXT}", f"game_id = '{early}'"),
        delete(f"{ANALYTICS}.{TEAM_CONTEXT}", f"game_id = '{game}' AND home_game"),
    ):
        run = preflight(project)
    assert not_passed(run) == gates(
        {
            PLAYERS: "missing_games partial_dates",
            DEFENSE: "missing_games",
            OFFENSE: "missing_games longest_gap",
            PLAYER_CONTEXT: "missing_games partial_dates",
            TEAM_CONTEXT: "incomplete_games",
        }
    )
    missing = run.details[f"preflight.phase3_tables.missing_games[{PLAYERS}]"]
    assert "measured 1 game," in missing
    assert f"first: {game}" in missing
    gap = run.details[f"preflight.phase3_tables.longest_gap[{OFFENSE}]"]
    assert "measured 2 dates" in gap
    assert "starting: 2025-01-14" in gap


def test_rows_that_should_not_be_there(project: GatesProject, warehouse: TestWarehouse) -> None:
    first, second, third, *_ = games(warehouse, DAY)
    # Two teams that do not play on that date: a game that was moved.
    idle = warehouse.rows(
        f"SELECT DISTINCT home_team_tricode AS team FROM {SCHEDULE} WHERE game_date "
        f"BETWEEN '2025-01-01' AND '2025-01-31' AND home_team_tricode NOT IN (SELECT team FROM "
        f"(SELECT home_team_tricode AS team FROM {SCHEDULE} WHERE game_date = '{DAY}' UNION ALL "
        f"SELECT away_team_tricode FROM {SCHEDULE} WHERE game_date = '{DAY}')) ORDER BY 1 LIMIT 2"
    )
    away, home = (row["team"] for row in idle)
    moved = f"{DAY.replace('-', '')}_{away}_{home}"
    context = f"{ANALYTICS}.{TEAM_CONTEXT}"
    with warehouse.fault(
        again(f"{ANALYTICS}.{PLAYERS}", f"game_id = '{first}'"),
        f"UPDATE {ANALYTICS}.{DEFENSE} SET game_id = '{swapped(first)}' WHERE game_id = '{first}'",
        again(f"{ANALYTICS}.{OFFENSE}", f"game_id = '{first}'"),
        again(f"{ANALYTICS}.{PLAYER_CONTEXT}", f"game_id = '{second}'", f"'{third}' AS game_id"),
        *(
            again(context, f"game_id = '{first}'", f"'{moved}' AS game_id, '{t}' AS team_abbr")
            for t in (away, home)
        ),
    ):
        run = preflight(project)
    assert not_passed(run) == gates(
        {
            PLAYERS: "duplicate_rows",
            DEFENSE: "missing_games unscheduled_games partial_dates",
            OFFENSE: "duplicate_rows incomplete_games",
            PLAYER_CONTEXT: "duplicate_dates malformed_ids",
            TEAM_CONTEXT: "unscheduled_games",
        }
    )
    assert (
        f"first: {moved}"
        in run.details[f"preflight.phase3_tables.unscheduled_games[{TEAM_CONTEXT}]"]
    )
    assert f"first: {first} " in run.details[f"preflight.phase3_tables.duplicate_rows[{PLAYERS}]"]


def as_the_all_star_game(warehouse: TestWarehouse, game: str) -> list[str]:
    """Statements that write a game's team contexts again, as those of the All-Star Game."""
    star = warehouse.rows(
        f"SELECT game_date, away_team_tricode AS away, home_team_tricode AS home FROM {SCHEDULE} "
        "WHERE game_id LIKE '003%' AND game_date > '2025-01-01' ORDER BY game_id LIMIT 1"
    )[0]
    day, away, home = star["game_date"], star["away"], star["home"]
    return [
        again(
            f"{ANALYTICS}.{TEAM_CONTEXT}",
            f"game_id = '{game}'",
            f"'{day:%Y%m%d}_{away}_{home}' AS game_id, DATE '{day}' AS game_date, "
            f"'{side}' AS team_abbr",
        )
        for side in (away, home)
    ]


def test_ids_and_rows_of_a_game(project: GatesProject, warehouse: TestWarehouse) -> None:
    first, second, third, *_ = games(warehouse, DAY)
    players, contexts = f"{ANALYTICS}.{PLAYERS}", f"{ANALYTICS}.{PLAYER_CONTEXT}"
    with warehouse.fault(
        # On the next day under the id of its own.
        f"UPDATE {players} SET game_date = DATE_ADD(game_date, INTERVAL 1 DAY) "
        f"WHERE game_id = '{first}'",
        keep(players, second, 14),
        # Eight of each team.
        keep(players, third, 20),
        f"UPDATE {ANALYTICS}.{DEFENSE} SET game_id = REPLACE(game_id, '_', '-') "
        f"WHERE game_id = '{first}'",
        f"UPDATE {ANALYTICS}.{OFFENSE} SET team_abbr = 'ZZZ' WHERE game_id = '{first}' "
        "AND home_game",
        keep(contexts, second, 19),
        keep(contexts, third, 26),
        *as_the_all_star_game(warehouse, first),
    ):
        run = preflight(project)
    assert not_passed(run) == gates(
        {
            PLAYERS: "malformed_ids partial_dates incomplete_games",
            DEFENSE: "missing_games unscheduled_games partial_dates malformed_ids",
            OFFENSE: "malformed_ids",
            PLAYER_CONTEXT: "incomplete_games",
            TEAM_CONTEXT: "unscheduled_games",
        }
    )
    for table in (PLAYERS, PLAYER_CONTEXT):
        detail = run.details[f"preflight.phase3_tables.incomplete_games[{table}]"]
        assert "measured 1 game," in detail
        assert f"first: {second}" in detail
    # Both rows of the game.
    malformed = run.details[f"preflight.phase3_tables.malformed_ids[{DEFENSE}]"]
    assert "measured 2 rows" in malformed


def test_the_cup_final_may_have_rows(project: GatesProject, warehouse: TestWarehouse) -> None:
    (game,) = warehouse.rows(f"SELECT MIN(game_id) AS id FROM {SCHEDULE} WHERE game_date = '{DAY}'")
    with warehouse.fault(
        f"UPDATE {SCHEDULE} SET game_id = '0062400001' WHERE game_id = '{game['id']}'"
    ):
        # The season has one game less for it.
        assert not_passed(preflight(project)) == {"preflight.full_schedule.short_seasons"}


def test_a_schedule_that_contradicts_itself(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    one, two, three, four = (
        f"game_id = (SELECT {pick}(game_id) FROM {SCHEDULE} WHERE game_date = '{day}')"
        for day in (DAY, OTHER_DAY)
        for pick in ("MIN", "MAX")
    )
    with warehouse.fault(
        again(SCHEDULE, one),
        again(SCHEDULE, two, "DATE '2025-07-30' AS game_date"),
        again(
            SCHEDULE,
            three,
            "'0020000001' AS game_id, home_team_tricode AS away_team_tricode, "
            "away_team_tricode AS home_team_tricode",
        ),
        f"UPDATE {SCHEDULE} SET home_team_tricode = NULL WHERE {four}",
    ):
        run = preflight(project)
    # Nobody has rows of the game on another date, with sides reversed, or without a team.
    held_against_it = "missing_games unscheduled_games partial_dates"
    assert not_passed(run) == gates(dict.fromkeys(TABLES, held_against_it)) | {
        f"preflight.schedule.{measure}"
        for measure in (
            "repeated_games",
            "conflicting_games",
            "teams_twice_a_date",
            "unnamed_teams",
        )
    }
    assert "measured 2 teams" in run.details["preflight.schedule.teams_twice_a_date"]


def test_one_game_of_phase_4_is_missing(
    complete: GatesProject, complete_warehouse: TestWarehouse
) -> None:
    (game, *_) = games(complete_warehouse, DAY)
    with complete_warehouse.fault(delete(FACTORS, f"game_id = '{game}'")):
        run = phase4(complete)
    assert not_passed(run) == {INCOMPLETE} | factors(
        "missing_games partial_dates worst_date_players"
    )
    assert f"first: {game}" in run.details["phase4.factors.missing_games"]
    assert f"game date: {DAY}" in run.details["phase4.factors.worst_date_players"]


def test_an_extra_game_does_not_pay_for_a_missing_one(
    complete: GatesProject, complete_warehouse: TestWarehouse
) -> None:
    (game, *_) = games(complete_warehouse, DAY)
    row = f"player_lookup = (SELECT MIN(player_lookup) FROM {SHOTS} WHERE analysis_date = '{DAY}'"
    shots = f"analysis_date = '{DAY}' AND {row} AND paint_rate_last_10 IS NOT NULL)"
    last = shots.replace("MIN(", "MAX(")
    zones = f"analysis_date = '{DAY}' AND team_abbr"
    with complete_warehouse.fault(
        f"UPDATE {FACTORS} SET game_id = '{swapped(game)}' WHERE game_id = '{game}'",
        again(CACHE, f"cache_date = '{DAY}'"),
        again(SHOTS, f"analysis_date = '{OTHER_DAY}'"),
        f"UPDATE {SHOTS} SET paint_rate_last_10 = paint_rate_last_10 - 2 WHERE {shots}",
        f"UPDATE {SHOTS} SET three_pt_pct_last_10 = 45 WHERE {last}",
        again(ZONES, f"{zones} = 'BOS'"),
        f"UPDATE {ZONES} SET three_pt_pct_allowed_last_15 = 36.5 WHERE {zones} = 'MIA'",
    ):
        run = phase4(complete)
    assert not_passed(run) == {INCOMPLETE} | factors(
        "missing_games unscheduled_games partial_dates worst_date_players"
    ) | {
        "phase4.player_daily_cache.duplicate_rows",
        "phase4.player_shot_zone_analysis.duplicate_rows",
        "phase4.player_shot_zone_analysis.shot_rates",
        "phase4.player_shot_zone_analysis.implausible_rows",
        "phase4.team_defense_zone_analysis.duplicate_rows",
        "phase4.team_defense_zone_analysis.implausible_rows",
    }
    assert f"first: {swapped(game)}" in run.details["phase4.factors.unscheduled_games"]


def nth(n: int, day: str = DAY) -> str:
    """The n-th row of a date."""
    key = "CONCAT(game_id, player_lookup)"
    return (
        f"game_date = '{day}' AND {key} = (SELECT {key} FROM {FACTORS} WHERE game_date = '{day}' "
        f"ORDER BY 1 LIMIT 1 OFFSET {n})"
    )


def test_one_row_of_each_fault(complete: GatesProject, complete_warehouse: TestWarehouse) -> None:
    changes = (
        "calculation_version = 'v2'",
        "fatigue_score = 101",
        "shot_zone_mismatch_score = -15.1",
        "pace_score = 8.1",
        "travel_impact_score = 0.1",
        "total_composite_adjustment = total_composite_adjustment + 0.2",
    )
    _, second, third, *_ = games(complete_warehouse, OTHER_DAY)
    with complete_warehouse.fault(
        *(f"UPDATE {FACTORS} SET {change} WHERE {nth(n)}" for n, change in enumerate(changes)),
        again(FACTORS, f"game_id = '{second}'"),
        again(FACTORS, f"game_id = '{second}'", f"'{third}' AS game_id"),
    ):
        run = phase4(complete)
    assert not_passed(run) == factors(
        "mixed_versions fatigue_band mismatch_band pace_band deferred_factors adjustment_sum "
        "duplicate_rows duplicate_dates"
    )
    for measure in ("fatigue_band", "mismatch_band", "pace_band", "deferred_factors"):
        assert "measured 1 row," in run.details[f"phase4.factors.{measure}"]
    assert "measured 1 row," in run.details["phase4.factors.duplicate_rows"]


def test_a_score_stored_as_an_adjustment_for_six_days(
    complete: GatesProject, complete_warehouse: TestWarehouse
) -> None:
    (game, *_) = games(complete_warehouse, DAY)
    with complete_warehouse.fault(
        # Without its sign it is inside every bound.
        f"UPDATE {FACTORS} SET fatigue_score = CAST((100 - fatigue_score) / 20 AS INT64) "
        "WHERE game_date BETWEEN '2025-12-10' AND '2025-12-15'",
        f"UPDATE {FACTORS} SET game_date = DATE_ADD(game_date, INTERVAL 1 DAY) "
        f"WHERE game_id = '{game}'",
        # Phase 3 was run again after Phase 4, for a player each.
        f"UPDATE {ANALYTICS}.{PLAYER_CONTEXT} SET processed_at = '2026-01-05' "
        f"WHERE {nth(0, OTHER_DAY)}",
        f"UPDATE {ANALYTICS}.{PLAYERS} SET processed_at = '2026-01-05' WHERE game_date = "
        f"'{OTHER_DAY}' AND player_lookup = (SELECT MIN(player_lookup) FROM "
        f"{ANALYTICS}.{PLAYERS} WHERE game_date = '{OTHER_DAY}' AND points > 0)",
    ):
        run = phase4(complete)
    assert not_passed(run) == {INCOMPLETE} | factors(
        "fatigue_date_mean fatigue_month_mean adjustment_sum malformed_ids partial_dates "
        "older_than_players"
    )
    assert "game date: 2025-12-1" in run.details["phase4.factors.fatigue_date_mean"]
    assert "month: 2025-12" in run.details["phase4.factors.fatigue_month_mean"]
    assert "measured 1 row," in run.details["phase4.factors.older_than_players"]


def month(change: str, of: str) -> str:
    return (
        f"UPDATE {FACTORS} SET {change} WHERE FORMAT_DATE('%Y-%m', game_date) = '{of}' "
        "AND game_date BETWEEN '2024-10-01' AND '2026-01-02'"
    )


def test_months_and_seasons_that_shift_inside_every_bound(
    complete: GatesProject, complete_warehouse: TestWarehouse
) -> None:
    with complete_warehouse.fault(
        month("fatigue_score = 100", "2025-01"),
        month("shot_zone_mismatch_score = 0", "2025-02"),
        month("shot_zone_mismatch_score = LEAST(shot_zone_mismatch_score + 5, 15)", "2025-03"),
        month("pace_score = 0", "2025-02"),
        month("pace_score = LEAST(pace_score + 4, 8)", "2025-03"),
        f"UPDATE {FACTORS} SET total_composite_adjustment = NULL, pace_score = 1.5 "
        "WHERE game_date BETWEEN '2025-11-04' AND '2026-01-02'",
    ):
        run = phase4(complete)
    nulls = "phase4.player_composite_factors.null_rate[total_composite_adjustment]"
    assert not_passed(run) == {nulls} | factors(
        "fatigue_default_share mismatch_default_share mismatch_month_mean pace_default_share "
        "pace_month_mean adjustment_sum constant_columns"
    )
    dead = run.details["phase4.factors.constant_columns"]
    assert "pace_score in season 2025, total_composite_adjustment in season 2025" in dead
    assert "month: 2025-03" in run.details["phase4.factors.pace_month_mean"]


def test_two_dates_in_a_row(complete: GatesProject, complete_warehouse: TestWarehouse) -> None:
    with complete_warehouse.fault(
        delete(FACTORS, f"game_date = '{THIRD_DAY}'"),
        delete(FACTORS, "game_date BETWEEN '2025-01-14' AND '2025-01-15'"),
    ):
        run = phase4(complete)
    assert {INCOMPLETE} | factors("missing_games worst_date_players longest_gap") <= not_passed(run)
    assert "phase4.factors.partial_dates" not in not_passed(run)
    assert "measured 2 dates" in run.details["phase4.factors.longest_gap"]
    assert "starting: 2025-01-14" in run.details["phase4.factors.longest_gap"]


@pytest.mark.parametrize("spare", [0, 1])
def test_players_of_the_worst_date(
    spare: int, complete: GatesProject, complete_warehouse: TestWarehouse
) -> None:
    players = f"FROM {ANALYTICS}.{PLAYERS} WHERE game_date = '{DAY}' AND points IS NOT NULL"
    count = int(complete_warehouse.value(f"SELECT COUNT(*) {players}"))
    gone = count - -(-95 * count // 100) + spare
    keys = f"SELECT CONCAT(game_id, player_lookup) {players} ORDER BY 1 LIMIT {gone}"
    with complete_warehouse.fault(
        delete(FACTORS, f"game_date = '{DAY}' AND CONCAT(game_id, player_lookup) IN ({keys})")
    ):
        run = phase4(complete)
    expected = {INCOMPLETE} | factors("worst_date_players") if spare else set()
    assert not_passed(run) == expected
    assert (
        f"({count - gone:,} of {count:,} players"
        in run.details["phase4.factors.worst_date_players"]
    )
