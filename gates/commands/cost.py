"""What a run of the gates will read and bill, before it runs.

    python -m gates cost [--format table|json] [--stage STAGE] [--window STAGE=FIRST..LAST]

A row for each job of a stage (phase12, preflight, phase4; without one, of all of them). Exit status
0; 1 where a stage is above budget_bytes of the target, or the warehouse cannot be asked; 2 for
words that are not understood; 4 for a setting that cannot be used.
"""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from gates import program
from gates.config import next_command
from gates.config.settings import Settings, load
from gates.config.stages import COMMANDS, DECISIONS
from gates.measure.cost import JobCost, costs, over_budget
from gates.report.text_table import Table

TIB = 2**40

Found = Mapping[str, Sequence[JobCost]]


def _table(found: Found, settings: Settings) -> None:
    rows = [
        [stage, each.job, f"{len(each.tables)}", *_amounts([each], settings)]
        for stage, jobs in found.items()
        for each in jobs
    ]
    every = [each for jobs in found.values() for each in jobs]
    rows.append(["all", f"{len(every)} jobs", "", *_amounts(every, settings)])
    heads = ["stage", "job", "tables", "bytes read", "bytes billed"]
    if settings.target.usd_per_tib is not None:
        heads.append("USD")
    print(*Table("", heads, rows).lines(), sep="\n")
    if any(each.modelled for each in every):
        print(
            "The server names no bytes, as the embedded warehouse does: these are a\n"
            "model, of what the columns take that each job names, in its partitions."
        )
    if not any(over_budget(jobs, settings) for jobs in found.values()):
        print(next_command.line(COMMANDS[next(iter(found))]))


def _amounts(jobs: Sequence[JobCost], settings: Settings) -> list[str]:
    billed, price = sum(each.bytes_billed for each in jobs), settings.target.usd_per_tib
    cells = [f"{sum(each.bytes_read for each in jobs):,}", f"{billed:,}"]
    return cells if price is None else [*cells, f"{float(price) * billed / TIB:.4f}"]


def _json(found: Found, settings: Settings) -> None:
    price = settings.target.usd_per_tib
    jobs = [
        {
            **asdict(each),
            "stage": stage,
            "bytes_billed": each.bytes_billed,
            "usd": None if price is None else float(price) * each.bytes_billed / TIB,
        }
        for stage, of_stage in found.items()
        for each in of_stage
    ]
    print(json.dumps(jobs, indent=2))


FORMATS: dict[str, Callable[[Found, Settings], None]] = {"table": _table, "json": _json}


def main(words: Sequence[str], environ: Mapping[str, str], now: datetime) -> int:
    """Show it. Raises ConfigError and WarehouseError."""
    parser = argparse.ArgumentParser(prog="python -m gates cost")
    program.takes_format(parser, FORMATS)
    parser.add_argument("--window", action="append", default=[], metavar="STAGE=FIRST..LAST")
    parser.add_argument("--stage", choices=DECISIONS, help="only this one")
    given = parser.parse_args(words)
    settings = load(environ, now, given.window)
    found = {
        stage: costs(settings.gates_of(DECISIONS[stage]), settings)
        for stage in ([given.stage] if given.stage else DECISIONS)
    }
    FORMATS[given.format](found, settings)
    program.check_printed()
    sums = [over_budget(jobs, settings) for jobs in found.values()]
    for why in filter(None, sums):
        print(why, file=sys.stderr)
    return program.EXIT_FAILED if any(sums) else 0
