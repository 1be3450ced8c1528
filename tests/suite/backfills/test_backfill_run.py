"""The backfill against the real embedded service: what counts as done, and what a run survives."""

import json
import random
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from faults.proxy import Proxy
from harness import GatesProject
from phase4_harness import PCF, WHY, Backfill, Order, Phase4, ServiceHome
from raw_server import serving, whole

NOTHING = "Nothing to backfill: the one chosen date is complete.\nNext: make backfill-plan\n"
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
    ({"fault": "nested"}, "not of the expected shape (RecursionError)"),
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
    # Phase 1 may be validated again before a model is trained, and phase4 after it.
    assert backfill.summary()["decisions"].keys() == {"phase12", "preflight"}
    for stage in ("phase12", "phase4"):
        assert backfill.project.run(stage=stage).record is not None
    assert backfill.project.python("-m", "gates", "decide").returncode == 1
    final = json.loads(backfill.project.record_file("final").read_text(encoding="utf-8"))
    assert final["stages"].keys() == {"phase12", "preflight", "phase4"}
    again = backfill.run("run", "--start", str(day), "--end", str(day))
    assert again.stdout == NOTHING
    assert again.returncode == 0


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


def test_nothing_to_do_is_said_and_leaves_the_last_summary(
    backfill: Backfill, phase4: Phase4
) -> None:
    day = phase4.fresh()
    assert backfill.send(day).returncode == 0
    before = backfill.summary()
    done = backfill.send(day)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == NOTHING
    assert backfill.summary() == before
    status = backfill.run("status")
    assert "--- Progress: 1/1 (100.0%) - 1 successful (100.0%) ---" in status.stdout
    assert "Nothing to backfill: the one chosen date is complete." in status.stdout


def test_every_run_keeps_a_summary_of_its_own(backfill: Backfill, phase4: Phase4) -> None:
    first, second = phase4.fresh(), phase4.fresh()
    backfill.send(first)
    backfill.send(second)
    runs = sorted((backfill.project.folder / "reports/backfill/runs").iterdir())
    kept = [json.loads(file.read_text(encoding="utf-8")) for file in runs]
    assert [[each["date"] for each in one["dates"]] for one in kept] == [
        [str(first)],
        [str(second)],
    ]
    assert kept[-1] == backfill.summary()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--start", "2031-01-01"], "--start: 2031-01-01 is outside the window"),
        (["--end", "2020-01-01"], "--end: 2020-01-01 is outside the window"),
        (["--start", "2025-01-03", "--end", "2025-01-02"], "--end: 2025-01-02 is before --start"),
        (["--start", "2025-02-14", "--end", "2025-02-17"], "No eligible game date was chosen"),
        (["--start", "2024-10-22", "--end", "2024-11-04"], "No eligible game date was chosen"),
        (["--retry-failed"], "--retry-failed: no such date has failed"),
    ],
    ids=["after", "before", "end before start", "All-Star break", "bootstrap", "none failed"],
)
def test_a_choice_that_takes_no_date_is_a_usage_error(
    words: list[str], says: str, backfill: Backfill, phase4: Phase4
) -> None:
    assert backfill.send(phase4.fresh()).returncode == 0
    before = backfill.summary()
    done = backfill.run("run", *words, "--override", "--reason", WHY)
    assert (done.returncode, done.stdout) == (4, "")
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert backfill.summary() == before
    planned = backfill.run("plan", *words)
    assert (planned.returncode, planned.stdout, planned.stderr) == (4, "", done.stderr)


@pytest.mark.parametrize("words", [["--start", "2024-13-45"], ["--pause", "nan"], ["--pause=-1"]])
def test_a_word_that_is_no_date_or_time_is_not_understood(
    words: list[str], backfill: Backfill
) -> None:
    done = backfill.run("run", *words)
    assert done.returncode == 2
    assert "expected" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_word_go_is_not_believed(backfill: Backfill, phase4: Phase4) -> None:
    assert backfill.project.run().decision == "GO"
    assert backfill.project.run(stage="preflight").decision == "GO"
    file = backfill.project.record_file("phase12")
    content = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(content | {"gates": []}), encoding="utf-8")
    day = phase4.fresh()
    done = backfill.run("run", "--start", str(day), "--end", str(day))
    assert done.returncode == 1
    assert done.stderr.startswith("phase12 is NO-GO, expected GO (")
    assert backfill.service.log(day) == []


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


def test_six_dates_of_25_that_fail_once_are_made_good(
    backfill: Backfill, phase4: Phase4, faults: Path
) -> None:
    days = [phase4.fresh() for _ in range(25)]
    once: dict[str, list[dict[str, Any]]] = {str(day): [{"fault": "zero_rows"}] for day in days[:6]}
    faults.write_text(json.dumps(once), encoding="utf-8")
    done = backfill.send(*days)
    faults.write_text("{}", encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (backfill.summary()["succeeded"], backfill.summary()["stopped_because"]) == (25, None)
    assert [len(backfill.service.log(day)) for day in days] == [2] * 6 + [1] * 19


def test_a_dead_service_stops_the_run_after_a_few_dates(
    backfill: Backfill, phase4: Phase4, faults: Path
) -> None:
    backfill.project.edit("gates.toml", "max_retries = 4", "max_retries = 0")
    days = [phase4.fresh() for _ in range(14)]
    faults.write_text(json.dumps({"*": [{"fault": "503", "times": "always"}]}), encoding="utf-8")
    done = backfill.send(*days)
    faults.write_text("{}", encoding="utf-8")
    assert done.returncode == 1
    assert "dates in a row failed for the same reason" in backfill.summary()["stopped_because"]
    asked = [len(backfill.service.log(day)) for day in days]
    assert set(asked) == {0, 3}
    assert 5 <= asked.count(3) <= 7
    assert backfill.summary()["failed"] == asked.count(3)
    assert {each["http_status"] for each in backfill.summary()["dates"]} == {503, None}


def test_what_the_service_asks_to_wait_is_printed(
    backfill: Backfill, phase4: Phase4, order: Order
) -> None:
    backfill.project.edit("gates.toml", "retry_after_max_s = 60", "retry_after_max_s = 1")
    day = phase4.fresh()
    order(day, [{"fault": "429", "retry_after": 9999}, {"fault": "503", "retry_after": "soon"}])
    done = backfill.send(day)
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line["status"] for line in backfill.service.log(day)] == [429, 503, 200]
    said = f"   {day}: HTTP 429, asked to wait; next request in 1 s"
    log = (backfill.project.folder / "reports/backfill/backfill.log").read_text(encoding="utf-8")
    assert done.stdout.splitlines().count(said) == log.splitlines().count(said) == 1
    assert "HTTP 503, asked to wait" not in log


def test_a_service_that_is_malformed_for_one_date_is_asked_for_the_others(
    backfill: Backfill, phase4: Phase4, order: Order
) -> None:
    days = [phase4.fresh() for _ in range(3)]
    order(days[1], [{"fault": "nested", "times": "always"}])
    assert backfill.send(*days).returncode == 1
    found = [(each["status"], each["http_status"]) for each in backfill.summary()["dates"]]
    assert found == [("complete", 200), ("failed", 200), ("complete", 200)]


def test_two_requests_a_date_at_most_and_the_tables_are_looked_up_once(
    backfill: Backfill, phase4: Phase4
) -> None:
    # Of a month that the other tests leave alone, and no more than the bound needs: seven dates may
    # be read back alone before the first is known to be complete, the others are not.
    days = [phase4.fresh("2024-11-05") for _ in range(15)]
    with Proxy(phase4.warehouse.host) as proxy:
        backfill.project.host = proxy.host
        assert backfill.run("plan").returncode == 0
        of_the_plan = list(proxy.requests)
        proxy.requests.clear()
        done = backfill.send(*days)
    assert done.returncode == 0, done.stdout + done.stderr
    assert backfill.summary()["succeeded"] == len(days)
    tables = [path for _, path in proxy.requests if "/tables/" in path]
    assert tables == [path for _, path in of_the_plan if "/tables/" in path]
    assert len(tables) == len(set(tables)) > 0
    assert len(proxy.requests) - len(of_the_plan) <= 2 * len(days)


def outputs(backfill: Backfill, done: "subprocess.CompletedProcess[str]") -> dict[str, str]:
    """Everything that a run printed and wrote."""
    files = [path for path in backfill.project.folder.glob("[rs]*/**/*") if path.is_file()]
    texts = {str(path): path.read_bytes().decode(errors="replace") for path in files}
    return texts | {"stdout": done.stdout, "stderr": done.stderr}


CACHE = "PlayerDailyCacheProcessor"
FORGED = (
    "boom\n✅ 2024-11-18: 98.2s - 4/4 processors, 171 players\r\x1b[2J\x1b[31m\u202egnp\u2066\x9b"
)


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "processor_failed", "error": FORGED},
        {"fault": "500", "error": FORGED},
        {"fault": "other_shape", "body": {"results": [{"processor": FORGED, "status": "success"}]}},
        {"fault": "other_shape", "body": {"results": [{"processor": CACHE, "status": FORGED}]}},
    ],
    ids=["error", "HTTP error", "processor", "status"],
)
def test_nothing_that_the_service_says_prints_a_line_of_its_own(
    fault: dict[str, Any], backfill: Backfill, phase4: Phase4, order: Order
) -> None:
    backfill.project.edit("gates.toml", "max_retries = 4", "max_retries = 0")
    day = phase4.fresh()
    order(day, [{**fault, "times": "always"}])
    done = backfill.send(day)
    status = backfill.run("status")
    texts = outputs(backfill, done) | {"status": status.stdout + status.stderr}
    assert "boom ✅ 2024-11-18" in texts["stdout"]
    for name, text in texts.items():
        lines = text.split("\n")
        assert not [line for line in lines if line.lstrip().startswith("✅")], name
        if ".sqlite" not in name:
            assert all(line.isprintable() for line in lines), name


def test_no_output_of_a_run_holds_its_token(
    backfill: Backfill, phase4: Phase4, tmp_path: Path
) -> None:
    """The service repeats it in its words, in its names, and in a body that is no JSON."""
    token = "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL3NlcnZpY2UifQ.c2lnbmF0dXJlLW9mLWl0"  # noqa: S105
    program = tmp_path / "bin/gcloud"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho {token}\n", encoding="utf-8")
    program.chmod(0o755)
    result = {"processor": CACHE, "status": "exception", "error": f"Bearer {token}"}
    answers = [
        whole("200 OK", json.dumps({"results": [result]}).encode()),
        whole("200 OK", json.dumps({"results": [{**result, "processor": token}]}).encode()),
        whole("200 OK", json.dumps({"results": [{**result, "status": token}]}).encode()),
        whole("200 OK", f"Authorization: Bearer {token}".encode()),
        whole("401 Unauthorized", json.dumps({"error": f"{token} has expired"}).encode()),
        whole("500 Error", json.dumps({"error": token.split(".")[1]}).encode()),
        whole(f"403 {token}", token.encode(), f"WWW-Authenticate: Bearer {token}"),
    ]
    backfill.project.edit("gates.toml", "max_retries = 4", "max_retries = 0")
    days = [phase4.fresh() for _ in range(3)]
    environ = {"PHASE4_AUTH": "gcloud", "PATH": f"{program.parent}:/usr/bin:/bin"}
    with serving(*answers) as server:
        done = backfill.project.python(
            *("-m", "backfill", "run", *backfill.words(*days), "--workers", "1"),
            environ=backfill.environ() | environ | {"PHASE4_URL": server.url},
        )
        checked = backfill.project.python(
            *("-m", "backfill", "check", str(days[0])),
            environ=backfill.environ() | environ | {"PHASE4_URL": server.url},
        )
    assert done.returncode == checked.returncode == 1, done.stderr + checked.stderr
    assert set(server.header("Authorization")) == {f"Bearer {token}"}
    assert len(server.answers) == 1
    texts = outputs(backfill, done) | {"check": checked.stdout + checked.stderr}
    assert "[token]" in texts["stdout"]
    parts = [part for part in token.split(".") if len(part) > 16]
    held = {name for name, text in texts.items() for part in parts if part in text}
    assert held == set()


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
    retry = "Next: make backfill ARGS=--retry-failed"
    again = backfill.run("plan", "--retry-failed")
    assert "Dates to process: 5 " in again.stdout
    status = backfill.run("status")
    assert [run.stdout.splitlines()[-1] for run in (done, again, status)] == [retry] * 3
    as_json = json.loads(backfill.run("status", "--json").stdout)
    assert [as_json[name] for name in ("planned", "complete", "failed", "pending")] == [8, 0, 5, 3]
    assert [each["dates"] for each in as_json["failures"]] == [5]
    assert len(json.loads(backfill.run("plan", "--retry-failed", "--json").stdout)["dates"]) == 5
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
    assert backfill.summary()["stopped_because"] == "interrupted with Ctrl-C"
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
            ledger.execute(
                "SELECT day, MIN(ended) FROM attempts WHERE failures = '[]' GROUP BY day"
            )
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
    project.python("-m", "gates", "decide")
    handed = project.python("-m", "gates", "handoff")
    written = [
        file
        for folder in ("handoff", "reports", "state")
        for file in (project.folder / folder).rglob("*")
        if file.is_file()
    ]
    assert len(written) > 5
    assert not any(b"secret-" in file.read_bytes() for file in written)
    assert "secret-" not in done.stdout + done.stderr + handed.stdout + handed.stderr


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
