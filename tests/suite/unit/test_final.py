"""The final decision: every rule of it over made-up records, and once over real ones."""

import json
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import Outcome, begun, failed, marginal, recorded, unknown
from harness import ROOT, GatesProject

from backfill import __main__ as backfill
from backfill.attempts import Attempt
from backfill.ledger import opened
from backfill.lock import only_run
from gates import program
from gates.commands import decide as final
from gates.config.settings import Settings, load
from gates.config.stages import ALLOWING, DECISIONS, FINAL
from gates.decide.record import record_file
from gates.measure.all_runs import file_in, ledger_in

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
COVERAGE = "phase4.player_composite_factors.coverage"
USAGE = "phase2.player_game_summary.usage_rate"
ZONES = "phase2.player_game_summary.shot_zones"
SCHEDULE = "preflight.schedule.unfinished_games"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {
        "GATES_CONFIG": str(ROOT / "gates.toml"),
        "GATES_REPORTS": str(tmp_path),
        "GATES_STATE": str(tmp_path / "state"),
    }


@pytest.fixture
def settings(environ: dict[str, str]) -> Settings:
    """Three records of half an hour ago, all GO."""
    settings = load(environ, NOW)
    for stage in DECISIONS:
        recorded(settings, stage, NOW - timedelta(minutes=30))
    return settings


def decide(environ: dict[str, str], now: datetime = NOW) -> tuple[int, dict[str, Any]]:
    status = final.main([], environ, now)
    text = record_file(Path(environ["GATES_REPORTS"]), FINAL).read_text(encoding="utf-8")
    return status, json.loads(text)


def test_as_json_it_is_the_record_and_nothing_else(
    settings: Settings, environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(settings, "phase12", NOW - timedelta(minutes=30), {USAGE: failed})
    status = final.main(["--json"], environ, NOW)
    stdout, stderr = capsys.readouterr()
    text = record_file(Path(environ["GATES_REPORTS"]), FINAL).read_text(encoding="utf-8")
    assert (status, stderr) == (1, "")
    assert json.loads(stdout) == json.loads(text)


def change(settings: Settings, of: str, **values: Any) -> None:
    file = record_file(settings.reports, of)
    content = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(content | values), encoding="utf-8")


def test_three_gos_are_go(
    settings: Settings, environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    status, record = decide(environ)
    assert (status, record["decision"], record["confidence"]) == (0, "GO", "HIGH")
    assert len(record["gates"]) == len(settings.gates)
    assert list(record["windows"]) == ["phase1", "phase2", "preflight", "phase4"]
    assert {name: each["decision"] for name, each in record["stages"].items()} == dict.fromkeys(
        DECISIONS, "GO"
    )
    out = capsys.readouterr().out
    assert "✅ Games: 5,600 (>= 5,600 required)" in out
    assert "✅ usage_rate: 95% (>= 95% required - CRITICAL)" in out
    assert "✅ Bootstrap period: EXCLUDED, rows: 0 (= 0 required)" in out
    assert "✅ ML TRAINING: GO DECISION" in out
    assert "Expected, not measured: MAE 3.70-4.20 (baseline: 4.27)" in out
    assert "NEXT ACTION: Proceed to Session 5 (ML TRAINING)." in out


@pytest.mark.parametrize(
    ("stage", "others", "expected", "status"),
    [
        ("phase12", {ZONES: failed}, ("GO", "MEDIUM"), 0),
        ("phase12", {USAGE: failed}, ("NO-GO", "HIGH"), 1),
        ("phase12", {USAGE: unknown}, ("NO-GO", "LOW"), 6),
        ("preflight", {SCHEDULE: failed}, ("NO-GO", "HIGH"), 1),
        ("phase4", {COVERAGE: marginal}, ("NO-GO", "HIGH"), 1),
        ("phase4", {COVERAGE: failed}, ("NO-GO", "HIGH"), 1),
        ("phase4", {COVERAGE: unknown}, ("NO-GO", "LOW"), 6),
    ],
)
def test_one_gate_of_one_stage(
    stage: str,
    others: dict[str, Outcome],
    expected: tuple[str, str],
    status: int,
    settings: Settings,
    environ: dict[str, str],
) -> None:
    recorded(settings, stage, NOW - timedelta(minutes=30), others)
    found, record = decide(environ)
    assert (record["decision"], record["confidence"]) == expected
    assert found == status
    listed = record["blockers"] if record["decision"] == "NO-GO" else record["warnings"]
    assert [each["gate"] for each in listed] == list(others)


@pytest.mark.parametrize("stage", DECISIONS)
@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"config_sha256": "0" * 64}, "another gates.toml"),
        ({"windows": {}}, "other windows"),
        (
            {"target": {"name": "bigquery", "project": "p", "datasets": {}, "server": None}},
            "another target than local",
        ),
        ({"finished_at": (NOW - timedelta(hours=24)).isoformat()}, "not within the last 24 hours"),
        ({"finished_at": (NOW + timedelta(minutes=1)).isoformat()}, "not within the last 24 hours"),
        ({"finished_at": None}, "no decision that can be read"),
        ({"stage": "final"}, "is of final"),
        ({"gates": None}, "no decision that can be read"),
    ],
    ids=[
        *("configuration", "windows", "target", "a day old", "future"),
        *("no time", "another stage", "no gates"),
    ],
)
def test_a_record_that_is_no_evidence(
    stage: str,
    values: dict[str, Any],
    why: str,
    settings: Settings,
    environ: dict[str, str],
) -> None:
    change(settings, stage, **values)
    status, record = decide(environ)
    assert (status, record["decision"], record["confidence"]) == (6, "NO-GO", "LOW")
    gates = [gate for gate in record["gates"] if gate["status"] != "pass"]
    assert [gate["id"] for gate in gates] == [g.id for g in settings.gates_of(DECISIONS[stage])]
    assert all(why in gate["detail"] and gate["measured"] is None for gate in gates)
    assert stage not in record["stages"]


@pytest.mark.parametrize("stage", DECISIONS)
def test_a_missing_record_is_named_with_its_command(
    stage: str,
    settings: Settings,
    environ: dict[str, str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    record_file(settings.reports, stage).unlink()
    status, _ = decide(environ)
    out = capsys.readouterr().out
    assert status == 6
    assert f"{stage} has no decision" in out
    assert "Remedy: Run `make " in out


def test_a_minute_less_than_a_day_is_fresh(settings: Settings, environ: dict[str, str]) -> None:
    recorded(settings, "phase12", NOW - timedelta(hours=24) + timedelta(minutes=1))
    assert decide(environ)[0] == 0
    assert decide(environ, NOW + timedelta(minutes=1))[0] == 6


def test_nothing_was_run(environ: dict[str, str]) -> None:
    status, record = decide(environ)
    assert (status, record["decision"], record["confidence"]) == (6, "NO-GO", "LOW")
    assert {gate["status"] for gate in record["gates"]} == {"not_evaluated"}
    assert record["snapshot_at"] is None


DENIED = "and its counts say marginal"


@pytest.mark.parametrize(
    ("status", "why"),
    [("pass", DENIED), ("fail", DENIED), ("skipped", "(gates.0.status: Input should be 'fail'")],
)
def test_a_status_that_its_counts_deny_is_no_evidence(
    status: str, why: str, settings: Settings, environ: dict[str, str]
) -> None:
    recorded(settings, "phase4", NOW, {COVERAGE: marginal})
    file = record_file(settings.reports, "phase4")
    content = json.loads(file.read_text(encoding="utf-8"))
    for gate in content["gates"]:
        gate["status"] = status if gate["id"] == COVERAGE else gate["status"]
    change(settings, "phase4", decision="GO", gates=content["gates"], blockers=[])
    found, record = decide(environ)
    assert (found, record["decision"]) == (6, "NO-GO")
    assert why in record["blockers"][0]["why"]


def test_a_gate_that_a_record_leaves_out_did_not_run(
    settings: Settings, environ: dict[str, str]
) -> None:
    content = json.loads(record_file(settings.reports, "phase4").read_text(encoding="utf-8"))
    change(settings, "phase4", gates=content["gates"][1:])
    status, record = decide(environ)
    assert status == 6
    (blocker,) = record["blockers"]
    assert blocker["why"].endswith("its test did not run")
    assert "make validate-phase4" in blocker["remedy"]


def test_a_stage_that_is_run_again_takes_the_final_decision_away(
    settings: Settings, environ: dict[str, str], project: GatesProject
) -> None:
    decide(environ)
    environ_of_run = {"GATES_REPORTS": environ["GATES_REPORTS"]}
    project.run("-k", "nothing", environ=environ_of_run)
    assert not record_file(settings.reports, FINAL).exists()
    assert not record_file(settings.reports, FINAL).with_suffix(".md").exists()


def test_no_go_names_remedy_and_rows(
    settings: Settings, environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    recorded(settings, "phase12", NOW - timedelta(minutes=30), {USAGE: failed})
    decide(environ)
    out = capsys.readouterr().out
    assert f"Remedy: {settings.gates[USAGE].remedy}" in out
    assert f"Rows: make diagnose GATE='{USAGE}'" in out
    assert "DO NOT start Session 5 until resolved" in out
    assert "Expected" not in out
    document = record_file(settings.reports, FINAL).with_suffix(".md").read_text(encoding="utf-8")
    assert f"`make diagnose GATE='{USAGE}'`" in document
    assert "**DECISION: NO-GO** · **CONFIDENCE: HIGH**" in document


def test_a_setting_that_cannot_be_used(environ: dict[str, str]) -> None:
    elsewhere = {**environ, "GATES_TARGET": "nowhere"}
    assert program.ended(lambda: final.main([], elsewhere, NOW)) == 4


def backfilled(settings: Settings, began: datetime, **run: Any) -> None:
    """A run of the backfill with one date, which took a minute."""
    noted = begun(began, settings.server, config_sha256=settings.config_sha256, **run)
    day, window = date(2025, 1, 3), settings.windows["preflight"]
    with opened(ledger_in(settings.state), settings.target_name, window) as ledger:
        ledger.run(noted)
        if not noted.nothing:
            ledger.plan([day])
            number = ledger.begin(day, began)
            over = Attempt(day, number, began, began + timedelta(minutes=1), 200)
            ledger.end(over, "complete")


def test_a_session_as_it_is_meant_to_go(settings: Settings, environ: dict[str, str]) -> None:
    def before(minutes: int) -> datetime:
        return NOW - timedelta(minutes=minutes)

    for stage in ALLOWING:
        recorded(settings, stage, before(190))
    recorded(settings, "phase4", before(189))
    backfilled(settings, before(180))
    assert decide(environ)[0] == 6
    recorded(settings, "phase4", before(120))
    assert decide(environ)[0] == 0
    # Once more before a model is trained: phase4 has to look at what phase12 has seen.
    recorded(settings, "phase12", before(100))
    assert decide(environ)[0] == 6
    recorded(settings, "phase4", before(90))
    assert decide(environ)[0] == 0
    # Dates that had failed are tried again.
    backfilled(settings, before(60))
    status, record = decide(environ)
    assert status == 6
    assert "before the backfill's last attempt was over" in record["blockers"][0]["why"]
    assert record["blockers"][0]["remedy"] == "Run `make validate-phase4`."
    recorded(settings, "phase4", before(50))
    assert decide(environ)[0] == 0
    # Another look finds nothing to do, and nothing to be after.
    backfilled(settings, before(40), nothing="Nothing to backfill: the one date is complete.")
    assert decide(environ)[0] == 0


def test_an_override_stands_in_the_reasons(
    settings: Settings, environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    backfilled(settings, NOW - timedelta(hours=2), decisions={}, reason="a drill")
    status, record = decide(environ)
    assert status == 0
    assert record["reasons"][-1].endswith(
        "by override once, last at 2026-01-03T10:00:00+00:00: a drill"
    )
    assert "a drill" in capsys.readouterr().out


def blocker(environ: dict[str, str]) -> dict[str, str]:
    """The first of a NO-GO over records of which phase4's is no evidence."""
    status, record = decide(environ)
    assert (status, record["stages"].keys()) == (6, set(ALLOWING))
    return dict(record["blockers"][0])


def test_a_damaged_word_of_the_backfill_leaves_phase4_without_evidence(
    settings: Settings, environ: dict[str, str]
) -> None:
    backfilled(settings, NOW - timedelta(hours=2))
    file_in(settings.state).write_bytes(file_in(settings.state).read_bytes()[:100])
    found = blocker(environ)
    assert "cannot be used" in found["why"]
    assert found["remedy"] == "Run `make backfill-status`, which writes it anew."


def test_a_ledger_that_nobody_tells_of_leaves_phase4_without_evidence(
    settings: Settings, environ: dict[str, str]
) -> None:
    backfilled(settings, NOW - timedelta(hours=2))
    file_in(settings.state).unlink()
    found = blocker(environ)
    assert "which says what it holds" in found["why"]
    assert found["remedy"] == "Run `make backfill-status`."


def test_an_attempt_after_phase4_is_seen_also_where_its_run_was_killed(
    settings: Settings, environ: dict[str, str]
) -> None:
    backfilled(settings, NOW - timedelta(hours=2))
    assert decide(environ)[0] == 0
    window = settings.windows["preflight"]
    with opened(ledger_in(settings.state), settings.target_name, window) as ledger:
        ledger.run(begun(NOW - timedelta(minutes=20), settings.server))
        ledger.begin(date(2025, 1, 3), NOW - timedelta(minutes=20))
        # As kill -9 leaves the folder: nothing is written at the end.
        killed = settings.state.with_name("killed")
        shutil.copytree(settings.state, killed)
    shutil.rmtree(settings.state)
    killed.rename(settings.state)
    found = blocker(environ)
    assert found["why"].endswith(f"by {file_in(settings.state)}")
    assert found["remedy"] == "Wait for its end, or run `make backfill-status`."
    assert backfill_command(["status"], environ) == 0
    assert "before the backfill's last attempt was over" in blocker(environ)["why"]


def test_looking_at_a_run_that_is_under_way_does_not_end_it(
    settings: Settings, environ: dict[str, str]
) -> None:
    backfilled(settings, NOW - timedelta(hours=2))
    window = settings.windows["preflight"]
    with (
        only_run(settings.state),
        opened(ledger_in(settings.state), settings.target_name, window) as ledger,
    ):
        ledger.begin(date(2025, 1, 3), NOW - timedelta(minutes=20))
        assert backfill_command(["status"], environ) == 0
        assert "is under way" in blocker(environ)["why"]


def backfill_command(words: list[str], environ: dict[str, str]) -> int:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environ.items():
            patch.setenv(name, value)
        return backfill.main(words)


def test_over_real_records(project: GatesProject) -> None:
    for stage in DECISIONS:
        project.run(stage=stage)
    done = project.python("-m", "gates", "decide")
    assert not done.stderr
    record = json.loads(project.record_file(FINAL).read_text(encoding="utf-8"))
    # The backfill has not run: Phases 1 to 3 hold, Phase 4 does not.
    assert (done.returncode, record["decision"], record["confidence"]) == (1, "NO-GO", "HIGH")
    assert {name: each["decision"] for name, each in record["stages"].items()} == {
        "phase12": "GO",
        "preflight": "GO",
        "phase4": "NO-GO",
    }
    assert COVERAGE in [each["gate"] for each in record["blockers"]]
    assert len(record["queries"]) == len(set(map(str, record["queries"]))) > 10
