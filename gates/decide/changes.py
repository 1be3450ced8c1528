"""What is different between two runs of a stage, gate by gate, and whether they can be compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gates.config.calendar import yesterday
from gates.decide.history import GateResult, PastRun, same


@dataclass(frozen=True)
class Change:
    """A gate that came out differently, or with another value; None where it was not asked for."""

    gate: str
    before: GateResult | None
    after: GateResult | None

    @property
    def of_outcome(self) -> bool:
        """Whether its status is another one, not its value alone."""
        statuses = {point.status if point else None for point in (self.before, self.after)}
        return len(statuses) > 1


@dataclass(frozen=True)
class Changes:
    """What is different between two runs; `verdict` is (before, after) where it is another one."""

    since: str
    verdict: tuple[str, str] | None
    gates: Sequence[Change]
    other_windows: bool
    other_configuration: bool

    @property
    def outcomes(self) -> list[Change]:
        """The gates that came out differently."""
        return [change for change in self.gates if change.of_outcome]

    @property
    def values(self) -> list[Change]:
        """The gates that came out as before, with another value."""
        return [change for change in self.gates if not change.of_outcome]


def changes(previous: PastRun, current: PastRun) -> Changes:
    """What is different in `current`, in the order of its gates; those it has no more come last."""
    ids = dict.fromkeys([*current.gates, *previous.gates])
    pairs = [Change(gate, previous.gates.get(gate), current.gates.get(gate)) for gate in ids]
    verdicts = previous.decision, current.decision
    return Changes(
        since=previous.finished_at,
        verdict=verdicts if verdicts[0] != verdicts[1] else None,
        gates=[pair for pair in pairs if _differs(pair)],
        other_windows=previous.windows.keys() != current.windows.keys()
        or not all(of_a_kind(previous, current, stage) for stage in current.windows),
        other_configuration=previous.config_sha256 != current.config_sha256,
    )


def of_a_kind(one: PastRun, other: PastRun, stage: str) -> bool:
    """Whether both read the same window of `stage`, or one that ended as late as it could."""
    windows = [run.windows.get(stage, ()) for run in (one, other)]
    if len(windows[0]) != len(windows[1]):
        return False
    return all(
        day == after or (day == _yesterday(one) and after == _yesterday(other))
        for day, after in zip(*windows, strict=True)
    )


def _yesterday(run: PastRun) -> str | None:
    try:
        return yesterday(datetime.fromisoformat(run.finished_at)).isoformat()
    except (OverflowError, ValueError):
        # A time without a zone, or at the end of the calendar: the file was damaged.
        return None


def _differs(change: Change) -> bool:
    if change.before is None or change.after is None or change.of_outcome:
        return True
    return not same(change.before.measured, change.after.measured)
