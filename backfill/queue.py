"""Which date is sent next, and whether one that failed is tried again. Pure."""

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import date

from backfill.breaker import SAME_IN_A_ROW, Breaker
from gates.measure.failure import Failure

# So many dates are read back by one query while all is well,
TOGETHER = 5
# and so many may have been answered and not be read back yet: enough that no worker waits where
# that takes no longer than the service's own work.
MOST_BEHIND = 2 * TOGETHER


class Queue:
    """The dates of a run: new ones, those to try again soon, and those that are held back.

    A date that failed for the first time is tried again before any new one; one that failed again
    is held back to the end, with the rest of its `attempts`. While the failures look like more than
    single dates' own, what was held back comes before anything new, so that a dead service is found
    out with a few dates. A date has failed when its attempts are used up or it was refused; when
    too many have, no new date is sent, and those that were begun are still finished.
    """

    def __init__(self, days: Iterable[date], attempts: int) -> None:
        self._new = deque(days)
        self._soon: deque[date] = deque()
        self._held: deque[date] = deque()
        self._left = dict.fromkeys(self._new, attempts)
        self._attempts = attempts
        # Of the dates that have failed for good, and of all whose last attempt failed.
        self._over, self._failing = Breaker(), Breaker()
        self._stopped: str | None = None

    @property
    def why(self) -> str | None:
        """Why dates were left out, None when none was."""
        return self._stopped if self._new else None

    @property
    def together(self) -> int:
        """How many answered dates are worth a query; each one while the service is in doubt."""
        return 1 if self._failing.in_doubt else TOGETHER

    @property
    def most_behind(self) -> int:
        """How many dates, beside one for each worker, may be under way.

        While the service is in doubt, as many as it still takes to find out that it is dead.
        """
        if not self._failing.in_doubt:
            return MOST_BEHIND
        return max(0, SAME_IN_A_ROW - 1 - self._failing.in_a_row)

    def next(self, under_way: int) -> date | None:
        """The date to send now; None to wait for the `under_way` ones, or when all is done."""
        if self._soon:
            return self._soon.popleft()
        if self._held and (self._failing.why or not self._may_begin()):
            return self._held.popleft()
        # What is under way may be held back next, and clear or confirm the suspicion.
        if self._may_begin() and not (self._failing.why and under_way):
            return self._new.popleft()
        return None

    def begun(self, day: date) -> bool:
        """An attempt of `day` begins; whether it is its first."""
        self._left[day] -= 1
        return self._left[day] == self._attempts - 1

    def succeeded(self, day: date) -> None:
        """`day` is complete."""
        self._over.succeeded(day)
        self._failing.succeeded(day)

    def failed(self, day: date, failures: Sequence[Failure], *, refused: bool) -> bool:
        """An attempt of `day` failed; whether that was its last one."""
        self._failing.failed(day, failures)
        over = refused or not self._left[day]
        if over:
            self._over.failed(day, failures)
            self._stopped = self._stopped or self._over.why
        elif self._left[day] == self._attempts - 1:
            self._soon.append(day)
        else:
            self._held.append(day)
        return over

    def _may_begin(self) -> bool:
        return bool(self._new) and self._stopped is None
