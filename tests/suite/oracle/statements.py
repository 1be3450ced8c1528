"""Every statement that the project can send to a warehouse, as it is sent, with its parameters."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from harness import ROOT
from oracle.worlds import HISTORY
from sqlglot import exp

from gates.config.calendar import FIRST_MONTH_OF_A_SEASON, LATEST_START
from gates.config.settings import Settings, Window, load
from gates.decide import history_table
from gates.decide.side_by_side import ROW_LIMIT
from gates.measure import jobs, listing, queries, readback, rewrite, seasons


def _settings() -> Settings:
    found = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, datetime.now(UTC))
    return replace(found, target=found.target.model_copy(update={"history": HISTORY}))


SETTINGS = _settings()
SNAPSHOT = "2026-01-03T12:00:00.000001+00:00"
GATES = list(SETTINGS.gates.values())


@dataclass(frozen=True)
class Sent:
    """A statement: its text over the warehouse's own names, and its @parameters."""

    name: str
    text: str
    parameters: Mapping[str, Any]


@cache
def every() -> Sequence[Sent]:
    """What measures gates, alone and together, what is behind them, and what is asked beside them.

    None of them twice.
    """
    found = [
        *(*sources(), *joint_jobs(), *rows_behind(), *single_measures(), *behind_measures()),
        *beside_the_gates(),
    ]
    return list({(each.text, str(each.parameters)): each for each in found}.values())


def sources() -> Iterator[Sent]:
    """What measures gates, each file (and each table of a file that is asked for each) alone."""
    for source in sorted({found for gate in GATES if (found := queries.source_of(gate))}):
        statement = _read(source)
        yield _sent(source, statement, statement.tree, _window(source))


def joint_jobs() -> Iterator[Sent]:
    """The jobs that ask several sources together, as a run sends them."""
    names = [each.name for each in sources()]
    for job, grouped in jobs.grouped(names, SETTINGS).items():
        if len(grouped) < 2:
            continue
        parts = {source: _part(source) for source in grouped}
        yield Sent(
            f"{job}, a joint job",
            jobs.texts_of(parts, SETTINGS, SNAPSHOT).joint,
            jobs.values_of(parts),
        )


def _part(source: str) -> jobs.Part:
    outcome, statement = jobs.nothing_yet(source, SETTINGS), _read(source)
    return jobs.Part(
        outcome,
        statement,
        {},
        jobs.parameters(statement, SETTINGS, SETTINGS.windows[outcome.stage]),
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


def behind_measures() -> Iterator[Sent]:
    """What `make diagnose` asks for the other gates of a query: what their measure is made of."""
    for gate in GATES:
        source = queries.source_of(gate)
        if source in (None, readback.SOURCE) or gate.diagnose or queries.lists_keys(gate):
            continue
        statement = queries.read(str(source))
        if tree := listing.rows_of(statement.tree, gate.measure):
            sent = _sent(f"behind {gate.id}", statement, tree, gate.stage, row_limit=ROW_LIMIT)
            asked = {each.name for each in tree.find_all(exp.Parameter)}
            known = {**sent.parameters, "row_limit": ROW_LIMIT}
            yield replace(sent, parameters={name: known[name] for name in asked})


def beside_the_gates() -> Iterator[Sent]:
    """When seasons began that gates.toml does not know, and the history's two queries."""
    source = seasons.SOURCE
    statement = queries.read(source)
    opened = date(2021, FIRST_MONTH_OF_A_SEASON, 1), date(2026, *LATEST_START)
    values = jobs.parameters(statement, SETTINGS, opened)
    text = rewrite.render(statement.tree, SETTINGS, SNAPSHOT)
    yield Sent(source, text, values)
    # The days on which worlds have games.
    values = history_table.parameters(SETTINGS) | {"since": opened[0]}
    for query in (history_table.last_runs, history_table.stored_runs):
        yield Sent(f"history: {query.__name__}", query(SETTINGS), values)


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
        jobs.parameters(statement, SETTINGS, window, **others),
    )
