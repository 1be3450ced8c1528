"""What a gate is judged by, and the row of counts that a query gave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from gates.measure import answer, queries
from gates.measure.answer import DENOMINATOR, EXPECTED, FIRST, FOUND, KEY, NUMERATOR
from gates.numbers import exact, shown
from gates.text import one_line

KEYS_SHOWN = 10
KEY_SHOWN = 100
RESTORE = "Restore the column, or name the right one in gates.toml, under [targets.<name>.tables]."


@dataclass(frozen=True)
class Measurement:
    """What a gate judges: a number or a ratio of two, or why there is none (`why`, `remedy`).

    `note` stands in its sentence, `table` (rows of counts, no row data) below it. `failing` are the
    first keys of what it counts, or the worst part of it: `key`, and what was `found` and
    `expected` there where that is known.
    """

    numerator: Fraction | None = None
    denominator: Fraction | None = None
    why: str | None = None
    remedy: str | None = None
    query: str | None = None
    note: str | None = None
    table: list[dict[str, Any]] | None = None
    failing: list[dict[str, str]] | None = None
    # Of a count whose window its bound is not for: the games that the schedule has there.
    scheduled: Fraction | None = None
    # There is nothing in the window that it counts.
    is_empty: bool | None = None
    # In the first weeks of a season: the date before which there may be too little to judge.
    judged_from: str | None = None


@dataclass(frozen=True)
class QueryResult:
    """What a source gave: its rows, or `why` there are none; `unavailable` measures with reasons.

    `query` is the job's entry of decision.json.
    """

    source: str
    file: str
    measures: list[str]
    table: str
    window: list[str]
    rows: list[dict[str, Any]] | None = None
    unavailable: dict[str, str] = field(default_factory=dict)
    why: str | None = None
    remedy: str | None = None
    query: dict[str, Any] | None = None

    @property
    def stage(self) -> str:
        """The first part of the source's name."""
        return self.source.partition("/")[0]

    @property
    def counted(self) -> str:
        """The table that the source is about, without its dataset."""
        _, _, table = self.source.partition("/")[2].partition("/")
        return table or self.table.rpartition(".")[2]


class Row:
    """One attribute per measure of a source, each a Measurement, or one for each column of it."""

    def __init__(self, outcome: QueryResult) -> None:
        self._outcome = outcome

    def __getattr__(self, name: str) -> Any:
        outcome = self._outcome
        if name in outcome.measures:
            return self._measurement(name)
        prefix = f"{name}__"
        each = [measure for measure in outcome.measures if measure.startswith(prefix)]
        if not each:
            raise AttributeError(
                f"{outcome.file} has no column {name}; add it or correct the test."
            )
        return {measure.removeprefix(prefix): self._measurement(measure) for measure in each}

    def _measurement(self, name: str) -> Measurement:
        outcome = self._outcome
        if outcome.why or outcome.rows is None:
            return Measurement(why=outcome.why, remedy=outcome.remedy, query=outcome.file)
        if name in outcome.unavailable:
            return Measurement(
                why=outcome.unavailable[name],
                remedy=RESTORE,
                query=outcome.file,
            )
        columns = [each for each in outcome.measures if each not in outcome.unavailable]
        problem = answer.row_problem(outcome.rows, columns, queries.WINDOW_ROWS)
        if problem:
            return _malformed(outcome.file, problem)
        (row,) = outcome.rows
        if row[queries.WINDOW_ROWS] == 0:
            return Measurement(
                why=f"{outcome.table} has no rows from {' to '.join(outcome.window)}",
                is_empty=True,
                remedy="Check the window, the dataset and that the table was filled.",
                query=outcome.file,
            )
        problem = answer.measure_problem(row[name])
        if problem:
            return _malformed(outcome.file, f"{problem} ({name})")
        return _measurement(row[name], outcome.file)


def _malformed(file: str, problem: str) -> Measurement:
    return Measurement(
        why=f"{file} {problem}",
        remedy="Correct the file: one row of counts over the whole window. If nobody has changed "
        "it, the warehouse answered something else than it was asked.",
        query=file,
    )


def _measurement(value: Any, file: str) -> Measurement:
    if not isinstance(value, dict):
        return Measurement(exact(value), query=file)
    numerator, denominator = exact(value[NUMERATOR]), exact(value.get(DENOMINATOR))
    if numerator is None or (denominator is None and DENOMINATOR in value):
        return Measurement(query=file)
    # What else a STRUCT holds is for the operator's eyes: keys, a share, or a table.
    notes, table = [], None
    for name, content in value.items():
        if name in (NUMERATOR, DENOMINATOR) or content in (None, "", []):
            continue
        if isinstance(content, dict):
            notes.append(_share(name, content))
        elif not isinstance(content, list):
            notes.append(f"{name.replace('_', ' ')}: {answer.as_text(content)}")
        elif name == FIRST:
            notes.append(keys(name, [_said(key) for key in content], int(numerator)))
        elif isinstance(content[0], dict):
            table = [_printable(row) for row in content]
        else:
            notes.append(keys(name, content, len(content)))
    return Measurement(
        numerator,
        denominator,
        query=file,
        note="; ".join(notes) or None,
        table=table,
        failing=_failing(value) or None,
    )


def _failing(value: Mapping[str, Any]) -> list[dict[str, str]]:
    """The keys that a STRUCT names, else the one part of the whole that its text names."""
    lists = [each for each in value.values() if isinstance(each, list)]
    listed = [answer.fields(key) for found in lists for key in found if _is_key(key)]
    if listed:
        return _first(listed)
    words = [
        one_line(
            content if name == FIRST else f"{name.replace('_', ' ')} {answer.as_text(content)}",
            KEY_SHOWN,
        )
        for name, content in value.items()
        if isinstance(content, str) and content and name not in (NUMERATOR, DENOMINATOR)
    ]
    if not words:
        return []
    part, whole = value[NUMERATOR], value.get(DENOMINATOR)
    return [
        {KEY: ", ".join(words)}
        | ({} if whole is None else {FOUND: f"{_plain(part)} of {_plain(whole)}"})
    ]


def _plain(number: Any) -> str:
    return shown(exact(number))


def _is_key(key: Any) -> bool:
    return isinstance(key, str) or (isinstance(key, Mapping) and KEY in key)


def _first(found: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """As many as are shown, each as one line."""
    lines = [{name: one_line(text, KEY_SHOWN) for name, text in each.items()} for each in found]
    return sorted(lines, key=lambda each: each[KEY])[:KEYS_SHOWN]


def _printable(row: Mapping[str, Any]) -> dict[str, Any]:
    """A table's row in which what is text is one line."""
    return {name: one_line(cell) if isinstance(cell, str) else cell for name, cell in row.items()}


def _share(name: str, counts: Mapping[str, int]) -> str:
    part, whole = counts[NUMERATOR], counts[DENOMINATOR]
    percent = f" ({100 * part / whole:.1f}%)" if whole else ""
    return f"{name.replace('_', ' ')}: {part:,} of {whole:,}{percent}"


def _said(key: Any) -> Any:
    """A key as a sentence has it: with what was found and what was expected of a value."""
    if not isinstance(key, Mapping):
        return key
    if key[EXPECTED] is None:
        return key[KEY]
    return f"{key[KEY]}: {key[FOUND]} instead of {key[EXPECTED]}"


def keys(name: str, found: Sequence[str], of: int) -> str:
    """The first of `of` keys that the operator has to look at, and how many more there are."""
    # A key of bad data may be NULL.
    first = sorted(one_line(key, KEY_SHOWN) for key in found)[:KEYS_SHOWN]
    listed, left = ", ".join(first), of - len(first)
    more = f" and {left:,} more" if left > 0 else ""
    return f"{name.replace('_', ' ')}: {listed}{more}"
