"""A file under sql/ as it is sent: real names, one snapshot, without the columns that are missing.

The files are plain GoogleSQL over the names of schemas/. sqlglot rewrites the tree, never the text;
only `each_table` and the names of its columns are put in before, for a file that is asked once for
each of several tables. What a query selects of `each_column` is selected for each of the columns
that gates.toml names.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import sqlglot
from sqlglot import exp

from gates.config import Settings
from gates.gate import Gate
from gates.toml_file import ROOT, TABLES, Table

SQL = ROOT / "sql"
SCHEMAS = ROOT / "schemas"
# Every query counts the rows of its window under this name; 0 means that nothing was measured.
WINDOW_ROWS = "window_rows"
# What a query selects for pictures and no gate judges: <SERIES><kind>, an array of counts.
SERIES = "series_"
# In the place of a table's name: the gate's own measure is the table. The rows behind a gate are of
# the table that is its source, if that is one.
EACH = "each_table"
ANALYTICS = "nba_analytics"
# Beside each_table: its column with the team, and what tells the rows of a game apart.
EACH_TEAM, EACH_KEY = "each_team", "each_key"
# In the place of a column's name: the measure becomes one for each column, <measure>__<column>.
EACH_COLUMN = "each_column"


@dataclass(frozen=True)
class Statement:
    """A parsed query: `tables` as schemas/ names them; `measures` what it selects.

    `counted` is the table whose rows it counts; `each` the columns that were named for it, with the
    table that has them.
    """

    file: str
    tree: exp.Select
    tables: tuple[str, ...]
    counted: str
    each: tuple[str, tuple[str, ...]] | None
    measures: tuple[str, ...]
    parameters: tuple[str, ...]


# table -> column -> why it cannot be used.
Unusable = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Pruned:
    """The query without what cannot be measured, and why each `lost` measure cannot."""

    tree: exp.Select
    lost: Mapping[str, str]


def source_of(gate: Gate) -> str | None:
    """What to read for `gate`: <stage>/<source>, with /<table> for a file that is asked for each.

    The table is what the gate is named for: `which` of its measure, or the measure itself.

    None where no file under sql/ measures it.
    """
    return _with_table(f"{gate.stage}/{gate.source}", gate.which or gate.measure)


def rows_source(gate: Gate) -> str | None:
    """What lists the rows behind `gate`: diagnose/<name>, with /<table> as in `source_of`.

    None where gates.toml names no file, or one that is not there.
    """
    counted = gate.source if f"{ANALYTICS}.{gate.source}" in TABLES else gate.measure
    return _with_table(f"diagnose/{gate.diagnose}", counted) if gate.diagnose else None


def _with_table(source: str, table: str) -> str | None:
    file = SQL / f"{source}.sql"
    if not file.exists():
        return None
    return f"{source}/{table}" if EACH in file.read_text(encoding="utf-8") else source


def columns_for(gates: Iterable[Gate], source: str) -> tuple[str, ...]:
    """The columns that gates of `source` are named for, in their order, each once."""
    found = (gate.which for gate in gates if source in (source_of(gate), rows_source(gate)))
    return tuple(dict.fromkeys(which for which in found if which))


@cache
def read(source: str, columns: tuple[str, ...] = ()) -> Statement:
    """Parse the file of a source such as phase1/team_offense_game_summary, for these columns."""
    folder, name, *table = source.split("/")
    path = SQL / folder / f"{name}.sql"
    text = path.read_text(encoding="utf-8")
    if table:
        text = _for_table(text, table[0])
    tree = sqlglot.parse_one(text, dialect="bigquery", into=exp.Select)
    of = _for_each_column(tree, columns)
    tables = tuple(sorted({_name(table) for table in _real_tables(tree)}, key=text.index))
    last = tree.args["from_"].this
    return Statement(
        file=path.relative_to(ROOT).as_posix(),
        tree=tree,
        tables=tables,
        counted=_name(last) if last.args.get("db") else tables[0],
        each=(of, columns) if of else None,
        measures=tuple(column.alias_or_name for column in tree.selects),
        parameters=tuple(sorted({node.name for node in tree.find_all(exp.Parameter)})),
    )


def _for_table(text: str, table: str) -> str:
    if EACH_KEY in text or EACH_TEAM in text:
        columns = expected_columns(f"{ANALYTICS}.{table}")
        team = "defending_team_abbr" if "defending_team_abbr" in columns else "team_abbr"
        key = "player_lookup" if "player_lookup" in columns else team
        text = text.replace(EACH_TEAM, team).replace(EACH_KEY, key)
    return text.replace(EACH, table)


def _for_each_column(tree: exp.Select, columns: tuple[str, ...]) -> str | None:
    """Repeat what is selected of `each_column`; the table that has the columns, if there is one."""
    repeated = [
        column
        for column in tree.selects
        if any(node.name == EACH_COLUMN for node in column.find_all(exp.Column))
    ]
    if not repeated:
        return None
    table = _name(tree.args["from_"].this)
    for selected in repeated:
        for name in columns:
            copy = selected.copy()
            for node in copy.find_all(exp.Column):
                if node.name == EACH_COLUMN:
                    node.set("this", exp.to_identifier(name))
            tree.append(
                "expressions", exp.alias_(copy.unalias(), f"{selected.alias_or_name}__{name}")
            )
        selected.pop()
    return table


@cache
def expected_columns(table: str) -> Mapping[str, str]:
    """Column -> type (ARRAY<...> where repeated) of schemas/<table>.json."""
    schema: dict[str, Any] = json.loads((SCHEMAS / f"{table}.json").read_text(encoding="utf-8"))
    return {c["name"]: column_type(c["type"], c["mode"]) for c in schema["schema"]}


# The API answers with legacy names for some types.
_STANDARD = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL", "STRUCT": "RECORD"}


def column_type(name: str, mode: str) -> str:
    """The GoogleSQL name of a column's type; a RECORD stays one word."""
    standard = _STANDARD.get(name, name)
    return f"ARRAY<{standard}>" if mode == "REPEATED" else standard


def differences(
    table: str, called: Table, actual: Mapping[str, str], named: Iterable[str] = ()
) -> dict[str, str]:
    """Columns of `table` that the warehouse lacks or has with another type -> one clause each.

    Of those that gates.toml has `named` and schemas/ does not know, any type will do.
    """
    found: dict[str, str] = {}
    for column in named:
        if (name := called.columns.get(column, column)) not in actual:
            found[column] = f"column {name} is not in {table}"
    for column, wanted in expected_columns(table).items():
        name = called.columns.get(column, column)
        if name not in actual:
            found[column] = f"column {name} is not in {table}"
        elif actual[name] != wanted:
            found[column] = f"column {name} of {table} is {actual[name]}, expected {wanted}"
    return found


def prune(statement: Statement, unusable: Unusable) -> Pruned:
    """Take out the measures that read an unusable column.

    A column that the query needs for anything but a measure costs them all.
    """
    tree = statement.tree.copy()
    measures = {column.alias_or_name: column for column in tree.selects}
    reasons = {id(column): why for column, why in _unusable_columns(tree, unusable)}
    lost = {
        name: whys[0]
        for name, measure in measures.items()
        if (whys := [reasons[id(c)] for c in measure.find_all(exp.Column) if id(c) in reasons])
    }
    for name in lost:
        measures[name].pop()
    needed = [reasons[id(c)] for c in tree.find_all(exp.Column) if id(c) in reasons]
    if needed or WINDOW_ROWS in lost:
        lost = dict.fromkeys(statement.measures, needed[0] if needed else lost[WINDOW_ROWS])
    return Pruned(tree, lost)


def as_sent(tree: exp.Select, settings: Settings, snapshot: str | None) -> str:
    """GoogleSQL over the warehouse's own names, every table as of `snapshot` (RFC 3339).

    Without a snapshot as it is now.
    """
    tree = tree.copy()
    for table in list(_real_tables(tree)):
        called = settings.target.tables.get(_name(table), Table())
        for column in _columns_of(table):
            if column.name in called.columns:
                _rename(column, called.columns[column.name])
        table.replace(_real_table(table, settings, called, snapshot))
    return tree.sql(dialect="bigquery", pretty=True, comments=False)


def column_of(source: str) -> str:
    """The column of a joint query that holds the row of `source`."""
    return source.replace("/", "__")


def together(trees: Mapping[str, exp.Select]) -> exp.Select:
    """One query for several sources of one row each: a row with a STRUCT for each of them."""
    if len(trees) == 1:
        return next(iter(trees.values()))
    joint = exp.Select()
    for source, tree in trees.items():
        part = tree.copy()
        part.set("kind", "STRUCT")
        joint.append("expressions", exp.alias_(exp.Subquery(this=part), column_of(source)))
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


def _real_tables(tree: exp.Select) -> Iterator[exp.Table]:
    # A CTE or an array in FROM has no dataset.
    return (table for table in tree.find_all(exp.Table) if table.db)


def _name(table: exp.Table) -> str:
    return f"{table.db}.{table.name}"


def _columns_of(table: exp.Table) -> list[exp.Column]:
    """The columns of the SELECT that reads `table`; under sql/ it reads nothing else."""
    select = table.find_ancestor(exp.Select)
    columns = select.find_all(exp.Column) if select else ()
    with_ = select.args.get("with_") if select else None
    elsewhere = {id(c) for c in with_.find_all(exp.Column)} if with_ else set()
    return [column for column in columns if id(column) not in elsewhere]


def _unusable_columns(tree: exp.Select, unusable: Unusable) -> Iterator[tuple[exp.Column, str]]:
    for table in _real_tables(tree):
        why = unusable.get(_name(table), {})
        yield from ((c, why[c.name]) for c in _columns_of(table) if c.name in why)
