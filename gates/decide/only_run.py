"""One run of a stage at a time, and what a run leaves: a record that agrees with its exit status.

Make deletes what a run left before the environments are built, so this needs Python's own library
alone.
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

from gates.config.stages import COMMANDS, FINAL
from gates.files import reason, remove_partial
from gates.program import EXIT_INTERRUPTED, EXIT_NO_RECORD, OperatorError
from gates.text import one_line

# How pytest ends after Ctrl-C.
INTERRUPTED = 2
# Who runs the gates tells the run its id by this variable, and looks for it in the record.
RUN_ID = "GATES_RUN_ID"
# How the names of the folders begin that the processes of one run share.
SHARED = ".run-"
LOCK = ".lock"
_LEFT = (
    "decision.json",
    "decision.md",
    "report.html",
    "junit.xml",
    "ctrf.json",
    "openlineage.json",
)


class RefusedError(OperatorError):
    """Why a run does not begin; the message is one sentence with what to do."""

    exit_status = EXIT_NO_RECORD


@contextmanager
def only_run(reports: Path, stage: str) -> Iterator[None]:
    """Hold the lock of a stage's reports, from which all that the last run left is deleted first.

    Raises RefusedError.
    """
    if not (reports / stage / LOCK).exists():
        # Nobody holds it, and a disk too full for it must not save an old GO.
        with suppress(OSError):
            _delete_previous(reports, stage)
    with locked(reports, stage):
        try:
            _delete_previous(reports, stage)
        except OSError as error:
            raise RefusedError(_unusable(reports / stage, error)) from error
        yield


@contextmanager
def locked(reports: Path, stage: str) -> Iterator[None]:
    """Hold the lock of a stage's reports; a killed process holds nothing.

    Raises RefusedError where another run holds it, or the folder cannot be used.
    """
    folder = reports / stage
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / LOCK).open("a+", encoding="utf-8", errors="replace")
    except OSError as error:
        raise RefusedError(_unusable(folder, error)) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RefusedError(_held(lock, stage)) from error
        except OSError as error:
            raise RefusedError(_unusable(folder, error)) from error
        _sign(lock)
        yield


def agreed(reports: Path, stage: str, run_id: str, status: int) -> int:
    """The exit status of a run that itself ended with `status` (negative: by that signal).

    0 only over a GO that this run has recorded, 1 only over its NO-GO. Where the two do not agree,
    the record is deleted and a sentence goes to stderr; so it does where pytest was interrupted
    before there was one.
    """
    record = _record(reports, stage)
    own = record.get("run_id") == run_id and record.get("stage") == stage
    decision = record.get("decision") if own else None
    says = {0: ("GO",), 1: ("NO-GO",), INTERRUPTED: ("NO-GO",)}
    fits = decision in says.get(status, ("NO-GO", None))
    if status >= 0 and fits:
        return status
    if own or not record:
        # Where another run holds the lock, it has deleted them itself.
        with suppress(RefusedError), only_run(reports, stage):
            pass
    print(_disagreement(stage, status, decision), file=sys.stderr)
    if status < 0:
        return 128 - status
    return {0: EXIT_NO_RECORD, 1: EXIT_NO_RECORD, INTERRUPTED: EXIT_INTERRUPTED}.get(status, status)


def _disagreement(stage: str, status: int, decision: str | None) -> str:
    how = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
    how = "was interrupted" if status == INTERRUPTED else how
    if decision == "GO":
        why, do = "after its GO, which was deleted", f"run `{COMMANDS[stage]}` again"
    elif status < 0 or status == INTERRUPTED:
        why, do = "so it left no record", f"run `{COMMANDS[stage]}` again"
    else:
        why = "and this run recorded no decision that says so"
        do = (
            "leave out of ARGS, PYTEST_ADDOPTS and PYTEST_PLUGINS what keeps the gates from running"
        )
    return f"{stage} is not GO: pytest {how}, {why}; {do}."


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
    # Both records before anything else, which may not let itself be deleted.
    for name in _LEFT:
        for folder in (reports / stage, reports / FINAL):
            (folder / name).unlink(missing_ok=True)
    remove_partial(reports / stage)
    for shared in (reports / stage).glob(f"{SHARED}*"):
        shutil.rmtree(shared)


def _sign(lock: IO[str]) -> None:
    """Who holds the lock, for whoever comes second; a full disk costs them the name alone."""
    since = datetime.now(UTC).isoformat(timespec="seconds")
    who = f"process {os.getpid()} on {socket.gethostname()} since {since}"
    with suppress(OSError):
        os.ftruncate(lock.fileno(), 0)
        os.write(lock.fileno(), who.encode())


def _held(lock: IO[str], stage: str) -> str:
    lock.seek(0)
    who = one_line(lock.read(1000)) or "a process that has just started"
    return f"A run of {stage} is under way, {who}; wait for its end, or stop it."


def _unusable(folder: Path, error: OSError) -> str:
    do = "make room, make it writable, or move away what is in its place"
    return f"{error.filename or folder} cannot be used ({reason(error)}); {do}."
