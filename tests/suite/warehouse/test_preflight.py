"""Pre-flight: what each Phase 3 table holds of the games that the schedule asks for."""

import pytest
from harness import GatesProject, GatesRun, TestWarehouse, counts_alone, lines_with

SCHEDULE = "nba_raw.nbac_schedule"
TABLES = [
    "player_game_summary",
    "team_defense_game_summary",
    "team_offense_game_summary",
    "upcoming_player_game_context",
    "upcoming_team_game_context",
]
ELIGIBLE = 1_621
# 95% of 1,621 is 1,539.95, and games are whole.
SPARE = ELIGIBLE - 1_540
LATE = "game_date BETWEEN '2024-11-05' AND '2025-06-30'"


@pytest.fixture
def project(project: GatesProject) -> GatesProject:
    return counts_alone(project)


UNFINISHED = "preflight.schedule.unfinished_games"


def preflight(project: GatesProject) -> GatesRun:
    return project.run(stage="preflight")


def gate(table: str) -> str:
    return f"preflight.phase3_coverage.{table}"


def integrity(measure: str, table: str) -> str:
    return f"preflight.phase3_tables.{measure}[{table}]"


# What is not final should have no rows yet.
NOT_FINAL = dict.fromkeys(
    (
        *(UNFINISHED, "preflight.full_schedule.short_seasons"),
        *(integrity("unscheduled_games", table) for table in TABLES),
    ),
    "fail",
)


def without_games(table: str, n: int) -> str:
    """The first n eligible games of a season are gone from a table."""
    games = f"SELECT DISTINCT game_id FROM nba_analytics.{table} WHERE {LATE} ORDER BY 1 LIMIT {n}"
    return f"DELETE FROM nba_analytics.{table} WHERE game_id IN ({games})"


def test_every_table_holds_every_game(project: GatesProject) -> None:
    run = preflight(project)
    assert (run.status, run.decision, run.others_than_pass()) == (0, "GO", {})
    assert run.record is not None
    counts = {(g["numerator"], g["denominator"]) for g in run.record["gates"]}
    assert counts == {(0, None), (ELIGIBLE, ELIGIBLE)}
    assert len(run.record["queries"]) == 2 + 2 * len(TABLES)
    assert list(run.record["windows"]) == ["preflight"]


@pytest.mark.parametrize("table", TABLES)
def test_both_sides_of_the_threshold(
    table: str, project: GatesProject, warehouse: TestWarehouse
) -> None:
    with warehouse.fault(without_games(table, SPARE)):
        last_pass = preflight(project)
    with warehouse.fault(without_games(table, SPARE + 1)):
        first_fail = preflight(project)
    assert last_pass.runbook_others_than_pass() == {}
    assert first_fail.runbook_others_than_pass() == {gate(table): "fail"}
    assert (first_fail.decision, first_fail.status) == ("NO-GO", 1)
    for run, games in ((last_pass, SPARE), (first_fail, SPARE + 1)):
        assert f"measured {games} games" in run.details[integrity("missing_games", table)]
    assert "(1,539 of 1,621 games)" in first_fail.details[gate(table)]
    assert lines_with(first_fail.output, [f"| {table} ", "1,539", "94.941%", "82"])


def test_what_is_missing_is_named(project: GatesProject, warehouse: TestWarehouse) -> None:
    table = TABLES[0]
    three_months = "game_date BETWEEN '2024-11-05' AND '2025-01-31'"
    games = warehouse.value(f"SELECT COUNT(*) FROM {SCHEDULE} WHERE {three_months}")
    dates = warehouse.value(
        f"SELECT COUNT(DISTINCT game_date) FROM {SCHEDULE} WHERE {three_months}"
    )
    with warehouse.fault(f"DELETE FROM nba_analytics.{table} WHERE {three_months}"):
        detail = preflight(project).details[gate(table)]
    listed_dates, listed_games = detail.split("; missing ")[1:]
    assert listed_dates.startswith("dates: 2024-11-0")
    assert listed_dates.endswith(f" and {dates - 10:,} more")
    assert listed_games.startswith("games: 202411")
    assert listed_games.endswith(f" and {games - 10:,} more")
    assert (listed_dates.count(","), listed_games.split(" and ")[0].count(",")) == (9, 9)


def test_a_game_under_another_id_is_missing(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    # Home and away reversed: as many games as ever, and half of the joins broken.
    reversed_ids = (
        f"UPDATE nba_analytics.{TABLES[2]} SET game_id = CONCAT(SUBSTR(game_id, 1, 9), "
        f"SUBSTR(game_id, 14, 3), '_', SUBSTR(game_id, 10, 3)) WHERE {LATE}"
    )
    with warehouse.fault(reversed_ids):
        run = preflight(project)
    assert run.runbook_others_than_pass() == {gate(TABLES[2]): "fail"}
    for measure in ("missing_games", "unscheduled_games"):
        assert run.statuses[integrity(measure, TABLES[2])] == "fail"


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (f"DELETE FROM {SCHEDULE} WHERE TRUE", "has no rows from 2024-10-01 to 2026-01-02"),
        (f"DROP TABLE {SCHEDULE}", "nbac_schedule was not found"),
        (
            f"CREATE OR REPLACE TABLE {SCHEDULE} AS SELECT * EXCEPT (game_status) FROM {SCHEDULE}",
            "column game_status is not in",
        ),
    ],
    ids=["empty", "not there", "a column is missing"],
)
def test_without_the_schedule_nothing_is_evaluated(
    fault: str, why: str, project: GatesProject, warehouse: TestWarehouse
) -> None:
    with warehouse.fault(fault):
        run = preflight(project)
    assert set(run.statuses.values()) == {"not_evaluated"}
    assert {UNFINISHED, *map(gate, TABLES)} < set(run.statuses)
    assert (run.decision, run.status) == ("NO-GO", 6)
    assert all(why in detail for detail in run.details.values()), run.details


def test_a_schedule_that_is_behind_hides_no_gap(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    behind = f"UPDATE {SCHEDULE} SET game_status = 1 WHERE {LATE} AND game_date != '2025-01-15'"
    with warehouse.fault(behind):
        run = preflight(project)
    assert run.others_than_pass() == NOT_FINAL | {"preflight.full_schedule.long_gaps": "fail"}
    assert (run.decision, run.status) == ("NO-GO", 1)


@pytest.mark.parametrize(("status", "outcome"), [("3", {}), ("2", NOT_FINAL)])
def test_one_game_that_is_not_final(
    status: str, outcome: dict[str, str], project: GatesProject, warehouse: TestWarehouse
) -> None:
    one = f"game_id = (SELECT MAX(game_id) FROM {SCHEDULE} WHERE {LATE} AND game_id LIKE '002%')"
    with warehouse.fault(f"UPDATE {SCHEDULE} SET game_status = {status} WHERE {one} AND {LATE}"):
        assert preflight(project).others_than_pass() == outcome


def test_an_empty_table_holds_none_of_the_games(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    with warehouse.fault(f"DELETE FROM nba_analytics.{TABLES[1]} WHERE TRUE"):
        run = preflight(project)
    holes = (
        gate(TABLES[1]),
        *(integrity(name, TABLES[1]) for name in ("missing_games", "longest_gap")),
    )
    assert run.others_than_pass() == dict.fromkeys(holes, "fail")
    assert "(0 of 1,621 games)" in run.details[gate(TABLES[1])]


def test_all_star_and_bootstrap_games_are_not_asked_for(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    table = f"nba_analytics.{TABLES[0]}"
    early = "game_date BETWEEN '2024-10-22' AND '2024-11-04'"
    assert warehouse.value(f"SELECT COUNT(*) FROM {SCHEDULE} WHERE game_id LIKE '003%'") > 0
    with warehouse.fault(f"DELETE FROM {table} WHERE {early}"):
        run = preflight(project)
    assert run.runbook_others_than_pass() == {}
    missing = warehouse.value(f"SELECT COUNT(*) FROM {SCHEDULE} WHERE {early}")
    assert f"measured {missing} games" in run.details[integrity("missing_games", TABLES[0])]


def test_a_stage_decides_over_its_own_gates_alone(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    with warehouse.fault(without_games(TABLES[3], ELIGIBLE)):
        assert preflight(project).decision == "NO-GO"
        assert project.run().decision == "GO"


def test_a_season_without_a_start_is_not_evaluated(project: GatesProject) -> None:
    run = project.run("--window", "preflight=2024-10-01..2026-11-15", stage="preflight")
    measures = ("days_short", "long_gaps", "short_seasons", "days_stale")
    stopped = [f"preflight.full_schedule.{name}" for name in measures]
    assert run.others_than_pass() == {
        **{gate(table): "not_evaluated" for table in TABLES},
        **dict.fromkeys(stopped, "fail"),
    }
    assert "reaches season 2026, whose first game date is not configured" in run.output
