"""Run a command as a shell does: signals reach it, its exit status is handed on."""

import signal
import subprocess
import sys
from collections.abc import Callable, Mapping

from gates.program import in_foreground

NOT_FOUND = 127
NOT_EXECUTABLE = 126
_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(command: list[str], environ: Mapping[str, str]) -> int:
    """The command's exit status; 128 + n when signal n ended it, 126 or 127 when it cannot start.

    From here on signals never end this process: they are the command's, also those that come while
    it starts.
    """
    early: list[int] = []
    _handle(early.append)
    try:
        process = subprocess.Popen(command, env=environ)  # noqa: S603
    except OSError as error:
        print(f"{command[0]} cannot be run ({error.strerror}); correct it.", file=sys.stderr)
        return NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE
    _handle(lambda number: _send(process, number))
    for number in early:
        _send(process, number)
    status = process.wait()
    return status if status >= 0 else 128 - status


def _handle(what: Callable[[int], None]) -> None:
    for number in _PASSED_ON:
        signal.signal(number, lambda number, _: what(number))


def _send(process: "subprocess.Popen[bytes]", number: int) -> None:
    # Ctrl-C reaches all of the terminal's foreground processes; twice would break off a clean end.
    if number != signal.SIGINT or not in_foreground():
        process.send_signal(number)
