"""Why a verdict is what it is: a code with parameters, that is read out of no sentence."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from builders import count, decided, failed, gate, passed, ratio, recorded, unknown
from harness import ROOT

from gates.commands.decide import FRESH
from gates.config.gate import Gate
from gates.config.settings import Settings, load
from gates.config.stages import DECISIONS
from gates.decide import records
from gates.decide.evidence import gather
from gates.decide.reason import Code, Reason, reason
from gates.decide.record import record_file
from gates.decide.records import RecordError
from gates.decide.status import Status
from gates.decide.verdict import Verdict, judge, not_evaluated
from gates.files import write_json
from gates.measure.all_runs import file_in
from gates.measure.result import Measurement
from gates.report import checklist

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
USAGE = "phase2.player_game_summary.usage_rate"
MINUTES = "phase2.player_game_summary.minutes_played"
SAID: dict[Code, tuple[dict[str, Any], str]] = {
    Code.HOLDS: ({}, ""),
    Code.DRIFTED: (
        {"before": "99.000%", "usual": "0.100%"},
        "it was 99.000% and usually moves by 0.100% at most, so it drifts towards its bound",
    ),
    Code.OUTSIDE: ({}, ""),
    Code.MARGINAL: ({}, ""),
    Code.WAIVED: (
        {"approver": "an owner", "until": "2026-01-31", "reason": "known; see the log"},
        "waived by an owner until 2026-01-31: known; see the log",
    ),
    Code.WAIVED_BETTER: (
        {
            "approver": "an owner",
            "until": "2026-01-31",
            "reason": "known",
            "tighter": "floor = 92.5, now 90",
        },
        "waived by an owner until 2026-01-31: known; it has become better than its waiver asks "
        "for, so tighten that: floor = 92.5, now 90",
    ),
    Code.WAIVER_EXPIRED: (
        {"approver": "an owner", "until": "2026-01-31"},
        "its waiver by an owner expired on 2026-01-31",
    ),
    Code.WAIVER_BROKEN: (
        {"approver": "an owner", "limits": "at least 90%"},
        "its waiver by an owner asks for at least 90%, which it is not",
    ),
    Code.UNAVAILABLE: ({"what": "no log was found"}, "no log was found"),
    Code.NO_VALUE: ({}, "the query returned no value"),
    Code.NOTHING_TO_COUNT: ({"rows": "days"}, "there are no days to measure"),
    Code.NO_DENOMINATOR: (
        {"numerator": 1200},
        "1,200 is not a share of anything, a percentage needs a denominator",
    ),
    Code.NO_SHARE: ({"numerator": 1.5, "denominator": 1}, "1.5 of 1 is not a share"),
    Code.TOO_LITTLE_YET: (
        {"judged_from": "2026-11-03"},
        "too little yet: it is judged from 2026-11-03 on",
    ),
    Code.DID_NOT_RUN: ({}, "its test did not run"),
    Code.EXPECTED_FAILURE: ({}, "its test is marked as an expected failure"),
    Code.SKIPPED: ({"error": "no {reason}"}, "its test was skipped: no {reason}"),
    Code.CRASHED: ({"error": "KeyError: 'x'"}, "its test crashed: KeyError: 'x'"),
    Code.NOTHING_MEASURED: ({}, "its test passed without a measurement"),
    Code.FIXTURE_FAILED: ({"phase": "setup", "error": "no"}, "its setup failed: no"),
    Code.WORKER_CRASHED: ({"error": "gw0"}, "the worker that ran it crashed: gw0"),
    Code.FAILED_AFTERWARDS: ({"error": "no"}, "its test failed after the measurement: no"),
    Code.NOT_IMPORTED: (
        {"place": "tests/a.py", "error": "SyntaxError"},
        "tests/a.py could not be imported: SyntaxError",
    ),
    Code.NO_EVIDENCE: ({"objection": "phase4 is old"}, "phase4 is old"),
    Code.RECORD_DISAGREES: (
        {"recorded": "pass", "counted": "fail"},
        "its record says pass, and its counts say fail",
    ),
    Code.RECORD_BELOW_ZERO: ({}, "its record counts less than nothing"),
    Code.RECORD_TABLE: ({}, "its record holds a table that cannot be shown"),
}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    environ = {
        "GATES_CONFIG": str(ROOT / "gates.toml"),
        "GATES_REPORTS": str(tmp_path / "reports"),
        # What separates two parts of a sentence may stand in a name.
        "GATES_STATE": str(tmp_path / "state; of today"),
    }
    return load(environ, NOW)


@pytest.mark.parametrize("code", Code)
def test_each_code_says_one_thing(code: Code) -> None:
    parameters, clause = SAID[code]
    found = reason(code, "Do it.", **parameters)
    assert (found.clause, found.remedy) == (clause, "Do it.")
    assert Reason.model_validate_json(found.model_dump_json()) == found


@pytest.mark.parametrize(
    "parameters", [{}, {"error": "no"}, {"phase": "setup", "error": "no", "more": "yes"}]
)
def test_a_reason_without_what_its_clause_speaks_of_is_none(parameters: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="expected the parameters of fixture_failed: error, phase"):
        reason(Code.FIXTURE_FAILED, "Do it.", **parameters)


@pytest.mark.parametrize(
    ("bound", "measured", "code"),
    [
        (gate(), ratio(99, 100), Code.HOLDS),
        (gate(), ratio(98, 100), Code.OUTSIDE),
        (gate(bound={"at_least": 99, "marginal": 98}), ratio(98, 100), Code.MARGINAL),
        (gate(), ratio(0, 0), Code.NOTHING_TO_COUNT),
        (gate(), ratio(3, 2), Code.NO_SHARE),
        (gate(), count(3), Code.NO_DENOMINATOR),
        (gate(), Measurement(), Code.NO_VALUE),
        (gate(), Measurement(why="it is gone"), Code.UNAVAILABLE),
    ],
)
def test_a_verdict_carries_its_code(bound: Gate, measured: Measurement, code: Code) -> None:
    found = judge(bound, measured).reason
    assert found.code is code
    assert found.code.is_measured == (judge(bound, measured).measured is not None)


def test_two_gates_that_count_the_same_are_two_blockers(settings: Settings) -> None:
    def counts_rows(gate: Gate) -> bool:
        none = gate.bound.comparison == "=" and gate.bound.numbers[0] == 0
        return none and (gate.kind, gate.severity) == ("integrity", "required")

    def one(gate: Gate) -> Verdict:
        alike = replace(gate, remedy="Repair it.", unit="rows", of=None)
        return judge(alike, Measurement(Fraction(1)))

    pairs = pairwise(settings.gates_of(["phase1"]))
    two = next([a.id, b.id] for a, b in pairs if counts_rows(a) and counts_rows(b))
    causes = decided(settings, "phase12", dict.fromkeys(two, one)).causes
    assert [len(each.blockers) for each in causes] == [1, 1]
    assert [each.text.partition(":")[0] for each in causes] == two


def test_gates_that_one_reason_kept_back_are_one_cause(settings: Settings) -> None:
    def other(gate: Gate) -> Verdict:
        # Reads the same, and is something else.
        return not_evaluated(
            gate, reason(Code.NO_EVIDENCE, "Copy it.", objection="the log is missing")
        )

    gates = [each.id for each in settings.gates_of(["phase2"])]
    causes = decided(settings, "phase12", dict.fromkeys(gates[:5], unknown)).causes
    assert [len(each.blockers) for each in causes] == [5]
    mixed = decided(settings, "phase12", dict.fromkeys(gates[:5], unknown) | {gates[2]: other})
    assert [len(each.blockers) for each in mixed.causes] == [2, 1, 2]


def test_a_sentence_of_a_record_is_made_anew(settings: Settings) -> None:
    recorded(settings, "phase12", NOW, {USAGE: failed, MINUTES: unknown})
    file = record_file(settings.reports, "phase12")
    content = json.loads(file.read_text(encoding="utf-8"))
    for entry in content["gates"]:
        entry["detail"] = "all is well; really"
    write_json(file, content)
    found = records.verdicts(settings, records.load(settings, "phase12"))
    assert found[USAGE].said.startswith("measured 94.000% (94 of 100 rows of those who played), ")
    assert found[MINUTES].detail == f"{MINUTES}: not evaluated, the log is missing"
    assert found[MINUTES].remedy == "Copy it."


def test_a_note_of_a_record_is_kept(settings: Settings) -> None:
    def noted(gate: Gate) -> Verdict:
        return judge(gate, Measurement(Fraction(94), Fraction(100), note="first: a, b; and more"))

    recorded(settings, "phase12", NOW, {USAGE: noted})
    found = records.verdicts(settings, records.load(settings, "phase12"))[USAGE]
    assert found.said == noted(found.gate).said
    assert found.said.endswith("; first: a, b; and more")


@pytest.mark.parametrize(
    "change",
    [
        {"code": "nobody_knows"},
        {"parameters": {}},
        {"parameters": {"what": 7, "x": 1}},
        {"remedy": 1},
    ],
    ids=["code", "no parameters", "others", "remedy"],
)
def test_a_reason_that_came_to_harm_is_no_record(
    settings: Settings, change: dict[str, Any]
) -> None:
    recorded(settings, "phase12", NOW, {USAGE: unknown})
    file = record_file(settings.reports, "phase12")
    content = json.loads(file.read_text(encoding="utf-8"))
    (entry,) = (each for each in content["gates"] if each["id"] == USAGE)
    entry["reason"] |= change
    write_json(file, content)
    with pytest.raises(RecordError, match="no decision that can be read"):
        records.load(settings, "phase12")


def test_a_gate_that_was_not_evaluated_says_no_value_is_behind_it(settings: Settings) -> None:
    recorded(settings, "phase12", NOW, {USAGE: unknown})
    file = record_file(settings.reports, "phase12")
    content = json.loads(file.read_text(encoding="utf-8"))
    (entry,) = (each for each in content["gates"] if each["id"] == USAGE)
    entry["reason"] = {"code": "holds", "parameters": {}, "remedy": "None."}
    write_json(file, content)
    found = records.verdicts(settings, records.load(settings, "phase12"))[USAGE]
    assert found.status is Status.NOT_EVALUATED
    assert found.reason.code.is_measured is False


def test_what_to_do_is_cut_out_of_no_sentence(settings: Settings) -> None:
    for stage in DECISIONS:
        recorded(settings, stage, NOW - timedelta(minutes=5))
    file = file_in(settings.state)
    file.parent.mkdir(parents=True)
    file.write_bytes(b"no word")
    found = gather(settings, NOW, FRESH, DECISIONS)
    (verdict, *_) = (v for v in found.verdicts.values() if v.gate.stage == "phase4")
    assert verdict.remedy == "Run `make backfill-status`, which writes it anew."
    assert verdict.reason.clause.startswith(f"{file} cannot be used (")


@pytest.mark.parametrize(("critical", "title"), [(True, "minutes"), (False, "CRITICAL minutes")])
def test_critical_is_what_gates_toml_calls_so(
    settings: Settings, critical: bool, title: str
) -> None:
    changed = replace(settings.gates[MINUTES], critical=critical, title=title)
    here = replace(settings, gates={**settings.gates, MINUTES: changed})
    (line,) = (
        item.text
        for item in checklist.phase12(decided(here, "phase12", {MINUTES: passed})).items
        if item.text.startswith("minutes_played")
    )
    assert line.endswith(" - CRITICAL)") == critical
