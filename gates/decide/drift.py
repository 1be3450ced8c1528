"""A gate that holds, but has moved towards its bound by more than it usually moves.

Found when a stage is run, from its earlier runs, and kept in its record as the reason of the gate;
a decision over records takes it from there. It leaves a warning and never changes a status.
docs/decisions/0011-a-drift-warns.md says what is usual, and why.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from statistics import median, median_low

from gates.config.gate import Gate
from gates.decide.changes import of_a_kind
from gates.decide.history import GateResult, PastRun, same
from gates.decide.reason import NOTE, Code, reason
from gates.decide.sentence import value_text
from gates.decide.status import Status
from gates.decide.verdict import Verdict
from gates.numbers import exact, plain

# Earlier runs that it takes to know what is usual.
ENOUGH = 8
# The usual step and as many robust standard deviations more (a MAD is 0.6745 of one).
DEVIATIONS = 3 / Fraction("0.6745")
# And of the distance to the bound at least so much: where nothing ever moved, any step is unusual.
SHARE = Fraction(1, 10)


def noted(
    verdicts: Mapping[str, Verdict], runs: Sequence[PastRun], current: PastRun
) -> dict[str, Verdict]:
    """The verdicts, with a drift noted on those that have one; `runs` come before `current`.

    Of `current` only its windows and its end are read. Runs over other windows say nothing.
    """
    return {name: _noted(each, runs, current) for name, each in verdicts.items()}


def _noted(verdict: Verdict, runs: Sequence[PastRun], current: PastRun) -> Verdict:
    gate = verdict.gate
    if verdict.status is not Status.PASS or verdict.measured is None:
        return verdict
    # As the history holds them, so that what is the same is no step.
    now = exact(plain(verdict.measured))
    values = _values(gate, runs, current)
    if len(values) < ENOUGH or all(same(float(value), float(now)) for value in values):
        return verdict
    before, usual = _before(gate, values), _usual([*map(gate.bound.margin, values)])
    moved = gate.bound.margin(before) - gate.bound.margin(now)
    if moved <= usual or moved < SHARE * gate.bound.margin(before) or same(float(moved), 0):
        return verdict
    said = {"before": value_text(gate, before), "usual": value_text(gate, usual)}
    note = {NOTE: verdict.reason.note}
    return replace(verdict, reason=reason(Code.DRIFTED, verdict.remedy, **said, **note))


def _before(gate: Gate, values: Sequence[Fraction]) -> Fraction:
    """Where it came from: the last value or the middle one, whichever was safer.

    The last one shows a jump after a rise, the middle one a slide in many small steps.
    """
    middle = median_low([(gate.bound.margin(value), value) for value in values])
    return max((gate.bound.margin(values[-1]), values[-1]), middle)[1]


def usual_step(gate: Gate, runs: Sequence[PastRun], current: PastRun) -> Fraction | None:
    """How far its margin moves from run to run, at most, when nothing is the matter.

    None where too few of `runs`, which come before `current`, have measured it.
    """
    values = _values(gate, runs, current)
    return _usual([*map(gate.bound.margin, values)]) if len(values) >= ENOUGH else None


def _usual(margins: Sequence[Fraction]) -> Fraction:
    """How far it moves from one run to the next, at most, when nothing is the matter."""
    steps = [after - before for before, after in pairwise(margins)]
    middle = median(steps)
    return abs(middle) + DEVIATIONS * median(abs(step - middle) for step in steps)


def _values(gate: Gate, runs: Sequence[PastRun], current: PastRun) -> list[Fraction]:
    return [exact(number) for number in _measured(gate.id, runs, current, gate.stage)]


def _measured(gate: str, runs: Sequence[PastRun], current: PastRun, stage: str) -> Iterator[float]:
    """What comparable runs have measured, oldest first."""
    for run in runs:
        point: GateResult | None = run.gates.get(gate)
        if point and point.measured is not None and of_a_kind(run, current, stage):
            yield point.measured
