"""Rows behind a gate, what was found and what was expected of each side by side. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from gates.config.calendar import Calendar
from gates.config.gate import Gate
from gates.config.settings import Window
from gates.decide.sentence import threshold_text, value_text
from gates.decide.verdict import value_of
from gates.measure.answer import DENOMINATOR, EXPECTED, FOUND, KEY, NUMERATOR
from gates.numbers import exact

ROW_LIMIT = 1_000
DATE = "game_date"
BESIDE = (DATE, KEY, FOUND, EXPECTED)
# A key begins with its date, or with a game_id, which does.
_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?!\d)")
# Where the schedule has no game, there is nothing to process.
SCHEDULED = "games_scheduled"
# What else a part's date may be called.
_DAYS = ("cache_date", "analysis_date")
_COUNTS = {NUMERATOR: "counted", DENOMINATOR: "of"}


@dataclass(frozen=True)
class FailingRows:
    """The rows, each with these `columns`; `source` is the query, log or table that gave them.

    `days` is the window of a query, `most` how many rows were read at most, if not all.
    """

    source: str
    columns: Sequence[str]
    rows: Sequence[Mapping[str, Any]]
    days: Window | None = None
    most: int | None = ROW_LIMIT

    @property
    def is_cut(self) -> bool:
        """Whether there may be more rows than were read."""
        return self.most is not None and len(self.rows) >= self.most

    @property
    def has_dates(self) -> bool:
        """Whether any of the rows, if there is one, is of a date."""
        named = DATE in self.columns
        return named and (not self.rows or any(row[DATE] for row in self.rows))

    def dates(self, calendar: Calendar) -> list[date]:
        """The dates that can be processed again: each once, ascending, none of bootstrap."""
        days = {
            date.fromisoformat(row[DATE])
            for row in self.rows
            if row[DATE] and row.get(SCHEDULED) != 0
        }
        return sorted(day for day in days if not calendar.is_bootstrap(day))


def beside(columns: Sequence[str]) -> tuple[str, ...]:
    """The columns in their order, but what was expected right behind what was found."""
    others = [name for name in columns if name != EXPECTED]
    last = max(n for n, name in enumerate(others) if name.partition("__")[0] == FOUND)
    return (*others[: last + 1], EXPECTED, *others[last + 1 :])


def of_key(gate: Gate, fields: Mapping[str, Any]) -> dict[str, Any]:
    """A key with its date, and its value or that it is one of those that the gate counts."""
    return {
        DATE: date_of(fields[KEY]),
        KEY: fields[KEY],
        FOUND: fields.get(FOUND, gate.title),
        EXPECTED: fields.get(EXPECTED, expected(gate)),
    }


def of_row(gate: Gate, row: Mapping[str, Any]) -> dict[str, Any]:
    """A row that is counted, with the columns that it is counted for."""
    held = [f"{name} {value}" for name, value in row.items() if name != KEY]
    return of_key(gate, {KEY: row[KEY], FOUND: ", ".join(held)})


def of_parts(gate: Gate, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The parts of a measure (dates, months, games) that do not hold by themselves, worst first.

    A part is a row of `numerator`, `denominator` unless it is a count, and what it is called by.
    """
    valued = [(value, row) for row in rows if (value := _value(gate, row)) is not None]
    failing = [(value, row) for value, row in valued if not gate.bound.holds(value)]
    # The sort is stable: what is equally bad stays in the query's order.
    failing.sort(key=lambda each: gate.bound.margin(each[0]))
    # A date may be ranked once for each of its teams.
    parts = {str(part): part for value, row in failing if (part := _part(gate, value, row))}
    return list(parts.values())[:ROW_LIMIT]


def _value(gate: Gate, row: Mapping[str, Any]) -> Fraction | None:
    """What is compared with the bound; None where nothing was counted."""
    number, whole = exact(row[NUMERATOR]), exact(row.get(DENOMINATOR))
    if number is None or (DENOMINATOR in row and not whole):
        return None
    return value_of(gate, number, whole)


def _part(gate: Gate, value: Fraction, row: Mapping[str, Any]) -> dict[str, Any]:
    labels = {name: each for name, each in row.items() if name not in (*_COUNTS, DATE, *_DAYS)}
    days = (row.get(DATE), *(row.get(name) for name in _DAYS), *labels.values())
    counts = {_COUNTS[name]: row[name] for name in _COUNTS if DENOMINATOR in row}
    return {
        DATE: next(filter(None, (date_of(str(each)) for each in days)), None),
        **labels,
        FOUND: value_text(gate, value),
        EXPECTED: expected(gate),
        **counts,
    }


def expected(gate: Gate) -> str:
    """What a gate asks for, of the rows behind it."""
    return "none" if gate.bound.numbers == (Decimal(0),) else threshold_text(gate)


def date_of(key: str) -> str | None:
    """The date that a key begins with, in ISO 8601."""
    found = _DATE.match(key)
    try:
        return date(*map(int, found.groups())).isoformat() if found else None
    except ValueError:
        # Malformed ids are among the keys.
        return None
