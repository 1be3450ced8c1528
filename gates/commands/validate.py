"""Run the gates of a stage with pytest, and believe its record alone.

    python -m gates validate STAGE [pytest's words]

This is what make runs. Whatever words, options and environment make of pytest, the exit status is
0 only over a GO that this very run has recorded, because that is looked for from another process.
Exit status: as pytest's, which is 0 GO, 1 NO-GO because a gate failed, 6 NO-GO because something
could not be evaluated, 2 interrupted, 3 internal error, 4 words or settings that cannot be used, 5
no gates; also 6 where this run recorded no GO though pytest ended with 0, or where another run of
the stage is under way; 130 after Ctrl-C before there were gates to judge; 128 + n where pytest was
ended by signal n.
"""

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from uuid import uuid4

from gates.config.stages import DECISIONS, named
from gates.decide.only_run import RUN_ID, agreed, only_run
from gates.files import reports_folder
from gates.program import in_foreground

_FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def pytest_of(stage: str, words: Sequence[str]) -> int:
    """pytest's own exit status; `--stage` comes last, so that no word names another stage."""
    import pytest

    return int(pytest.main([*words, "--stage", stage]))


def in_child(work: Callable[[], int]) -> int:
    """The exit status of `work` in a process of its own; -n when signal n ended it.

    Signals that reach this process are the child's.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, _FORWARDED)
    child = os.fork()
    if child:
        for number in _FORWARDED:
            signal.signal(number, lambda number, _: _send(child, number))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _FORWARDED)
    if not child:
        sys.exit(work())
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _send(child: int, number: int) -> None:
    # Ctrl-C reaches all of the terminal's foreground processes; twice would break off a clean end.
    if number != signal.SIGINT or not in_foreground():
        with suppress(ProcessLookupError):
            os.kill(child, number)


def main(words: Sequence[str], environ: Mapping[str, str], _now: datetime) -> int:
    """Run a stage; the exit status that its record agrees with. Raises UsageError, RefusedError."""
    stage = named(words, DECISIONS)
    reports = reports_folder(environ)
    with only_run(reports, stage):
        pass
    run_id = os.environ[RUN_ID] = uuid4().hex
    status = in_child(lambda: pytest_of(stage, words[1:]))
    return agreed(reports, stage, run_id, status)
