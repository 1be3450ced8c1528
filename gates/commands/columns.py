"""Which columns of each table some gate judges, which are only read, and which nobody reads.

    python -m gates columns [--format table|json]

By the parsed SQL of the gates of gates.toml, those that a profile leaves out among them. Exit
status 0; 2 for words that are not understood; 4 for a setting that cannot be used.
"""

import argparse
import json
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import groupby

from gates import program
from gates.config import next_command
from gates.config.settings import load
from gates.config.stages import COMMANDS
from gates.measure.columns import Columns, columns
from gates.report.text_table import Table

WIDTH = 80
KINDS = {"judged": "judged by a gate", "counted": "only counted", "unread": "read by nobody"}


def _table(found: Sequence[Columns]) -> None:
    for each in found:
        print(f"{each.table}, {each.number} columns")
        for kind, words in KINDS.items():
            names = getattr(each, kind)
            line = f"{words} ({len(names)}): {', '.join(names) or 'none'}"
            print(textwrap.fill(line, WIDTH, initial_indent="  ", subsequent_indent="    "))
        print()
    print(*summary(found).lines(), sep="\n")
    print("How a column gets a gate: docs/how-to/new-threshold.md")
    print(next_command.line(COMMANDS["phase12"]))


def _json(found: Sequence[Columns]) -> None:
    print(json.dumps([asdict(each) for each in found], indent=2))


FORMATS: dict[str, Callable[[Sequence[Columns]], None]] = {"table": _table, "json": _json}


def summary(found: Sequence[Columns]) -> Table:
    """A row for each table, under its dataset, and one for all of them."""
    heads = ("table", "columns", *KINDS, "share")
    rows = [row for name, tables in groupby(found, key=_dataset) for row in _rows(name, tables)]
    every = [sum(column) for column in zip(*map(_numbers, found), strict=True)]
    return Table("", heads, [*rows, _cells("all tables", every)])


def _dataset(each: Columns) -> str:
    return each.table.partition(".")[0]


def _rows(dataset: str, tables: Iterable[Columns]) -> Iterator[list[str]]:
    yield [dataset, "", "", "", "", ""]
    for each in tables:
        yield _cells(each.table.removeprefix(f"{dataset}."), _numbers(each))


def _numbers(each: Columns) -> list[int]:
    return [each.number, *(len(getattr(each, kind)) for kind in KINDS)]


def _cells(table: str, numbers: Sequence[int]) -> list[str]:
    every, judged = numbers[:2]
    return [table, *(f"{each:,}" for each in numbers), f"{100 * judged / every:.1f}%"]


def main(words: Sequence[str], environ: Mapping[str, str], now: datetime) -> int:
    """Show them. Raises ConfigError."""
    parser = argparse.ArgumentParser(prog="python -m gates columns")
    program.takes_format(parser, FORMATS)
    given = parser.parse_args(words)
    FORMATS[given.format](columns(load(environ, now).every_gate()))
    program.check_printed()
    return 0
