"""The rows behind a gate as text: a table for a screen, Markdown, CSV and JSON."""

import csv
import io
import json
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gates.config import next_command
from gates.config.gate import Gate
from gates.config.settings import Settings
from gates.config.stages import command_for
from gates.decide.mending import why_not
from gates.decide.side_by_side import ROW_LIMIT, FailingRows
from gates.report import markdown
from gates.report.text_table import Table
from gates.text import one_line

WIDTH = 80
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

    @property
    def heading(self) -> str:
        """How many rows there are, and where they were read."""
        return f"{self.name}: {len(self.found.rows):,} rows ({self.place})"

    def notes(self) -> list[str]:
        """What the rows themselves do not say."""
        if not self.found.rows:
            return [f"Nothing lies behind {self.name} ({self.place})."]
        if self.found.is_cut:
            return [f"No more than {ROW_LIMIT:,} rows are read; a narrower --window shows others."]
        return []

    def shown(self) -> Table:
        """The first rows, as cells."""
        columns = self.found.columns
        rows = self.found.rows[:ROWS_SHOWN]
        return Table("", columns, [[_cell(row[name]) for name in columns] for row in rows])

    def cut(self) -> list[str]:
        """Of how many rows these are the first."""
        number = len(self.found.rows)
        if number <= ROWS_SHOWN:
            return []
        return [f"The first {ROWS_SHOWN} of {number:,} rows; FORMAT=csv shows all of them."]

    @property
    def next_command(self) -> str:
        """What to run now: the dates for the backfill, or the stage again after the remedy."""
        if self.found.rows and self.found.has_dates and why_not(self.gate) is None:
            return next_command.diagnose(self.name, FORMAT="dates")
        return command_for(self.gate.stage)


def table(answer: Answer) -> str:
    """For a screen: the first rows, what to do about them, and the command after that."""
    lines = [answer.heading, *answer.shown().lines()] if answer.found.rows else []
    remedy = textwrap.wrap(f"Remedy: {answer.gate.remedy}", WIDTH, subsequent_indent="  ")
    last = next_command.line(answer.next_command)
    rest = [*answer.notes(), *(remedy if answer.found.rows else ())]
    return "\n".join([*lines, *answer.cut(), *rest, last, ""])


def as_markdown(answer: Answer) -> str:
    """For an issue or a message: the same as a document."""
    parts = [f"### {markdown.code(answer.name)}", markdown.cell(answer.gate.title)]
    if answer.found.rows:
        parts += [markdown.cell(answer.heading), markdown.table(answer.shown())]
        parts += [f"Remedy: {markdown.cell(answer.gate.remedy)}"]
    parts += [markdown.cell(note) for note in (*answer.cut(), *answer.notes())]
    return "\n\n".join(parts) + "\n"


def as_csv(answer: Answer) -> str:
    """For a program: every row that was read."""
    return csv_text(answer.found.columns, answer.found.rows)


def as_json(answer: Answer) -> str:
    """The same, a list of objects."""
    rows = [{name: row[name] for name in answer.found.columns} for row in answer.found.rows]
    return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"


FORMATS: dict[str, Callable[[Answer], str]] = {
    "table": table,
    "md": as_markdown,
    "csv": as_csv,
    "json": as_json,
}


def csv_text(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """CSV with a line of heads, as `bq --format=csv` writes it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_text(row[name]) for name in columns] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    """A value on the screen: counts with separators, a list one line each, no endless text."""
    if isinstance(value, list):
        return "\n".join(map(one_line, value))
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return one_line(_text(value), TEXT_SHOWN)


def _text(value: Any) -> str:
    """A value in a file."""
    if isinstance(value, list):
        return "; ".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
