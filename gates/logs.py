"""The jobs' and the orchestrator's logs, read for what they claim. The tables decide, not these.

Line shapes: the sequential and the parallel backfill job and the orchestrator of the platform.
A log that cannot vouch for a finished run raises LogError, with the file that was looked for.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

from gates.measurement import Measurement

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
# A line of either kind of job that stands before its summary.
_RUNS = re.compile(
    r"Starting day-by-day backfill|PARALLEL BACKFILL MODE|"
    r"Processing day \d|Processing [\d,]+ days with"
)
_SUMMARY = re.compile(r"DAY-BY-DAY BACKFILL SUMMARY:|PARALLEL BACKFILL COMPLETE")
# What either kind of job counts in its summary, in this order: without the last it is cut off.
_COUNTED = ("Total days", "Successful", "Failed", "Total records")
_COUNT = re.compile(rf"(?:^|\s)({'|'.join(_COUNTED)})(?: days| processed)?:\s*(\d[\d,]*)\s*$")
_SECTION = "═" * 56
_SUMMARY_END = re.compile(r"={20,}\s*$")
_LINE_TIME = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)", re.MULTILINE)


# A line of any of them that tells what failed, was validated or was counted at the end.
_TELLS = re.compile(
    r"✗|fail|did not complete|validation passed|Total days|Successful|Success rate:|ALL PHASES",
    re.IGNORECASE,
)


class LogError(Exception):
    """A log that is missing, empty or unfinished: `why` in one clause, `remedy` in a sentence."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.why = why
        self.remedy = remedy


@dataclass(frozen=True)
class BackfillLog:
    """A backfill job's log: one attribute per measure (runbook 1.3 and 2.3)."""

    success_rate: Measurement


@dataclass(frozen=True)
class OrchestratorLog:
    """The orchestrator's newest log: one attribute per measure (runbook 1.2)."""

    phases_complete: Measurement
    validations_passed: Measurement


def backfill_log(folder: Path, pattern: str) -> BackfillLog:
    """The newest job log in `folder`: successful days over total days of its last summary."""
    try:
        path = newest(folder, pattern)
        total, successful = _last_summary(path)
    except LogError as error:
        return BackfillLog(Measurement(why=error.why, remedy=error.remedy))
    note = f"{path.name} says so"
    return BackfillLog(Measurement(Fraction(successful), Fraction(total), note=note))


def orchestrator_log(folder: Path, pattern: str) -> OrchestratorLog:
    """What the last run in the newest orchestrator log completed and validated, of two phases."""
    try:
        path = newest(folder, pattern)
        complete, passed = _last_run(path)
    except LogError as error:
        missing = Measurement(why=error.why, remedy=error.remedy)
        return OrchestratorLog(missing, missing)
    note = f"{path.name} says so"
    return OrchestratorLog(
        Measurement(Fraction(complete), note=note), Measurement(Fraction(passed), note=note)
    )


def newest(folder: Path, pattern: str) -> Path:
    """The newest file by the time in its name (YYYYMMDD_HHMMSS), else by when it was written."""
    found = [path for path in folder.glob(pattern) if path.is_file()]
    if not found:
        raise LogError(
            f"no log {folder / pattern} was found",
            "Copy the log there, or set GATES_LOGS to the folder that holds it.",
        )
    return max(found, key=lambda path: (_written(path), path.name))


def _written(path: Path) -> str:
    if stamp := re.search(r"\d{8}_\d{6}", path.name):
        return stamp[0]
    # A copy is as new as its last line, whenever it was copied.
    if lines := _LINE_TIME.findall(path.read_text(encoding="utf-8", errors="replace")):
        return f"{datetime.fromisoformat(lines[-1]):%Y%m%d_%H%M%S}"
    moment = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    return f"{moment:%Y%m%d_%H%M%S}"


def telling(path: Path) -> list[tuple[int, str]]:
    """Number and text of the lines that say what its gates are judged by, the last one first."""
    numbered = list(enumerate(_lines(path), start=1))
    return [(number, line.strip()) for number, line in reversed(numbered) if _TELLS.search(line)]


def _lines(path: Path) -> list[str]:
    text = _ANSI.sub("", path.read_text(encoding="utf-8", errors="replace"))
    if not text.strip():
        raise _unfinished(path, "is empty")
    return text.splitlines()


def _unfinished(path: Path, how: str) -> LogError:
    return LogError(
        f"{path} {how}, so it vouches for nothing",
        "Wait for the job to finish or run it again, then validate again.",
    )


def _last_summary(path: Path) -> tuple[int, int]:
    lines = _lines(path)
    starts = [number for number, line in enumerate(lines) if _SUMMARY.search(line)]
    runs = [number for number, line in enumerate(lines) if _RUNS.search(line)]
    if not starts or (runs and runs[-1] > starts[-1]):
        raise _unfinished(path, "ends without the summary of its last run")
    counts = _counts(lines[starts[-1] :])
    if counts.keys() != set(_COUNTED):
        raise _unfinished(path, "has a summary that is cut off")
    total, good, failed, _ = (counts[name] for name in _COUNTED)
    if total == 0 or good + failed != total:
        raise _unfinished(
            path, f"counts {good:,} successful and {failed:,} failed days of {total:,}"
        )
    return total, good


def _counts(lines: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in lines:
        if found and _SUMMARY_END.search(line):
            break
        if match := _COUNT.search(line):
            found.setdefault(match[1], int(match[2].replace(",", "")))
    return found


def _last_run(path: Path) -> tuple[int, int]:
    lines = [re.sub(r"^\[\d\d:\d\d:\d\d\]\s?", "", line).strip() for line in _lines(path)]
    titles = [
        (number, lines[number])
        for number in range(1, len(lines) - 1)
        if lines[number - 1] == lines[number + 1] == _SECTION
    ]
    # A start counts also where the log breaks off within its heading.
    begun = [n for n, line in enumerate(lines) if line == "BACKFILL ORCHESTRATOR STARTED"]
    if not begun:
        raise _unfinished(path, "holds no started run of the orchestrator")
    run = "\n".join(lines[begun[-1] :])
    sections = {title for number, title in titles if number >= begun[-1]}
    ended = re.search(r"Phase \d (?:validation FAILED|did not complete properly)", run)
    if "ORCHESTRATOR FINAL REPORT" not in sections and not ended:
        raise _unfinished(path, "ends without the orchestrator's final report")
    complete = passed = 0
    for phase in (1, 2):
        # The orchestrator validates a phase only when the phase has completed.
        validated = f"PHASE {phase}: VALIDATING DATA QUALITY" in sections
        complete += validated and f"Phase {phase} did not complete properly" not in run
        passed += (
            f"Phase {phase} validation PASSED" in run
            and f"Phase {phase} validation FAILED" not in run
        )
    if complete == passed == 2 and "ALL PHASES COMPLETE & VALIDATED" not in run:
        raise _unfinished(path, "ends within the orchestrator's final report")
    return complete, passed
