"""Measuring: every query of the selected gates once, all at once, shared by all xdist workers.

A source is a file sql/<stage>/<source>.sql; its outcome is a JSON file in the run's own folder,
written under a lock by whichever process comes first.
"""

import json
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any

from filelock import FileLock

from gates import sql
from gates.config import Settings, Table, Window
from gates.warehouse import Warehouse, WarehouseError, in_background

RATIO = ("numerator", "denominator")
KEYS_SHOWN = 10


@dataclass(frozen=True)
class Measurement:
    """What a gate judges: a number or a ratio of two, or why there is none (`why`, `remedy`)."""

    numerator: Fraction | None = None
    denominator: Fraction | None = None
    why: str | None = None
    remedy: str | None = None
    query: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What one query gave: its row, or `why` there is none; `lost` measures with their reasons."""

    file: str
    measures: list[str]
    table: str
    window: list[str]
    row: dict[str, Any] | None = None
    lost: dict[str, str] = field(default_factory=dict)
    why: str | None = None
    remedy: str | None = None
    query: dict[str, Any] | None = None
    sql: str | None = None


class Row:
    """One attribute per measure of a source, each a Measurement."""

    def __init__(self, outcome: Outcome) -> None:
        self._outcome = outcome

    def __getattr__(self, name: str) -> Measurement:
        outcome = self._outcome
        if name not in outcome.measures:
            raise AttributeError(
                f"{outcome.file} has no column {name}; add it or correct the test."
            )
        if outcome.why or outcome.row is None:
            return Measurement(why=outcome.why, remedy=outcome.remedy, query=outcome.file)
        if name in outcome.lost:
            return Measurement(
                why=outcome.lost[name],
                remedy="Restore the column, or name the right one in gates.toml, under "
                "[targets.<name>.tables].",
                query=outcome.file,
            )
        if outcome.row[sql.WINDOW_ROWS] == 0:
            return Measurement(
                why=f"{outcome.table} has no rows from {' to '.join(outcome.window)}",
                remedy="Check the window, the dataset and that the table was filled.",
                query=outcome.file,
            )
        return _measurement(outcome.row[name], outcome.file)


def _measurement(value: Any, file: str) -> Measurement:
    if not isinstance(value, dict):
        return Measurement(_exact(value), query=file)
    numerator, denominator = (_exact(value[name]) for name in RATIO)
    # What else a STRUCT holds are keys that the operator has to look at.
    lists = [_keys(name, keys) for name, keys in value.items() if keys and name not in RATIO]
    return Measurement(numerator, denominator, query=file, note="; ".join(lists) or None)


def _keys(name: str, keys: list[str]) -> str:
    shown = ", ".join(sorted(keys)[:KEYS_SHOWN])
    more = f" and {len(keys) - KEYS_SHOWN:,} more" if len(keys) > KEYS_SHOWN else ""
    return f"{name.replace('_', ' ')}: {shown}{more}"


def _exact(value: Any) -> Fraction | None:
    return None if value is None else Fraction(value)


def unusable(
    statement: sql.Statement, settings: Settings, warehouse: Warehouse
) -> dict[str, dict[str, str]]:
    """Table -> column -> why it cannot be used, for every table that `statement` reads."""
    return {
        table: sql.differences(
            table, settings.target.tables.get(table, Table()), warehouse.columns(table)
        )
        for table in statement.tables
    }


class EachTable:
    """One attribute per table of a source whose file is asked for each, each a Measurement."""

    def __init__(self, measures: "Measures", source: str) -> None:
        self._measures = measures
        self._source = source

    def __getattr__(self, table: str) -> Measurement:
        found: Measurement = getattr(self._measures.of(f"{self._source}/{table}"), table)
        return found


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
        return Row(self._pending[source].result())

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
        statement = sql.read(source)
        stage = source.split("/")[0]
        window = self._settings.windows[stage]
        outcome = Outcome(
            file=statement.file,
            measures=list(statement.measures),
            table=statement.tables[0],
            window=[day.isoformat() for day in window],
        )
        try:
            return self._run(statement, outcome, window)
        except WarehouseError as error:
            return replace(outcome, why=error.why, remedy=error.remedy)

    def _run(self, statement: sql.Statement, outcome: Outcome, window: Window) -> Outcome:
        snapshot = self._now()
        pruned = sql.prune(statement, unusable(statement, self._settings, self._warehouse))
        found = replace(outcome, lost=dict(pruned.lost), row={})
        if len(pruned.lost) == len(statement.measures):
            return found
        text = sql.as_sent(pruned.tree, self._settings, snapshot)
        rows, query = self._warehouse.run(statement.file, text, self._parameters(statement, window))
        if len(rows) != 1:
            raise WarehouseError(
                f"{statement.file} returned {len(rows):,} rows, expected one",
                "Correct the file: one row of counts over the whole window.",
            )
        return replace(found, row=rows[0], query=query.record(), sql=query.sql)

    def _parameters(self, statement: sql.Statement, window: Window) -> dict[str, Any]:
        first, last = window
        year = self._settings.calendar.unknown_season(first, last)
        if year is not None and "bootstrap_dates" in statement.parameters:
            # Its first two weeks would count as missing, or as wrongly there.
            raise WarehouseError(
                f"the window reaches season {year}, whose first game date is not configured",
                "Add it to calendar.season_starts in gates.toml.",
            )
        known = {
            **self._settings.parameters,
            "window_start": first,
            "window_end": last,
            "bootstrap_dates": self._settings.calendar.bootstrap_dates(),
        }
        return {name: known[name] for name in statement.parameters}
