"""What lies behind a gate: rows of keys, dates and counts, in the gate's window, never too many.

A gate that SQL measures has them in its own query, or in a file under sql/diagnose/ where that
shows more; the processors' tables are read back; a log's and the process table's gates show what
they were judged by. What was found and what was expected stand side by side in each of them.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlglot import exp

from gates.config.gate import Gate
from gates.config.schema import TABLES, ConfigError
from gates.config.settings import Settings, Window
from gates.decide.side_by_side import (
    BESIDE,
    DATE,
    ROW_LIMIT,
    FailingRows,
    beside,
    expected,
    of_key,
    of_parts,
    of_row,
)
from gates.measure import answer, listing, queries, readback, rewrite, seasons
from gates.measure.answer import EXPECTED, FOUND, KEY
from gates.measure.jobs import must_be_visible, parameters, unavailable, unusable
from gates.measure.logs import newest, telling
from gates.measure.processes import matching
from gates.measure.result import RESTORE
from gates.measure.warehouse import Warehouse, WarehouseError


def with_seasons(gate: Gate, settings: Settings) -> Settings:
    """The settings with the first dates of all seasons of the gate's window.

    What is asked below rests on them. Raises WarehouseError.
    """
    days = settings.windows.get(gate.stage)
    return settings if days is None else seasons.complete(settings, Warehouse(settings), [days])


def failing_rows(gates: Sequence[Gate], settings: Settings) -> FailingRows:
    """The rows behind `gates`: one gate, or those of one entry for its columns.

    Raises ConfigError, WarehouseError and LogError.
    """
    gate = gates[0]
    source = queries.source_of(gate)
    if source == readback.SOURCE:
        return _incomplete(gate, settings)
    if gate.diagnose:
        return _queried(gate, tuple(each.which for each in gates if each.which), settings)
    if source:
        return _keys(gate, settings) if queries.lists_keys(gate) else _listed(gate, settings)
    return _processes(gate, settings) if gate.measure == "stopped" else _log(gate, settings)


def failing_dates(gate: Gate, settings: Settings) -> FailingRows | None:
    """The dates that do not hold by themselves; None where the gate's query knows no dates.

    Raises WarehouseError.
    """
    source = queries.source_of(gate)
    if source is None or source == readback.SOURCE:
        return None
    statement = queries.read(source, (gate.which,) if gate.which else ())
    # A measure of columns, or of a table that is the source itself.
    named = (gate.measure, f"{gate.measure}__{gate.which}")
    measure = next((each for each in named if each in statement.measures), None)
    tree = listing.by_date(statement.tree, measure) if measure else None
    return None if tree is None else _shaped(gate, statement, tree, settings)


def _queried(gate: Gate, columns: tuple[str, ...], settings: Settings) -> FailingRows:
    statement = queries.read(_file_of(gate), columns)
    # The bound as text, so that it stays exact.
    values = {"row_limit": ROW_LIMIT, "bound": str(gate.bound.numbers[0])}
    rows, days = _run(gate, statement, statement.tree, settings, values)
    called = {f"{FOUND}__{columns[0]}": FOUND} if len(columns) == 1 else {}
    found = [{called.get(name, name): cell for name, cell in row.items()} for row in rows]
    names = beside([called.get(name, name) for name in statement.measures])
    return FailingRows(statement.file, names, found, days)


def _keys(gate: Gate, settings: Settings) -> FailingRows:
    """The keys of which a gate's sentence shows the first, with the date that each begins with."""
    statement = queries.read(str(queries.source_of(gate)))
    measure = rewrite.only(statement, gate.measure)
    rows, days = _run(gate, statement, measure, settings, {"keys_shown": ROW_LIMIT})
    (row,) = rows
    found = [of_key(gate, answer.fields(key)) for key in row[gate.measure][answer.FIRST]]
    return FailingRows(statement.file, BESIDE, found, days)


def _listed(gate: Gate, settings: Settings) -> FailingRows:
    """What the gate's own query counts, or is the worst of; its one value where that is all."""
    statement = queries.read(str(queries.source_of(gate)))
    if tree := listing.rows_of(statement.tree, gate.measure):
        return _shaped(gate, statement, tree, settings)
    tree = rewrite.only(statement, gate.measure)
    rows, days = _run(gate, statement, tree, settings, {"keys_shown": ROW_LIMIT})
    value = rows[0][gate.measure]
    fields = value if isinstance(value, Mapping) else {answer.NUMERATOR: value}
    named = next((each for each in fields.values() if isinstance(each, list)), None)
    if named is None:
        return _of_parts(gate, statement.file, [fields], days)
    keys = [of_key(gate, {KEY: key}) for key in named]
    return FailingRows(statement.file, BESIDE, keys, days)


def _shaped(
    gate: Gate, statement: queries.Statement, tree: exp.Select, settings: Settings
) -> FailingRows:
    rows, days = _run(gate, statement, tree, settings, {"row_limit": ROW_LIMIT})
    if KEY not in tree.named_selects:
        return _of_parts(gate, statement.file, rows, days)
    return FailingRows(statement.file, BESIDE, [of_row(gate, row) for row in rows], days)


def _of_parts(
    gate: Gate, file: str, rows: Sequence[Mapping[str, Any]], days: Window
) -> FailingRows:
    found = of_parts(gate, rows)
    columns = tuple(found[0]) if found else (DATE, FOUND, EXPECTED)
    return FailingRows(file, columns, found, days)


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
    known = {**parameters(statement, settings, days, **values), **values}
    asked = {each.name for each in tree.find_all(exp.Parameter)}
    known = {name: value for name, value in known.items() if name in asked}
    rows, _ = warehouse.run(statement.file, rewrite.render(tree, settings, None), known)
    return rows, days


def _file_of(gate: Gate) -> str:
    source = queries.rows_source(gate)
    if source is None:
        raise ConfigError(
            f"{gate.id} names sql/diagnose/{gate.diagnose}.sql, which is not there; correct "
            "diagnose of its entry in gates.toml, or leave it out."
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
    columns = (DATE, "games", "table", "processor", FOUND, EXPECTED, "lacks")
    # All of them were read to find these, and a date may have one for each table.
    return FailingRows(f"sql/{readback.SOURCE}.sql", columns, rows, days, most=None)


def _log(gate: Gate, settings: Settings) -> FailingRows:
    file = newest(settings.logs, settings.log_files[gate.stage])
    rows = [
        {"line": number, FOUND: text, EXPECTED: expected(gate)}
        for number, text in telling(file, ROW_LIMIT)
    ]
    return FailingRows(str(file), ("line", FOUND, EXPECTED), rows)


def _processes(gate: Gate, settings: Settings) -> FailingRows:
    rows = [
        {
            "process": str(process.pid),
            FOUND: process.info["name"],
            EXPECTED: expected(gate),
            "started": datetime.fromtimestamp(process.info["create_time"], UTC).isoformat(
                " ", "seconds"
            ),
        }
        for process in matching(settings.processes["orchestrator"])
    ]
    return FailingRows("the process table", ("process", FOUND, EXPECTED, "started"), rows)
