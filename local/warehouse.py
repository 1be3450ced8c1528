"""The embedded warehouse: a BigQuery server of one's own, filled on first use.

    python -m local.warehouse up | reset [--home DIR] [--calendar FILE]
    python -m local.warehouse down [--home DIR]
    python -m local.warehouse exec [--home DIR] [--calendar FILE] -- COMMAND ...

Everything that it keeps lies in one folder (.local by default). Several `exec`s share one server;
the last one out stops it, unless `up` keeps it.
"""

import argparse
import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

from filelock import FileLock

from gates.config import ConfigError, Target, load
from local import server
from local.command import run
from local.fill import OWN_CALENDAR, discard_unfinished, fill, filled_from, origin, put_back
from local.home import HOST, EmbeddedWarehouseError, Home
from local.season import CalendarError
from local.server import Running

# As `env` and `timeout` do: 125 is this program's own failure, never the command's.
EXEC_FAILED = 125


def up(home: Home, target: Target, calendar: Path | None) -> None:
    """Start in the background, print host:port, stay up until `down`."""
    with _alone(home):
        found = _ensure(home, target, calendar, kept=True)
        if not found.kept:
            server.keep(home, replace(found, kept=True))
    print(found.address)


def down(home: Home) -> None:
    """Stop the server, also one that `exec`s are using."""
    with _alone(home):
        stopped = server.stop(home)
    print(
        f"The embedded warehouse {'is stopped' if stopped else 'was not running'}.", file=sys.stderr
    )


def reset(home: Home, target: Target, calendar: Path | None) -> None:
    """Back to the first state, or to that of another calendar; up again if it was up."""
    with _alone(home):
        first = filled_from(home.pristine)
        if first is None or (calendar is not None and origin(calendar) != first):
            fill(home, target, calendar)
        found = server.recorded(home)
        server.stop(home)
        put_back(home)
        if found is not None:
            server.start(home, target.project, kept=found.kept, port=found.port)
    print("The embedded warehouse is in its first state.", file=sys.stderr)


def execute(home: Home, target: Target, calendar: Path | None, command: list[str]) -> int:
    """Run `command` with BIGQUERY_EMULATOR_HOST set; its exit status, 128 + n for signal n."""
    with _lease(home):
        with _alone(home):
            found = _ensure(home, target, calendar, kept=False)
        return run(command, {**os.environ, "BIGQUERY_EMULATOR_HOST": found.address})


def _ensure(home: Home, target: Target, calendar: Path | None, *, kept: bool) -> Running:
    """The running server, or a new one, on data that was filled from `calendar` if one is named."""
    known = filled_from(home) or filled_from(home.pristine)
    if known is None:
        fill(home, target, calendar)
    elif calendar is not None and origin(calendar) != known:
        other = "the generator's own calendar" if known == OWN_CALENDAR else "another calendar"
        raise EmbeddedWarehouseError(
            f"The embedded warehouse in {home.folder} was filled from {other}, not from "
            f"{calendar}; run `make warehouse-reset CALENDAR={calendar}` to fill it anew."
        )
    if filled_from(home) is None:
        server.stop(home)
        put_back(home)
    found = server.recorded(home)
    return server.wait(found) if found else server.start(home, target.project, kept=kept)


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """One process at a time starts, fills or stops the server."""
    with FileLock(home.folder / "warehouse.lock"):
        discard_unfinished(home)
        yield


@contextmanager
def _lease(home: Home) -> Iterator[None]:
    """Shared by all `exec`s; whoever gives it back last stops a server that nobody keeps."""
    with (home.folder / "lease").open("w") as lease:
        fcntl.flock(lease, fcntl.LOCK_SH)
        try:
            yield
        finally:
            with _alone(home):
                if _is_last(lease.fileno()) and (found := server.recorded(home)) and not found.kept:
                    server.stop(home)


def _is_last(lease: int) -> bool:
    try:
        fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _arguments(words: list[str]) -> argparse.Namespace:
    own = words.index("--") if "--" in words else len(words)
    parser = argparse.ArgumentParser(prog="python -m local.warehouse")
    parser.add_argument("do", choices=["up", "down", "reset", "exec"])
    parser.add_argument("--home", type=Path, default=Path(".local"))
    parser.add_argument("--calendar", type=Path)
    given = parser.parse_args(words[:own])
    given.command = words[own + 1 :]
    if (given.do == "exec") != bool(given.command):
        parser.error("exec, and nothing else, is followed by -- COMMAND ...")
    return given


def _do(given: argparse.Namespace) -> int:
    os.umask(0o077)
    _past_the_proxy()
    home = Home(given.home.resolve())
    home.folder.mkdir(parents=True, exist_ok=True)
    if given.do == "down":
        down(home)
        return 0
    target = load({**os.environ, "GATES_TARGET": "local"}, datetime.now(UTC)).target
    if given.do == "exec":
        return execute(home, target, given.calendar, given.command)
    (up if given.do == "up" else reset)(home, target, given.calendar)
    return 0


def _past_the_proxy() -> None:
    # A proxy is for the world outside, but is asked for 127.0.0.1 too; the command inherits this.
    known = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = f"{known},{HOST}" if known else HOST


def _leave(number: int, _frame: FrameType | None) -> None:
    # As an exception, so that what was begun is cleared away.
    raise SystemExit(128 + number)


def main(words: list[str]) -> int:
    """Run one command and return its exit status; a problem is one sentence on stderr."""
    given = _arguments(words)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        return _do(given)
    except (EmbeddedWarehouseError, CalendarError, ConfigError) as problem:
        print(problem, file=sys.stderr)
    except OSError as error:
        print(f"{given.home} cannot be used ({error}); make room or correct it.", file=sys.stderr)
    return EXEC_FAILED if given.do == "exec" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
