"""One backfill or service check at a time: whoever comes second is told who holds the lock."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from gates.program import OperatorError


class LockedError(OperatorError):
    """Another run holds the lock; the message is one sentence that names host, process and time."""


@contextmanager
def only_run(folder: Path, what: str = "A backfill") -> Iterator[None]:
    """Hold the lock of the state folder; `what` holds it, for whoever comes second.

    Raises LockedError; a killed process holds nothing.
    """
    # A look at the ledger seldom takes the lock, and is over in the time that this takes to import.
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    holder = folder / "backfill.holder.json"
    lock = FileLock(folder / "backfill.lock", timeout=0, mode=0o600)
    try:
        lock.acquire()
    except Timeout as error:
        raise LockedError(_message(holder)) from error
    try:
        holder.touch(mode=0o600)
        holder.write_text(
            json.dumps(
                {
                    "what": what,
                    "host": socket.gethostname(),
                    "pid": os.getpid(),
                    "since": datetime.now(UTC).isoformat(timespec="seconds"),
                }
            ),
            encoding="utf-8",
        )
        yield
    finally:
        holder.unlink(missing_ok=True)
        lock.release()


def _message(holder: Path) -> str:
    try:
        found = json.loads(holder.read_text(encoding="utf-8"))
        what = found["what"]
        who = f"process {found['pid']} on {found['host']} since {found['since']}"
    except (OSError, ValueError, KeyError, TypeError):
        what, who = "A backfill", "a process that has just started"
    return f"{what} is running already, {who}; wait for it, or watch `make backfill-status`."
