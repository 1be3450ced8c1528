"""A query on its way to the warehouse: without what is missing there, real names, one snapshot.

sqlglot rewrites the tree, never the text.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlglot import exp
from sqlglot.dialects.bigquery import BigQuery

from gates.config.schema import Table
from gates.config.settings import Settings
from gates.measure import queries
from gates.measure.parsed import columns_of, name_of, real_tables
from gates.measure.queries import WINDOW_ROWS, Statement

# table -> column -> why it cannot be used.
Unusable = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Pruned:
    """The query without what cannot be measured, and why each `unavailable` measure cannot."""

    tree: exp.Select
    unavailable: Mapping[str, str]


def prune(statement: Statement, unusable: Unusable) -> Pruned:
    """Take out the measures that read an unusable column.

    A column that the query needs for anything but a measure costs them all.
    """
    tree = statement.tree.copy()
    measures = {column.alias_or_name: column for column in tree.selects}
    reasons = {id(column): why for column, why in _unusable_columns(tree, unusable)}
    reasons |= _without_unusable(tree, reasons)
    unavailable = {
        name: whys[0]
        for name, measure in measures.items()
        if (whys := [reasons[id(c)] for c in measure.find_all(exp.Column) if id(c) in reasons])
    }
    for name in unavailable:
        measures[name].pop()
    needed = [reasons[id(c)] for c in tree.find_all(exp.Column) if id(c) in reasons]
    if needed or WINDOW_ROWS in unavailable:
        unavailable = dict.fromkeys(
            statement.measures, needed[0] if needed else unavailable[WINDOW_ROWS]
        )
    return Pruned(tree, unavailable)


def _without_unusable(tree: exp.Select, reasons: Mapping[int, str]) -> dict[int, str]:
    """Take what reads an unusable column out of the rows that the query counts, if it names them.

    The query's own columns that name what was taken out, by id, with why.
    """
    rows = tree.args["from_"].this
    gone: dict[int, str] = {}
    for judged in rows.this.selects if isinstance(rows, exp.Subquery) else ():
        why = next((reasons[id(c)] for c in judged.find_all(exp.Column) if id(c) in reasons), None)
        if why is not None:
            judged.pop()
            named = (c for each in tree.selects for c in each.find_all(exp.Column))
            gone |= {id(c): why for c in named if c.name == judged.alias_or_name}
    return gone


def only(statement: Statement, measure: str) -> exp.Select:
    """The query for one of its measures, still of one row: the count of its rows makes it that."""
    tree = statement.tree.copy()
    for column in tree.selects:
        if column.alias_or_name not in (WINDOW_ROWS, measure):
            column.pop()
    return tree


def render(tree: exp.Select, settings: Settings, snapshot: str | None) -> str:
    """GoogleSQL over the warehouse's own names, every table as of `snapshot` (RFC 3339).

    Without a snapshot as it is now.
    """
    placed = tree.copy()
    qualify_tables(placed, settings, snapshot)
    return text_of(placed)


def texts(
    trees: Mapping[str, exp.Select],
    values: Mapping[str, Mapping[str, Any]],
    settings: Settings,
    snapshot: str,
) -> dict[str, Any]:
    """A job's text, `joint`, and of each source `alone` the text with its values written in.

    It takes the trees in.
    """
    for tree in trees.values():
        qualify_tables(tree, settings, snapshot)
    alone = {source: text_of(with_values(tree, values[source])) for source, tree in trees.items()}
    joint = combine(trees) if len(trees) > 1 else next(iter(trees.values()))
    return {"joint": text_of(joint), "alone": alone}


def text_of(tree: exp.Select) -> str:
    """GoogleSQL. It takes the tree in, as `combine` does."""
    return tree.sql(dialect=BigQuery, pretty=True, comments=False, copy=False)


def qualify_tables(tree: exp.Select, settings: Settings, snapshot: str | None) -> None:
    """Give a query, in place, the warehouse's own names, every table as of `snapshot`."""
    for table in list(real_tables(tree)):
        called = settings.target.tables.get(name_of(table), Table())
        for column in columns_of(table):
            if column.name in called.columns:
                _rename(column, called.columns[column.name])
        table.replace(_real_table(table, settings, called, snapshot))


def combine(trees: Mapping[str, exp.Select]) -> exp.Select:
    """One query for several sources of one row each: a row with a STRUCT for each of them.

    It takes the trees in, so that they are of no other use afterwards: copying them takes longer
    than all else that is done to them.
    """
    joint = exp.Select()
    for source, tree in trees.items():
        tree.set("kind", "STRUCT")
        joint.append(
            "expressions",
            exp.alias_(exp.Subquery(this=tree), queries.column_of(source), copy=False),
        )
    return joint


def with_values(tree: exp.Select, values: Mapping[str, Any]) -> exp.Select:
    """The query with its parameters written in, so that it can be run by hand."""
    written = tree.copy()
    for parameter in list(written.find_all(exp.Parameter)):
        parameter.replace(_literal(values[parameter.name]))
    return written


def _literal(value: Any) -> exp.Expr:
    if isinstance(value, list | tuple):
        return exp.Array(expressions=[_literal(each) for each in value])
    if isinstance(value, date):
        return exp.cast(exp.Literal.string(value.isoformat()), exp.DataType.Type.DATE)
    return exp.convert(value)


def _rename(column: exp.Column, name: str) -> None:
    old = column.name
    column.set("this", exp.to_identifier(name))
    if isinstance(column.parent, exp.Select) and column.arg_key == "expressions":
        # What is selected keeps the name that the rest of the query knows.
        column.replace(exp.alias_(column.copy(), old))


def _real_table(
    table: exp.Table, settings: Settings, called: Table, snapshot: str | None
) -> exp.Table:
    real = exp.Table(
        this=exp.to_identifier(called.name or table.name, quoted=True),
        db=exp.to_identifier(settings.target.datasets.get(table.db, table.db), quoted=True),
        catalog=exp.to_identifier(settings.target.project, quoted=True),
        alias=table.args.get("alias"),
    )
    if snapshot is not None:
        # TIMESTAMPTZ is what prints as TIMESTAMP in the bigquery dialect.
        moment = exp.cast(exp.Literal.string(snapshot), exp.DataType.Type.TIMESTAMPTZ)
        real.set("version", exp.Version(this="TIMESTAMP", kind="AS OF", expression=moment))
    return real


def _unusable_columns(tree: exp.Select, unusable: Unusable) -> Iterator[tuple[exp.Column, str]]:
    for table in real_tables(tree):
        why = unusable.get(name_of(table), {})
        yield from ((c, why[c.name]) for c in columns_of(table) if c.name in why)
