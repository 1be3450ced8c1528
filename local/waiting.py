"""Waiting for a server process."""

import sys
import time
from collections.abc import Callable

import psutil

# A server that neither answers nor uses the processor for so long hangs.
START_S = 60


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    """Wait until it holds, at most so many seconds; whether it does."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def gets_there(pid: int, holds: Callable[[], bool], title: str) -> bool:
    """Wait until it holds; False when the process has ended or stood still for START_S seconds.

    A machine that is busy makes a server slow, not broken.
    """
    worked, got_on = 0.0, time.monotonic()
    say_so = got_on + START_S
    while not holds():
        now = _worked(pid)
        if now > worked:
            worked, got_on = now, time.monotonic()
        elif now < 0 or time.monotonic() - got_on > START_S:
            return False
        if time.monotonic() > say_so:
            print(f"{title} is at work and does not answer yet; waiting for it.", file=sys.stderr)
            say_so += START_S
        time.sleep(0.05)
    return True


def _worked(pid: int) -> float:
    """Seconds of a processor that the process has used; -1 when it has ended."""
    try:
        process = psutil.Process(pid)
        ended = process.status() == psutil.STATUS_ZOMBIE
        return -1.0 if ended else float(sum(process.cpu_times()[:2]))
    except psutil.NoSuchProcess:
        return -1.0
