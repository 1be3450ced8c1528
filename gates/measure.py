"""Measuring: every query of the selected gates once, all at once, shared by all xdist workers.

A source is a file sql/<stage>/<source>.sql; its outcome is a JSON file in the run's own folder,
written under a lock by whichever process comes first.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from filelock import FileLock

from gates import sql
from gates.config import Settings, Window
from gates.toml_file import Table
from gates.warehouse import Warehouse, WarehouseError, in_background

NUMERATOR, DENOMINATOR = "numerator", "denominator"
KEYS_SHOWN = 10
# An array of this name holds the first keys of those that the numerator counts.
FIRST = "first"
RESTORE = "Restore the column, or name the right one in gates.toml, under [targets.<name>.tables]."


@dataclass(frozen=True)
class Measurement:
    """What a gate judges: a number or a ratio of two, or why there is none (`why`, `remedy`).

    `note` stands in its sentence, `table` (rows of counts, no row data) below it.
    """

    numerator: Fraction | None = None
    denominator: Fraction | None = None
    why: str | None = None
    remedy: str | None = None
    query: str | None = None
    note: str | None = None
    table: list[dict[str, Any]] | None = None


@dataclass(frozen=True)
class Outcome:
    """What one query gave: its rows, or `why` there are none; `lost` measures with reasons."""

    file: str
    measures: list[str]
    table: str
    window: list[str]
    rows: list[dict[str, Any]] | None = None
    lost: dict[str, str] = field(default_factory=dict)
    why: str | None = None
    remedy: str | None = None
    query: dict[str, Any] | None = None
    sql: str | None = None


class Row:
    """One attribute per measure of a source, each a Measurement, or one for each column of it."""

    def __init__(self, outcome: Outcome) -> None:
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
        if name in outcome.lost:
            return Measurement(
                why=outcome.lost[name],
                remedy=RESTORE,
                query=outcome.file,
            )
        if len(outcome.rows) != 1:
            return Measurement(
                why=f"{outcome.file} returned {len(outcome.rows):,} rows, expected one",
                remedy="Correct the file: one row of counts over the whole window.",
                query=outcome.file,
            )
        (row,) = outcome.rows
        if row[sql.WINDOW_ROWS] == 0:
            return Measurement(
                why=f"{outcome.table} has no rows from {' to '.join(outcome.window)}",
                remedy="Check the window, the dataset and that the table was filled.",
                query=outcome.file,
            )
        return _measurement(row[name], outcome.file)


def _measurement(value: Any, file: str) -> Measurement:
    if not isinstance(value, dict):
        return Measurement(_exact(value), query=file)
    numerator, denominator = _exact(value[NUMERATOR]), _exact(value.get(DENOMINATOR))
    if denominator is None and DENOMINATOR in value:
        return Measurement(query=file)
    # What else a STRUCT holds is for the operator's eyes: keys, a share, or a table.
    notes, table = [], None
    for name, content in value.items():
        if name in (NUMERATOR, DENOMINATOR) or not content:
            continue
        if isinstance(content, dict):
            notes.append(_share(name, content))
        elif not isinstance(content, list):
            notes.append(f"{name.replace('_', ' ')}: {content}")
        elif isinstance(content[0], dict):
            table = content
        else:
            notes.append(keys(name, content, value[NUMERATOR] if name == FIRST else len(content)))
    return Measurement(
        numerator, denominator, query=file, note="; ".join(notes) or None, table=table
    )


def _share(name: str, counts: Mapping[str, int]) -> str:
    part, whole = counts[NUMERATOR], counts[DENOMINATOR]
    percent = f" ({100 * part / whole:.1f}%)" if whole else ""
    return f"{name.replace('_', ' ')}: {part:,} of {whole:,}{percent}"


def keys(name: str, found: Sequence[str], of: int) -> str:
    """The first of `of` keys that the operator has to look at, and how many more there are."""
    # A key of bad data may be NULL.
    first = sorted(str(key) for key in found)[:KEYS_SHOWN]
    shown, left = ", ".join(first), of - len(first)
    more = f" and {left:,} more" if left > 0 else ""
    return f"{name.replace('_', ' ')}: {shown}{more}"


def _exact(value: Any) -> Fraction | None:
    return None if value is None else Fraction(value)


def unusable(
    statement: sql.Statement, settings: Settings, warehouse: Warehouse
) -> dict[str, dict[str, str]]:
    """Table -> column -> why it cannot be used, for every table that `statement` reads."""
    named = {statement.each[0]: statement.each[1]} if statement.each else {}
    return {
        table: sql.differences(
            table,
            settings.target.tables.get(table, Table()),
            warehouse.columns(table),
            named.get(table, ()),
        )
        for table in statement.tables
    }


def parameters(
    statement: sql.Statement, settings: Settings, window: Window, **others: Any
) -> dict[str, Any]:
    """The values that `statement` asks for by @name, `others` among them. Raises WarehouseError."""
    first, last = window
    calendar = settings.calendar
    year = calendar.unknown_season(first, last)
    if year is not None and "bootstrap_dates" in statement.parameters:
        # Its first two weeks would count as missing, or as wrongly there.
        raise WarehouseError(
            f"the window reaches season {year}, whose first game date is not configured",
            "Add it to calendar.season_starts in gates.toml.",
        )
    known = {
        **settings.parameters,
        "window_start": first,
        "window_end": last,
        # A team's and a player's games are counted from the start of the season.
        "season_start": calendar.season_start(first) or first,
        "bootstrap_dates": calendar.bootstrap_dates(),
        "team_games": settings.backfill.team_games,
        "player_games": settings.backfill.player_games,
        **others,
    }
    return {name: known[name] for name in statement.parameters}


class EachTable:
    """A source whose file is asked for each of several tables.

    One attribute per table where the table is the measure; `[table]` is the Row of a table else.
    """

    def __init__(self, measures: "Measures", source: str) -> None:
        self._measures = measures
        self._source = source

    def __getattr__(self, table: str) -> Measurement:
        found: Measurement = getattr(self[table], table)
        return found

    def __getitem__(self, table: str) -> Row:
        return self._measures.of(f"{self._source}/{table}")


class Measures:
    """All measurements of a run. `shared` is a folder that only this run's processes use."""

    def __init__(self, settings: Settings, shared: Path) -> None:
        self._settings = settings
        self._shared = shared
        self._warehouse = Warehouse(settings)
        self._pending: dict[str, Future[Outcome]] = {}

    def start(self, sources: Iterable[str]) -> None:
        """Begin to measure `sources` (such as phase1/team_offense_game_summary) in parallel."""
        for source in sources:
            self._pending[source] = in_background(partial(self._once, source))

    def of(self, source: str) -> Row:
        """The row of a source that was started; waits for it."""
        return Row(self.outcome_of(source))

    def outcome_of(self, source: str) -> Outcome:
        """All that the query of a source gave; waits for it."""
        return self._pending[source].result()

    def of_each(self, source: str) -> EachTable:
        """The tables of a source that is asked once for each."""
        return EachTable(self, source)

    def outcomes(self) -> list[Outcome]:
        """What any process of this run has measured so far, by file name."""
        files = sorted(self._shared.glob("*.outcome.json"))
        return [Outcome(**json.loads(file.read_text(encoding="utf-8"))) for file in files]

    def snapshot(self) -> str | None:
        """The moment that the run's queries read, if any process got as far as asking for it."""
        file = self._shared / "snapshot.json"
        return json.loads(file.read_text(encoding="utf-8"))["now"] if file.exists() else None

    def _once(self, source: str) -> Outcome:
        name = source.replace("/", ".") + ".outcome"
        return Outcome(**self._shared_json(name, lambda: asdict(self._measure(source))))

    def _now(self) -> str:
        """One snapshot for all processes; an endpoint that failed is not asked again."""

        def ask() -> dict[str, str | None]:
            try:
                return {"now": self._warehouse.now(), "why": None, "remedy": None}
            except WarehouseError as error:
                return {"now": None, "why": error.why, "remedy": error.remedy}

        answer = self._shared_json("snapshot", ask)
        if answer["now"] is None:
            raise WarehouseError(answer["why"], answer["remedy"])
        return str(answer["now"])

    def _shared_json(self, name: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        file = self._shared / f"{name}.json"
        with FileLock(self._shared / f"{name}.lock"):
            if not file.exists():
                unfinished = file.with_suffix(".partial")
                unfinished.write_text(json.dumps(make()), encoding="utf-8")
                unfinished.rename(file)
            return dict(json.loads(file.read_text(encoding="utf-8")))

    def _measure(self, source: str) -> Outcome:
        statement = sql.read(source, sql.columns_for(self._settings.gates.values(), source))
        stage = source.split("/")[0]
        window = self._settings.windows[stage]
        outcome = Outcome(
            file=statement.file,
            measures=list(statement.measures),
            table=statement.counted,
            window=[day.isoformat() for day in window],
        )
        try:
            return self._run(statement, outcome, window)
        except WarehouseError as error:
            return replace(outcome, why=error.why, remedy=error.remedy)

    def _run(self, statement: sql.Statement, outcome: Outcome, window: Window) -> Outcome:
        snapshot = self._now()
        pruned = sql.prune(statement, unusable(statement, self._settings, self._warehouse))
        found = replace(outcome, lost=dict(pruned.lost), rows=[])
        if len(pruned.lost) == len(statement.measures):
            return found
        text = sql.as_sent(pruned.tree, self._settings, snapshot)
        values = parameters(statement, self._settings, window)
        rows, query = self._warehouse.run(statement.file, text, values)
        return replace(found, rows=rows, query=query.record(), sql=query.sql)
