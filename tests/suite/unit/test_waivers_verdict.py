"""What a waiver changes in a verdict, and what it never changes."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from builders import at, gate
from freezegun import freeze_time
from waiver_harness import REASON, USAGE, settings, waived_by, waiver

from gates.config.gate import Gate
from gates.config.settings import Settings
from gates.decide.collector import MEASUREMENT, VerdictCollector, to_text
from gates.decide.verdict import Verdict, judge
from gates.measure.result import Measurement
from gates.report.console import gate_line


def verdict(made: Gate, value: object, limits: str = "", expires: str = "2026-01-31") -> Verdict:
    plain = at(made, Decimal(str(value)))
    counts = Measurement(plain.numerator, plain.denominator)
    return judge(made, counts, waived_by(limits, expires, gate=made))


def test_a_failure_under_a_waiver_is_waived_and_keeps_what_was_measured() -> None:
    plain, found = at(gate(), 90), verdict(gate(), 90)
    assert (found.status, bool(found), found.blocks, found.warns) == ("waived", True, False, False)
    assert found.detail == f"{plain.detail}; waived by an owner until 2026-01-31: {REASON}"
    names = ("measured", "margin", "numerator", "denominator", "remedy")
    assert [getattr(found, n) for n in names] == [getattr(plain, n) for n in names]
    assert gate_line(found) == "🟡 Measure: 90.000% (threshold: >= 99%, margin -9), waived"


def test_what_comes_out_marginal_can_be_waived() -> None:
    made = gate(bound={"at_least": 88, "marginal": 80})
    assert verdict(made, 84).status == "waived"
    assert verdict(made, 79).status == "waived"
    assert verdict(made, 84, "floor = 85").status == "marginal"


def test_a_pass_stays_a_pass() -> None:
    found = verdict(gate(), 99)
    assert (found.status, found.detail) == ("pass", at(gate(), 99).detail)


@pytest.mark.parametrize(
    "nothing",
    [Measurement(why="the log is missing"), Measurement(), Measurement(*map(Decimal, (0, 0)))],  # type: ignore[arg-type]
    ids=["missing", "no value", "of nothing"],
)
def test_what_was_not_evaluated_cannot_be_waived(nothing: Measurement) -> None:
    found = judge(gate(), nothing, waived_by(gate=gate()))
    assert found.status == "not_evaluated"
    assert "waive" not in found.detail


@pytest.mark.parametrize(
    ("bound", "limits", "waived", "not_waived"),
    [
        ({"at_least": 99}, "floor = 90", ["90", "98.9"], ["89.9", "0"]),
        ({"at_most": 5}, "ceiling = 10", ["5.1", "10"], ["10.1"]),
        ({"below": 5}, "ceiling = 10", ["5", "10"], ["10.1"]),
        ({"below": 5}, "ceiling = 5", ["5"], ["5.1"]),
        ({"equals": 0}, "ceiling = 3", ["1", "3"], ["4"]),
        ({"equals": 2}, "floor = 1", ["1"], ["0", "3"]),
        ({"between": [2, 4]}, "floor = 1", ["1", "1.9"], ["0.9", "4.1"]),
        ({"between": [2, 4]}, "ceiling = 5", ["5", "4.1"], ["1.9", "5.1"]),
        ({"between": [2, 4]}, "floor = 1\nceiling = 5", ["1", "5"], ["0.9", "5.1"]),
        ({"between": [2, 4]}, "", ["0", "100"], []),
        ({"at_least": 99}, "", ["0"], []),
    ],
)
def test_a_limit_must_still_hold(
    bound: dict[str, object], limits: str, waived: list[str], not_waived: list[str]
) -> None:
    made = gate(unit="points", of=None, bound=bound)
    assert {verdict(made, value, limits).status for value in waived} == {"waived"}
    for value in not_waived:
        found = verdict(made, value, limits)
        assert (found.status, bool(found)) == ("fail", False)
        assert "; its waiver by an owner asks for at " in found.detail


def test_a_broken_limit_stands_in_the_sentence() -> None:
    floor = verdict(gate(), 89, "floor = 90")
    assert floor.detail.endswith("; its waiver by an owner asks for at least 90%, which it is not")
    both = verdict(gate("games", None, {"between": [2, 4]}), 5, "floor = 1")
    assert "asks for at least 1 and at most 4, which it is not" in both.detail


@pytest.mark.parametrize(
    ("expires", "status"),
    [("2026-01-04", "waived"), ("2026-01-03", "waived"), ("2026-01-02", "fail")],
)
def test_its_last_day_is_the_last_on_which_it_holds(expires: str, status: str) -> None:
    assert verdict(gate(), 90, expires=expires).status == status


def test_what_has_become_better_proposes_the_tighter_limit() -> None:
    found = verdict(gate(), 91, "floor = 90")
    assert (found.status, found.tighter) == ("waived", "floor = 91, now 90")
    assert found.detail.endswith(
        "; it has become better than its waiver asks for, so tighten that: floor = 91, now 90"
    )
    assert verdict(gate(), 90, "floor = 90").tighter == ""
    assert verdict(gate(), 91).tighter == ""
    above = gate("points", None, {"between": [2, 4]})
    both = "floor = 0\nceiling = 6"
    assert verdict(above, 5, both).tighter == "ceiling = 5, now 6"
    assert verdict(above, 1, both).tighter == "floor = 1, now 0"


def test_an_expired_one_is_no_silence() -> None:
    found = verdict(gate(), 90, expires="2026-01-02")
    assert found.detail == f"{at(gate(), 90).detail}; its waiver by an owner expired on 2026-01-02"
    assert found.blocks


@pytest.mark.parametrize(
    ("now", "holds"),
    [("2026-02-01T04:59:59Z", True), ("2026-02-01T05:00:00Z", False)],
    ids=["23:59 in New York", "midnight in New York"],
)
def test_days_are_those_of_the_league(folder: Path, now: str, holds: bool) -> None:
    with freeze_time(now):
        made = settings(folder, waiver(), now=datetime.now(UTC))
    assert made.waivers.holds(USAGE) == holds


def report_of(made: Settings, value: int, outcome: str) -> pytest.TestReport:
    node = "tests/phase2/test_player_game_summary.py::test_usage_rate"
    noted = [(MEASUREMENT, to_text(Measurement(Decimal(value), Decimal(100))))]  # type: ignore[arg-type]
    words: Any = {"outcome": outcome, "when": "call"}
    return pytest.TestReport(
        node, (node, 1, node), {}, longrepr="x", user_properties=noted, **words
    )


def test_a_test_that_fails_under_a_waiver_is_no_evidence(folder: Path) -> None:
    made = settings(folder, waiver())
    outcomes = VerdictCollector(made)
    outcomes.add(report_of(made, 90, "failed"))
    assert outcomes.verdicts()[USAGE].status == "not_evaluated"


def test_a_second_report_never_improves_a_waived_gate(folder: Path) -> None:
    made = settings(folder, waiver(also="floor = 90"))
    outcomes = VerdictCollector(made)
    for value, status in ((92, "waived"), (96, "waived"), (80, "fail"), (96, "fail")):
        outcomes.add(report_of(made, value, "passed"))
        assert outcomes.verdicts()[USAGE].status == status
