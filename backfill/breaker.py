"""Stop a run that cannot succeed: the same failure again and again, or too many failures. Pure."""

import re
from dataclasses import dataclass, field
from datetime import date

SAME_IN_A_ROW = 5
AFTER_DATES = 20
MOST_FAILED = 10  # % of the dates tried


@dataclass
class Breaker:
    """Told of dates that succeed and fail; `why` says what is wrong with them, while it is."""

    _tried: set[date] = field(default_factory=set)
    _failed: set[date] = field(default_factory=set)
    _kind: str | None = None
    _reason: str = ""
    _row: set[date] = field(default_factory=set)

    def succeeded(self, day: date) -> None:
        """`day` is complete, also if it had failed before."""
        self._tried.add(day)
        self._failed.discard(day)
        self._row.clear()

    def failed(self, day: date, reason: str) -> None:
        """`day` failed for `reason`; how many rows were found does not make it another one."""
        self._tried.add(day)
        self._failed.add(day)
        kind = re.sub(r"(?<!HTTP )\b\d+", "#", reason)
        if kind != self._kind:
            self._row.clear()
        self._kind, self._reason = kind, reason
        self._row.add(day)

    @property
    def why(self) -> str | None:
        """Why no further date should be sent, else None."""
        tried, failed = len(self._tried), len(self._failed)
        if len(self._row) >= SAME_IN_A_ROW:
            return f"{len(self._row)} dates in a row failed for the same reason: {self._reason}"
        if tried >= AFTER_DATES and 100 * failed > MOST_FAILED * tried:
            return f"{failed} of {tried} dates failed, more than {MOST_FAILED}%"
        return None
