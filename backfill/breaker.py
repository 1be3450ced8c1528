"""Stop a run that cannot succeed: the same failure again and again, or too many failures. Pure."""

from dataclasses import dataclass, field

SAME_IN_A_ROW = 5
AFTER_DATES = 20
MOST_FAILED = 10  # % of the dates tried


@dataclass
class Breaker:
    """Told of every date as it is tried; `why` is set when the run has to stop."""

    why: str | None = None
    _tried: set[object] = field(default_factory=set)
    _failed: set[object] = field(default_factory=set)
    _last: str | None = None
    _row: int = 0

    def succeeded(self, day: object) -> None:
        """`day` is complete, also if it had failed before."""
        self._tried.add(day)
        self._failed.discard(day)
        self._last, self._row = None, 0

    def failed(self, day: object, reason: str) -> None:
        """`day` failed for `reason`."""
        self._tried.add(day)
        self._failed.add(day)
        self._row = self._row + 1 if reason == self._last else 1
        self._last = reason
        tried, failed = len(self._tried), len(self._failed)
        if self._row >= SAME_IN_A_ROW:
            self.why = f"{self._row} dates in a row failed for the same reason: {reason}"
        elif tried >= AFTER_DATES and 100 * failed > MOST_FAILED * tried:
            self.why = f"{failed} of {tried} dates failed, more than {MOST_FAILED}%"
