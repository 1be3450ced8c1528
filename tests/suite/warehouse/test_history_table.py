"""The history outlives a machine in a table of the operator's, to which it is only appended."""

import json
from collections.abc import Iterator

import pytest
from google.cloud import bigquery
from harness import GatesProject, TestWarehouse

from gates.files import ROOT

DATASET = "nba_gates"
TABLE = f"{DATASET}.gate_runs"
GAMES = "phase1.team_offense_game_summary.game_count"


@pytest.fixture
def kept(project: GatesProject, warehouse: TestWarehouse) -> Iterator[GatesProject]:
    """The project with a table for its history, in a dataset that is empty."""
    project.edit(
        "gates.toml", "query_timeout_s = 120", f'query_timeout_s = 120\nhistory = "{TABLE}"'
    )
    warehouse.client.create_dataset(DATASET, exists_ok=True)
    yield project
    warehouse.client.delete_dataset(DATASET, delete_contents=True, not_found_ok=True)


def command(project: GatesProject, *words: str) -> tuple[int, str, str]:
    done = project.python("-m", "gates", *words)
    return done.returncode, done.stdout, done.stderr


def ran(project: GatesProject, runs: int = 1) -> list[dict[str, object]]:
    """Runs of the schedule's few gates; what the history then has of them."""
    for _ in range(runs):
        assert project.run("-k", "schedule").record is not None
    return remembered(project)


def remembered(project: GatesProject) -> list[dict[str, object]]:
    status, out, _ = command(project, "history", "--format", "json")
    assert status == 0
    found: list[dict[str, object]] = json.loads(out)
    return found


def stored(number: str) -> str:
    return f"{number} went to {TABLE}.\nNext: make history\n"


def fetched(number: str) -> str:
    return f"{number} of {TABLE} came into the history.\nNext: make validate-phase12\n"


def lose(project: GatesProject) -> None:
    """What becomes of a machine, or of a cache."""
    (project.folder / "state/history.sqlite").unlink()


def test_a_machine_that_has_lost_its_history_gets_it_back(kept: GatesProject) -> None:
    before = ran(kept, 2)
    assert command(kept, "history-table", "store") == (0, stored("2 runs"), "")
    lose(kept)
    assert remembered(kept) == []
    assert command(kept, "history-table", "fetch") == (0, fetched("2 runs"), "")
    assert remembered(kept) == before


def test_what_is_there_is_neither_stored_nor_fetched_again(
    kept: GatesProject, warehouse: TestWarehouse
) -> None:
    ran(kept)
    command(kept, "history-table", "store")
    rows = warehouse.value(f"SELECT COUNT(*) FROM {TABLE}")
    assert command(kept, "history-table", "store")[1] == stored("0 runs")
    assert command(kept, "history-table", "fetch")[1] == fetched("0 runs")
    ran(kept)
    assert command(kept, "history-table", "store")[1] == stored("1 run")
    assert warehouse.value(f"SELECT COUNT(*) FROM {TABLE}") == 2 * rows


def test_a_run_that_two_machines_stored_is_one(
    kept: GatesProject, warehouse: TestWarehouse
) -> None:
    before = ran(kept)
    command(kept, "history-table", "store")
    warehouse.rows(f"INSERT INTO {TABLE} SELECT * FROM {TABLE}")
    lose(kept)
    command(kept, "history-table", "fetch")
    assert remembered(kept) == before


def test_a_fetched_run_comes_before_the_ones_after_it(kept: GatesProject) -> None:
    first = ran(kept)
    command(kept, "history-table", "store")
    lose(kept)
    second = ran(kept)
    command(kept, "history-table", "fetch")
    assert remembered(kept) == first + second


def test_a_run_without_a_record_is_stored_too(kept: GatesProject) -> None:
    assert command(kept, "announce", "phase12", "--link", "https://example.com/")[0] == 0
    before = remembered(kept)
    assert [run["gates"] for run in before] == [{}]
    command(kept, "history-table", "store")
    lose(kept)
    command(kept, "history-table", "fetch")
    assert remembered(kept) == before


def test_the_table_has_the_columns_of_the_schema(
    kept: GatesProject, warehouse: TestWarehouse
) -> None:
    ran(kept)
    command(kept, "history-table", "store")
    table = warehouse.client.get_table(TABLE)
    listed = json.loads((ROOT / "schemas/history/gate_runs.json").read_text(encoding="utf-8"))
    expected = [bigquery.SchemaField.from_api_repr(each) for each in listed]
    assert [(c.name, c.mode) for c in table.schema] == [(c.name, c.mode) for c in expected]


def test_before_the_first_run_there_is_nothing_to_fetch(kept: GatesProject) -> None:
    assert command(kept, "history-table", "fetch") == (0, fetched("0 runs"), "")
    assert command(kept, "history-table", "store") == (0, stored("0 runs"), "")


def test_without_a_dataset_it_says_what_to_correct(
    kept: GatesProject, warehouse: TestWarehouse
) -> None:
    ran(kept)
    warehouse.client.delete_dataset(DATASET)
    status, _, why = command(kept, "history-table", "store")
    assert status == 1
    assert f"the query of {TABLE} was refused" in why
    assert "Not found: dataset" in why


def test_a_row_that_no_run_has_written_is_refused(
    kept: GatesProject, warehouse: TestWarehouse
) -> None:
    ran(kept)
    command(kept, "history-table", "store")
    warehouse.rows(f"UPDATE {TABLE} SET status = 'fine' WHERE TRUE")
    lose(kept)
    status, _, why = command(kept, "history-table", "fetch")
    assert status == 1
    assert "The history's table cannot be read (a row is damaged)" in why
    assert remembered(kept) == []


@pytest.mark.parametrize("way", ["fetch", "store"])
def test_without_a_table_nothing_is_asked_of_anyone(project: GatesProject, way: str) -> None:
    project.host = None
    status, out, _ = command(project, "history-table", way)
    assert status == 0
    assert "targets.local.history is not set in gates.toml" in out


def test_a_dataset_that_gates_read_is_no_place_for_it(project: GatesProject) -> None:
    where = 'history = "nba_raw.gate_runs"'
    project.edit("gates.toml", "query_timeout_s = 120", f"query_timeout_s = 120\n{where}")
    status, _, why = command(project, "history-table", "store")
    assert status == 4
    assert "gates read dataset nba_raw and never write to it; name another" in why


def test_the_runs_of_a_gate_stand_beside_their_plot(project: GatesProject) -> None:
    ran(project, 2)
    status, out, _ = command(project, "history", "--gate", GAMES)
    heading, *table = out.splitlines()
    assert (status, heading) == (0, f"{GAMES}: the last 2 runs, oldest first")
    assert sum(line.count("| not evaluated |") for line in table) == 2


def test_a_gate_that_is_none_is_named(project: GatesProject) -> None:
    status, _, why = command(project, "history", "--gate", "phase1.nothing")
    assert (status, why.count("phase1.nothing")) == (4, 1)
