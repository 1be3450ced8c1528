"""What has changed since the last comparable run, in sentences; for the page and for messages."""

from collections.abc import Mapping

from gates.decide.changes import Change, Changes
from gates.decide.history import GateResult
from gates.decide.sentence import value_text
from gates.decide.verdict import Verdict
from gates.numbers import exact


def verdict_sentence(changes: Changes, decision: str) -> str:
    """Whether the verdict is another one."""
    if changes.verdict is None:
        return f"{decision} as before."
    return f"{changes.verdict[0]} before, {changes.verdict[1]} now."


def summary(changes: Changes, decision: str) -> str:
    """The verdict and how much has changed, on one line."""
    outcomes, values = _gates(len(changes.outcomes)), _gates(len(changes.values))
    counts = f"{outcomes} with another outcome, {values} with another value."
    return " ".join([verdict_sentence(changes, decision), counts, *notes(changes)])


def _gates(number: int) -> str:
    return f"{number:,} gate{'' if number == 1 else 's'}"


def notes(changes: Changes) -> list[str]:
    """What makes the two runs less comparable."""
    found = []
    if changes.other_windows:
        found.append("That run read another window.")
    if changes.other_configuration:
        found.append("That run had another gates.toml or waivers.toml.")
    return found


def change_text(change: Change, verdicts: Mapping[str, Verdict]) -> str:
    """pass 95.403% → fail 91.680%, in the gate's own format while there is such a gate."""
    verdict = verdicts.get(change.gate)
    text = f"{_point(change.before, verdict)} → {_point(change.after, verdict)}"
    if change.before and change.after and change.before.threshold != change.after.threshold:
        text += f", threshold {_bound(change.before)} → {_bound(change.after)}"
    return text


def _bound(point: GateResult) -> str:
    numbers = point.threshold if isinstance(point.threshold, list) else [point.threshold]
    return " to ".join(f"{number:,.10g}" for number in numbers)


def _point(point: GateResult | None, verdict: Verdict | None) -> str:
    if point is None:
        return "not asked for"
    status = point.status.word
    if point.measured is None:
        return status
    if verdict is None:
        return f"{status} {point.measured:,.10g}"
    # The history holds what JSON does; the exact share of this run stands in the table.
    return f"{status} {value_text(verdict.gate, exact(point.measured))}"
