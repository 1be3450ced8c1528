"""The backfill's command line.

    python -m backfill plan [--start DATE] [--end DATE] [--dates-file FILE] [--limit N] [--sample]

Exit status 0; 1 where the tables could not be asked; 2 for words that are not understood; 4 for a
setting or a dates file that cannot be used.
"""

import argparse
import os
import sys
from datetime import UTC, date, datetime
from pathlib import Path

from backfill import evidence
from backfill.plan import Choice, PlanError, dates_from, plan
from gates.config import ConfigError, Settings, load
from gates.warehouse import Warehouse, WarehouseError

EXIT_NOT_ASKED = 1
EXIT_USAGE = 4


def _arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m backfill")
    commands = parser.add_subparsers(dest="command", required=True)
    planned = commands.add_parser("plan", help="which dates would run, and why the others do not")
    planned.add_argument("--start", type=date.fromisoformat, metavar="DATE")
    planned.add_argument("--end", type=date.fromisoformat, metavar="DATE")
    planned.add_argument("--dates-file", type=Path, metavar="CSV", help="a column `date`")
    planned.add_argument("--limit", type=_count, metavar="N", help="the first N dates")
    planned.add_argument("--sample", action="store_true", help="five dates, large and small")
    return parser.parse_args(words)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of dates, expected 1 or more")
    return int(text)


def show_plan(settings: Settings, given: argparse.Namespace) -> None:
    """Ask the tables and print the plan. Raises PlanError, WarehouseError."""
    held = evidence.read(settings, Warehouse(settings))
    window = settings.windows[evidence.STAGE]
    dates = dates_from(given.dates_file, held, window) if given.dates_file else None
    choice = Choice(given.start, given.end, dates, given.limit, given.sample)
    for line in plan(held, choice, settings.backfill, window).lines(settings.target.phase4):
        print(line)


def main(words: list[str]) -> int:
    """Run one command; a problem is one sentence on stderr."""
    given = _arguments(words)
    try:
        show_plan(load(os.environ, datetime.now(UTC)), given)
    except (ConfigError, PlanError) as problem:
        print(problem, file=sys.stderr)
        return EXIT_USAGE
    except WarehouseError as error:
        print(f"{error.why}. {error.remedy}", file=sys.stderr)
        return EXIT_NOT_ASKED
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
