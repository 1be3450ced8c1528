"""The orchestrator's newest log, read for what its last run claims of two phases (runbook 1.2)."""

import re
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from gates.config.settings import Settings
from gates.measure.logs import (
    DRY_RUN,
    LogError,
    in_time,
    lines,
    newest,
    says_so,
    unfinished,
    written,
)
from gates.measure.result import Measurement

PHASES = ("phase1", "phase2")
_TIME = re.compile(r"^\[\d\d:\d\d:\d\d\]\s?")
_SECTION = "═" * 56
_STARTED = "BACKFILL ORCHESTRATOR STARTED"
_REPORT = "ORCHESTRATOR FINAL REPORT"
# A sign may stand before these; a word or a quote makes them somebody else's.
_PASSED = re.compile(r"[^\w\"'`]*Phase ([12]) validation PASSED\b")
_ALL_DONE = re.compile(r"[^\w\"'`]*ALL PHASES COMPLETE & VALIDATED\b")
# What went wrong counts wherever it is said.
_FAILED = re.compile(r"Phase ([12]) validation FAILED")
_INCOMPLETE = re.compile(r"Phase ([12]) did not complete properly")


@dataclass(frozen=True)
class OrchestratorLog:
    """The orchestrator's newest log: one attribute per measure (runbook 1.2)."""

    phases_complete: Measurement
    validations_passed: Measurement


def orchestrator_log(settings: Settings) -> OrchestratorLog:
    """What the last run in the newest orchestrator log completed and validated, of two phases.

    Its lines have no date: that of its name counts, when it was started.
    """
    try:
        path = newest(settings.logs, settings.log_files["orchestrator"])
        complete, passed, line = _last_run(path)
        last = max(settings.windows[phase][1] for phase in PHASES)
        in_time(path, written(path), last, settings)
    except LogError as error:
        missing = Measurement(why=error.why, remedy=error.remedy)
        return OrchestratorLog(missing, missing)
    note = says_so(path, line)
    return OrchestratorLog(
        Measurement(Fraction(complete), note=note), Measurement(Fraction(passed), note=note)
    )


@dataclass
class _Run:
    """What is known of a run of the orchestrator; the numbers are those of its phases."""

    sections: set[str] = field(default_factory=set)
    passed: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    incomplete: set[str] = field(default_factory=set)
    is_done: bool = False
    is_dry: bool = False

    def line(self, line: str) -> None:
        """Take in a line without its time."""
        if found := _PASSED.match(line):
            self.passed.add(found[1])
        self.failed.update(_FAILED.findall(line))
        self.incomplete.update(_INCOMPLETE.findall(line))
        self.is_done = self.is_done or bool(_ALL_DONE.match(line))
        self.is_dry = self.is_dry or bool(DRY_RUN.search(line))

    @property
    def complete(self) -> int:
        """Phases that completed: the orchestrator validates none that did not."""
        return sum(
            f"PHASE {phase}: VALIDATING DATA QUALITY" in self.sections
            and phase not in self.incomplete
            for phase in "12"
        )

    def lacks(self) -> str | None:
        """Why the run vouches for nothing, if it does not."""
        if self.is_dry:
            return "is of a dry run"
        if _REPORT not in self.sections and not self.failed | self.incomplete:
            return "ends without the orchestrator's final report"
        if self.complete == len(self.passed - self.failed) == 2 and not self.is_done:
            return "ends within the orchestrator's final report"
        return None


def _last_run(path: Path) -> tuple[int, int, int]:
    """Phases that are complete, those that passed, and the number of the last heading's line."""
    run, is_empty, heading = None, True, 0
    before, title = "", ""
    for number, raw in enumerate(lines(path)):
        line = _TIME.sub("", raw).strip()
        is_empty = is_empty and not line
        # A start counts also where the log breaks off within its heading.
        if line == _STARTED:
            run = _Run()
        if run:
            run.line(line)
            if before == line == _SECTION:
                run.sections.add(title)
                # That of the line before, counted from 1.
                heading = number
        before, title = title, line
    if run is None:
        what = "is empty" if is_empty else "holds no started run of the orchestrator"
        raise unfinished(path, what)
    if lacks := run.lacks():
        raise unfinished(path, lacks)
    return run.complete, len(run.passed - run.failed), heading
