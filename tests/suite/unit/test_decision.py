"""GO is built from positive evidence, and decision.json says what it was."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from builders import Outcome, failed, marginal, passed, unknown
from harness import ROOT

from gates.config.gate import Gate
from gates.config.settings import load
from gates.config.stages import DECISIONS
from gates.decide.decision import Decision, decide
from gates.decide.reason import Code, reason
from gates.decide.record import record_file
from gates.decide.recording import Run, commit, record
from gates.decide.status import Status
from gates.decide.verdict import Verdict, not_evaluated
from gates.files import write_json

SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, datetime.now(UTC))
GATES = SETTINGS.gates_of(DECISIONS["phase12"])
USAGE = "phase2.player_game_summary.usage_rate"
MINUTES = "phase2.player_game_summary.minutes_played"
WARNING = "phase2.player_game_summary.shot_zones"
FIELDS = (
    "schema_version stage decision confidence profile waivers reasons blockers warnings "
    "started_at finished_at snapshot_at target windows code_version config_sha256 gates_sha256 "
    "gates queries series columns version"
)
GATE_FIELDS = (
    "id title stage kind severity runbook_step status measured unit comparison threshold margin "
    "numerator denominator detail reason query"
)


def verdicts(others: dict[str, Outcome], rest: Outcome = passed) -> dict[str, Verdict]:
    return {gate.id: others.get(gate.id, rest)(gate) for gate in GATES}


def decided(others: dict[str, Outcome], rest: Outcome = passed) -> Decision:
    return decide(SETTINGS, "phase12", verdicts(others, rest))


@pytest.mark.parametrize("rest", [passed, failed], ids=["GO", "NO-GO"])
def test_other_windows_are_named_beside_either_decision(rest: Outcome) -> None:
    said = "It is of other windows than gates.toml's (2023-24, phase2=2025-01-01..2025-02-01), so"
    asked = ("2023-24", "phase2=2025-01-01..2025-02-01")
    usual = decided({}, rest)
    decision = decide(SETTINGS, "phase12", verdicts({}, rest), asked)
    assert (decision.decision, decision.asked) == (usual.decision, asked)
    *others, last = decision.reasons
    assert others == usual.reasons
    assert last.startswith(said)


@pytest.mark.parametrize(
    ("others", "expected", "status"),
    [
        ({}, ("GO", "HIGH"), 0),
        ({WARNING: failed}, ("GO", "MEDIUM"), 0),
        ({USAGE: failed}, ("NO-GO", "HIGH"), 1),
        ({USAGE: failed, MINUTES: failed, WARNING: failed}, ("NO-GO", "HIGH"), 1),
        ({USAGE: unknown}, ("NO-GO", "LOW"), 6),
        ({USAGE: unknown, MINUTES: failed}, ("NO-GO", "HIGH"), 1),
        ({WARNING: unknown}, ("NO-GO", "LOW"), 6),
        ({USAGE: unknown, WARNING: failed}, ("NO-GO", "LOW"), 6),
    ],
    ids=[
        "all pass",
        "a warning",
        "one failed",
        "many failed",
        "one not evaluated",
        "one failed and one not evaluated",
        "a gate that only warns not evaluated",
        "one not evaluated and a warning",
    ],
)
def test_go_or_no_go(others: dict[str, Outcome], expected: tuple[str, str], status: int) -> None:
    decision = decided(others)
    assert (decision.decision, decision.confidence) == expected
    assert decision.exit_status == status
    assert len(decision.verdicts) == len(GATES)


def waived(gate: Gate) -> Verdict:
    return replace(failed(gate), status=Status.WAIVED)


@pytest.mark.parametrize(
    ("others", "said"),
    [
        ({USAGE: waived}, "failed under a waiver."),
        ({USAGE: waived, WARNING: failed}, "left a warning."),
    ],
    ids=["alone", "beside a warning"],
)
def test_a_waiver_leaves_little_confidence(others: dict[str, Outcome], said: str) -> None:
    decision = decided(others)
    assert (decision.decision, decision.confidence, decision.exit_status) == ("GO", "LOW", 0)
    assert decision.reasons[0].endswith("no required gate failed without a waiver.")
    assert decision.reasons[-1] == f"1 gate of {len(GATES)} {said}"


@pytest.mark.parametrize("gate", GATES, ids=[gate.id for gate in GATES])
@pytest.mark.parametrize("outcome", [failed, unknown], ids=["failed", "not evaluated"])
def test_every_gate_counts(gate: Gate, outcome: Outcome) -> None:
    decision = decided({gate.id: outcome})
    only_warns = gate.severity == "warn" and outcome is failed
    found = decision.warnings if only_warns else decision.blockers
    assert [verdict.gate.id for verdict in found] == [gate.id]
    assert (decision.decision == "GO") == only_warns


@pytest.mark.parametrize("gate", GATES, ids=[gate.id for gate in GATES])
def test_a_gate_without_a_verdict_blocks(gate: Gate) -> None:
    found = verdicts({})
    del found[gate.id]
    decision = decide(SETTINGS, "phase12", found)
    assert (decision.decision, decision.confidence, decision.exit_status) == ("NO-GO", "LOW", 6)
    (blocker,) = decision.blockers
    assert blocker.detail == f"{gate.id}: not evaluated, its test did not run"
    assert blocker.remedy == (
        "Run `make validate-phase12`, which runs every gate, without deselecting any; "
        f"a gate that is new needs its test in tests/{gate.stage}/."
    )


@pytest.mark.parametrize("outcome", [failed, unknown], ids=["failed", "not evaluated"])
def test_nothing_passed(outcome: Outcome) -> None:
    decision = decided({}, rest=outcome)
    assert decision.decision == "NO-GO"
    assert len(decision.blockers) + len(decision.warnings) == len(GATES)


def test_without_any_gate_there_is_no_go() -> None:
    decision = decide(replace(SETTINGS, gates={}), "phase12", {})
    assert (decision.decision, decision.confidence, decision.exit_status) == ("NO-GO", "LOW", 6)
    assert decision.reasons == [
        f"No gate of {stage} is configured; add its gates to gates.toml."
        for stage in ("orchestrator", "phase1", "phase2")
    ]


def test_without_the_gates_of_one_stage_there_is_no_go() -> None:
    some = {name: gate for name, gate in SETTINGS.gates.items() if gate.stage != "phase2"}
    passing = {name: verdict for name, verdict in verdicts({}).items() if name in some}
    decision = decide(replace(SETTINGS, gates=some), "phase12", passing)
    assert (decision.decision, decision.exit_status) == ("NO-GO", 6)


def test_a_verdict_on_a_gate_of_no_stage_changes_nothing() -> None:
    stray = not_evaluated(
        replace(GATES[0], id="phase9.x.y"), reason(Code.DID_NOT_RUN, "Remove it.")
    )
    assert decide(SETTINGS, "phase12", verdicts({}) | {"phase9.x.y": stray}) == decided({})


def test_reasons_are_counted_out() -> None:
    every = len(GATES)
    assert decided({}).reasons == [f"All {every} gates were measured and no required gate failed."]
    assert decided({USAGE: failed, MINUTES: unknown, WARNING: failed}).reasons == [
        f"1 required gate of {every} failed.",
        f"1 gate of {every} could not be evaluated.",
        f"1 gate of {every} left a warning.",
    ]
    two = decided({USAGE: failed, MINUTES: failed})
    assert two.reasons == [f"2 required gates of {every} failed."]
    two = decided({USAGE: unknown, MINUTES: unknown})
    assert two.reasons == [f"2 gates of {every} could not be evaluated."]


def recorded(others: dict[str, Outcome]) -> dict[str, Any]:
    started = datetime(2026, 1, 3, 8, tzinfo=timezone(timedelta(hours=-5)))
    query = {"file": "sql/a.sql", "job_id": "1", "elapsed_s": 0.1, "bytes_processed": 0, "rows": 1}
    query |= {"source": "phase1/a", "sql": "SELECT 1"}
    run = Run(started, started + timedelta(seconds=4), "2026-01-03T13:00:01+00:00", [query])
    return record(SETTINGS, decided(others), run).content()


def test_the_record_has_the_fields_of_the_contract() -> None:
    found = recorded({USAGE: failed, MINUTES: unknown, WARNING: failed})
    assert list(found) == FIELDS.split()
    assert {tuple(gate) for gate in found["gates"]} == {tuple(GATE_FIELDS.split())}
    assert [gate["id"] for gate in found["gates"]] == [gate.id for gate in GATES]
    assert [list(blocker) for blocker in found["blockers"]] == [["gate", "why", "remedy"]] * 2
    assert [list(warning) for warning in found["warnings"]] == [["gate", "why"]]
    assert list(found["target"]) == ["name", "project", "datasets", "server"]
    assert found["schema_version"] == 1


def test_the_record_is_plain_json() -> None:
    found = recorded({USAGE: failed, MINUTES: unknown})
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_the_record_says_when_and_on_what() -> None:
    found = recorded({})
    assert found["started_at"] == "2026-01-03T13:00:00+00:00"
    assert found["finished_at"] == "2026-01-03T13:00:04+00:00"
    assert found["snapshot_at"] == "2026-01-03T13:00:01+00:00"
    assert found["windows"] == {
        "phase1": ["2021-10-19", "2026-01-02"],
        "phase2": ["2024-05-01", "2026-01-02"],
    }
    assert found["target"]["name"] == "local"
    assert re.fullmatch("[0-9a-f]{64}", found["config_sha256"])
    assert found["queries"][0]["file"] == "sql/a.sql"


def test_a_gate_is_recorded_with_its_numbers() -> None:
    gates = {gate["id"]: gate for gate in recorded({MINUTES: failed, USAGE: unknown})["gates"]}
    names = ("status", "measured", "threshold", "margin", "numerator", "denominator", "query")
    assert [gates[MINUTES][n] for n in names] == ["fail", 98, 99, -1, 98, 100, "sql/made/up.sql"]
    assert [gates[USAGE][name] for name in names] == ["not_evaluated", None, 95] + [None] * 4
    per_game = gates["phase1.team_offense_game_summary.records_per_game"]
    assert (per_game["comparison"], per_game["threshold"]) == ("between", [1.95, 2.05])


def test_the_commit_is_that_of_the_checkout() -> None:
    found = commit()
    assert found is None or re.fullmatch("[0-9a-f]{40}", found)


def test_a_record_is_written_whole(tmp_path: Path) -> None:
    file = record_file(tmp_path, "phase12")
    write_json(file, {"decision": "NO-GO", "title": "Größe"})
    write_json(file, {"decision": "GO"})
    assert json.loads(file.read_text(encoding="utf-8")) == {"decision": "GO"}
    assert list(file.parent.iterdir()) == [file]


def test_or_not_at_all(tmp_path: Path) -> None:
    file = record_file(tmp_path, "phase12")
    write_json(file, {"decision": "NO-GO"})
    with pytest.raises(TypeError):
        write_json(file, {"decision": "GO", "measured": Fraction(1)})
    assert json.loads(file.read_text(encoding="utf-8")) == {"decision": "NO-GO"}
    assert list(file.parent.iterdir()) == [file]


def test_a_marginal_gate_blocks_and_is_counted_out() -> None:
    gates = SETTINGS.gates_of(DECISIONS["phase4"])
    (near,) = (gate for gate in gates if gate.marginal is not None)
    found = {gate.id: passed(gate) for gate in gates} | {near.id: marginal(near)}
    decision = decide(SETTINGS, "phase4", found)
    assert (decision.decision, decision.confidence, decision.exit_status) == ("NO-GO", "HIGH", 1)
    assert decision.reasons == [f"1 required gate of {len(gates)} came out marginal."]


def test_what_was_too_little_yet_is_not_counted_as_measured() -> None:
    def early(gate: Gate) -> Verdict:
        return not_evaluated(gate, reason(Code.TOO_LITTLE_YET, "Wait.", judged_from="2026-11-03"))

    decision = decided({USAGE: early, MINUTES: early})
    every = len(GATES)
    assert (decision.decision, decision.confidence) == ("GO", "MEDIUM")
    assert decision.reasons == [
        f"{every - 2} of {every} gates were measured and no required gate failed.",
        f"2 gates of {every} left a warning.",
    ]
    assert decided({}).reasons == [f"All {every} gates were measured and no required gate failed."]
