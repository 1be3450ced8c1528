"""What the operator sees of a run: a bar on a terminal, elsewhere and in a file lines."""

import sys
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any

from tqdm import tqdm

from backfill.attempts import Attempt
from backfill.service import Answer
from backfill.summary import attempt_line

EVERY = 10


class Progress:
    """Told of every attempt; `total` dates are expected to become complete."""

    def __init__(self, total: int, required: Sequence[str], log: Path) -> None:
        self._total = total
        self._required = required
        self._tried: set[date] = set()
        self._complete = 0
        self._first_started: datetime | None = None
        self._lock = Lock()
        log.parent.mkdir(parents=True, exist_ok=True)
        log.touch(mode=0o600)
        self._log = log.open("a", encoding="utf-8")
        self._bar: tqdm[Any] = tqdm(
            total=total,
            unit="date",
            disable=not sys.stdout.isatty(),
            file=sys.stdout,
            # Dates are read back several at a time, so the time left goes by the whole run's pace.
            smoothing=0,
        )

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bar.close()
        self._log.close()

    def line(self, text: str) -> None:
        """Print a line above the bar, and into the log; from any thread."""
        with self._lock:
            self._log.write(text + "\n")
            self._log.flush()
            tqdm.write(text, file=sys.stdout)
            sys.stdout.flush()

    def on_attempt(self, attempt: Attempt, answer: Answer, complete: bool) -> None:
        """An attempt has ended; `complete` only if the tables hold the date."""
        first_try = attempt.day not in self._tried
        self._tried.add(attempt.day)
        self._complete += complete
        self._first_started = self._first_started or attempt.started
        players = attempt.held.get("player_composite_factors", 0)
        self.line(attempt_line(attempt, self._required, players, answer.warnings))
        self._bar.update(int(complete))
        tried = len(self._tried)
        rate = 100 * self._complete / tried
        self._bar.set_postfix_str(f"{rate:.1f}% successful")
        if first_try and tried % EVERY == 0 and self._bar.disable:
            self.line(
                f"--- Progress: {tried}/{self._total} ({100 * tried / self._total:.1f}%) - "
                f"{self._complete} successful ({rate:.1f}%){self._left(attempt.ended)} ---"
            )

    def _left(self, now: datetime | None) -> str:
        """How long the rest takes at the pace of the run so far; nothing while none is complete."""
        if not (self._complete and self._first_started and now):
            return ""
        each = (now - self._first_started) / self._complete
        left = each * (self._total - self._complete)
        return f" - about {timedelta(seconds=round(left.total_seconds()))} left"
