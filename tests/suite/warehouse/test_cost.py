"""What a run will read and bill is known before it runs, and above a budget it does not start."""

import json
from typing import Any

import pytest
from harness import GatesProject, TestWarehouse
from http_faults import Answer, Request, as_json, but, forward_to, serving

from gates.measure.cost import MIB, JobCost

SAID = 123_456_789
PRICE = 6.25


def cost(project: GatesProject, *words: str) -> list[dict[str, Any]]:
    done = project.python("-m", "gates", "cost", "--format", "json", *words)
    assert (done.returncode, done.stderr) == (0, "")
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def set_of_target(project: GatesProject, setting: str) -> None:
    project.edit("gates.toml", "query_timeout_s = 120", f"query_timeout_s = 120\n{setting}")


@pytest.mark.parametrize(
    ("read", "tables", "billed"),
    [
        (0, 1, 10),
        (10 * MIB, 1, 10),
        (10 * MIB + 1, 1, 11),
        (30 * MIB, 3, 30),
        (30 * MIB + 1, 3, 31),
        (5, 3, 30),
    ],
)
def test_ten_mib_for_each_table_are_the_least_that_is_billed(
    read: int, tables: int, billed: int
) -> None:
    of = JobCost("phase1", "phase1", ("phase1/a",), ("d.t",) * tables, read, modelled=False)
    assert of.bytes_billed == billed * MIB


def test_of_the_embedded_warehouse_it_is_what_the_columns_take_that_are_read(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    # A job of its own, which reads few columns of the schedule beside the table's.
    (before,) = (each for each in cost(project) if each["job"] == "phase1")
    with warehouse.fault(
        "INSERT INTO nba_analytics.team_offense_game_summary SELECT * FROM "
        "nba_analytics.team_offense_game_summary WHERE game_date = '2025-12-20'"
    ):
        (after,) = (each for each in cost(project) if each["job"] == "phase1")
    table = "nba_analytics.team_offense_game_summary"
    # Whole numbers and dates of a row take 8 bytes, an id of 11 letters 13.
    added = warehouse.value(f"SELECT COUNT(*) FROM {table} WHERE game_date = '2025-12-20'")
    assert before["modelled"]
    assert added * 8 < after["bytes_read"] - before["bytes_read"] < added * 400
    assert table in before["tables"]


def test_counting_bills_the_least_that_its_tables_can(project: GatesProject) -> None:
    billed = {each["job"]: each["bytes_billed"] for each in cost(project)}
    assert billed["phase1"] + billed["phase2"] <= 50 * MIB
    assert billed["phase4"] + billed["phase4/processors"] <= 130 * MIB


def test_days_outside_of_the_window_cost_nothing(project: GatesProject) -> None:
    whole = sum(each["bytes_read"] for each in cost(project, "--stage", "phase12"))
    of_a_week = ["--window", "phase1=2025-12-20..2025-12-27"]
    of_a_week += ["--window", "phase2=2025-12-20..2025-12-27"]
    # From the season's first day on.
    assert sum(each["bytes_read"] for each in cost(project, "--stage", "phase12", *of_a_week)) < (
        whole / 3
    )


def test_bigquery_says_it_itself(project: GatesProject) -> None:
    assert project.host is not None

    def dry(request: Request) -> Answer | None:
        asked = json.loads(request.body or b"{}")
        if not asked.get("configuration", {}).get("dryRun"):
            return None
        said = {"totalBytesProcessed": str(SAID), "query": {"totalBytesProcessed": str(SAID)}}
        return as_json({**asked, "status": {"state": "DONE"}, "statistics": said})

    with serving(but(forward_to(project.host), dry)) as (host, requests):
        project.host = host
        set_of_target(project, f"usd_per_tib = {PRICE}")
        found = cost(project, "--stage", "preflight")
    assert {each["bytes_read"] for each in found} == {SAID}
    assert {each["modelled"] for each in found} == {False}
    for each in found:
        assert each["usd"] == PRICE * each["bytes_billed"] / 2**40
    # Nothing is run.
    assert [each.sql for each in requests if each.method == "POST" and not dry(each)] == []


def test_as_a_table_with_the_sum(project: GatesProject) -> None:
    set_of_target(project, f"usd_per_tib = {PRICE}")
    done = project.python("-m", "gates", "cost", "--stage", "phase12")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert [word.strip() for word in lines[1].split("|")[1:-1]] == [
        *("stage", "job", "tables", "bytes read", "bytes billed", "USD")
    ]
    rows = lines[3 : lines.index(lines[0], 3)]
    billed = [int(line.split("|")[5].replace(",", "")) for line in rows]
    assert billed[-1] == sum(billed[:-1])
    assert lines[-3].startswith("The server names no bytes")
    assert lines[-1] == "Next: make validate-phase12"


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_run_above_its_budget_does_not_start(project: GatesProject, workers: str) -> None:
    billed = sum(each["bytes_billed"] for each in cost(project, "--stage", "phase12"))
    set_of_target(project, f"budget_bytes = {billed - 1}")
    run = project.run("-n", workers)
    assert (run.status, run.record) == (4, None)
    assert (
        f"The run would bill {billed:,} bytes, expected at most {billed - 1:,}, budget_bytes of "
        "target local; narrow the window, or raise budget_bytes in gates.toml." in run.output
    )
    done = project.python("-m", "gates", "cost", "--stage", "phase12")
    assert done.returncode == 1
    assert "The run would bill" in done.stderr
    project.edit("gates.toml", f"budget_bytes = {billed - 1}", f"budget_bytes = {billed}")
    run = project.run("-n", workers)
    assert run.decision == "GO"
    assert run.record is not None
    # What was expected of each job stands beside what it has read.
    expected = {query["job_id"]: query["bytes_estimated"] for query in run.record["queries"]}
    read = {each["job"]: each["bytes_read"] for each in cost(project, "--stage", "phase12")}
    assert sorted(expected.values()) == sorted(read.values())


def test_a_warehouse_that_does_not_answer_is_a_no_go_and_no_matter_of_budget(
    project: GatesProject,
) -> None:
    set_of_target(project, "budget_bytes = 1")
    project.host = "127.0.0.1:9"
    run = project.run("-k", "game_count")
    assert (run.status, run.decision) == (6, "NO-GO")
    done = project.python("-m", "gates", "cost")
    assert done.returncode == 1
    assert done.stderr.startswith("the embedded warehouse at 127.0.0.1:9 does not answer")
