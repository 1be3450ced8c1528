"""Two records side by side: what they were made by, and the gates that came out differently."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from gates.config import next_command
from gates.config.stages import COMMANDS
from gates.decide.history import same
from gates.decide.record import Entry, Record
from gates.decide.status import Status
from gates.numbers import shown
from gates.report.provenance import moment
from gates.report.text_table import Table

# Of a hash as much as tells two apart; FORMAT=json has all of it.
HASH_SHOWN = 12


def next_command_of(record: Record) -> str:
    """What to run after a decision, by its record alone."""
    measured = {entry.id for entry in record.gates if entry.measured is not None}
    failing = [each.gate for each in record.blockers if each.gate in measured]
    again = COMMANDS.get(record.stage, next_command.DOCTOR)
    return next_command.after_decision(record.stage, record.decision, failing, again)


@dataclass(frozen=True)
class Pair:
    """A gate in the two records; None where one has no entry of it."""

    gate: str
    before: Entry | None
    after: Entry | None

    @property
    def changed(self) -> list[str]:
        """What is different about it, in a word each."""
        if self.before is None or self.after is None:
            return ["appeared" if self.before is None else "gone"]
        before, after = self.before, self.after
        waived = [entry.status is Status.WAIVED for entry in (before, after)]
        found = {
            "status": before.status is not after.status,
            "waived": waived[0] is not waived[1],
            "value": not _same_value(before, after),
            "threshold": _threshold(before) != _threshold(after),
            "severity": before.severity != after.severity,
        }
        return [word for word, differs in found.items() if differs]

    def row(self) -> list[str]:
        """As a table shows it."""
        return [
            self.gate,
            ", ".join(self.changed),
            self._both(lambda entry: entry.status.word),
            self._both(_measured),
            self._both(_threshold),
        ]

    def content(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "gate": self.gate,
            "changed": self.changed,
            "before": _content(self.before),
            "after": _content(self.after),
        }

    def _both(self, text: Callable[[Entry], str]) -> str:
        before, after = ("-" if each is None else text(each) for each in (self.before, self.after))
        return before if before == after else f"{before} → {after}"


def pairs(before: Record, after: Record) -> list[Pair]:
    """The gates that are different, in the order of `after`; those that are gone come last."""
    entries = [{entry.id: entry for entry in each.gates} for each in (before, after)]
    ids = dict.fromkeys([*entries[1], *entries[0]])
    every = (Pair(gate, entries[0].get(gate), entries[1].get(gate)) for gate in ids)
    return [pair for pair in every if pair.changed]


def facts(record: Record) -> dict[str, str]:
    """What a record was made by, and what it came to."""
    return {
        "stage": record.stage,
        "decision": record.decision,
        "confidence": record.confidence,
        "finished": moment(record.finished_at),
        "snapshot": moment(record.snapshot_at),
        "target": f"{record.target.name} ({record.target.project})",
        "windows": ", ".join(f"{name} {' to '.join(ends)}" for name, ends in _windows(record)),
        "profile": record.profile.name if record.profile else "none",
        "commit": record.code_version or "unknown",
        "configuration": record.config_sha256,
        "code": record.gates_sha256,
    }


def tables(before: Record, after: Record) -> Iterator[Table]:
    """Both records' facts, and a row for each gate that is different."""
    one, other = facts(before), facts(after)
    rows = [
        [name, _short(name, fact), _short(name, other[name]), _word(fact == other[name])]
        for name, fact in one.items()
    ]
    yield Table("Records", ["", "A", "B", "A and B"], rows)
    found = [pair.row() for pair in pairs(before, after)]
    if found:
        heads = ["gate", "changed", "status", "measured", "threshold"]
        yield Table("Gates that are different", heads, found)


def summary(before: Record, after: Record) -> str:
    """How many gates are different, and of how many it is the status."""
    found = pairs(before, after)
    every = {entry.id for record in (before, after) for entry in record.gates}
    statuses = sum("status" in pair.changed for pair in found)
    return f"Different gates: {len(found):,} of {len(every):,}, {statuses:,} of them in status."


def content(before: Record, after: Record) -> dict[str, Any]:
    """The same for a program."""
    return {
        "before": facts(before),
        "after": facts(after),
        "gates": [pair.content() for pair in pairs(before, after)],
    }


def _windows(record: Record) -> list[tuple[str, list[str]]]:
    return sorted(record.windows.items())


def _short(name: str, fact: str) -> str:
    return fact[:HASH_SHOWN] if name in ("commit", "configuration", "code") else fact


def _word(is_same: bool) -> str:
    return "same" if is_same else "different"


def _same_value(before: Entry, after: Entry) -> bool:
    """Whole counts are compared exactly; a sum of floats may come in another order."""
    one, other = _exact(before), _exact(after)
    if one is None or other is None:
        return same(before.measured, after.measured)
    return one == other


def _exact(entry: Entry) -> Fraction | None:
    if not isinstance(entry.numerator, int) or isinstance(entry.denominator, float):
        return None
    return Fraction(entry.numerator, entry.denominator or 1)


def _measured(entry: Entry) -> str:
    return "-" if entry.measured is None else f"{shown(entry.measured)}{_percent(entry)}"


def _threshold(entry: Entry) -> str:
    numbers = entry.threshold if isinstance(entry.threshold, list) else [entry.threshold]
    text = " to ".join(f"{shown(number)}{_percent(entry)}" for number in numbers)
    return text if entry.comparison == "between" else f"{entry.comparison} {text}"


def _percent(entry: Entry) -> str:
    return "%" if entry.unit == "%" else ""


def _content(entry: Entry | None) -> dict[str, Any] | None:
    if entry is None:
        return None
    names = {"status", "severity", "measured", "numerator", "denominator", "unit", "comparison"}
    return entry.model_dump(mode="json", include={*names, "threshold", "detail"})
