"""The rows behind a gate, for a person, a program, or the backfill.

    python -m gates diagnose GATE [--format table|csv|json|dates] [--window STAGE=FIRST..LAST]

Exit status 0 when they were shown, also where there is none; 1 where they cannot be read; 2 for
words that are not understood; 4 for a gate or a setting that cannot be used.
"""

import argparse
import csv
import json
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from gates import program
from gates.config.gate import Gate, renamed
from gates.config.schema import ConfigError
from gates.config.settings import Settings, load
from gates.measure.failing_rows import DATE, ROW_LIMIT, FailingRows, failing_rows
from gates.report.text_table import Table
from gates.text import one_line

ROWS_SHOWN = 50
TEXT_SHOWN = 100


@dataclass(frozen=True)
class Answer:
    """What was found behind the gates that go by `name`, and the settings it was read with."""

    name: str
    gate: Gate
    settings: Settings
    found: FailingRows

    @property
    def place(self) -> str:
        """Where and of which days the rows were read."""
        days = self.found.days
        return f"{self.found.source}{f', {days[0]} to {days[1]}' if days else ''}"

    def notes(self) -> list[str]:
        """What the rows themselves do not say."""
        if not self.found.rows:
            return [f"Nothing lies behind {self.name} ({self.place})."]
        if self.found.is_cut:
            return [f"No more than {ROW_LIMIT:,} rows are read; a narrower --window shows others."]
        return []


def _table(answer: Answer) -> None:
    columns, rows = answer.found.columns, answer.found.rows
    if rows:
        print(f"{answer.name}: {len(rows):,} rows ({answer.place})")
        cells = [[_cell(row[name]) for name in columns] for row in rows[:ROWS_SHOWN]]
        print(*Table("", columns, cells).lines(), sep="\n")
    if len(rows) > ROWS_SHOWN:
        print(f"The first {ROWS_SHOWN} of {len(rows):,} rows; FORMAT=csv shows all of them.")
    for note in answer.notes():
        print(note)


def _cell(value: Any) -> str:
    """A value on the screen: counts with separators, a list one line each, no endless text."""
    if isinstance(value, list):
        return "\n".join(map(one_line, value))
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return one_line(_text(value), TEXT_SHOWN)


def _text(value: Any) -> str:
    """A value in a file, as `bq --format=csv` writes it."""
    if isinstance(value, list):
        return "; ".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)


def _csv(answer: Answer) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(answer.found.columns)
    for row in answer.found.rows:
        writer.writerow([_text(row[name]) for name in answer.found.columns])
    _beside(answer)


def _json(answer: Answer) -> None:
    print(json.dumps(list(answer.found.rows), indent=2, ensure_ascii=False))
    _beside(answer)


def _beside(answer: Answer) -> None:
    """Stdout holds what a program reads and nothing else."""
    for note in answer.notes():
        print(note, file=sys.stderr)


def _dates(answer: Answer) -> None:
    """A file that `make backfill ARGS="--dates-file ..."` takes."""
    if DATE not in answer.found.columns:
        raise ConfigError(
            f"The rows behind {answer.name} have no date, so they make no dates file; "
            "choose FORMAT=table, csv or json."
        )
    file = answer.settings.reports / "diagnose" / f"{answer.name}.csv"
    days = answer.found.dates(answer.settings.calendar)
    _written(file, [str(day) for day in days])
    if days:
        others = len({row[DATE] for row in answer.found.rows}) - len(days)
        without = f", {others:,} left out as bootstrap or without a game" if others else ""
        print(f"{file}: {len(days):,} dates{without}{_what_next(answer.gate, file)}")
    elif answer.found.rows:
        print(f"No file: the dates behind {answer.name} are bootstrap or without a game.")
    _beside(answer)


def _written(file: Path, days: Sequence[str]) -> None:
    """A new file that nobody else may read; none for no dates, also not one from before."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        if days:
            file.touch(mode=0o600, exist_ok=False)
            file.write_text("\n".join(["date", *days]) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{file} cannot be written ({error}); correct GATES_REPORTS.") from error


def _what_next(gate: Gate, file: Path) -> str:
    command = f'make backfill ARGS="--dates-file {shlex.quote(str(file))}"'
    if gate.stage == "phase4":
        return f"; process them with {command}"
    # A date whose games are not over is none that the backfill takes.
    if gate.source == "phase3_coverage":
        return f"; when {gate.measure} holds their games, process them with {command}"
    return ""


FORMATS: dict[str, Callable[[Answer], None]] = {
    "table": _table,
    "csv": _csv,
    "json": _json,
    "dates": _dates,
}


def _named(name: str, settings: Settings) -> list[Gate]:
    """The gate with this id, or the gates of all columns of an entry."""
    if not name:
        raise ConfigError("No gate is named; set GATE to an id that stands in gates.toml.")
    found = [gate for gate in settings.every_gate() if name in (gate.id, gate.id.split("[")[0])]
    if not found:
        close = get_close_matches(name, settings.gates, n=3, cutoff=0.5)
        hint = f"the closest are {', '.join(close)}" if close else "gates.toml has their names"
        if now := renamed(name):
            hint = f"it is called {now} now"
        raise ConfigError(f"{one_line(repr(name))} is not a gate; set GATE to one, {hint}.")
    return found


def main(words: Sequence[str], environ: Mapping[str, str], now: datetime) -> int:
    """Show what is asked for. Raises ConfigError, WarehouseError, LogError."""
    parser = argparse.ArgumentParser(prog="python -m gates diagnose")
    parser.add_argument("gate", metavar="GATE")
    parser.add_argument("--format", choices=FORMATS, default="table")
    parser.add_argument("--window", action="append", default=[], metavar="STAGE=FIRST..LAST")
    given = parser.parse_args(words)
    settings = load(environ, now, given.window)
    gates = _named(given.gate, settings)
    FORMATS[given.format](Answer(given.gate, gates[0], settings, failing_rows(gates, settings)))
    program.check_printed()
    return 0
