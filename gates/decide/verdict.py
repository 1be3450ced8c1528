"""A gate and a measurement make a verdict: pure and exact."""

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from gates.config.gate import Gate
from gates.config.waivers import NONE, Ruling, Waivers
from gates.decide.reason import NOTE, TIGHTER, Code, Reason, reason
from gates.decide.sentence import said
from gates.decide.status import Status
from gates.measure.result import Measurement
from gates.numbers import plain

NO_GAMES = "Load the schedule of the window's days, or choose another window."
# There was nothing in the window to make a value of.
_NOTHING = (Code.NO_VALUE, Code.NOTHING_TO_COUNT)
_CODES = {
    Status.PASS: Code.HOLDS,
    Status.FAIL: Code.OUTSIDE,
    Status.MARGINAL: Code.MARGINAL,
}


@dataclass(frozen=True)
class Verdict:
    """The outcome of one gate. True only when it was measured and holds, or is waived."""

    gate: Gate
    status: Status
    measured: Fraction | None
    margin: Fraction | None
    numerator: Fraction | None
    denominator: Fraction | None
    reason: Reason
    query: str | None
    table: list[dict[str, Any]] | None = None
    # Of what does not hold: gates.measure.result.Measurement.
    failing: list[dict[str, str]] | None = None

    def __bool__(self) -> bool:
        return self.status in (Status.PASS, Status.WAIVED)

    def __repr__(self) -> str:
        return self.detail

    @property
    def said(self) -> str:
        """Its sentence without the gate's id."""
        numbers = (self.measured, self.numerator, self.denominator)
        return said(self.gate, self.reason, *numbers)

    @property
    def detail(self) -> str:
        """Its sentence."""
        return f"{self.gate.id}: {self.said}"

    @property
    def remedy(self) -> str:
        """What to do where it is not a pass."""
        return self.reason.remedy

    @property
    def tighter(self) -> str:
        """What its waiver could ask for, where it has become better; else empty."""
        return str(self.reason.parameters.get(TIGHTER, ""))

    @property
    def is_noted(self) -> bool:
        """Whether its sentence says more than its numbers do."""
        return bool(self.reason.note or self.reason.clause)

    @property
    def blocks(self) -> bool:
        """Whether this alone is a NO-GO; what was not evaluated is, but before its first date."""
        if self.reason.code is Code.TOO_LITTLE_YET:
            return False
        unknown = self.status is Status.NOT_EVALUATED
        return unknown or (not self and self.gate.severity == "required")

    @property
    def warns(self) -> bool:
        """Whether this leaves a warning and nothing more."""
        drifts = self.reason.code is Code.DRIFTED
        return (drifts or not self) and not self.blocks

    @property
    def outcome(self) -> Status:
        """The status, or that it left a warning."""
        if self.reason.code is Code.TOO_LITTLE_YET:
            return Status.WARNING
        return self.status.shown(self.gate.severity)


def judge(gate: Gate, measurement: Measurement, waivers: Waivers = NONE) -> Verdict:
    """Compare exactly; a measurement that is missing is not_evaluated, never a pass.

    What was measured and does not hold is `waived` where one of `waivers` allows it.
    """
    verdict = _compared(gate, measurement)
    if verdict or verdict.measured is None or verdict.numerator is None:
        return verdict
    counts = verdict.numerator, verdict.denominator
    ruling = waivers.ruling(gate, verdict.measured, *counts)
    return verdict if ruling is None else _ruled(verdict, ruling)


def _ruled(verdict: Verdict, ruling: Ruling) -> Verdict:
    """A verdict on which a waiver has a word, whether it holds or not."""
    who = {"approver": ruling.waiver.approver, NOTE: verdict.reason.note}
    until, remedy = str(ruling.waiver.expires), verdict.remedy
    if ruling.use == "expired":
        why = reason(Code.WAIVER_EXPIRED, remedy, until=until, **who)
    elif ruling.use == "limit broken":
        why = reason(Code.WAIVER_BROKEN, remedy, limits=ruling.limits, **who)
    else:
        code = Code.WAIVED_BETTER if ruling.tighter else Code.WAIVED
        said = {"reason": ruling.waiver.reason, TIGHTER: ruling.tighter or None}
        why = reason(code, remedy, until=until, **said, **who)
    status = Status.WAIVED if ruling.use == "used" else verdict.status
    return replace(verdict, status=status, reason=why)


def _compared(gate: Gate, measurement: Measurement) -> Verdict:
    numerator, denominator = measurement.numerator, measurement.denominator
    problem = _unusable(gate, measurement)
    early = _early(gate, measurement)
    if early and (measurement.is_empty or (problem and problem.code in _NOTHING)):
        return not_evaluated(gate, early, measurement.query)
    if problem or numerator is None:
        return not_evaluated(gate, problem or reason(Code.NO_VALUE, gate.remedy), measurement.query)
    if gate.per_game is not None:
        if not measurement.scheduled:
            nothing = reason(Code.NOTHING_TO_COUNT, NO_GAMES, rows="games in the schedule")
            return not_evaluated(gate, nothing, measurement.query)
        gate = gate.over(measurement.scheduled)
    value = value_of(gate, numerator, denominator)
    status = _status(gate, value)
    return Verdict(
        gate=gate,
        status=status,
        measured=value,
        margin=gate.bound.margin(value),
        numerator=numerator,
        denominator=denominator,
        reason=(early if _is_short(gate, status) else None)
        or reason(_CODES[status], gate.remedy, **{NOTE: measurement.note or None}),
        query=measurement.query,
        table=measurement.table,
        failing=None if status is Status.PASS else measurement.failing,
    )


def _early(gate: Gate, measurement: Measurement) -> Reason | None:
    """The reason for what comes short in the first weeks of a season."""
    if measurement.judged_from is None:
        return None
    said: dict[str, str | None] = {NOTE: measurement.note or None}
    return reason(Code.TOO_LITTLE_YET, gate.remedy, judged_from=measurement.judged_from, **said)


def _is_short(gate: Gate, status: Status) -> bool:
    """Whether the value is too low; one that is too high, or is to be 0, is wrong on any day."""
    return status is not Status.PASS and gate.bound.comparison == ">="


def _unusable(gate: Gate, measurement: Measurement) -> Reason | None:
    """Why there is nothing to compare, if there is not."""
    numerator, denominator = measurement.numerator, measurement.denominator
    remedy = measurement.remedy or gate.remedy
    if measurement.why:
        return reason(Code.UNAVAILABLE, remedy, what=measurement.why)
    if numerator is None:
        return reason(Code.NO_VALUE, remedy)
    if denominator == 0:
        return reason(Code.NOTHING_TO_COUNT, remedy, rows=gate.of or "rows")
    return _no_share(numerator, denominator) if gate.unit == "%" else None


def _no_share(numerator: Fraction, denominator: Fraction | None) -> Reason | None:
    """Why these are no counts of a part and its whole, where a percentage needs them to be."""
    remedy, part = "Correct the query of the gate.", plain(numerator)
    if denominator is None:
        return reason(Code.NO_DENOMINATOR, remedy, numerator=part)
    if not 0 <= numerator <= denominator:
        return reason(Code.NO_SHARE, remedy, numerator=part, denominator=plain(denominator))
    return None


def _status(gate: Gate, value: Fraction) -> Status:
    if gate.bound.holds(value):
        return Status.PASS
    near = gate.marginal is not None and value >= gate.marginal
    return Status.MARGINAL if near else Status.FAIL


def not_evaluated(gate: Gate, why: Reason, query: str | None = None) -> Verdict:
    """The verdict where there is no measured value: a gate that did not run is not a pass."""
    return Verdict(gate, Status.NOT_EVALUATED, None, None, None, None, why, query)


def value_of(gate: Gate, numerator: Fraction, denominator: Fraction | None) -> Fraction:
    """What is compared with the bound: a count, a ratio of two, or their percentage."""
    ratio = numerator if denominator is None else numerator / denominator
    return 100 * ratio if gate.unit == "%" else ratio
