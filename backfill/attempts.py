"""Attempts of a backfill: one, and what is known of all of them without keeping each."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import compress
from operator import sub
from statistics import median

from gates.measure.failure import Failure, Kind, grouped, sentence

# Of several attempts, one by one: when each started and ended, and whether without a failure.
Spans = tuple[Sequence[datetime], Sequence[datetime], Sequence[bool]]


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
    the first was started and the last was over, and `seconds_per_date`, the median of those that
    made a date complete, None without any.
    """

    last: Mapping[date, Attempt]
    unanswered: Sequence[Attempt]
    ended: int
    failures: Sequence[tuple[Kind, int]]
    first_started_at: datetime | None
    last_ended_at: datetime | None
    seconds_per_date: float | None


def together(
    last: Iterable[Attempt],
    unanswered: Iterable[Attempt],
    spans: Iterable[Spans],
    failures: Iterable[tuple[Sequence[Failure], int]],
) -> Attempts:
    """What all attempts come to, of the last of each date and of those without an end.

    Of those with one, each once, `spans` are from when to when; `failures` say how many have which,
    in the order in which each came last.
    """
    # A ledger may hold a hundred thousand: eight bytes for each that was good, and no object.
    took, ended = array("d"), 0
    first_started: datetime | None = None
    last_ended: datetime | None = None
    for starts, ends, good in spans:
        ended += len(starts)
        first_started = min(first_started or starts[0], min(starts))
        last_ended = max(last_ended or ends[0], max(ends))
        took.extend(map(timedelta.total_seconds, compress(map(sub, ends, starts), good)))
    return Attempts(
        last={each.day: each for each in last},
        unanswered=[*unanswered],
        ended=ended,
        failures=grouped(failures),
        first_started_at=first_started,
        last_ended_at=last_ended,
        seconds_per_date=median(took) if took else None,
    )
