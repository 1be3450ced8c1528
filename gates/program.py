"""How each of this project's programs begins and ends, so that a traceback is always a bug."""

import argparse
import io
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, NoReturn, TextIO

from gates.text import one_line

TABLE, JSON = "table", "json"
EXIT_FAILED = 1
EXIT_USAGE = 4
EXIT_NO_RECORD = 6
EXIT_INTERRUPTED = 130
# How make hands on ARGS: as one word, so that no shell reads what an operator puts there.
_ARGS = "--args="


class OperatorError(Exception):
    """What keeps a program from its work and an operator can put right: what was found, what to do.

    A program that meets one says it on stderr and ends with its `exit_status`.
    """

    exit_status = EXIT_FAILED

    @property
    def sentence(self) -> str:
        """The whole of it."""
        return str(self)


class UsageError(OperatorError):
    """Words that a command does not take."""

    exit_status = EXIT_USAGE


class _Output(io.FileIO):
    """A stream that goes on when it cannot be written to, as when its reader has left."""

    lost: OSError | None = None

    def write(self, data: Any, /) -> int:
        """Write, and say that all was written."""
        try:
            return super().write(data)
        except OSError as error:
            self.lost = error
            return len(data)


def run(main: Callable[[], int]) -> NoReturn:
    """End this process with the exit status of `main`."""
    keep_the_streams()
    sys.exit(ended(main))


def ended(main: Callable[[], int]) -> int:
    """The exit status of `main`; a problem is one sentence on stderr."""
    try:
        return main()
    except KeyboardInterrupt:
        why, status = "Interrupted.", EXIT_INTERRUPTED
    except OperatorError as problem:
        why, status = problem.sentence, problem.exit_status
    except OSError as error:
        what = error.filename or "A file"
        why, status = f"{what} cannot be used ({error.strerror or error}); correct it.", EXIT_FAILED
    print(why, file=sys.stderr)
    return status


def words() -> list[str]:
    """The words of this process's command line, those within `--args=TEXT` each as a word.

    They are split as a shell would, and nothing is run or expanded. Ends the process where a quote
    is not closed.
    """
    found = []
    for word in sys.argv[1:]:
        if not word.startswith(_ARGS):
            found.append(word)
            continue
        try:
            found += shlex.split(word.removeprefix(_ARGS))
        except ValueError as error:
            print(f"ARGS cannot be read ({error}); close its quotes.", file=sys.stderr)
            sys.exit(EXIT_USAGE)
    return found


def no_words(words: Sequence[str]) -> None:
    """For a command that takes none. Raises UsageError."""
    if words:
        found = one_line(shlex.join(words))
        raise UsageError(f"This command takes no words, and was given {found}; leave them out.")


def takes_format(parser: argparse.ArgumentParser, formats: Iterable[str]) -> None:
    """`--format` of a command that prints a table, and `--json`, which is short for one of them."""
    parser.add_argument("--format", choices=tuple(formats), default=TABLE)
    parser.add_argument(
        "--json", action="store_const", const=JSON, dest="format", help="the same as --format json"
    )


def check_printed() -> None:
    """For a program whose product is what it prints.

    Raises OSError where a part of it was lost, but not where its reader has left (`| head`).
    """
    sys.stdout.flush()
    lost = getattr(getattr(sys.stdout.buffer, "raw", None), "lost", None)
    if lost is not None and not isinstance(lost, BrokenPipeError):
        raise OSError(lost.errno, lost.strerror, "The standard output")


def end_quietly_on_ctrl_c() -> None:
    """Also while the modules of a program are imported, before its `run`: a word, no traceback."""
    sys.excepthook = _said


def in_foreground() -> bool:
    """Whether the terminal sends its signals to this process, and so to its children as well."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def _said(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        print("Interrupted.", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, traceback)


def keep_the_streams() -> None:
    """Go on when a standard stream is closed or its reader leaves."""
    for descriptor in (0, 1, 2):
        # One that is closed would be the next file that is opened, and be printed into.
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stdin is None:
        sys.stdin = io.TextIOWrapper(io.BufferedReader(io.FileIO(0, closefd=False)))
    sys.stdout, sys.stderr = _stream(1, sys.stdout), _stream(2, sys.stderr)


def _stream(descriptor: int, before: TextIO | None) -> io.TextIOWrapper:
    if before is not None:
        with suppress(OSError):
            before.flush()
    raw = _Output(descriptor, "w", closefd=False)
    return io.TextIOWrapper(
        io.BufferedWriter(raw),
        encoding=before.encoding if before else "utf-8",
        # A terminal that knows no ✅ gets its number, and the program goes on.
        errors="backslashreplace",
        line_buffering=descriptor == 2 or raw.isatty(),
    )
