"""Programs that must have stopped before their results are judged (runbook 1.1)."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import PurePath

import psutil

from gates.measure.result import Measurement

# Looking at a program is not running it.
_LOOKERS = {"grep", "egrep", "rg", "pgrep", "tail", "less", "vim", "vi", "nano", "cat", "watch"}


@dataclass(frozen=True)
class Processes:
    """The process table: one attribute per measure."""

    stopped: Measurement


def running(program: str) -> Processes:
    """How many processes on this machine run a script or module with `program` in its name."""
    found = [process.pid for process in matching(program)]
    note = "process ids " + ", ".join(map(str, found[:5])) if found else None
    return Processes(Measurement(Fraction(len(found)), note=note))


def matching(program: str) -> list[psutil.Process]:
    """Those processes; `info` of each holds its cmdline, name and create_time."""
    this = psutil.Process()
    own = {this.pid, *(parent.pid for parent in this.parents())}
    return [
        process
        for process in psutil.process_iter(["cmdline", "name", "create_time"])
        if _runs(process.info, program, exactly=process.pid in own)
    ]


def _runs(info: dict[str, object], program: str, *, exactly: bool) -> bool:
    words = info["cmdline"]
    if info["name"] in _LOOKERS or not isinstance(words, list):
        return False
    # backfill_orchestrator, path/backfill_orchestrator.sh, python -m jobs.backfill_orchestrator;
    # a word with spaces is a text for a shell, which runs the script in a process of its own.
    names = [PurePath(word) for word in words if word and not any(map(str.isspace, word))]
    if exactly:
        # What started these gates may name the program without being it.
        return any(program in (name.name, name.stem) for name in names)
    return any(program in name.name for name in names)
