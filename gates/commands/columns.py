"""Which columns of each table some gate judges, which are only read, and which nobody reads.

    python -m gates columns [--format table|json]

By the parsed SQL of the gates of gates.toml, those that a profile leaves out among them. Exit
status 0; 2 for words that are not understood; 4 for a setting that cannot be used.
"""

import argparse
import json
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from gates import program
from gates.config.settings import load
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


def _json(found: Sequence[Columns]) -> None:
    print(json.dumps([asdict(each) for each in found], indent=2))


FORMATS: dict[str, Callable[[Sequence[Columns]], None]] = {"table": _table, "json": _json}


def summary(found: Sequence[Columns]) -> Table:
    """A row for each table, and one for all of them."""
    rows = [(each.table, [each.number, *_numbers(each)]) for each in found]
    rows.append(("all tables", [sum(column) for column in zip(*(n for _, n in rows), strict=True)]))
    heads = ("table", "columns", *KINDS, "share judged")
    return Table("", heads, [_cells(table, numbers) for table, numbers in rows])


def _numbers(each: Columns) -> list[int]:
    return [len(getattr(each, kind)) for kind in KINDS]


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
