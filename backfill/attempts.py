"""Attempts of a backfill: one, and what is known of all of them without keeping each."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import median

from gates.measure.failure import Failure, Kind, grouped, sentence


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
    spans: Iterable[tuple[datetime, datetime, bool]],
    failures: Iterable[tuple[Sequence[Failure], int]],
) -> Attempts:
    """What all attempts come to, of the last of each date and of those without an end.

    Of those with one, `spans` are from when to when, and whether without a failure; `failures` say
    how many have which, in the order in which each came last.
    """
    # A ledger may hold a hundred thousand: eight bytes for each that was good, and no object.
    took, ended, first_started, last_ended = array("d"), 0, None, None
    for start, end, good in spans:
        ended += 1
        if first_started is None or start < first_started:
            first_started = start
        if last_ended is None or end > last_ended:
            last_ended = end
        if good:
            took.append((end - start).total_seconds())
    return Attempts(
        last={each.day: each for each in last},
        unanswered=[*unanswered],
        ended=ended,
        failures=grouped(failures),
        first_started_at=first_started,
        last_ended_at=last_ended,
        seconds_per_date=median(took) if took else None,
    )
