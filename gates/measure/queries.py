"""A file under sql/ as it is read: which gates it is for, which tables and columns it needs.

The files are plain GoogleSQL over the names of schemas/. Only `each_table` and the names of its
columns are put in before it is parsed, for a file that is asked once for each of several tables.
What a query selects of `each_column` is selected for each of the columns that gates.toml names, and
of what it calls `findings` each measure is counted. gates/measure/shared.py does the rest.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import sqlglot
from sqlglot import exp

from gates.config.gate import Gate
from gates.config.schema import TABLES, Table
from gates.files import ROOT
from gates.measure import shared
from gates.measure.shared import FIRST, SQL

SCHEMAS = ROOT / "schemas"
# The folder of the files that each stage asks over its own window.
EVERY_STAGE = "every_stage"
# Every query counts the rows of its window under this name; 0 means that nothing was measured.
WINDOW_ROWS = "window_rows"
# How the name of a file ends that computes values again.
VALUES = "_values"
# What a query selects for pictures and no gate judges: <SERIES><kind>, an array of counts.
SERIES = "series_"
# In the place of a table's name: the gate's own measure is the table. The rows behind a gate are of
# the table that is its source, if that is one.
EACH = "each_table"
ANALYTICS = "nba_analytics"
SCHEDULE = "nba_raw.nbac_schedule"
# Beside each_table: its column with the team, what tells the rows of a game apart, and whether
# somebody played, which only a table that lists others too has to say.
EACH_TEAM, EACH_KEY, EACH_PLAYED = "each_team", "each_key", "each_played"
PLAYED = "points IS NOT NULL AND is_dnp IS NOT TRUE"
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
    if gate.diagnose is None:
        return None
    named = (each for each in (gate.source, gate.measure) if f"{ANALYTICS}.{each}" in TABLES)
    return _with_table(f"diagnose/{gate.diagnose}", next(named, None) or _counted_by(gate))


def _counted_by(gate: Gate) -> str:
    """The table that the gate's own query is about, without its dataset; its measure if none is."""
    source = source_of(gate)
    return read(source).counted.rpartition(".")[2] if source else gate.measure


def lists_keys(gate: Gate) -> bool:
    """Whether the query that measures `gate` can list the keys of what it counts."""
    source = source_of(gate)
    found = read(source).tree.selects if source else ()
    return any(
        node.name == FIRST and node.find(exp.Array, exp.ArrayAgg)
        for column in found
        if column.alias_or_name == gate.measure
        for node in column.find_all(exp.PropertyEQ)
    )


@cache
def _with_table(source: str, table: str) -> str | None:
    file = _path(source)
    if not file.exists():
        return None
    return f"{source}/{table}" if EACH in file.read_text(encoding="utf-8") else source


def job_of(statement: Statement, source: str) -> str:
    """The job that asks `source`: its stage's, or one of its own where it gives more than one row.

    A stage's files that compute values again have jobs beside that of its counts, one for those
    whose names begin with the same word: in one, the statement would outgrow what BigQuery's
    planner takes.
    """
    if WINDOW_ROWS not in statement.measures:
        return source
    stage, name = source.split("/")[:2]
    return f"{stage}_{name.split('_')[0]}{VALUES}" if name.endswith(VALUES) else stage


def columns_for(gates: Iterable[Gate], source: str) -> tuple[str, ...]:
    """The columns that gates of `source` are named for, in their order, each once."""
    found = (
        gate.which
        for gate in gates
        if gate.which and source in (source_of(gate), rows_source(gate))
    )
    return tuple(dict.fromkeys(found))


@cache
def read(source: str, columns: tuple[str, ...] = ()) -> Statement:
    """Parse the file of a source such as phase1/team_offense_game_summary, for these columns."""
    folder, name, *table = source.split("/")
    path = _path(f"{folder}/{name}")
    text = path.read_text(encoding="utf-8")
    if table:
        text = _for_table(text, table[0])
    tree = sqlglot.parse_one(text, dialect="bigquery", into=exp.Select)
    of = _for_each_column(tree, columns)
    shared.add(tree)
    # Each once; the file's own come first.
    tables = tuple(dict.fromkeys(name_of(table) for table in real_tables(tree)))
    return Statement(
        file=path.relative_to(ROOT).as_posix(),
        tree=tree,
        tables=tables,
        counted=_counted(tree) or tables[0],
        each=(of, columns) if of else None,
        measures=tuple(column.alias_or_name for column in tree.selects),
        parameters=tuple(sorted({node.name for node in tree.find_all(exp.Parameter)})),
    )


def _counted(tree: exp.Select) -> str | None:
    """The table that is read last of all, or the schedule where the games due are counted."""
    last = tree.args["from_"].this
    if last.args.get("db"):
        return name_of(last)
    rows = next((each for each in tree.selects if each.alias_or_name == WINDOW_ROWS), None)
    is_due = rows and any(column.name in shared.DUE for column in rows.find_all(exp.Column))
    return SCHEDULE if is_due else None


def _path(source: str) -> Path:
    """The file of <stage>/<source>: the stage's own, else the one that serves every stage."""
    own = SQL / f"{source}.sql"
    return own if own.exists() else SQL / EVERY_STAGE / own.name


def _for_table(text: str, table: str) -> str:
    if EACH_KEY in text or EACH_TEAM in text:
        columns = expected_columns(f"{ANALYTICS}.{table}")
        team = "defending_team_abbr" if "defending_team_abbr" in columns else "team_abbr"
        key = "player_lookup" if "player_lookup" in columns else team
        played = PLAYED if {"points", "is_dnp"} <= columns.keys() else "TRUE"
        text = text.replace(EACH_TEAM, team).replace(EACH_KEY, key).replace(EACH_PLAYED, played)
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
    table = name_of(tree.args["from_"].this)
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


def real_tables(tree: exp.Select) -> Iterator[exp.Table]:
    """The tables of the warehouse that a query reads."""
    # A CTE or an array in FROM has no dataset.
    return (table for table in tree.find_all(exp.Table) if table.db)


def name_of(table: exp.Table) -> str:
    """<dataset>.<table>, as schemas/ names it."""
    return f"{table.db}.{table.name}"


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
