"""Queries: each once, none too many, with their limits, on one snapshot; or why they cannot run."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from socket import create_server
from typing import Any

import pytest
from harness import ROOT, GatesProject, TestWarehouse
from http_faults import Recording, forward_to, in_sequence, serving

from gates.config.settings import load
from gates.config.stages import DECISIONS, stages_of
from gates.measure import jobs, queries, readback

PLAYER = "nba_analytics.player_game_summary"
SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, datetime.now(UTC))
PHASE2 = SETTINGS.gates_of(["phase2"])
PLAYER_GATES = [g.id for g in PHASE2 if g.source not in ("backfill_log", "full_schedule")]
SCHEDULE_GATES = [g.id for g in PHASE2 if g.source == "full_schedule"]


@contextmanager
def listening_to(host: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A forwarding server before the warehouse, and, after the block, the queries that passed."""
    asked: list[dict[str, Any]] = []
    with serving(forward_to(host)) as (address, requests):
        yield address, asked
    asked += [json.loads(each.body) for each in requests if each.method == "POST"]


def tables_of(asked: list[dict[str, Any]]) -> list[str]:
    """Which tables each query reads as of the snapshot."""
    names = ("team_offense_game_summary", "player_game_summary")
    return sorted(name for each in asked for name in names if f"{name}` FOR" in each["query"])


@pytest.mark.parametrize("workers", ["0", "2", "4"])
def test_every_query_runs_once(project: GatesProject, workers: str) -> None:
    assert project.host is not None
    with listening_to(project.host) as (project.host, jobs):
        run = project.run("-n", workers)
    assert run.decision == "GO"
    assert tables_of(jobs) == [
        # Two jobs for each of the two stages, of counts and of values; those of Phase 2 join the
        # team table.
        *["player_game_summary"] * 2,
        *["team_offense_game_summary"] * 4,
    ]
    assert run.record is not None
    assert sorted(query["file"] for query in run.record["queries"]) == [
        *["sql/every_stage/full_schedule.sql"] * 2,
        *["sql/every_stage/quality_values.sql"] * 2,
        "sql/phase1/team_offense_game_summary.sql",
        "sql/phase1/team_offense_games.sql",
        "sql/phase1/team_row_values.sql",
        "sql/phase1/team_share_values.sql",
        "sql/phase2/player_game_summary.sql",
        "sql/phase2/player_games.sql",
        "sql/phase2/player_row_values.sql",
        "sql/phase2/player_share_values.sql",
        "sql/phase2/player_sum_values.sql",
    ]


@pytest.mark.parametrize("stage", DECISIONS)
def test_no_table_is_read_by_more_than_four_queries_of_a_stage(
    project: GatesProject, complete_warehouse: TestWarehouse, stage: str
) -> None:
    with listening_to(complete_warehouse.host) as (project.host, jobs):
        run = project.run(stage=stage)
    assert run.decision == "GO"
    texts = [job["query"] for job in jobs]
    for part in stages_of(stage):
        sources = {source for g in SETTINGS.gates_of([part]) if (source := queries.source_of(g))}
        for table in {table for source in sources for table in queries.read(source).tables}:
            name = "`.`".join(table.split("."))
            # Counts and values do not fit into one statement; Phase 2 reads a table of Phase 1 as
            # well, and Phase 4's values take two, beside the read-back of its dates.
            assert 1 <= sum(f"`{name}`" in text for text in texts) <= 4, table


@pytest.mark.parametrize("stage", DECISIONS)
def test_the_sql_of_a_record_gives_the_same_counts_by_hand(
    project: GatesProject, complete_warehouse: TestWarehouse, stage: str
) -> None:
    project.host = complete_warehouse.host
    record = project.run(stage=stage).record
    assert record is not None
    gates = {gate["id"]: gate for gate in record["gates"]}
    compared = set()
    for query in record["queries"]:
        if query["source"] == readback.SOURCE:
            continue
        (row,) = complete_warehouse.rows(query["sql"])
        for gate in SETTINGS.gates_of(stages_of(stage)):
            if queries.source_of(gate) == query["source"]:
                column = f"{gate.measure}__{gate.which}"
                found = row[column if column in row else gate.measure]
                counted = found["numerator"] if isinstance(found, dict) else found
                assert float(counted) == pytest.approx(gates[gate.id]["numerator"]), gate.id
                compared.add(gate.id)
    assert len(compared) > 30


@pytest.mark.parametrize(
    ("words", "tables"),
    [
        (
            ("-m", "phase2"),
            [*["player_game_summary"] * 2, *["team_offense_game_summary"] * 2],
        ),
        (("-k", "game_count"), ["team_offense_game_summary"]),
        (("-m", "orchestrator"), []),
        (("-k", "backfill_log"), []),
        (("--collect-only",), []),
    ],
    ids=["-m phase2", "-k game_count", "-m orchestrator", "-k backfill_log", "--collect-only"],
)
def test_no_query_for_tests_that_are_not_selected(
    project: GatesProject, words: tuple[str, ...], tables: list[str]
) -> None:
    assert project.host is not None
    with listening_to(project.host) as (project.host, jobs):
        project.run(*words)
    assert tables_of(jobs) == tables


def test_every_job_carries_its_limit_labels_window_and_snapshot(project: GatesProject) -> None:
    assert project.host is not None
    with listening_to(project.host) as (project.host, jobs):
        run = project.run()
    assert run.record is not None
    for job in jobs:
        assert job["labels"] == {"app": "nba-gates"}
        assert job["maximumBytesBilled"] == "10000000000"
        assert job["jobTimeoutMs"] == "120000"
        assert run.record["snapshot_at"] in job["query"]
        parameters = {p["name"]: p["parameterValue"].get("value") for p in job["queryParameters"]}
        assert parameters["window_end"] == "2026-01-02"
    assert len(jobs) == 4


@pytest.mark.parametrize("stage", DECISIONS)
def test_each_table_is_looked_up_once_and_all_is_asked_at_once(
    project: GatesProject, complete_warehouse: TestWarehouse, stage: str
) -> None:
    # Long enough to be sent together, however busy the machine is.
    recording = Recording(forward_to(complete_warehouse.host), lambda _: 1)
    with serving(recording) as (project.host, requests):
        run = project.run(stage=stage)
    assert run.decision == "GO"
    gates = SETTINGS.gates_of(stages_of(stage))
    sources = {source for gate in gates if (source := queries.source_of(gate))}
    tables, asked = jobs.tables_of(sources, SETTINGS), jobs.grouped(sources, SETTINGS)
    # Whether the server lives, each table, each job, which is answered with its rows.
    assert len(requests) == 1 + len(tables) + len(asked)
    if stage == "phase12":
        assert len(requests) == 8
    assert in_sequence(recording.seen) == 3
    assert in_sequence(each for each in recording.seen if each.request.method == "POST") == 1


def test_a_window_of_the_command_line_is_the_one_that_is_read(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    run = project.run("--window", "phase2=2024-10-22..2025-06-22")
    rows = warehouse.value(
        f"SELECT COUNT(points) FROM {PLAYER} WHERE game_date BETWEEN '2024-10-22' AND '2025-06-22'"
    )
    assert run.record is not None
    assert run.record["windows"]["phase2"] == ["2024-10-22", "2025-06-22"]
    assert f"measured {rows:,} rows" in run.details[PLAYER_GATES[0]]


def test_the_numbers_are_those_of_plain_sql(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    run = project.run()
    (plain,) = warehouse.rows(
        "SELECT COUNT(points) AS played, COUNT(minutes_played) AS minutes, "
        "COUNT(usage_rate) AS usage, COUNT(paint_attempts) AS paint "
        f"FROM {PLAYER} WHERE points IS NOT NULL "
        "AND game_date >= '2024-05-01' AND game_date <= '2026-01-02'"
    )
    assert run.record is not None
    gates = {gate["id"]: gate for gate in run.record["gates"]}
    for measure, column in (
        ("minutes_played", "minutes"),
        ("usage_rate", "usage"),
        ("shot_zones", "paint"),
    ):
        gate = gates[f"phase2.player_game_summary.{measure}"]
        assert (gate["numerator"], gate["denominator"]) == (plain[column], plain["played"])
        assert gate["measured"] == pytest.approx(100 * plain[column] / plain["played"])
        assert f"{round(gate['measured'], 3):.3f}%" in run.output


def test_an_empty_window_is_no_pass_for_any_gate_of_its_table(project: GatesProject) -> None:
    run = project.run("--window", "phase2=2020-01-01..2020-12-31")
    why = "nba_analytics.player_game_summary has no rows from 2020-01-01 to 2020-12-31"
    of_tables = dict.fromkeys([*PLAYER_GATES, *SCHEDULE_GATES], "not_evaluated")
    # The log is there, and of other days.
    assert run.others_than_pass() == of_tables | {"phase2.backfill_log.window_days": "fail"}
    assert all(why in run.details[gate] for gate in PLAYER_GATES)
    assert all("nba_raw.nbac_schedule has no rows" in run.details[gate] for gate in SCHEDULE_GATES)
    assert run.status == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            "DROP COLUMN quality_score",
            "column quality_score is not in nba_analytics.player_game_summary",
        ),
        (
            "retype",
            "column quality_score of nba_analytics.player_game_summary is STRING, expected FLOAT64",
        ),
    ],
    ids=["missing", "another type"],
)
def test_a_column_that_cannot_be_read_costs_its_own_gate(
    project: GatesProject, warehouse: TestWarehouse, change: str, why: str
) -> None:
    columns = "* EXCEPT (quality_score)"
    if change == "retype":
        columns = "* REPLACE (CAST(quality_score AS STRING) AS quality_score)"
    with warehouse.fault(f"CREATE OR REPLACE TABLE {PLAYER} AS SELECT {columns} FROM {PLAYER}"):
        run = project.run()
    own = [
        *(f"phase2.player_game_summary.quality_{what}" for what in ("score", "scale")),
        *(gate for gate in PLAYER_GATES if ".quality_values." in gate),
    ]
    assert run.others_than_pass() == dict.fromkeys(own, "not_evaluated")
    assert why in run.details["phase2.player_game_summary.quality_score"]
    assert run.status == 6


def test_a_missing_partition_column_costs_every_gate_of_the_table(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    with warehouse.fault(
        f"CREATE OR REPLACE TABLE {PLAYER} AS SELECT * EXCEPT (game_date) FROM {PLAYER}"
    ):
        run = project.run()
    assert run.others_than_pass() == dict.fromkeys(PLAYER_GATES, "not_evaluated")


def test_a_missing_table_costs_its_own_gates(project: GatesProject) -> None:
    project.edit(
        "gates.toml",
        "# ── When",
        f'[targets.local.tables."{PLAYER}"]\nname = "elsewhere"\n\n# ── When',
    )
    run = project.run()
    assert run.others_than_pass() == dict.fromkeys(PLAYER_GATES, "not_evaluated")
    assert "was not found" in run.details[PLAYER_GATES[0]]


def test_no_warehouse_is_named(project: GatesProject) -> None:
    project.host = None
    run = project.run()
    assert run.status == 6
    assert "BIGQUERY_EMULATOR_HOST is not set" in run.details[PLAYER_GATES[0]]


@pytest.mark.parametrize("answers", [True, False], ids=["silent", "closed"])
def test_an_unreachable_warehouse_is_a_quick_no_go(project: GatesProject, answers: bool) -> None:
    # A socket that takes connections and never answers, then a port that nobody listens on.
    with create_server(("127.0.0.1", 0)) as silent:
        project.host = f"127.0.0.1:{silent.getsockname()[1]}"
        if not answers:
            silent.close()
        run = project.run()
    assert (run.decision, run.status) == ("NO-GO", 6)
    assert "does not answer (" in run.details[PLAYER_GATES[0]]


def test_bigquery_without_credentials_is_a_quick_no_go(project: GatesProject) -> None:
    # A laptop's network may swallow what is sent to Google's metadata server.
    with create_server(("127.0.0.1", 0)) as silent:
        environ = {
            "GATES_TARGET": "bigquery",
            "GATES_LOGS": str(project.logs),
            "CLOUDSDK_CONFIG": str(project.folder),
            "GCE_METADATA_IP": f"127.0.0.1:{silent.getsockname()[1]}",
            "GCE_METADATA_TIMEOUT": "20",
        }
        run = project.run(environ=environ)
    assert (run.decision, run.status) == ("NO-GO", 6)
    assert "no Google credentials were found" in run.details[PLAYER_GATES[0]]
