"""Windows that gates.toml does not have: a count is held against the schedule of their days."""

import pytest
from harness import GatesProject, TestWarehouse

TEAM = "nba_analytics.team_offense_game_summary"
COUNT = "phase1.team_offense_game_summary.game_count"
ROWS = "phase2.player_game_summary.record_count"
DAYS = "2025-10-21..2025-12-01"
WITHIN = "game_date BETWEEN '2025-10-21' AND '2025-12-01'"


def games(warehouse: TestWarehouse) -> int:
    return int(warehouse.value(f"SELECT COUNT(DISTINCT game_id) FROM {TEAM} WHERE {WITHIN}"))


def test_a_count_of_another_window_is_held_against_its_schedule(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    due = games(warehouse)
    least = -(-966 * due // 1000)
    ids = f"SELECT DISTINCT game_id FROM {TEAM} WHERE {WITHIN} ORDER BY game_id"
    for lost, status in ((due - least, "pass"), (due - least + 1, "fail")):
        with warehouse.fault(f"DELETE FROM {TEAM} WHERE game_id IN ({ids} LIMIT {lost})"):
            run = project.run("--window", DAYS, "-k", "test_game_count")
        assert run.statuses[COUNT] == status
        (entry,) = (gate for gate in (run.record or {})["gates"] if gate["id"] == COUNT)
        assert (entry["threshold"], entry["scheduled_games"]) == (least, due)
        assert entry["per_game"] == 0.966
        assert f"of the {due:,} games scheduled in this window" in entry["detail"]


def test_without_its_schedule_it_is_not_evaluated(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    with warehouse.fault(f"DELETE FROM nba_raw.nbac_schedule WHERE {WITHIN}"):
        run = project.run("--window", DAYS, "-k", "test_game_count or test_record_count")
    assert {run.statuses[COUNT], run.statuses[ROWS]} == {"not_evaluated"}
    assert "nbac_schedule has no rows from 2025-10-21 to 2025-12-01" in run.details[COUNT]


@pytest.mark.parametrize(
    "window", ["2025-10-21..2025-10-21", "2025-10-21..2025-10-27", "2024-10-22..2024-11-05"]
)
def test_a_few_days_of_a_season_are_enough_for_phases_1_and_2(
    window: str, project: GatesProject
) -> None:
    run = project.run("--window", window)
    assert run.others_than_pass() == {}, run.output
    assert run.status == 0


def test_a_run_over_another_window_is_no_evidence_and_says_so(project: GatesProject) -> None:
    run = project.run("--window", DAYS)
    assert run.status == 0
    assert f"It is of other windows than gates.toml's ({DAYS}), so no step" in run.output
    assert "Next: make validate-phase12\n" in run.output
    decided = project.python("-m", "gates", "decide")
    assert decided.returncode != 0
    assert "was decided over other windows than those of gates.toml" in decided.stdout


def test_the_window_of_gates_toml_is_no_other_for_being_asked_for(project: GatesProject) -> None:
    run = project.run("--window", "phase1=2021-10-19..2026-01-02")
    assert "other windows" not in run.output
    assert "Next: make preflight\n" in run.output
