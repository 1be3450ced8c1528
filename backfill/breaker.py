"""Stop a run that cannot succeed: the same failure again and again, or too many failures. Pure."""

import re
from dataclasses import dataclass, field
from datetime import date

SAME_IN_A_ROW = 5
AFTER_DATES = 20
MOST_FAILED = 10  # % of the dates tried


@dataclass
class Breaker:
    """Told of every attempt as it ends; `why` is set when the run has to stop."""

    why: str | None = None
    _tried: set[date] = field(default_factory=set)
    _failed: set[date] = field(default_factory=set)
    _kind: str | None = None
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
        self._kind = kind
        self._row.add(day)
        tried, failed = len(self._tried), len(self._failed)
        if len(self._row) >= SAME_IN_A_ROW:
            self.why = f"{len(self._row)} dates in a row failed for the same reason: {reason}"
        elif tried >= AFTER_DATES and 100 * failed > MOST_FAILED * tried:
            self.why = f"{failed} of {tried} dates failed, more than {MOST_FAILED}%"
