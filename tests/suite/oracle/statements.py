"""Every statement that the project can send to a warehouse, as it is sent, with its parameters."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from harness import ROOT
from sqlglot import exp

from gates.config.settings import Window, load
from gates.config.stages import STAGES
from gates.measure import queries, readback, rewrite
from gates.measure.failing_rows import ROW_LIMIT
from gates.measure.jobs import parameters

SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, datetime.now(UTC))
SNAPSHOT = "2026-01-03T12:00:00.000001+00:00"
GATES = list(SETTINGS.gates.values())


@dataclass(frozen=True)
class Sent:
    """A statement: its text over the warehouse's own names, @parameters, the tables it reads."""

    name: str
    text: str
    parameters: Mapping[str, Any]
    tables: tuple[str, ...]


def every() -> Iterator[Sent]:
    """Sources, joint jobs, rows behind gates, single measures, the read-back."""
    yield from sources()
    yield from joint_jobs()
    yield from rows_behind()
    yield from single_measures()


def sources() -> Iterator[Sent]:
    """What measures gates, each file (and each table of a file that is asked for each) alone."""
    for source in sorted({found for gate in GATES if (found := queries.source_of(gate))}):
        statement = _read(source)
        yield _sent(source, statement, statement.tree, _window(source))


def joint_jobs() -> Iterator[Sent]:
    """The one job of each stage."""
    for stage in STAGES:
        found = [_read(each.name) for each in sources() if each.name.startswith(f"{stage}/")]
        parts = [each for each in found if queries.WINDOW_ROWS in each.measures]
        if len(parts) < 2:
            continue
        trees = {str(number): each.tree.copy() for number, each in enumerate(parts)}
        for tree in trees.values():
            rewrite.qualify_tables(tree, SETTINGS, SNAPSHOT)
        values = [parameters(each, SETTINGS, SETTINGS.windows[stage]) for each in parts]
        yield Sent(
            f"{stage}, the joint job",
            rewrite.text_of(rewrite.combine(trees)),
            {name: value for each in values for name, value in each.items()},
            tuple(sorted({table for each in parts for table in each.tables})),
        )


def rows_behind() -> Iterator[Sent]:
    """What `make diagnose` asks of sql/diagnose/, with the window of the gate's stage."""
    for gate in GATES:
        if source := queries.rows_source(gate):
            statement = _read(source)
            values = {"row_limit": ROW_LIMIT, "bound": str(gate.bound.numbers[0])}
            yield _sent(f"{source} for {gate.id}", statement, statement.tree, gate.stage, **values)


def single_measures() -> Iterator[Sent]:
    """What `make diagnose` asks for a gate that lists keys: one measure of its source."""
    for gate in GATES:
        if queries.lists_keys(gate) and not gate.diagnose:
            statement = queries.read(str(queries.source_of(gate)))
            tree = rewrite.only(statement, gate.measure)
            yield _sent(f"only {gate.id}", statement, tree, gate.stage, keys_shown=ROW_LIMIT)


def _read(source: str) -> queries.Statement:
    return queries.read(source, queries.columns_for(GATES, source))


def _window(source: str) -> str:
    return source.partition("/")[0]


def _sent(
    name: str, statement: queries.Statement, tree: exp.Select, stage: str, **others: Any
) -> Sent:
    window: Window = SETTINGS.windows[stage]
    # The read-back and the rows behind a gate are read as of now.
    snapshot = None if others or name == readback.SOURCE else SNAPSHOT
    return Sent(
        name,
        rewrite.render(tree, SETTINGS, snapshot),
        parameters(statement, SETTINGS, window, **others),
        statement.tables,
    )
