"""What changed between two records, gate by gate.

    python -m gates.commands.compare A B [--format table|md|json]

A and B are decision.json of any stage and of any time; A is the one before. Exit status 0 when they
were compared, whatever is different; 1 where one of them cannot be read; 2 for words that are not
understood; 4 where one is not named.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path

from gates import program
from gates.config.schema import ConfigError
from gates.decide import records
from gates.decide.record import Record
from gates.decide.records import RecordError
from gates.report import comparison, markdown

EXIT_UNREAD = 1
EXIT_USAGE = 4


def _table(before: Record, after: Record) -> None:
    for table in comparison.tables(before, after):
        print(table.title, *table.lines(), sep="\n")
    print(comparison.summary(before, after))


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


def main() -> int:
    """Show what is different; a problem is one sentence on stderr."""
    parser = argparse.ArgumentParser(prog="python -m gates.commands.compare")
    parser.add_argument("before", metavar="A")
    parser.add_argument("after", metavar="B")
    parser.add_argument("--format", choices=FORMATS, default="table")
    given = parser.parse_args(program.words())
    try:
        FORMATS[given.format](_read("A", given.before), _read("B", given.after))
        program.check_printed()
    except ConfigError as problem:
        print(problem, file=sys.stderr)
        return EXIT_USAGE
    except RecordError as problem:
        print(problem, file=sys.stderr)
        return EXIT_UNREAD
    return 0


if __name__ == "__main__":
    program.run(main)
