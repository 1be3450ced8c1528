"""A gate and a measurement make a verdict: pure, exact, with the sentence an operator reads."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

from gates.config.gate import Gate
from gates.config.waivers import NONE, Waivers
from gates.decide.status import Status
from gates.measure.result import Measurement

# Before what a sentence says beyond what was measured and asked for.
NOTE = "; "
WORDS = {">=": "at least", "<=": "at most", "<": "less than", "=": "exactly", "between": "between"}


@dataclass(frozen=True)
class Verdict:
    """The outcome of one gate. True only when it was measured and holds, or is waived."""

    gate: Gate
    status: Status
    measured: Fraction | None
    margin: Fraction | None
    numerator: Fraction | None
    denominator: Fraction | None
    detail: str
    remedy: str
    query: str | None
    table: list[dict[str, Any]] | None = None

    def __bool__(self) -> bool:
        return self.status in (Status.PASS, Status.WAIVED)

    def __repr__(self) -> str:
        return self.detail

    @property
    def why(self) -> str:
        """Its sentence without the gate's name: the same for gates that one reason kept back."""
        return self.detail.removeprefix(f"{self.gate.id}: ").removeprefix("not evaluated, ")

    @property
    def blocks(self) -> bool:
        """Whether this alone is a NO-GO; what was not evaluated always is."""
        return self.status is Status.NOT_EVALUATED or (
            not self and self.gate.severity == "required"
        )

    @property
    def warns(self) -> bool:
        """Whether this leaves a warning and nothing more."""
        return not self and not self.blocks

    @property
    def outcome(self) -> Status:
        """The status, or that it left a warning."""
        return self.status.shown(self.gate.severity)


def judge(gate: Gate, measurement: Measurement, waivers: Waivers = NONE) -> Verdict:
    """Compare exactly; a measurement that is missing is not_evaluated, never a pass.

    What was measured and does not hold is `waived` where one of `waivers` allows it.
    """
    verdict = _compared(gate, measurement)
    if verdict or verdict.measured is None:
        return verdict
    ruling = waivers.ruling(gate, verdict.measured)
    if ruling is None:
        return verdict
    waived, said = ruling
    status = Status.WAIVED if waived else verdict.status
    return replace(verdict, status=status, detail=f"{verdict.detail}{NOTE}{said}")


def _compared(gate: Gate, measurement: Measurement) -> Verdict:
    if measurement.why or measurement.numerator is None:
        why = measurement.why or "the query returned no value"
        return not_evaluated(gate, why, measurement.remedy or gate.remedy, measurement.query)
    if measurement.denominator == 0:
        why = f"there are no {gate.of or 'rows'} to measure"
        return not_evaluated(gate, why, measurement.remedy or gate.remedy, measurement.query)
    if amiss := _impossible(gate, measurement.numerator, measurement.denominator):
        return not_evaluated(gate, amiss, "Correct the query of the gate.", measurement.query)
    value = _value(gate, measurement.numerator, measurement.denominator)
    status = _status(gate, value)
    return Verdict(
        gate=gate,
        status=status,
        measured=value,
        margin=gate.bound.margin(value),
        numerator=measurement.numerator,
        denominator=measurement.denominator,
        detail=_sentence(gate, measurement, value, status),
        remedy=gate.remedy,
        query=measurement.query,
        table=measurement.table,
    )


def _status(gate: Gate, value: Fraction) -> Status:
    if gate.bound.holds(value):
        return Status.PASS
    near = gate.marginal is not None and value >= gate.marginal
    return Status.MARGINAL if near else Status.FAIL


def _impossible(gate: Gate, numerator: Fraction, denominator: Fraction | None) -> str | None:
    """Why these are no counts of a part and its whole, where a percentage needs them to be."""
    if gate.unit != "%":
        return None
    if denominator is None:
        return f"{_number(numerator)} is no share of anything, a percentage needs a denominator"
    if not 0 <= numerator <= denominator:
        return f"{_number(numerator)} of {_number(denominator)} is no share"
    return None


def not_evaluated(gate: Gate, why: str, remedy: str, query: str | None = None) -> Verdict:
    """The verdict where there is no measured value: a gate that did not run is no pass."""
    detail = f"{gate.id}: not evaluated, {why}"
    status = Status.NOT_EVALUATED
    return Verdict(gate, status, None, None, None, None, detail, remedy, query)


def _value(gate: Gate, numerator: Fraction, denominator: Fraction | None) -> Fraction:
    ratio = numerator if denominator is None else numerator / denominator
    return 100 * ratio if gate.unit == "%" else ratio


def threshold_text(gate: Gate) -> str:
    """The bound in a few characters: >= 5,600 or 1.95 to 2.05, with % where it is one."""
    numbers = [_number(Fraction(number)) + _percent(gate) for number in gate.bound.numbers]
    if gate.bound.comparison == "between":
        return " to ".join(numbers)
    return f"{gate.bound.comparison} {numbers[0]}"


def value_text(gate: Gate, value: Fraction) -> str:
    """The measured value with as many digits as it takes to stand on its side of the bound."""
    if value.denominator == 1 and gate.unit != "%":
        return f"{int(value):,}"
    for digits in range(3, 16):
        shown = round(value, digits)
        if gate.bound.holds(Fraction(shown)) == gate.bound.holds(value):
            break
    return f"{Decimal(shown.numerator) / Decimal(shown.denominator):,.{digits}f}{_percent(gate)}"


def margin_text(gate: Gate, margin: Fraction) -> str:
    """The margin with its sign: +193, -1.040 (percentage points for a percentage)."""
    if margin.denominator == 1:
        return f"{int(margin):+,}"
    # As many digits as it takes not to read as no margin at all.
    digits = next((n for n in range(3, 16) if round(margin, n)), 16)
    return f"{float(margin):+,.{digits}f}"


def _sentence(gate: Gate, measurement: Measurement, value: Fraction, status: Status) -> str:
    counts = ""
    if measurement.denominator is not None:
        counted = f"{_number(measurement.numerator)} of {_number(measurement.denominator)}"
        if gate.unit != "%":
            counted = counted.replace(" of ", " over ")
        counts = f" ({counted} {gate.of or 'rows'})"
    unit = "" if gate.unit == "%" or measurement.denominator is not None else f" {gate.unit}"
    numbers = [_number(Fraction(number)) + _percent(gate) for number in gate.bound.numbers]
    asked = f"{WORDS[gate.bound.comparison]} {' and '.join(numbers)}"
    note = f"{NOTE}{measurement.note}" if measurement.note else ""
    short = "" if status is Status.PASS else _shortfall(gate, measurement)
    if status is Status.MARGINAL:
        low = f"{_number(Fraction(gate.marginal or 0))}{_percent(gate)}"
        note = f"{NOTE}from {low} up it is marginal, which is not GO{note}"
    return (
        f"{gate.id}: measured {value_text(gate, value)}{unit}{counts}, "
        f"{_asker(gate)} {asked}{unit}{short}{note}"
    )


def _asker(gate: Gate) -> str:
    return f"runbook {gate.runbook} asks for" if gate.kind == "runbook" else "expected"


def _shortfall(gate: Gate, measurement: Measurement) -> str:
    """How many rows (games, days) are missing to hold; for `at least` over counts."""
    if gate.bound.comparison != ">=" or measurement.numerator is None:
        return ""
    needed = Fraction(gate.bound.numbers[0])
    if measurement.denominator is not None:
        if gate.unit != "%":
            return ""
        needed = needed * measurement.denominator / 100
    short = ceil(needed - measurement.numerator)
    noun = (gate.of or gate.unit).split()[0]
    return f" ({short:,} {noun.removesuffix('s') if short == 1 else noun} short)"


def _percent(gate: Gate) -> str:
    return "%" if gate.unit == "%" else ""


def _number(value: Fraction | None) -> str:
    if value is None:
        return "none"
    return f"{int(value):,}" if value.denominator == 1 else f"{float(value):,.10g}"
