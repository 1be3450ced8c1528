"""One run of a stage at a time, and what a run leaves: a record that agrees with its exit status.

    python -m gates.only_run STAGE    delete what the last run of STAGE left

Make calls it before the environments are built, so it needs Python's own library alone.
"""

import fcntl
import json
import os
import shutil
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from gates.files import reason, remove_partial, reports_folder
from gates.program import run
from gates.stages import COMMANDS, FINAL
from gates.text import one_line

EXIT_NO_RECORD = 6
# Who runs the gates tells the run its id by this variable, and looks for it in the record.
RUN_ID = "GATES_RUN_ID"
# How the names of the folders begin that the processes of one run share.
SHARED = ".run-"
LOCK = ".lock"
_LEFT = ("decision.json", "decision.md", "report.html", "junit.xml")


class RefusedError(Exception):
    """Why a run does not begin; the message is one sentence with what to do."""


@contextmanager
def only_run(reports: Path, stage: str) -> Iterator[None]:
    """Hold the lock of a stage's reports, from which all that the last run left is deleted first.

    Raises RefusedError where another run holds it, or the folder cannot be used. A killed process
    holds nothing.
    """
    folder = reports / stage
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK).open("a+", encoding="utf-8")
    except OSError as error:
        if not (folder / LOCK).exists():
            # Nobody holds it, and a full disk must not save an old GO.
            with suppress(OSError):
                _delete_previous(reports, stage)
        raise RefusedError(_unusable(folder, error)) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            _delete_previous(reports, stage)
        except BlockingIOError as error:
            raise RefusedError(_held(lock, stage)) from error
        except OSError as error:
            raise RefusedError(_unusable(folder, error)) from error
        _sign(lock)
        yield


def agreed(reports: Path, stage: str, run_id: str, status: int) -> int:
    """The exit status of a run that itself ended with `status` (negative: by that signal).

    0 only over a GO that this run has recorded, 1 only over its NO-GO. Where the two do not agree,
    the record is deleted and a sentence goes to stderr.
    """
    record = _record(reports, stage)
    own = record.get("run_id") == run_id and record.get("stage") == stage
    decision = record.get("decision") if own else None
    fits = {0: decision == "GO", 1: decision == "NO-GO"}.get(status, decision != "GO")
    if status >= 0 and fits:
        return status
    if own or not record:
        # Where another run holds the lock, it has deleted them itself.
        with suppress(RefusedError), only_run(reports, stage):
            pass
    print(_disagreement(stage, status, decision), file=sys.stderr)
    if status < 0:
        return 128 - status
    return EXIT_NO_RECORD if status in (0, 1) else status


def _disagreement(stage: str, status: int, decision: str | None) -> str:
    how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
    if decision == "GO":
        why, do = "after its GO, which was deleted", f"run `{COMMANDS[stage]}` again"
    elif status < 0:
        why, do = "so it left no record", f"run `{COMMANDS[stage]}` again"
    else:
        why = "and this run recorded no decision that says so"
        do = (
            "leave out of ARGS, PYTEST_ADDOPTS and PYTEST_PLUGINS what keeps the gates from running"
        )
    return f"{stage} is no GO: pytest {how}, {why}; {do}."


def _record(reports: Path, stage: str) -> Mapping[str, Any]:
    try:
        found = json.loads((reports / stage / _LEFT[0]).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _delete_previous(reports: Path, stage: str) -> None:
    """A GO must not be found after another run, nor what a killed run left half done.

    The final decision goes too: it was made over the record that goes.
    """
    for folder in (reports / stage, reports / FINAL):
        for name in _LEFT:
            (folder / name).unlink(missing_ok=True)
    remove_partial(reports / stage)
    for shared in (reports / stage).glob(f"{SHARED}*"):
        shutil.rmtree(shared)


def _sign(lock: IO[str]) -> None:
    """Who holds the lock, for whoever comes second; a full disk costs them the name alone."""
    since = datetime.now(UTC).isoformat(timespec="seconds")
    with suppress(OSError):
        lock.truncate(0)
        lock.write(f"process {os.getpid()} on {socket.gethostname()} since {since}")
        lock.flush()


def _held(lock: IO[str], stage: str) -> str:
    lock.seek(0)
    who = one_line(lock.read(1000)) or "a process that has just started"
    return f"A run of {stage} is under way, {who}; wait for its end, or stop it."


def _unusable(folder: Path, error: OSError) -> str:
    return f"{folder} cannot be used ({reason(error)}); make it writable, or correct GATES_REPORTS."


def main() -> int:
    """Delete what the last run of a stage left; a problem is one sentence on stderr."""
    try:
        with only_run(reports_folder(os.environ), sys.argv[1]):
            return 0
    except RefusedError as problem:
        print(problem, file=sys.stderr)
        return EXIT_NO_RECORD


if __name__ == "__main__":
    run(main)
