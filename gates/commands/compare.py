"""What changed between two records, gate by gate.

    python -m gates compare A B [--format table|md|json]

A and B are decision.json of any stage and of any time; A is the one before. Exit status 0 when they
were compared, whatever is different; 1 where one of them cannot be read; 2 for words that are not
understood; 4 where one is not named.
"""

import argparse
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from gates import program
from gates.config import next_command
from gates.config.schema import ConfigError
from gates.decide import records
from gates.decide.record import Record
from gates.report import comparison, markdown


def _table(before: Record, after: Record) -> None:
    for table in comparison.tables(before, after):
        print(table.title, *table.lines(), sep="\n")
    print(comparison.summary(before, after))
    print(next_command.line(comparison.next_command_of(after)))


def _markdown(before: Record, after: Record) -> None:
    for table in comparison.tables(before, after):
        print(f"## {table.title}", "", markdown.table(table), "", sep="\n")
    print(comparison.summary(before, after))


def _json(before: Record, after: Record) -> None:
    print(json.dumps(comparison.content(before, after), indent=2, ensure_ascii=False))


FORMATS: dict[str, Callable[[Record, Record], None]] = {
    "table": _table,
    "md": _markdown,
    "json": _json,
}


def _read(name: str, file: str) -> Record:
    if not file:
        raise ConfigError(f"{name} is not set; set A and B to the decision.json of two runs.")
    return records.read(Path(file))


def main(words: Sequence[str], _environ: Mapping[str, str], _now: datetime) -> int:
    """Show what is different. Raises ConfigError, RecordError."""
    parser = argparse.ArgumentParser(prog="python -m gates compare")
    parser.add_argument("before", metavar="A")
    parser.add_argument("after", metavar="B")
    program.takes_format(parser, FORMATS)
    given = parser.parse_args(words)
    FORMATS[given.format](_read("A", given.before), _read("B", given.after))
    program.check_printed()
    return 0
