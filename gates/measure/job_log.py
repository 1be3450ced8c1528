"""A backfill job's log, read for what it claims: sequential and parallel job of the platform.

Only the job's own lines count, those with its time and level before them: a summary that another
line quotes is none.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path

from gates.config.settings import Settings, Window
from gates.measure.logs import (
    DRY_RUN,
    LogError,
    in_time,
    lines,
    moment_of,
    newest,
    says_so,
    unfinished,
)
from gates.measure.result import Measurement

_OWN = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[,.]\d+ - [A-Z]+ - (.*)")
_SUMMARY = re.compile(r"DAY-BY-DAY BACKFILL SUMMARY:|PARALLEL BACKFILL COMPLETE")
# A line with which a run begins or goes on; where one follows a summary, another run has not ended.
_RUNS = re.compile(
    r"\W*(?:Start(?:ing|ed)?\b|Resum|Initiali[sz]|PARALLEL BACKFILL MODE|DAY-BY-DAY BACKFILL\b|"
    r"Processing\b|PROGRESS:|Date range:)(?!.*validat)",
    re.IGNORECASE,
)
_CRASH = "Traceback (most recent call last)"
# What either kind of job counts in its summary, in this order: without the last it is cut off.
_COUNTED = ("Total days", "Successful", "Failed", "Total records")
_COUNT = re.compile(rf"({'|'.join(_COUNTED)})(?: days| processed)?:\s*(\d[\d,]{{0,17}})")
_SUMMARY_END = re.compile(r"={20,}")
_RANGE = "Date range:"
_DAY = re.compile(r"Processing day [\d,]+/[\d,]+: (\d{4}-\d\d-\d\d)")
_DONE = re.compile(r"✓ Success: [\d,]+ records")
_NOT_DONE = re.compile(r"✗ (?:Failed|Exception)")
_DAY_DONE = re.compile(r"✓ (\d{4}-\d\d-\d\d): [\d,]+ records")
_DAY_NOT_DONE = re.compile(r"✗ (\d{4}-\d\d-\d\d): ")
_NOT_VALID = re.compile(r"\bvalidation\b.*(?<!\b0 )\bfailed\b", re.IGNORECASE)


@dataclass(frozen=True)
class BackfillLog:
    """A backfill job's log: one attribute per measure (runbook 1.3 and 2.3)."""

    success_rate: Measurement
    window_days: Measurement
    failed_validations: Measurement


def backfill_log(settings: Settings, stage: str) -> BackfillLog:
    """The newest log of a stage's job: its last summary, and the window's days that were done."""
    window = settings.windows[stage]
    try:
        path = newest(settings.logs, settings.log_files[stage])
        read = _read(path, window)
        in_time(path, read.ended, window[1], settings)
    except LogError as error:
        missing = Measurement(why=error.why, remedy=error.remedy)
        return BackfillLog(missing, missing, missing)
    note = says_so(path, read.line)
    days = (window[1] - window[0]).days + 1
    return BackfillLog(
        Measurement(Fraction(read.successful), Fraction(read.total), note=note),
        Measurement(Fraction(read.days_done), Fraction(days), note=note),
        Measurement(Fraction(read.failed_validations), note=note),
    )


@dataclass(frozen=True)
class _Read:
    """What the last run of a log claims: days, and when and on which line it said so."""

    total: int
    successful: int
    days_done: int
    failed_validations: int
    ended: datetime
    line: int


def _read(path: Path, window: Window) -> _Read:
    state = _State(window)
    for line in lines(path):
        state.line(line)
    if how := state.lacks():
        raise unfinished(path, how)
    total, good, failed, _ = (state.counts[name] for name in _COUNTED)
    if total == 0 or good + failed != total:
        raise unfinished(
            path, f"counts {good:,} successful and {failed:,} failed days of {total:,}"
        )
    if state.ended is None:
        raise unfinished(path, "has a summary without a date")
    done = sum(state.done.values())
    return _Read(total, good, done, state.failed_validations, state.ended, state.summary_line)


@dataclass
class _State:
    """What is known after each line; `done` holds the window's days, each by its last outcome."""

    window: Window
    done: dict[date, bool] = field(default_factory=dict)
    # Of the last summary, while no run has begun since.
    counts: dict[str, int] = field(default_factory=dict)
    failed_validations: int = 0
    ended: datetime | None = None
    has_ended: bool = False
    is_empty: bool = True
    is_dry: bool = False
    # Numbers from 1: of the last line, and of the last summary's first.
    _line: int = 0
    summary_line: int = 0
    _is_open: bool = False
    _dry_since: bool = False
    _day: str = ""

    def lacks(self) -> str | None:
        """Why the log vouches for nothing, if it does not."""
        if self.is_empty:
            return "is empty"
        if not self.has_ended:
            return "ends without the summary of its last run"
        if self.counts.keys() != set(_COUNTED):
            return "has a summary that is cut off"
        return "is of a dry run" if self.is_dry or self._dry_since else None

    def line(self, line: str) -> None:
        """Take in the next line."""
        self._line += 1
        self.is_empty = self.is_empty and not line.strip()
        # A dry run may say so before its first line or behind its summary.
        self._dry_since = self._dry_since or bool(DRY_RUN.search(line))
        self.failed_validations += bool(self.has_ended and _NOT_VALID.search(line))
        own = _OWN.match(line)
        if own is None:
            if line.startswith(_CRASH):
                self._begin()
            return
        text = own[1].strip()
        if _SUMMARY.fullmatch(text):
            self._sum_up(line)
        elif not (self._is_open and self._count(text)):
            self._go_on(text)

    def _begin(self) -> None:
        self.has_ended = self._is_open = False

    def _sum_up(self, line: str) -> None:
        self.has_ended = self._is_open = True
        self.summary_line = self._line
        self.counts, self.failed_validations, self.ended = {}, 0, moment_of(line)
        self.is_dry, self._dry_since = self._dry_since, False

    def _count(self, text: str) -> bool:
        """Whether `text` is a line of the summary."""
        if found := _COUNT.fullmatch(text):
            self.counts.setdefault(found[1], int(found[2].replace(",", "")))
        closes = bool(self.counts and _SUMMARY_END.fullmatch(text))
        self._is_open = not closes and len(self.counts) < len(_COUNTED)
        return bool(found) or closes or text.startswith(_RANGE)

    def _go_on(self, text: str) -> None:
        done, not_done = _DAY_DONE.match(text), _DAY_NOT_DONE.match(text)
        if done or not_done or _RUNS.match(text):
            self._begin()
        if day := _DAY.match(text):
            self._day = day[1]
        elif found := done or not_done:
            self._outcome(found[1], good=done is not None)
        elif _DONE.match(text) or _NOT_DONE.match(text):
            # One outcome a day: the next one is of a day whose own line is missing.
            self._outcome(self._day, good=text.startswith("✓"))
            self._day = ""

    def _outcome(self, text: str, *, good: bool) -> None:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return
        if self.window[0] <= day <= self.window[1]:
            self.done[day] = good
