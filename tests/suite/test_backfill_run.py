"""The backfill against the real embedded service: what counts as done, and what a run survives."""

import json
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from harness import GatesProject
from phase4_harness import PCF, WHY, Backfill, Order, Phase4, ServiceHome

PASSES_LATER = [
    {"fault": "429", "retry_after": 1},
    {"fault": "503"},
    {"fault": "503", "retry_after": 1},
    {"fault": "500", "error": "out of memory"},
    {"fault": "dropped"},
    {"fault": "dropped", "after_write": True},
    {"fault": "empty_results"},
    {"fault": "zero_rows"},
]
NEVER_DONE = [
    ({"fault": "processor_failed", "error": "no such table"}, "reported exception: no such table"),
    ({"fault": "missing_processor", "processor": "PlayerDailyCacheProcessor"}, "is missing from"),
    ({"fault": "empty_results"}, "is missing from the answer"),
    ({"fault": "html"}, "not of the expected shape"),
    ({"fault": "other_shape", "body": {"results": "all fine"}}, "not of the expected shape"),
    ({"fault": "zero_rows"}, "holds 0 of"),
    ({"fault": "partial_players", "share": 0.9}, "at least 95% are needed"),
]


def test_it_does_not_start_without_two_decisions(backfill: Backfill, phase4: Phase4) -> None:
    day = phase4.fresh()
    done = backfill.run("run", "--start", str(day), "--end", str(day))
    assert done.returncode == 1
    phase12, preflight = done.stderr.splitlines()
    assert phase12.startswith("phase12 has no decision")
    assert preflight.startswith("preflight has no decision")
    assert backfill.service.log(day) == []


def test_it_starts_on_two_decisions(backfill: Backfill, phase4: Phase4) -> None:
    assert backfill.project.run().decision == "GO"
    assert backfill.project.run(stage="preflight").decision == "GO"
    day = phase4.fresh()
    done = backfill.run("run", "--start", str(day), "--end", str(day))
    assert done.returncode == 0, done.stderr
    assert f"✅ {day}: " in done.stdout
    assert "4/4 processors, " in done.stdout
    assert "Success: 1/1 (100.0%)" in done.stdout
    assert (backfill.entry()["status"], backfill.summary()["overrides"]) == ("complete", [])
    assert backfill.entry()["rows"]["player_composite_factors"] == phase4.counts(day)[PCF]
    began, ended, whole = (
        datetime.fromisoformat(moment)
        for moment in (
            backfill.summary()["started_at"],
            backfill.entry()["finished_at"],
            backfill.summary()["finished_at"],
        )
    )
    assert began <= ended <= whole


def test_an_override_stands_in_the_summary(backfill: Backfill, phase4: Phase4) -> None:
    done = backfill.send(phase4.fresh())
    (override,) = backfill.summary()["overrides"]
    assert (done.returncode, override["reason"]) == (0, WHY)
    assert WHY in done.stdout
    again = backfill.send(phase4.fresh())
    assert [each["reason"] for each in backfill.summary()["overrides"]] == [WHY, WHY]
    assert again.stdout.count(WHY) == 2


def test_what_is_complete_is_not_sent_again(backfill: Backfill, phase4: Phase4) -> None:
    day = phase4.fresh()
    assert backfill.send(day).returncode == backfill.send(day).returncode == 0
    assert len(backfill.service.log(day)) == 1
    assert backfill.summary()["planned"] == 0


@pytest.mark.parametrize(
    "fault", PASSES_LATER, ids=lambda fault: "-".join(map(str, fault.values()))
)
def test_a_failure_that_passes(
    fault: dict[str, Any], backfill: Backfill, phase4: Phase4, order: Order
) -> None:
    day = phase4.fresh()
    order(day, [fault])
    done = backfill.send(day)
    assert done.returncode == 0, done.stdout + done.stderr
    assert backfill.entry()["status"] == "complete"
    assert phase4.duplicates(day) == 0


@pytest.mark.parametrize(("fault", "why"), NEVER_DONE, ids=lambda each: str(each)[:40])
def test_what_is_never_done(
    fault: dict[str, Any], why: str, backfill: Backfill, phase4: Phase4, order: Order
) -> None:
    day = phase4.fresh()
    order(day, [fault | {"times": "always"}])
    done = backfill.send(day)
    assert done.returncode == 1
    assert f"✅ {day}" not in done.stdout
    entry = backfill.entry()
    assert (entry["status"], entry["attempts"]) == ("failed", 3)
    assert why in entry["error"]
    assert len(backfill.service.log(day)) == 3
    assert "BACKFILL INCOMPLETE" in done.stdout


def test_what_is_refused_is_not_asked_again(
    backfill: Backfill, phase4: Phase4, order: Order
) -> None:
    day = phase4.fresh()
    order(day, [{"fault": "403", "times": "always"}])
    assert backfill.send(day).returncode == 1
    assert (backfill.entry()["attempts"], backfill.entry()["error"]) == (1, "HTTP 403")
    assert len(backfill.service.log(day)) == 1


def test_a_gateway_that_gave_up_leaves_the_tables_to_be_asked(
    backfill: Backfill, phase4: Phase4, order: Order
) -> None:
    day = phase4.fresh()
    order(day, [{"fault": "504", "after_write": True}])
    assert backfill.send(day).returncode == 0
    assert len(backfill.service.log(day)) == 1


def test_a_feature_store_that_fails_is_a_warning(
    backfill: Backfill, phase4: Phase4, order: Order
) -> None:
    day = phase4.fresh()
    order(day, [{"fault": "processor_failed", "processor": "MLFeatureStoreProcessor"}])
    done = backfill.send(day)
    assert done.returncode == 0
    assert "warning: MLFeatureStoreProcessor reported exception" in done.stdout


@pytest.mark.parametrize("after_write", [True, False], ids=["after the write", "before"])
def test_an_answer_that_comes_too_late(
    after_write: bool, backfill: Backfill, phase4: Phase4, order: Order
) -> None:
    backfill.project.edit("gates.toml", "timeout_s = 300 # for", "timeout_s = 4 # for")
    day = phase4.fresh()
    order(day, [{"fault": "hang", "seconds": 8, "after_write": after_write}])
    done = backfill.send(day)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(backfill.service.log(day)) <= (1 if after_write else 2)
    assert phase4.duplicates(day) == 0


def test_the_same_failure_in_a_row_stops_the_run(
    backfill: Backfill, phase4: Phase4, faults: Path
) -> None:
    days = [phase4.fresh() for _ in range(8)]
    failed = {"fault": "processor_failed", "error": "quota", "times": "always"}
    faults.write_text(json.dumps({"*": [failed]}), encoding="utf-8")
    try:
        done = backfill.send(*days, words=("--workers", "1"))
    finally:
        faults.write_text("{}", encoding="utf-8")
    assert done.returncode == 1
    assert "5 dates in a row failed for the same reason" in backfill.summary()["stopped_because"]
    assert (backfill.summary()["failed"], backfill.summary()["remaining"]) == (5, 3)
    again = backfill.run("plan", "--retry-failed")
    assert "Dates to process: 5 " in again.stdout
    status = backfill.run("status")
    assert "--- Progress: 5/8 (62.5%) - 0 successful (0.0%) ---" in status.stdout
    assert "Failed: 5 · TeamDefenseZoneAnalysisProcessor reported exception: quota" in status.stdout


def test_the_second_of_two_runs_is_told_who_holds_the_lock(
    backfill: Backfill, phase4: Phase4, order: Order
) -> None:
    day = phase4.fresh()
    order(day, [{"fault": "hang", "seconds": 6}])
    first = backfill.begin("run", *backfill.words(day))
    _until(lambda: (backfill.project.folder / "state/backfill.holder.json").exists())
    second = backfill.send(day)
    assert second.returncode == 1
    assert f"process {first.pid} on " in second.stderr
    assert first.wait(timeout=60) == 0


def test_ctrl_c_saves_the_state_and_the_next_run_goes_on(
    backfill: Backfill, phase4: Phase4, order: Order
) -> None:
    days = [phase4.fresh() for _ in range(4)]
    order(days[1], [{"fault": "hang", "seconds": 30}])
    with backfill.begin("run", *backfill.words(*days), "--workers", "1") as running:
        _until(lambda: bool(backfill.service.log(days[0])), 30)
        time.sleep(1)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=30)
    assert running.returncode == 130, out + err
    assert "To go on: make backfill" in err
    assert backfill.summary()["stopped_because"] == "broken off with Ctrl-C"
    assert backfill.summary()["remaining"] >= 2
    order(days[1], [])
    done = backfill.send(*days)
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(phase4.duplicates(day) == 0 for day in days)
    assert len(backfill.service.log(days[0])) == 1


def test_kill_9_at_any_moment_loses_nothing_and_doubles_nothing(
    backfill: Backfill, phase4: Phase4
) -> None:
    days = [phase4.fresh() for _ in range(20)]
    moments = random.Random(9)  # noqa: S311
    for _ in range(20):
        with backfill.begin("run", *backfill.words(*days), "--workers", "2") as running:
            time.sleep(moments.uniform(0.5, 2.5))
            running.kill()
    done = backfill.send(*days)
    assert done.returncode == 0, done.stdout + done.stderr
    assert all(phase4.duplicates(day) == 0 for day in days)
    assert all(phase4.games(day, PCF) == phase4.games(day) for day in days)
    with sqlite3.connect(backfill.project.folder / "state/backfill.sqlite") as ledger:
        ended = dict(
            ledger.execute("SELECT day, MIN(ended) FROM attempts WHERE error IS NULL GROUP BY day")
        )
    for day in days:
        if end := ended.get(str(day)):
            sent = [line["time"] for line in backfill.service.log(day)]
            assert all(datetime.fromisoformat(t) <= datetime.fromisoformat(end) for t in sent)


@pytest.mark.parametrize("options", [("--token-requests", 2), ("--token-seconds", 2)])
def test_a_service_that_wants_a_fresh_token(
    options: tuple[str, int], project: GatesProject, phase4: Phase4, tmp_path: Path
) -> None:
    gcloud = tmp_path / "bin/gcloud"
    gcloud.parent.mkdir()
    gcloud.write_text('#!/bin/sh\necho "secret-$(date +%s%N)"\n', encoding="utf-8")
    gcloud.chmod(0o755)
    home = ServiceHome(tmp_path / "service", phase4.warehouse.host)
    project.host = phase4.warehouse.host
    backfill = Backfill(project, home.up(*options))
    days = [phase4.fresh() for _ in range(5)]
    path = f"{gcloud.parent}:/usr/bin:/bin"
    try:
        done = project.python(
            *("-m", "backfill", "run", *backfill.words(*days), "--workers", "1"),
            environ=backfill.environ() | {"PHASE4_AUTH": "gcloud", "PATH": path},
        )
    finally:
        home.run("down")
    assert done.returncode == 0, done.stdout + done.stderr
    written = [p for p in project.folder.glob("[rs]*/**/*") if p.is_file()]
    assert written
    assert not any(b"secret-" in file.read_bytes() for file in written)
    assert "secret-" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda file: file.write_bytes(b"no database at all" * 100), "cannot be used"),
        (lambda file: _sql(file, "UPDATE run SET first = '2020-01-01'"), "is of target local"),
        (lambda file: _sql(file, "PRAGMA user_version = 9"), "has version 9"),
    ],
    ids=["damaged", "another window", "another version"],
)
def test_a_ledger_that_cannot_be_used_is_refused(
    damage: Callable[[Path], None], message: str, backfill: Backfill, phase4: Phase4
) -> None:
    backfill.send(phase4.fresh())
    ledger = backfill.project.folder / "state/backfill.sqlite"
    damage(ledger)
    before = ledger.read_bytes()
    day = phase4.fresh()
    done = backfill.send(day)
    assert (done.returncode, backfill.service.log(day)) == (1, [])
    assert message in done.stderr
    assert ledger.read_bytes() == before


def _sql(file: Path, statement: str) -> None:
    with sqlite3.connect(file) as connection:
        connection.execute(statement)
    connection.close()


def _until(holds: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)
