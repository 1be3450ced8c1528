"""One date through the real embedded service: each step's line, and what is given to paste."""

import json
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from harness import GATES_PYTHON, ROOT, GatesProject, copy_gates, lines_with
from phase4_harness import NAMES, PCF, PDC, PSZA, TDZA, Order, Phase4, TestService

from backfill.check import check as run_check
from backfill.check import read_log
from backfill.lock import LockedError, only_run
from backfill.plan import PlanError
from backfill.start import RefusedError
from backfill.tokens import TokenError, Tokens
from gates.config.settings import Settings, load

SECRET = "secret-of-this-identity"  # noqa: S105
LOCAL_LOG = "tail -n 50 .local/phase4-requests.jsonl"
WINDOW = "the window 2024-10-01 to 2026-01-02"
TO_PASTE = "The service's log of it, to paste:"


@dataclass
class Check:
    """The check of a project's copy, on a service."""

    project: GatesProject
    service: TestService
    path: Path

    def environ(self, **more: str) -> dict[str, str]:
        return self.project.environ() | {"PHASE4_URL": self.service.url} | more

    def run(self, *words: object, **environ: str) -> "subprocess.CompletedProcess[str]":
        return self.project.python(
            *("-m", "backfill", "check", *map(str, words)), environ=self.environ(**environ)
        )

    def run_with_gcloud(self, day: date, script: str) -> "subprocess.CompletedProcess[str]":
        """With a gcloud of this script first on the PATH."""
        path = f"{gcloud(self.path, script)}:/usr/bin:/bin"
        return self.run(day, PHASE4_AUTH="gcloud", PATH=path)

    def begin(self, *words: object) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            # As in a terminal, also where whoever runs the tests ignores Ctrl-C.
            ["env", "--default-signal=INT", str(GATES_PYTHON), "-m", "backfill", *map(str, words)],
            cwd=self.project.folder,
            env=self.environ(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )


def settings(target: str = "local") -> Settings:
    environ = {"GATES_CONFIG": str(ROOT / "gates.toml"), "GATES_TARGET": target}
    return load(environ, datetime.now(UTC))


def gcloud(folder: Path, script: str) -> Path:
    """A folder with a gcloud of this script."""
    program = folder / "bin/gcloud"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    return program.parent


@pytest.fixture
def check(phase4: Phase4, service: TestService, tmp_path: Path) -> Check:
    folder = tmp_path / "project"
    folder.mkdir()
    copy_gates(folder)
    project = GatesProject(folder, tmp_path / "no-logs", phase4.warehouse.host)
    return Check(project, service, tmp_path)


def step(done: "subprocess.CompletedProcess[str]", name: str) -> str:
    """The line of a step."""
    (line,) = lines_with(done.stdout, [f" {name}: "])
    return line


def marks(done: "subprocess.CompletedProcess[str]") -> str:
    """The marks of the steps, in order."""
    return "".join(line[0] for line in done.stdout.splitlines() if line[0] in "✅❌")


def test_a_date_is_sent_and_read_back_and_no_ledger_is_left(check: Check, phase4: Phase4) -> None:
    day = phase4.fresh()
    done = check.run(day)
    assert (done.returncode, done.stderr, marks(done)) == (0, "", "✅✅✅✅")
    assert done.stdout.splitlines()[-1] == "Next: make backfill"
    assert step(done, "Date") == f"✅ Date: {phase4.games(day)} games, after bootstrap"
    assert step(done, "Token") == "✅ Token: none is needed (PHASE4_AUTH none)"
    assert step(done, "Answer").startswith("✅ Answer: HTTP 200, ")
    assert step(done, "Answer").endswith(" s, 4/4 processors")
    counts = phase4.counts(day)
    tables = step(done, "Tables")
    assert (
        f" player_composite_factors {counts[PCF]:,}, player_daily_cache {counts[PDC]:,}, " in tables
    )
    assert tables.endswith(f"team_defense_zone_analysis {counts[TDZA]} of 30 due")
    # The table also holds players who are not due yet.
    found, due = re.findall(r"player_shot_zone_analysis (\d+) of (\d+) due", tables)[0]
    assert 0 < int(found) == int(due) <= counts[PSZA]
    assert len(check.service.log(day)) == 1
    assert TO_PASTE not in done.stdout
    assert {path.name for path in (check.project.folder / "state").iterdir()} <= {"backfill.lock"}
    assert not (check.project.folder / "reports").exists()


def test_rows_that_were_there_before_prove_no_write_and_a_failed_feature_store_is_a_warning(
    check: Check, phase4: Phase4, order: Order
) -> None:
    day = phase4.warehouse.value(
        f"SELECT MAX(game_date) FROM {PCF} WHERE game_date BETWEEN '2024-11-05' AND '2025-06-30'"
    )
    order(day, [{"fault": "processor_failed", "processor": NAMES[4], "error": "no such model"}])
    done = check.run(day)
    assert (done.returncode, marks(done)) == (0, "✅✅✅✅")
    assert "complete before this check too, so the rows prove no write" in step(done, "Tables")
    warning = "4/4 processors; warning: MLFeatureStoreProcessor reported exception: no such model"
    assert warning in step(done, "Answer")


def test_a_service_that_does_not_run(check: Check, phase4: Phase4) -> None:
    day = phase4.fresh()
    check.project.edit("gates.toml", "max_retries = 4", "max_retries = 0")
    done = check.run(day, PHASE4_URL="http://user:pass@127.0.0.1:1")
    assert (done.returncode, marks(done)) == (1, "✅✅❌❌")
    assert done.stdout.startswith(f"PHASE 4 SERVICE CHECK  {day} at 127.0.0.1:1\n")
    assert step(done, "Answer").startswith("❌ Answer: none, ")
    assert "s; the connection failed (ConnectionError); the service was not" in step(done, "Answer")
    assert "player_composite_factors holds 0 of " in step(done, "Tables")
    assert done.stdout.endswith(f"{TO_PASTE}\n{LOCAL_LOG}\n")


def test_a_processors_error_is_shown(check: Check, phase4: Phase4, order: Order) -> None:
    day = phase4.fresh()
    order(day, [{"fault": "processor_failed", "processor": NAMES[2], "error": "KeyError: minutes"}])
    done = check.run(day)
    assert (done.returncode, marks(done)) == (1, "✅✅❌❌")
    assert (
        "3/4 processors; PlayerDailyCacheProcessor reported exception: KeyError: minutes"
        in step(done, "Answer")
    )
    assert "player_daily_cache 0, " in step(done, "Tables")
    assert "; player_daily_cache holds 0 players, at least " in step(done, "Tables")
    assert LOCAL_LOG in done.stdout


def test_a_success_that_wrote_nothing_is_seen_in_the_tables(
    check: Check, phase4: Phase4, order: Order
) -> None:
    day = phase4.fresh()
    order(day, [{"fault": "zero_rows"}])
    done = check.run(day)
    assert (done.returncode, marks(done)) == (1, "✅✅✅❌")
    assert "❌ Tables: player_composite_factors 0, player_daily_cache 0, " in step(done, "Tables")
    assert "holds 0 of " in step(done, "Tables")
    assert LOCAL_LOG in done.stdout


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ({"fault": "403"}, "s; this identity may not call the service; give it roles/run.invoker"),
        ({"fault": "500", "error": "out of memory"}, "s; out of memory"),
    ],
    ids=lambda each: each["fault"] if isinstance(each, dict) else "",
)
def test_an_answer_that_is_none_comes_with_its_reason(
    fault: dict[str, Any], why: str, check: Check, phase4: Phase4, order: Order
) -> None:
    day = phase4.fresh()
    order(day, [{**fault, "times": "always"}])
    check.project.edit("gates.toml", "max_retries = 4", "max_retries = 0")
    done = check.run(day)
    assert (done.returncode, marks(done)) == (1, "✅✅❌❌")
    assert step(done, "Answer").startswith(f"❌ Answer: HTTP {fault['fault']}, ")
    assert why in step(done, "Answer")
    assert LOCAL_LOG in done.stdout


def test_a_lost_answer_is_a_failure_though_the_rows_are_there(
    check: Check, phase4: Phase4, order: Order
) -> None:
    day = phase4.fresh()
    order(day, [{"fault": "dropped", "after_write": True}])
    done = check.run(day)
    assert (done.returncode, marks(done)) == (1, "✅✅❌✅")
    assert "the answer was lost, and the service may still be at work" in step(done, "Answer")
    assert len(check.service.log(day)) == 1


def test_a_token_is_had_and_never_shown(check: Check, phase4: Phase4, order: Order) -> None:
    day = phase4.fresh()
    order(day, [{"fault": "401", "times": "always"}])
    done = check.run_with_gcloud(day, f"echo {SECRET}")
    assert (done.returncode, marks(done)) == (1, "✅✅❌❌")
    assert step(done, "Token") == "✅ Token: had (gcloud)"
    assert "s; the token was not accepted; check PHASE4_AUTH" in step(done, "Answer")
    assert "~/.netrc" in step(done, "Answer")
    # The second request went with a new token.
    assert [line["status"] for line in check.service.log(day)] == [401, 401]
    files = [path for path in check.project.folder.glob("[rs]*/**/*") if path.is_file()]
    shown = [done.stdout, done.stderr, *(path.read_text(errors="replace") for path in files)]
    assert not [text for text in shown if SECRET in text]


def test_without_a_token_nothing_is_sent(check: Check, phase4: Phase4) -> None:
    day = phase4.fresh("2025-03-01")
    done = check.run_with_gcloud(day, f"echo {SECRET} | tee /dev/stderr; exit 1")
    assert (done.returncode, marks(done)) == (1, "✅❌")
    why = "`gcloud auth print-identity-token` failed (CalledProcessError); run `gcloud auth login`."
    assert step(done, "Token") == f"❌ Token: {why}"
    assert SECRET not in done.stdout + done.stderr
    assert check.service.log(day) == []
    assert LOCAL_LOG in done.stdout


@pytest.mark.parametrize(
    "script",
    ["exit 0", f"echo warning; echo {SECRET}", f"echo {SECRET}-é"],
    ids=["nothing", "two lines", "not ASCII"],
)
def test_what_cannot_be_a_token_is_none(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{gcloud(tmp_path, script)}:/usr/bin:/bin")
    with pytest.raises(TokenError) as found:
        Tokens("gcloud", "http://127.0.0.1").bearer()
    assert "printed no token" in str(found.value)
    assert SECRET not in str(found.value)


def test_without_googles_credentials_there_is_no_token(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "nowhere.json"))
    with pytest.raises(TokenError, match="Google gave no identity token; use a service account"):
        Tokens("google", "https://service.example").bearer()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "No date was given, expected one; run `make service-check DATE=2024-11-18`."),
        (
            ["2024-11-28"],
            "DATE: the schedule has no final league game on 2024-11-28; choose another.",
        ),
        (
            ["2024-10-23"],
            "DATE: 2024-10-23 is a bootstrap date, Phase 4 writes nothing; choose another.",
        ),
    ],
    ids=["none", "no games", "bootstrap"],
)
def test_a_date_that_cannot_be_checked(check: Check, words: list[str], sentence: str) -> None:
    done = check.run(*words)
    assert (done.returncode, done.stdout, done.stderr) == (4, "", f"{sentence}\n")
    assert not [day for day in words if check.service.log(day)]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "No date was given, expected one; run `make service-check DATE=2024-11-18`."),
        ("today", "DATE: 'today' is not a date, expected YYYY-MM-DD."),
        ("2024-13-01", "DATE: '2024-13-01' is not a date, expected YYYY-MM-DD."),
        ("2024-09-30", f"DATE: 2024-09-30 is outside {WINDOW}; choose another."),
        ("2026-01-03", f"DATE: 2026-01-03 is outside {WINDOW}; choose another."),
    ],
)
def test_for_some_dates_no_table_is_asked(text: str, sentence: str) -> None:
    with pytest.raises(PlanError) as found:
        run_check(settings(), text)
    assert str(found.value) == sentence


def test_a_token_is_not_sent_in_plain_text() -> None:
    environ = {"GATES_CONFIG": str(ROOT / "gates.toml"), "PHASE4_URL": "http://localhost.example"}
    with pytest.raises(RefusedError, match="neither https nor on this machine"):
        run_check(load(environ, datetime.now(UTC)), "2024-11-18")


def test_a_service_that_is_not_named() -> None:
    with pytest.raises(RefusedError, match="PHASE4_URL or run `make service-check DATE="):
        run_check(settings(), "2024-11-18")


def test_it_does_not_run_beside_a_backfill(check: Check, phase4: Phase4, order: Order) -> None:
    day, other = phase4.fresh(), phase4.fresh()
    order(day, [{"fault": "hang", "seconds": 2}])
    words = ["--start", day, "--end", day, "--override", "--reason", "a drill"]
    with check.begin("run", *words) as running:
        _until_held(check)
        done = check.run(other)
        assert (done.returncode, done.stdout, check.service.log(other)) == (1, "", [])
        assert f"A backfill is running already, process {running.pid} on " in done.stderr
        running.kill()


def test_a_backfill_is_told_of_a_check_that_runs(tmp_path: Path) -> None:
    said = "A service check is running already, process "
    with (
        only_run(tmp_path, "A service check"),
        pytest.raises(LockedError, match=said),
        only_run(tmp_path),
    ):
        pass


def test_ctrl_c_says_that_the_service_goes_on(check: Check, phase4: Phase4, order: Order) -> None:
    day = phase4.fresh()
    order(day, [{"fault": "hang", "seconds": 5}])
    with check.begin("check", day) as running:
        assert running.stdout
        assert [running.stdout.readline()[0] for _ in range(3)] == ["P", "✅", "✅"]
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=20)
    assert running.returncode == 130
    assert err == "Interrupted; what was sent goes on in the service.\n"


def test_the_line_to_paste_holds_the_project_and_when_the_check_began(
    check: Check, phase4: Phase4, order: Order
) -> None:
    line = """read 'a="{since}" {x} {project}'"""
    check.project.edit("gates.toml", f'"{LOCAL_LOG}"', f"'''{line}'''")
    day = phase4.fresh()
    order(day, [{"fault": "empty_results"}])
    began = datetime.now(UTC)
    shown = check.run(day).stdout.splitlines()[-1]
    since = datetime.fromisoformat(shown.split('"')[1])
    assert shown.split('"')[2] == " {x} nba-props-platform'"
    assert timedelta(0) <= since - began.replace(microsecond=0) < timedelta(seconds=5)


def test_on_googles_platform_the_line_reads_cloud_runs_log() -> None:
    since = datetime(2026, 1, 3, 12, 5, 9, 999, tzinfo=UTC)
    assert read_log(settings("bigquery"), since) == (
        'gcloud logging read \'resource.type="cloud_run_revision" AND resource.labels.service_name'
        '="nba-phase4-precompute-processors" AND timestamp>="2026-01-03T12:05:09Z"\' '
        "--project nba-props-platform --limit 50 --format json"
    )


def _until_held(check: Check) -> None:
    holder = check.project.folder / "state/backfill.holder.json"
    deadline = time.monotonic() + 20
    while not holder.exists() or not json.loads(holder.read_text() or "{}"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
