"""The backfill's command line.

    python -m backfill plan | run [--start DATE] [--end DATE] [--dates-file FILE] ...
    python -m backfill status [--format table|json]
    python -m backfill check DATE

Exit status 0 when no planned date is left incomplete or none was to be sent, or every step of a
check was good; 1 where one is not, or the run was refused or could not ask the tables; 2 for words
that are not understood; 4 for a setting, a choice of dates or a dates file that cannot be used, as
one that takes no date of the schedule; 130 after Ctrl-C.
"""

import argparse
import json
import os
import sys
from collections import Counter
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from backfill.entries import Content, read
from backfill.ledger import check as check_ledger
from backfill.ledger import publish_anew
from backfill.plan import STAGE, DateSelection
from backfill.summary import status_content, status_lines
from gates import program
from gates.config import next_command
from gates.config.settings import Settings, load
from gates.measure.all_runs import file_in, ledger_in
from gates.program import EXIT_FAILED, EXIT_INTERRUPTED
from gates.text import one_line

if TYPE_CHECKING:
    from backfill.start import RunOptions

MOST_WORKERS = 5
MOST_SECONDS = 3_600
MOST_DIGITS = 9


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m backfill")
    commands = parser.add_subparsers(dest="command", required=True)
    status = commands.add_parser("status", help="progress, rate, ETA and failures, from the ledger")
    one = commands.add_parser("check", help="one date through the service, read back")
    one.add_argument("day", nargs="?", default="", metavar="DATE")
    plan = commands.add_parser("plan", help="which dates would run, and why the others do not")
    run = commands.add_parser("run", help="send the planned dates and read them back")
    for each in (plan, status):
        program.takes_format(each, (program.TABLE, program.JSON))
    for each in (plan, run):
        each.add_argument("--start", type=_day, metavar="DATE")
        each.add_argument("--end", type=_day, metavar="DATE")
        each.add_argument("--dates-file", type=Path, metavar="CSV", help="a column `date`")
        each.add_argument("--limit", type=_count, metavar="N", help="the first N dates")
        each.add_argument("--sample", action="store_true", help="five dates, large and small")
        each.add_argument("--retry-failed", action="store_true", help="dates that failed before")
    run.add_argument("--workers", type=int, choices=range(1, MOST_WORKERS + 1), metavar="1..5")
    run.add_argument("--pause", type=_seconds, metavar="SECONDS", help="between two starts")
    run.add_argument("--override", action="store_true", help="start without both GOs")
    run.add_argument("--reason", type=one_line, metavar="TEXT", help="why, for the records")
    given = parser.parse_args(words, argparse.Namespace(words=words[1:]))
    if given.command == "run" and given.override != bool(given.reason):
        parser.error("--override and --reason go together")
    return given


def _count(text: str) -> int:
    # Python reads no number of thousands of digits.
    if not text.isdecimal() or len(text) > MOST_DIGITS or int(text) == 0:
        raise argparse.ArgumentTypeError(
            f"{one_line(repr(text))} is not a number of dates, expected 1 or more"
        )
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{one_line(text)!r} is not a date, expected YYYY-MM-DD"
        ) from error


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds <= MOST_SECONDS:
        raise argparse.ArgumentTypeError(
            f"{one_line(text)!r} is not a number of seconds, expected 0 to {MOST_SECONDS:,}"
        )
    return seconds


# What asks the tables is imported where it is needed: BigQuery's client takes longer to import, and
# more memory, than a look at the ledger does.
def _asked(given: argparse.Namespace) -> "RunOptions":
    from backfill.start import RunOptions

    return RunOptions(
        selection=DateSelection(given.start, given.end, None, given.limit, given.sample),
        dates_file=given.dates_file,
        retry_failed=given.retry_failed,
        workers=getattr(given, "workers", None),
        min_interval_s=getattr(given, "pause", None),
        override=getattr(given, "reason", None),
    )


def _plan(settings: Settings, given: argparse.Namespace) -> int:
    from backfill.start import failed_in, planned
    from gates.measure.warehouse import Warehouse

    held = _entered(settings)
    states = held.states if held else {}
    measured = held.attempts.seconds_per_date if held else None
    found = planned(settings, Warehouse(settings), _asked(given), failed_in(states))
    if given.format == program.JSON:
        print(json.dumps(found.content(), indent=2))
        program.check_printed()
        return 0
    for line in found.lines(settings.target.phase4, settings.backfill.workers, measured):
        print(line)
    if found.nothing:
        print(found.nothing)
        print(next_command.line(_after(0, 0, given)))
    else:
        print(next_command.line(next_command.backfill(given.words)))
    return 0


def _status(settings: Settings, given: argparse.Namespace) -> int:
    held = _entered(settings)
    # What a killed run has left for the gates says no more than that it was under way.
    anew = held is not None and publish_anew(ledger_in(settings.state), held)
    if given.format == program.JSON:
        print(json.dumps(status_content(held), indent=2, ensure_ascii=False))
        program.check_printed()
        return 0
    for line in status_lines(held, datetime.now(UTC)):
        print(line)
    if anew:
        print(f"Written anew from the ledger: {file_in(settings.state)}")
    print(next_command.line(_after_status(held)))
    return 0


def _after_status(held: Content | None) -> str:
    if held is None or not held.states:
        return next_command.PLAN
    count = Counter(held.states.values())
    left = len(held.states) - count["complete"] - count["failed"]
    # The ledger has the dates of every run, and no others.
    return next_command.after_backfill(failed=count["failed"], remaining=left, chosen=True)


def _after(failed: int, remaining: int, given: argparse.Namespace) -> str:
    """After these dates, which are all only where none was chosen."""
    return next_command.after_backfill(
        failed=failed, remaining=remaining, chosen=_asked(given).is_choice
    )


def _entered(settings: Settings) -> Content | None:
    """What the ledger holds; looking neither makes one nor writes to it."""
    file = ledger_in(settings.state)
    held = read(file)
    if held:
        check_ledger(held, file, settings.target_name, settings.windows[STAGE])
    return held


def _run(settings: Settings, given: argparse.Namespace) -> int:
    from backfill.start import start

    content = start(settings, _asked(given))
    failed, remaining = (content.failed, content.remaining) if content else (0, 0)
    print(next_command.line(_after(failed, remaining, given)))
    return EXIT_FAILED if failed or remaining else 0


def _check(settings: Settings, given: argparse.Namespace) -> int:
    from backfill.check import check

    if not check(settings, given.day):
        # What it printed last, to paste, comes next.
        return EXIT_FAILED
    print(next_command.line(next_command.BACKFILL))
    return 0


def _left_by_ctrl_c(command: str, words: list[str]) -> str:
    """What Ctrl-C leaves behind, by command."""
    if command != "check":
        return f"Interrupted; the state is saved. To go on: {next_command.backfill(words)}"
    return "Interrupted; what was sent goes on in the service."


def main(words: list[str]) -> int:
    """Run one command. Raises OperatorError."""
    given = _arguments(words)
    commands = {"plan": _plan, "status": _status, "run": _run, "check": _check}
    try:
        return commands[given.command](load(os.environ, datetime.now(UTC)), given)
    except KeyboardInterrupt:
        print(_left_by_ctrl_c(words[0], words[1:]), file=sys.stderr)
        sys.stderr.flush()
        sys.stdout.flush()
        # Workers that were given up would be waited for otherwise.
        os._exit(EXIT_INTERRUPTED)


if __name__ == "__main__":
    program.run(lambda: main(program.words()))
