"""The embedded warehouse: a BigQuery server of one's own, filled on first use.

    python -m local.warehouse up | reset [--home DIR] [FROM]
    python -m local.warehouse down [--home DIR]
    python -m local.warehouse exec [--home DIR] [FROM] -- COMMAND ...

FROM: [--calendar FILE | --until DATE] [--made-before DIR]. Without a calendar it is filled with
seasons that reach to yesterday, or to `--until`; with a folder for what was made before, the same
is not made again for another home.

Everything else that it keeps lies in one folder (.local by default). Several `exec`s share one
server; the last one out stops it, unless `up` keeps it.
"""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gates.config.calendar import yesterday
from gates.config.server import WAREHOUSE
from local import cli
from local.background import Running
from local.command import run
from local.home import EmbeddedError, Home
from local.warehouse import made_before, server
from local.warehouse.first_state import (
    discard_unfinished,
    filled_from,
    is_own,
    last_own_day,
    origin,
    put_back,
)

if TYPE_CHECKING:
    from gates.config.schema import Target


@dataclass(frozen=True)
class Seasons:
    """A calendar file, or none and the last day that the generator's own seasons reach.

    `follow` says that nobody asked for either, so that this day is yesterday. `made_before` is
    where this machine keeps first states.
    """

    calendar: Path | None
    until: date
    follow: bool
    made_before: Path | None


def up(home: Home, seasons: Seasons) -> None:
    """Start in the background, print host:port, stay up until `down`."""
    with _alone(home):
        found = _ensure(home, seasons, kept=True)
        if not found.kept:
            server.of(home).keep(replace(found, kept=True))
    print(found.address)


def down(home: Home) -> None:
    """Stop the server, also one that `exec`s are using."""
    with _alone(home):
        stopped = server.of(home).stop()
    print(
        f"The embedded warehouse {'is stopped' if stopped else 'was not running'}.", file=sys.stderr
    )


def reset(home: Home, seasons: Seasons) -> None:
    """Back to the first state, or to that of another calendar; up again if it was up."""
    # Before anything is stopped.
    project = _target().project
    with _alone(home):
        first = filled_from(home.pristine)
        if first is None or first != _wanted(seasons, first):
            _fill(home, seasons)
        found = server.of(home).recorded()
        server.of(home).stop()
        put_back(home)
        if found is not None:
            server.start(home, project, kept=found.kept, port=found.port)
    print("The embedded warehouse is in its first state.", file=sys.stderr)


def execute(home: Home, seasons: Seasons, command: list[str]) -> int:
    """Run `command` with BIGQUERY_EMULATOR_HOST set; its exit status, 128 + n for signal n."""
    with server.of(home).lease(lambda: _alone(home)):
        with _alone(home):
            found = _ensure(home, seasons, kept=False)
        named = {
            "BIGQUERY_EMULATOR_HOST": found.address,
            # Its port changes with every start, its data does not.
            WAREHOUSE: f"{found.address}={home.identity}",
        }
        return run(command, {**os.environ, **named})


def _ensure(home: Home, seasons: Seasons, *, kept: bool) -> Running:
    """The running server, or a new one, on data that was filled from the calendar if one is named.

    What has been filled once is left as it is, however far it reaches: a backfill may have begun.
    """
    known = filled_from(home) or filled_from(home.pristine)
    if known is None:
        _fill(home, seasons)
    elif seasons.calendar is not None and origin(seasons.calendar, seasons.until) != known:
        calendar = seasons.calendar
        other = "the generator's own calendar" if is_own(known) else "another calendar"
        raise EmbeddedError(
            f"The embedded warehouse in {home.folder} was filled from {other}, not from "
            f"{calendar}; run `make warehouse-reset CALENDAR={calendar}` to fill it anew."
        )
    elif seasons.follow:
        _say_if_behind(known, seasons.until)
    if filled_from(home) is None:
        server.of(home).stop()
        put_back(home)
    found = server.of(home).recorded()
    if found:
        return server.of(home).wait(found)
    return server.start(home, _target().project, kept=kept)


def _say_if_behind(known: str, yesterday: date) -> None:
    """A run up to yesterday finds no games after the last day that was filled."""
    reached = last_own_day(known)
    if reached is not None and reached < yesterday:
        print(
            f"The embedded seasons reach to {reached}; `make warehouse-reset` fills them to "
            "yesterday, and discards what a backfill wrote.",
            file=sys.stderr,
        )


def _fill(home: Home, seasons: Seasons) -> None:
    target, before = _target(), seasons.made_before
    if before and made_before.take(before, target, origin(seasons.calendar, seasons.until), home):
        print("The embedded warehouse was filled with a copy of an earlier fill.", file=sys.stderr)
        return
    # What it imports takes most of a second, and is wanted once.
    from local.warehouse.fill import fill

    fill(home, target, seasons.calendar, seasons.until, before)


def _target() -> "Target":
    """What gates.toml says of the embedded warehouse; a server that runs was told before."""
    # As long again, and in the way of every command on a server that is up.
    from gates.config.settings import load

    return load({**os.environ, "GATES_TARGET": "local"}, datetime.now(UTC)).target


def _wanted(seasons: Seasons, first: str) -> str:
    """What a warehouse whose first state is from `first` is to be filled from now."""
    from_calendar = seasons.calendar is None and not is_own(first)
    return first if from_calendar else origin(seasons.calendar, seasons.until)


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """One process at a time starts, fills or stops the server."""
    with server.of(home).alone():
        discard_unfinished(home)
        yield


def _do(given: argparse.Namespace) -> int:
    home = Home(given.home)
    if given.do == "down":
        down(home)
        return 0
    follow = given.calendar is None and given.until is None
    until = given.until or yesterday(datetime.now(UTC))
    seasons = Seasons(given.calendar, until, follow, given.made_before)
    if given.do == "exec":
        return execute(home, seasons, given.command)
    (up if given.do == "up" else reset)(home, seasons)
    return 0


def main(words: list[str]) -> int:
    """Run one command and return its exit status; a problem is one sentence on stderr."""
    parser = argparse.ArgumentParser(prog="python -m local.warehouse")
    parser.add_argument("do", choices=["up", "down", "reset", "exec"])
    parser.add_argument("--calendar", type=Path)
    parser.add_argument("--until", type=date.fromisoformat)
    parser.add_argument("--made-before", type=Path)
    return cli.run(_do, cli.arguments(parser, words))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
