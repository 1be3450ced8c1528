"""What lies behind a gate: rows of keys, dates and counts, in the gate's window, never too many.

A gate that SQL measures has a file under sql/diagnose/ for them; the processors' tables are read
back; a log's and the process table's gates show what they were judged by.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlglot import exp

from gates.config.calendar import Calendar
from gates.config.gate import Gate
from gates.config.schema import TABLES, ConfigError
from gates.config.settings import Settings, Window
from gates.measure import answer, queries, readback, rewrite
from gates.measure.jobs import must_be_visible, parameters, unavailable, unusable
from gates.measure.logs import newest, telling
from gates.measure.processes import matching
from gates.measure.result import RESTORE
from gates.measure.warehouse import Warehouse, WarehouseError

ROW_LIMIT = 1_000
DATE = "game_date"
# A key begins with its date, or with a game_id, which does.
_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?!\d)")
# Where the schedule has no game, there is nothing to process.
SCHEDULED = "games_scheduled"


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

    def dates(self, calendar: Calendar) -> list[date]:
        """The dates that can be processed again: each once, ascending, none of bootstrap."""
        days = {
            date.fromisoformat(row[DATE])
            for row in self.rows
            if row[DATE] and row.get(SCHEDULED) != 0
        }
        return sorted(day for day in days if not calendar.is_bootstrap(day))


def failing_rows(gates: Sequence[Gate], settings: Settings) -> FailingRows:
    """The rows behind `gates`: one gate, or those of one entry for its columns.

    Raises ConfigError, WarehouseError and LogError.
    """
    gate = gates[0]
    source = queries.source_of(gate)
    if source == readback.SOURCE:
        return _incomplete(gate, settings)
    if queries.lists_keys(gate) and not gate.diagnose:
        return _keys(gate, settings)
    if source or gate.diagnose:
        return _queried(gate, tuple(each.which for each in gates if each.which), settings)
    return _processes(settings) if gate.measure == "stopped" else _log(gate, settings)


def _queried(gate: Gate, columns: tuple[str, ...], settings: Settings) -> FailingRows:
    statement = queries.read(_file_of(gate), columns)
    # The bound as text, so that it stays exact.
    values = {"row_limit": ROW_LIMIT, "bound": str(gate.bound.numbers[0])}
    rows, days = _run(gate, statement, statement.tree, settings, values)
    return FailingRows(statement.file, statement.measures, rows, days)


def _keys(gate: Gate, settings: Settings) -> FailingRows:
    """The keys of which a gate's sentence shows the first, with the date that each begins with."""
    statement = queries.read(str(queries.source_of(gate)))
    measure = rewrite.only(statement, gate.measure)
    rows, days = _run(gate, statement, measure, settings, {"keys_shown": ROW_LIMIT})
    (row,) = rows
    found = [_dated(answer.fields(key)) for key in row[gate.measure][answer.FIRST]]
    # A relation of one measure says it in one way.
    columns = found[0].keys() if found else (DATE, answer.KEY)
    return FailingRows(statement.file, tuple(columns), found, days)


def _dated(fields: Mapping[str, str]) -> dict[str, Any]:
    return {DATE: _date_of(fields[answer.KEY]), **fields}


def _date_of(key: str) -> str | None:
    found = _DATE.match(key)
    try:
        return date(*map(int, found.groups())).isoformat() if found else None
    except ValueError:
        # Malformed ids are among the keys.
        return None


def _run(
    gate: Gate,
    statement: queries.Statement,
    tree: exp.Select,
    settings: Settings,
    values: Mapping[str, Any],
) -> tuple[list[dict[str, Any]], Window]:
    """Rows as of now, and the window that they were read in. Raises WarehouseError."""
    warehouse = Warehouse(settings)
    lacking = unavailable(statement, unusable(statement, settings, warehouse))
    if lacking:
        raise WarehouseError(next(iter(lacking.values())), RESTORE)
    must_be_visible(statement, warehouse)
    days = settings.windows[gate.stage]
    known = parameters(statement, settings, days, **values)
    rows, _ = warehouse.run(statement.file, rewrite.render(tree, settings, None), known)
    return rows, days


def _file_of(gate: Gate) -> str:
    source = queries.rows_source(gate)
    if source is None:
        raise ConfigError(
            f"{gate.id} lists no keys and names no file of sql/diagnose/; read its sentence, or "
            "give its entry in gates.toml a diagnose."
        )
    table = source.partition("/")[2].partition("/")[2]
    if table and f"{queries.ANALYTICS}.{table}" not in TABLES:
        raise ConfigError(
            f"{gate.id}: sql/diagnose/{gate.diagnose}.sql is for gates of a table of "
            f"{queries.ANALYTICS}, and {table} is none; name another file in gates.toml."
        )
    return source


def _incomplete(gate: Gate, settings: Settings) -> FailingRows:
    days = settings.windows[gate.stage]
    held = readback.read(settings, Warehouse(settings), days)
    eligible = [each for each in held if not each.is_bootstrap]
    rows = [
        {DATE: day.game_date.isoformat(), "games": day.games, **readback.row_of(each)}
        for day, lacks in readback.incomplete(eligible, settings.backfill)
        for each in lacks
    ]
    columns = (DATE, "games", "table", "processor", "found", "expected", "lacks")
    # All of them were read to find these, and a date may have one for each table.
    return FailingRows(f"sql/{readback.SOURCE}.sql", columns, rows, days, most=None)


def _log(gate: Gate, settings: Settings) -> FailingRows:
    file = newest(settings.logs, settings.log_files[gate.stage])
    rows = [{"line": number, "text": text} for number, text in telling(file, ROW_LIMIT)]
    return FailingRows(str(file), ("line", "text"), rows)


def _processes(settings: Settings) -> FailingRows:
    rows = [
        {
            "process": str(process.pid),
            "name": process.info["name"],
            "started": datetime.fromtimestamp(process.info["create_time"], UTC).isoformat(
                " ", "seconds"
            ),
        }
        for process in matching(settings.processes["orchestrator"])
    ]
    return FailingRows("the process table", ("process", "name", "started"), rows)
