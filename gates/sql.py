"""A file under sql/ as it is sent: real names, one snapshot, without the columns that are missing.

The files are plain GoogleSQL over the names of schemas/. sqlglot rewrites the tree, never the text.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp

from gates.config import ROOT, Settings, Table

SQL = ROOT / "sql"
SCHEMAS = ROOT / "schemas"
# Every query counts the rows of its window under this name; 0 means that nothing was measured.
WINDOW_ROWS = "window_rows"


@dataclass(frozen=True)
class Statement:
    """A parsed query: `tables` as schemas/ names them, `measures` its output columns."""

    file: str
    tree: exp.Select
    tables: tuple[str, ...]
    measures: tuple[str, ...]
    parameters: tuple[str, ...]


@dataclass(frozen=True)
class Pruned:
    """The query without what cannot be measured, and why each `lost` measure cannot."""

    tree: exp.Select
    lost: Mapping[str, str]


def path_of(source: str) -> Path:
    """sql/<stage>/<source>.sql for a source such as phase1/team_offense_game_summary."""
    return SQL / f"{source}.sql"


@cache
def read(path: Path) -> Statement:
    """Parse one file under sql/."""
    text = path.read_text(encoding="utf-8")
    tree = sqlglot.parse_one(text, dialect="bigquery", into=exp.Select)
    return Statement(
        file=path.relative_to(ROOT).as_posix(),
        tree=tree,
        tables=tuple(sorted({f"{table.db}.{table.name}" for table in _real_tables(tree)})),
        measures=tuple(column.alias_or_name for column in tree.selects),
        parameters=tuple(sorted({node.name for node in tree.find_all(exp.Parameter)})),
    )


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


def differences(table: str, called: Table, actual: Mapping[str, str]) -> dict[str, str]:
    """Columns of `table` that the warehouse lacks or has with another type -> one clause each."""
    found: dict[str, str] = {}
    for column, wanted in expected_columns(table).items():
        name = called.columns.get(column, column)
        if name not in actual:
            found[column] = f"column {name} is not in {table}"
        elif actual[name] != wanted:
            found[column] = f"column {name} of {table} is {actual[name]}, expected {wanted}"
    return found


def prune(statement: Statement, unusable: Mapping[str, str]) -> Pruned:
    """Take out the measures that read an `unusable` column (column -> why).

    A column that the query needs for anything but a measure costs them all.
    """
    tree = statement.tree.copy()
    measures = {column.alias_or_name: column for column in tree.selects}
    lost = {
        name: unusable[used[0]]
        for name, column in measures.items()
        if (used := [c for c in _columns(column) if c in unusable])
    }
    for name in lost:
        measures[name].pop()
    needed = [c for c in _columns(tree) if c in unusable]
    if needed or WINDOW_ROWS in lost:
        why = unusable[needed[0]] if needed else lost[WINDOW_ROWS]
        lost = dict.fromkeys(statement.measures, why)
    return Pruned(tree, lost)


def as_sent(pruned: Pruned, settings: Settings, snapshot: str) -> str:
    """GoogleSQL over the warehouse's own names, every table as of `snapshot` (RFC 3339)."""
    tree = pruned.tree.copy()
    for table in list(_real_tables(tree)):
        name = f"{table.db}.{table.name}"
        called = settings.target.tables.get(name, Table())
        for column in tree.find_all(exp.Column):
            if column.name in called.columns:
                column.set("this", exp.to_identifier(called.columns[column.name]))
        table.replace(_real_table(table, settings, called, snapshot))
    return tree.sql(dialect="bigquery", pretty=True, comments=False)


def _real_table(table: exp.Table, settings: Settings, called: Table, snapshot: str) -> exp.Table:
    real = exp.Table(
        this=exp.to_identifier(called.name or table.name, quoted=True),
        db=exp.to_identifier(settings.target.datasets.get(table.db, table.db), quoted=True),
        catalog=exp.to_identifier(settings.target.project, quoted=True),
        alias=table.args.get("alias"),
    )
    # TIMESTAMPTZ is what prints as TIMESTAMP in the bigquery dialect.
    moment = exp.cast(exp.Literal.string(snapshot), exp.DataType.Type.TIMESTAMPTZ)
    real.set("version", exp.Version(this="TIMESTAMP", kind="AS OF", expression=moment))
    return real


def _real_tables(tree: exp.Select) -> list[exp.Table]:
    # A CTE or an array in FROM has no dataset.
    return [table for table in tree.find_all(exp.Table) if table.db]


def _columns(node: exp.Expr) -> list[str]:
    return [column.name for column in node.find_all(exp.Column)]
