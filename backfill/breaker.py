"""Stop a run that cannot succeed: the same failure again and again, or too many failures. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from gates.measure.failure import Failure, kind, sentence

SAME_IN_A_ROW = 5
AFTER_DATES = 20
MOST_FAILED = 10  # % of the dates tried


@dataclass
class Breaker:
    """Told of dates that succeed and fail; `why` says what is wrong with them, while it is."""

    _tried: set[date] = field(default_factory=set)
    _failed: set[date] = field(default_factory=set)
    _last: Sequence[Failure] = ()
    _kind: tuple[object, ...] = ()
    _row: set[date] = field(default_factory=set)

    def succeeded(self, day: date) -> None:
        """`day` is complete, also if it had failed before."""
        self._tried.add(day)
        self._failed.discard(day)
        self._row.clear()

    def failed(self, day: date, failures: Sequence[Failure]) -> None:
        """`day` failed; how many rows were found does not make it another kind of failure."""
        self._tried.add(day)
        self._failed.add(day)
        found = kind(failures)
        if found != self._kind:
            self._row.clear()
        self._last, self._kind = failures, found
        self._row.add(day)

    @property
    def in_a_row(self) -> int:
        """How many dates have failed for the same reason since one succeeded."""
        return len(self._row)

    @property
    def in_doubt(self) -> bool:
        """Whether the last date failed, or none has been tried yet."""
        return bool(self._row) or not self._tried

    @property
    def why(self) -> str | None:
        """Why no further date should be sent, else None."""
        tried, failed = len(self._tried), len(self._failed)
        if len(self._row) >= SAME_IN_A_ROW:
            why = sentence(self._last)
            return f"{len(self._row)} dates in a row failed for the same reason: {why}"
        if tried >= AFTER_DATES and 100 * failed > MOST_FAILED * tried:
            return f"{failed} of {tried} dates failed, more than {MOST_FAILED}%"
        return None
