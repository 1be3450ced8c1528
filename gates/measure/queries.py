"""A file under sql/ as it is read: which gates it is for, which tables and columns it needs.

The files are plain GoogleSQL over the names of schemas/. Only `each_table` and the names of its
columns are put in before it is parsed, for a file that is asked once for each of several tables.
What a query selects of `each_column` is selected for each of the columns that gates.toml names, and
of what it calls `findings` each measure is counted. gates/measure/shared.py does the rest.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, Field, TypeAdapter

from gates.config.gate import Gate
from gates.config.schema import TABLES, ConfigError, Table, checked
from gates.files import ROOT
from gates.kept import kept
from gates.text import one_line

if TYPE_CHECKING:
    from sqlglot import exp

SQL = ROOT / "sql"
SCHEMAS = ROOT / "schemas"
# The folder of the files that each stage asks over its own window.
EVERY_STAGE = "every_stage"
# Every query counts the rows of its window under this name; 0 means that nothing was measured.
WINDOW_ROWS = "window_rows"
# The games of a stage's window, for the counts whose bound is made of them; no gate judges it.
SCHEDULED_GAMES = "scheduled_games"
# How the name of a file ends that computes values again.
VALUES = "_values"
# The first word of its name -> that of the files whose job it shares, where both fit into one.
SHARES_A_JOB = {"factor": "cache", "players": "cache", "zone": "feature"}
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
    """A query of sql/: `tables` as schemas/ names them; `measures` what it selects.

    `listing` are those of its measures that list keys; `counted` is the table whose rows it counts;
    `each` the columns that were named for it, with the table that has them; `reads` the columns of
    each table that it names.
    """

    source: str
    columns: tuple[str, ...]
    file: str
    tables: tuple[str, ...]
    counted: str
    each: tuple[str, tuple[str, ...]] | None
    measures: tuple[str, ...]
    listing: tuple[str, ...]
    parameters: tuple[str, ...]
    reads: Mapping[str, tuple[str, ...]]

    @property
    def tree(self) -> "exp.Select":
        """The parsed query, which is everyone's: take a copy before it is changed."""
        from gates.measure import parsed

        return parsed.tree_of(self.source, self.columns)


_STATEMENT = TypeAdapter(Statement)


def source_of(gate: Gate) -> str | None:
    """What to read for `gate`: <stage>/<source>, with /<table> for a file that is asked for each.

    The table is what the gate is named for: `which` of its measure, or the measure itself.

    None where no file under sql/ measures it.
    """
    return _with_table(f"{gate.stage}/{gate.source}", gate.which or gate.measure)


def sources_of(gate: Gate) -> list[str]:
    """What judging `gate` takes: its own source, and the schedule where its bound is of that."""
    own = source_of(gate)
    sources = [own] if own else []
    return sources if gate.per_game is None else [*sources, schedule_of(gate.stage)]


def schedule_of(stage: str) -> str:
    """The source that has the schedule of the stage's window."""
    return f"{stage}/full_schedule"


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
    return source is not None and gate.measure in read(source).listing


@cache
def _with_table(source: str, table: str) -> str | None:
    file = path_of(source)
    if not file.exists():
        return None
    return f"{source}/{table}" if EACH in file.read_text(encoding="utf-8") else source


def job_of(statement: Statement, source: str) -> str:
    """The job that asks `source`: its stage's, or one of its own where it gives more than one row.

    A stage's files that compute values again have jobs beside that of its counts, one for those
    whose names, or the tables that they are asked for, begin with the same word: in one, the
    statement would outgrow what BigQuery's planner takes.
    """
    if WINDOW_ROWS not in statement.measures:
        return source
    stage, name, *table = source.split("/")
    about = [name, *table][-1].split("_")[0]
    about = SHARES_A_JOB.get(about, about)
    return f"{stage}_{about}{VALUES}" if name.endswith(VALUES) else stage


def column_of(source: str) -> str:
    """The column of a joint query that holds the row of `source`."""
    return source.replace("/", "__")


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
    """What is known of a source such as phase1/team_offense_game_summary, for these columns."""

    def facts() -> dict[str, Any]:
        from gates.measure import parsed

        return parsed.facts(source, columns)

    return _STATEMENT.validate_python(kept(f"statement.{source}", columns, facts))


def path_of(source: str) -> Path:
    """The file of <stage>/<source>[/<table>]: the stage's own, else that for every stage."""
    folder, name = source.split("/")[:2]
    own = SQL / folder / f"{name}.sql"
    return own if own.exists() else SQL / EVERY_STAGE / own.name


@cache
def expected_columns(table: str) -> Mapping[str, str]:
    """Column -> type (ARRAY<...> where repeated) of schemas/<table>.json."""
    return {c.name: column_type(c.type, c.mode) for c in _schema(table).columns}


def partition_of(table: str) -> str:
    """The column by whose days schemas/<table>.json says that the table is partitioned."""
    return _schema(table).partition_column


def needs_filter(table: str) -> bool:
    """Whether schemas/<table>.json has a table that is only read with a filter on partitions."""
    return _schema(table).require_partition_filter


def required_columns(table: str) -> frozenset[str]:
    """The columns of schemas/<table>.json that are never NULL."""
    return frozenset(c.name for c in _schema(table).columns if c.mode == "REQUIRED")


class _Column(BaseModel):
    name: str
    type: str
    mode: str


class _TableSchema(BaseModel):
    partition_column: str
    require_partition_filter: bool
    columns: list[_Column] = Field(alias="schema")


@cache
def _schema(table: str) -> _TableSchema:
    """What schemas/<table>.json holds, checked. Raises ConfigError."""
    name = f"schemas/{table}.json"
    try:
        content = json.loads((SCHEMAS / f"{table}.json").read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigError(f"{name} is not JSON ({one_line(error)}); correct it.") from error
    if not isinstance(content, dict):
        raise ConfigError(
            f"{name} holds a {type(content).__name__}, expected an object whose schema is the list "
            "of columns; docs/how-to/new-table.md shows one."
        )
    return checked(name, content, _TableSchema)


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
