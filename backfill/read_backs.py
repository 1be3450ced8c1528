"""Dates that the service has answered and that are not read back yet: several in one query.

A query is billed at least 10 MB of each of its six tables, so a date alone costs as much as many.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from backfill.attempts import Attempt
from backfill.worker import AttemptResult
from gates.files import in_background
from gates.measure.failure import Failure
from gates.measure.readback import DateCoverage

Held = Mapping[date, DateCoverage]


@dataclass(frozen=True)
class Answered:
    """An attempt that the service has answered, and what it has come to so far."""

    attempt: Attempt
    result: AttemptResult


class ReadBacks:
    """What waits to be read back and what is being read, by `read`, in threads; for one thread."""

    def __init__(
        self, read: Callable[[Collection[date]], Held], problem: Callable[[Exception], Failure]
    ) -> None:
        self._read = read
        self._problem = problem
        self._waiting: list[Answered] = []
        self._reading: dict[Future[Held], list[Answered]] = {}

    def __len__(self) -> int:
        """How many dates are neither complete nor failed yet."""
        return len(self._waiting) + sum(map(len, self._reading.values()))

    @property
    def reading(self) -> Collection[Future[Held]]:
        """What is being read."""
        return self._reading.keys()

    def add(self, answered: Answered) -> None:
        """Read a date back with others, soon."""
        self._waiting.append(answered)

    def start(self, enough: int) -> None:
        """Read back what waits, if that is `enough` or one of them has failed by its answer."""
        if self._waiting and (
            len(self._waiting) >= enough
            or any(each.result.answer.failures for each in self._waiting)
        ):
            self._begin(self._waiting)
            self._waiting = []

    def finish(self, future: Future[Held]) -> Iterator[Answered]:
        """What a query that is over has found of its dates.

        Where one of several cannot be read, each is read alone, so that it costs no other.
        """
        dates = self._reading.pop(future)
        try:
            held = future.result()
        except Exception as error:
            if len(dates) > 1:
                for each in dates:
                    self._begin([each])
                return
            result = replace(dates[0].result, problem=self._problem(error))
            yield Answered(dates[0].attempt, result)
            return
        for each in dates:
            yield Answered(each.attempt, replace(each.result, held=held[each.attempt.day]))

    def _begin(self, dates: list[Answered]) -> None:
        days = [each.attempt.day for each in dates]
        self._reading[in_background(partial(self._read, days))] = dates
