"""The jobs' and the orchestrator's logs: which is read, line by line, and whether it is in time.

What they claim is read in job_log.py and orchestrator_log.py beside this. The tables decide, not
these. A log that cannot vouch for a finished run raises LogError, with the file that was looked
for. A log may be as long as a disk: no more of it is held than a line and what is known so far.
"""

import re
from collections import deque
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from gates.config.settings import Settings
from gates.program import OperatorError
from gates.text import one_line

# Colours, as the orchestrator writes them.
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
# What of a line is looked at; the rest of a longer one is passed over.
LONGEST = 10_000
LINE_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_STAMP = re.compile(r"\d{8}_\d{6}")
# A log's clock has no time zone, and somewhere it is tomorrow already.
AHEAD = timedelta(days=1)
# That nothing was written; "dry_run=False" says the opposite.
DRY_RUN = re.compile(
    r"\bdry[ _-]?run\b(?!\W{1,3}(?:false|none|no|off|disabled|0)\b)", re.IGNORECASE
)
# A line that tells what failed, was validated or was counted at the end.
_TELLS = re.compile(
    r"✗|fail|did not complete|validation passed|Total days|Successful|Success rate:|ALL PHASES",
    re.IGNORECASE,
)


class LogError(OperatorError):
    """A log that is missing, empty or unfinished: `why` in one clause, `remedy` in a sentence."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.why = why
        self.remedy = remedy

    @property
    def sentence(self) -> str:
        """What is wrong and what to do."""
        return f"{self.why}. {self.remedy}"


def unfinished(path: Path, how: str) -> LogError:
    """The error of a log that says nothing about a finished run."""
    return LogError(
        f"{one_line(path)} {how}, so it vouches for nothing",
        "Wait for the job to finish or run it again, then validate again.",
    )


def says_so(path: Path, line: int) -> str:
    """Where a log says what was read of it, as an editor or a terminal opens it."""
    return f"{one_line(path)}:{line} says so"


def newest(folder: Path, pattern: str) -> Path:
    """The newest file by the time in its name (YYYYMMDD_HHMMSS), else by when it was written."""
    found = [path for path in folder.glob(pattern) if path.is_file()]
    if not found:
        raise LogError(
            f"no log {folder / pattern} was found",
            "Copy the log there, or set GATES_LOGS to the folder that holds it.",
        )
    return max(found, key=lambda path: (written(path), path.name))


def written(path: Path) -> datetime:
    """When a log was: by its name, else by its last line that has a time, else by the file."""
    stamp = _STAMP.search(path.name)
    if stamp and (moment := _moment(stamp[0].replace("_", "T"))):
        return moment
    # A copy is as new as its last line, whenever it was copied.
    last = None
    for line in lines(path):
        last = moment_of(line) or last
    return last or datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)


def moment_of(line: str) -> datetime | None:
    """The time at which a line begins, as if it were UTC; None where it begins with none."""
    found = LINE_TIME.match(line)
    return _moment(found[0]) if found else None


def _moment(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        # 2026-13-45: digits, and no date.
        return None


def lines(path: Path) -> Iterator[str]:
    """The lines without their colours, each cut at LONGEST. Raises LogError.

    Bytes that are no text are replaced.
    """
    try:
        with path.open(encoding="utf-8", errors="replace", newline="\n") as file:
            begins = True
            while piece := file.readline(LONGEST):
                if begins:
                    yield _ANSI.sub("", piece).rstrip("\r\n")
                begins = piece.endswith("\n")
    except OSError as error:
        raise LogError(
            f"{one_line(path)} cannot be read ({error.strerror})",
            "Make it readable, or copy it anew.",
        ) from error


def in_time(path: Path, moment: datetime, last: date, settings: Settings) -> None:
    """Raises LogError for a log that is older than the window's `last` day, too old, or ahead."""
    limit, day = settings.target.log_age_days, moment.date()
    if moment > settings.now + AHEAD:
        raise _not_in_time(path, day, f"after today, {settings.now.date()}")
    if day < last:
        raise _not_in_time(path, day, f"before the window's last day, {last}")
    if limit is not None and moment < settings.now - timedelta(days=limit):
        raise _not_in_time(path, day, f"more than {limit:,} days ago")


def _not_in_time(path: Path, day: date, how: str) -> LogError:
    return LogError(
        f"{one_line(path)} is of {day}, {how}, so it vouches for nothing",
        "Copy the log of the run that filled the window, or run the job again.",
    )


def telling(path: Path, most: int) -> list[tuple[int, str]]:
    """Number and text of the last lines that say what its gates are judged by, the last one first.

    No more than `most`.
    """
    found: deque[tuple[int, str]] = deque(maxlen=most)
    for number, line in enumerate(lines(path), start=1):
        if _TELLS.search(line):
            found.appendleft((number, one_line(line)))
    return list(found)
