"""Programs that must have stopped before their results are judged (runbook 1.1)."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import PurePath

import psutil

from gates.measure import Measurement

# Looking at a program is not running it.
_LOOKERS = {"grep", "egrep", "rg", "pgrep", "tail", "less", "vim", "vi", "nano", "cat", "watch"}


@dataclass(frozen=True)
class Processes:
    """The process table: one attribute per measure."""

    stopped: Measurement


def running(program: str) -> Processes:
    """How many processes on this machine run the script or module `program`."""
    this = psutil.Process()
    own = {this.pid, *(parent.pid for parent in this.parents())}
    found = [
        process.pid
        for process in psutil.process_iter(["cmdline", "name"])
        if process.pid not in own and _runs(process.info, program)
    ]
    note = "process ids " + ", ".join(map(str, found[:5])) if found else None
    return Processes(Measurement(Fraction(len(found)), note=note))


def _runs(info: dict[str, object], program: str) -> bool:
    words = info["cmdline"]
    if info["name"] in _LOOKERS or not isinstance(words, list):
        return False
    # backfill_orchestrator, path/backfill_orchestrator.sh, python -m jobs.backfill_orchestrator
    names = {part for word in words for part in (PurePath(word).name, PurePath(word).stem)}
    return any(name == program or name.endswith(f".{program}") for name in names)
