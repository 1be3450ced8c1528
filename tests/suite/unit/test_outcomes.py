"""Of all that pytest can report, only a measured pass of a test that ran is a pass."""

from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from harness import ROOT

from gates.config.settings import load
from gates.decide.collector import MEASUREMENT, VerdictCollector, from_text, to_text
from gates.decide.verdict import Verdict
from gates.measure.result import Measurement

SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, datetime.now(UTC))
GATE = "phase2.player_game_summary.usage_rate"
NODE = "tests/phase2/test_player_game_summary.py::test_usage_rate"
SKIP = ("tests/conftest.py", 7, "Skipped: not today")
TRACEBACK = "def test():\n>   x\nE   KeyError: 'lost'\nE   more\n\ntests/x.py:1: KeyError"
HOLDS, FALLS_SHORT = (
    Measurement(Fraction(96), Fraction(100)),
    Measurement(Fraction(9), Fraction(10)),
)


def report(
    outcome: str, when: str = "call", longrepr: Any = None, measured: Measurement | None = None
) -> pytest.TestReport:
    """A report as pytest (or pytest-xdist, of a crash) makes it."""
    words: Any = {"outcome": outcome, "when": when}
    noted = [(MEASUREMENT, to_text(measured))] if measured else []
    return pytest.TestReport(
        NODE, (NODE, 1, NODE), {}, longrepr=longrepr, user_properties=noted, **words
    )


def expected_failure(outcome: str, measured: Measurement | None = None) -> pytest.TestReport:
    found = report(outcome, longrepr=SKIP if outcome == "skipped" else None, measured=measured)
    found.wasxfail = "known"
    return found


def after(*reports: pytest.TestReport) -> Verdict | None:
    outcomes = VerdictCollector(SETTINGS)
    for each in reports:
        outcomes.add(each)
    return outcomes.verdicts().get(GATE)


def why(verdict: Verdict | None) -> str:
    assert verdict is not None
    assert verdict.status == "not_evaluated"
    return verdict.detail.removeprefix(f"{GATE}: not evaluated, ")


def test_a_measured_pass_is_a_pass() -> None:
    set_up, torn_down = report("passed", "setup"), report("passed", "teardown", measured=HOLDS)
    verdict = after(set_up, report("passed", measured=HOLDS), torn_down)
    assert verdict is not None
    assert verdict.status == "pass"
    assert verdict.measured == 96


@pytest.mark.parametrize("outcome", ["failed", "passed"], ids=["asserted", "assert forgotten"])
def test_a_measured_failure_is_a_failure(outcome: str) -> None:
    verdict = after(report(outcome, longrepr="short", measured=FALLS_SHORT))
    assert verdict is not None
    assert verdict.status == "fail"
    assert verdict.measured == 90


@pytest.mark.parametrize(
    ("reported", "reason"),
    [
        (report("failed", "setup", TRACEBACK), "its setup failed: KeyError: 'lost'"),
        (report("failed", "call", TRACEBACK), "its test crashed: KeyError: 'lost'"),
        (report("failed", "call", ""), "its test crashed: no reason was given"),
        (report("failed", "call", None), "its test crashed: no reason was given"),
        (report("skipped", "setup", SKIP), "its test was skipped: Skipped: not today"),
        (report("skipped", "call", SKIP, HOLDS), "its test was skipped: Skipped: not today"),
        (report("failed", "???", "worker 'gw0' crashed."), "the worker that ran it crashed"),
        (report("passed"), "its test passed without a measurement"),
        (expected_failure("skipped", FALLS_SHORT), "its test is marked as an expected failure"),
        (expected_failure("passed", HOLDS), "its test is marked as an expected failure"),
        (
            report("failed", "call", "[XPASS(strict)] known", HOLDS),
            "its test failed after the measurement: [XPASS(strict)] known",
        ),
        (
            report("failed", "call", TRACEBACK, HOLDS),
            "its test failed after the measurement: KeyError: 'lost'",
        ),
        (report("passed", measured=Measurement(why="it is gone")), "it is gone"),
    ],
    ids=[
        "setup failed",
        "crashed",
        "crashed without a word",
        "crashed with nothing",
        "skipped",
        "skipped inside",
        "worker crashed",
        "no measurement",
        "xfail",
        "xpass",
        "xpass strict",
        "failed afterwards",
        "nothing to measure",
    ],
)
def test_what_is_no_evidence(reported: pytest.TestReport, reason: str) -> None:
    assert why(after(report("passed", "setup"), reported)).startswith(reason)


def test_a_failing_teardown_takes_a_pass_back() -> None:
    verdict = after(report("passed", measured=HOLDS), report("failed", "teardown", TRACEBACK))
    assert why(verdict) == "its teardown failed: KeyError: 'lost'"


def test_but_leaves_a_failure_what_it_is() -> None:
    fallen = report("failed", measured=FALLS_SHORT)
    verdict = after(fallen, report("failed", "teardown", TRACEBACK))
    assert verdict is not None
    assert verdict.status == "fail"


@pytest.mark.parametrize(
    "first",
    [
        report("failed", "setup", TRACEBACK),
        report("failed", measured=FALLS_SHORT),
        report("skipped", longrepr=SKIP),
        report("passed"),
        report("failed", "???", "worker 'gw0' crashed"),
        expected_failure("passed", HOLDS),
    ],
    ids=["setup failed", "failed", "skipped", "no measurement", "crashed", "xpass"],
)
def test_a_second_report_never_improves_a_gate(first: pytest.TestReport) -> None:
    verdict = after(first)
    assert verdict is not None
    assert after(first, report("passed", measured=HOLDS)) == verdict


def test_a_second_report_can_make_it_worse() -> None:
    verdict = after(report("passed", measured=HOLDS), report("failed", measured=FALLS_SHORT))
    assert verdict is not None
    assert verdict.status == "fail"


@pytest.mark.parametrize(
    ("node", "lost"),
    [
        ("tests/phase2/test_player_game_summary.py", "phase2.player_game_summary."),
        ("tests/phase2", "phase2."),
        ("tests", ""),
        ("", ""),
    ],
    ids=["file", "folder", "tests", "session"],
)
def test_what_cannot_be_imported_costs_its_gates(node: str, lost: str) -> None:
    outcomes = VerdictCollector(SETTINGS)
    outcomes.collection_failed(node, "E   ModuleNotFoundError: No module named 'x'")
    assert set(outcomes.verdicts()) == {gate for gate in SETTINGS.gates if gate.startswith(lost)}
    place = node or "the tests"
    reason = f"{place} could not be imported: ModuleNotFoundError: No module named 'x'"
    assert why(outcomes.verdicts()[GATE]) == reason
    outcomes.add(report("passed", measured=HOLDS))
    assert why(outcomes.verdicts()[GATE]) == reason


@pytest.mark.parametrize(
    "node", ["tests/phase1", "tests/phase2/test_player_game.py", "tests/suite"]
)
def test_and_no_others(node: str) -> None:
    outcomes = VerdictCollector(SETTINGS)
    outcomes.collection_failed(node, "SyntaxError")
    assert GATE not in outcomes.verdicts()


@pytest.mark.parametrize(
    "measured",
    [
        Measurement(Fraction(1, 3), Fraction(10**20)),
        Measurement(Fraction(-5)),
        Measurement(Fraction(0), Fraction(0), query="sql/a.sql", note='pid 1, "x"'),
        Measurement(why="größer", remedy="Look.\nTwice.", query="sql/a.sql"),
    ],
    ids=["fractions", "count", "zeros", "words"],
)
def test_a_measurement_travels_as_text(measured: Measurement) -> None:
    assert from_text(to_text(measured)) == measured
