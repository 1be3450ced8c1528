"""A season without a first date in gates.toml has that of the schedule; the record says so."""

import pytest
from harness import GatesProject, TestWarehouse

SCHEDULE = "nba_raw.nbac_schedule"
KNOWN = "2024-10-22, 2025-10-21]"
NEW_SEASON = "SUBSTR(game_id, 1, 3) = '002' AND game_date BETWEEN '2025-10-01' AND '2025-10-31'"


@pytest.fixture
def without_2025(project: GatesProject) -> GatesProject:
    project.edit("gates.toml", KNOWN, "2024-10-22]")
    return project


@pytest.mark.parametrize("workers", ["0", "2"], ids=["-n0", "-n2"])
def test_it_is_the_schedules_first_regular_game(workers: str, without_2025: GatesProject) -> None:
    run = without_2025.run("-n", workers, stage="preflight")
    assert run.others_than_pass() == {}, run.output
    (season,) = (run.record or {})["seasons"]
    assert season == {"season": 2025, "first_date": "2025-10-21", "source": SCHEDULE}


def test_a_season_that_is_configured_is_not_looked_up(project: GatesProject) -> None:
    run = project.run(stage="preflight")
    assert run.record is not None
    assert "seasons" not in run.record


def test_a_schedule_without_its_first_weeks_says_nothing_of_it(
    without_2025: GatesProject, warehouse: TestWarehouse
) -> None:
    with warehouse.fault(f"DELETE FROM {SCHEDULE} WHERE {NEW_SEASON}"):
        run = without_2025.run(stage="preflight")
    assert run.status == 1
    coverage = run.details["preflight.phase3_coverage.team_offense_game_summary"]
    assert "reaches season 2025, whose first game date is not configured" in coverage
    assert run.statuses["preflight.full_schedule.long_gaps"] == "fail"


def test_before_november_nothing_need_have_been_played(
    without_2025: GatesProject, warehouse: TestWarehouse
) -> None:
    window = ("--window", "2024-10-22..2025-10-05")
    with warehouse.fault(f"DELETE FROM {SCHEDULE} WHERE game_date > '2025-07-01'"):
        run = without_2025.run(*window, "-k", "coverage", stage="preflight")
    (season,) = (run.record or {})["seasons"]
    assert season["source"] == "not in the schedule yet"
    assert run.statuses["preflight.phase3_coverage.team_offense_game_summary"] == "pass"


def test_the_rows_behind_a_gate_the_plan_and_the_cost_know_it_too(
    without_2025: GatesProject,
) -> None:
    gate = "phase4.player_composite_factors.bootstrap_rows"
    for words in (("gates", "diagnose", gate), ("gates", "cost"), ("backfill", "plan")):
        done = without_2025.python("-m", *words)
        assert "is not configured" not in done.stdout + done.stderr
    planned = done.stdout
    without_2025.edit("gates.toml", "2024-10-22]", KNOWN)
    assert without_2025.python("-m", "backfill", "plan").stdout == planned


def test_a_dates_file_leaves_its_bootstrap_dates_out(
    without_2025: GatesProject, warehouse: TestWarehouse
) -> None:
    table = "nba_analytics.upcoming_player_game_context"
    gone = ("2025-10-25", "2025-11-20")
    with warehouse.fault(f"DELETE FROM {table} WHERE game_date IN {gone}"):
        gate = "preflight.phase3_coverage.upcoming_player_game_context"
        done = without_2025.python("-m", "gates", "diagnose", "--format", "dates", gate)
    assert done.returncode == 0, done.stderr
    file = without_2025.folder / f"reports/diagnose/{gate}.csv"
    assert file.read_text(encoding="utf-8").splitlines() == ["date", "2025-11-20"]
    assert "1 left out as bootstrap" in done.stdout
