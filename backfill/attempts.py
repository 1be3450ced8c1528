"""Attempts of a backfill: one, and what is known of all of them without keeping each."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import median

from gates.measure.failure import Alike, Failure, Kind, sentence


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request for a date: aware times, the service's words, what was read back after it."""

    day: date
    number: int
    started: datetime
    ended: datetime | None = None
    http_status: int | None = None
    processors: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    failures: Sequence[Failure] = ()

    @property
    def error(self) -> str | None:
        """Why it failed, in a sentence; None where it did not."""
        return sentence(self.failures)


@dataclass(frozen=True)
class Attempts:
    """What all attempts come to, and the last one of each date.

    Of those that have ended: their number, `failures` that are alike with how many there were, when
    the first was started and the last was over, `ends` as seconds since 1970, and
    `seconds_per_date`, the median of those that made a date complete, None without any.
    """

    last: Mapping[date, Attempt]
    unanswered: Sequence[Attempt]
    ended: int
    failures: Sequence[tuple[Kind, int]]
    first_started_at: datetime | None
    last_ended_at: datetime | None
    ends: Sequence[float]
    seconds_per_date: float | None


def together(attempts: Iterable[Attempt]) -> Attempts:
    """All of `attempts`, which come date by date and ascend by their number in each."""
    last: dict[date, Attempt] = {}
    unanswered: list[Attempt] = []
    first_started = last_ended = None
    # A ledger may hold a hundred thousand: eight bytes for each, and no object.
    ends, took, alike = array("d"), array("d"), Alike()
    for each in attempts:
        last[each.day] = each
        started, ended = each.started, each.ended
        if ended is None:
            unanswered.append(each)
            continue
        ends.append(ended.timestamp())
        if first_started is None or started < first_started:
            first_started = started
        if last_ended is None or ended > last_ended:
            last_ended = ended
        if each.failures:
            alike.add(each.failures)
        else:
            took.append((ended - started).total_seconds())
    return Attempts(
        last=last,
        unanswered=unanswered,
        ended=len(ends),
        failures=alike.groups(),
        first_started_at=first_started,
        last_ended_at=last_ended,
        ends=ends,
        seconds_per_date=median(took) if took else None,
    )
