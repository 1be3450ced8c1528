"""Statements that bqemulator has translated before, remembered.

Upstream has a memory of results that nothing asks yet (sql/cache.py), and none of statements. In
1.4.0 jobs/executor.py, jobs/routine_ddl.py, catalog/ddl_sync.py and sql/catalog_schema.py each call
sqlglot.parse_one on the whole text, some twenty times for one query, and sql/translator.py
translates it afresh each time it comes. What it makes of long queries is kept in files as well,
for the servers that come later: of what a server's first queries take, that is half.

A run of the gates asks as of its own moment, so its texts are new although all else in them was
asked before: they are remembered as of one moment.

PARSE_NUMERIC is translated otherwise, to the same numbers: DuckDB reads a text of 18 digits many
times as fast as one of 38, and that was a quarter of what the queries of a run take.

Both dialects are imported here, before any thread asks for one by its name: sqlglot hands it out
before it is complete (findings/sqlglot-dialect-before-it-is-complete.sh).
"""

import re
import sys
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any

import bqemulator
import sqlglot
import sqlglot.dialects.bigquery
import sqlglot.dialects.duckdb
from bqemulator.domain.result import Ok
from bqemulator.jobs import executor
from bqemulator.sql import inner_query
from bqemulator.sql.rules.numeric_types import ParseNumericRule
from bqemulator.sql.translator import SQLTranslator
from sqlglot import exp
from sqlglot.expressions.core import POSITION_META_KEYS

from gates.kept import kept

# Trees, which take megabytes; what they were written out as is a text.
TREES, TEXTS = 64, 1_024
# A query of so many letters is one of sql/ or made of it; so many translations are kept in files,
# which is a few times what all of sql/ comes to.
LONG, FILES = 2_000, 256
# These look at the kind of a statement, or at the names in it, and leave a query as it is: for them
# no copy is made, which would take a fifth of a run of the gates. In src/bqemulator:
LOOKING = {
    "bqemulator.catalog.ddl_sync",  # catalog/ddl_sync.py: is it DDL, and of which table?
    "bqemulator.jobs.executor",  # jobs/executor.py: what kind of statement is it?
    "bqemulator.jobs.routine_ddl",  # jobs/routine_ddl.py: does it create a routine?
    "bqemulator.sql.catalog_schema",  # sql/catalog_schema.py: which tables does it name?
}
# DuckDB rounds what has an exponent otherwise, and reads nothing of more digits, by 18 than by 38.
NUMERIC = (
    "COALESCE(CASE WHEN NOT CONTAINS(LOWER(:text), 'e') THEN TRY_CAST(:text AS DECIMAL(18, 9)) END,"
    " CAST(:text AS DECIMAL(38, 9)))"
)
# As the gates write it, and a moment that stands for all.
AS_OF = re.compile(r"(?<=FOR SYSTEM_TIME AS OF CAST\(')[^']+(?=' AS TIMESTAMP\))")
ANY_TIME = "2000-01-01T00:00:00+00:00"
Parse = Callable[..., sqlglot.Expr]
Rewrite = Callable[[str, str, Any, Any], str]


def remember() -> None:
    """From here on, parse and translate each of the latest statements once."""
    # https://github.com/jjviscomi/bqemulator: every module looks it up as sqlglot.parse_one.
    sqlglot.parse_one = _parsing_once(sqlglot.parse_one)  # type: ignore[assignment]
    # src/bqemulator/sql/translator.py: parses, rewrites and writes the statement out anew.
    SQLTranslator.translate = _translating_once(  # type: ignore[method-assign]
        SQLTranslator.translate
    )
    # src/bqemulator/versioning/time_travel.py: parses, and writes the statement out anew.
    inner_query.rewrite_for_system_time = _in_time_once(  # type: ignore[assignment,attr-defined]
        inner_query.rewrite_for_system_time  # type: ignore[attr-defined]
    )
    # src/bqemulator/scripting/parser.py: the executor only looks whether it is one statement.
    parse_script = lru_cache(TREES)(executor.parse_script)  # type: ignore[attr-defined]
    executor.parse_script = lambda source: parse_script(  # type: ignore[attr-defined]
        AS_OF.sub(ANY_TIME, source)
    )
    # src/bqemulator/sql/rewriter/unnest_offset.py: parses, and mostly leaves it as it is.
    inner_query.rewrite_unnest_offset = lru_cache(TREES)(  # type: ignore[attr-defined]
        inner_query.rewrite_unnest_offset  # type: ignore[attr-defined]
    )
    # src/bqemulator/sql/rules/numeric_types.py: a plain CAST.
    ParseNumericRule.rewrite = _parse_numeric  # type: ignore[method-assign,assignment]
    # src/bqemulator/sql/table_rewriter.py: regular expressions over the whole of the translation.
    executor.rewrite_table_refs = lru_cache(TEXTS)(  # type: ignore[attr-defined]
        executor.rewrite_table_refs  # type: ignore[attr-defined]
    )


def _parsing_once(parse: Parse) -> Parse:
    @lru_cache(TREES)
    def remembered(sql: str, read: str | None) -> sqlglot.Expr:
        tree = parse(sql, read=read)
        for node in tree.walk():
            # Where a word stood is for messages only, and most of what a copy costs.
            for key in POSITION_META_KEYS:
                node.meta.pop(key, None)
            node._meta = node._meta or None
        return tree

    def parse_one(sql: str, read: str | None = None, **rest: Any) -> sqlglot.Expr:
        if rest:
            return parse(sql, read=read, **rest)
        looks_only = sys._getframe(1).f_globals["__name__"] in LOOKING
        tree = remembered(AS_OF.sub(ANY_TIME, sql) if looks_only else sql, read)
        # Anyone else may change what he gets.
        return tree if looks_only and isinstance(tree, exp.Query) else tree.copy()

    return parse_one


class _Asked:
    """Notes which tables are asked for, as of when; the live ones are the answer."""

    def __init__(self) -> None:
        self.tables: list[tuple[str, str, str]] = []
        self.moments: list[datetime] = []

    def resolve_time_travel(self, project: str, dataset: str, table: str, when: datetime) -> None:
        self.tables.append((project, dataset, table))
        self.moments.append(when)


def _in_time_once(rewrite: Rewrite) -> Rewrite:
    any_time = datetime.fromisoformat(ANY_TIME)

    @lru_cache(TREES)
    def remembered(sql: str, project: str) -> tuple[str, list[tuple[str, str, str]]]:
        asked = _Asked()
        text = rewrite(sql, project, asked, None)
        # Where the text cannot be parsed, or a string in it looks like what AS_OF finds.
        if asked.moments != [any_time] * len(AS_OF.findall(sql)):
            raise LookupError
        return text, asked.tables

    def rewrite_once(sql: str, project: str, snapshots: Any, engine: Any) -> str:
        found = AS_OF.findall(sql)
        try:
            # One for all tables, of ISO 8601.
            (moment,) = map(datetime.fromisoformat, set(found))
            if sql.upper().count("SYSTEM_TIME") != len(found):
                raise LookupError
            text, tables = remembered(AS_OF.sub(ANY_TIME, sql), project)
        except (ValueError, LookupError):
            return rewrite(sql, project, snapshots, engine)
        for table in tables:
            # Refuses what is not the live table.
            snapshots.resolve_time_travel(*table, moment)
        return text

    return rewrite_once


def _parse_numeric(_: ParseNumericRule, node: sqlglot.Expr) -> sqlglot.Expr:
    numeric = sqlglot.parse_one(NUMERIC, read="duckdb")
    return exp.replace_placeholders(numeric, text=node.this)


def _translating_once(translate: Callable[..., Any]) -> Callable[..., Any]:
    @lru_cache(TEXTS)
    def remembered(sql: str, tables: str, arguments: "_Arguments") -> Any:
        def anew() -> Any:
            return translate(arguments.translator, sql, **arguments.rest)

        if len(sql) < LONG or not sql.lstrip().upper().startswith(("SELECT", "WITH")):
            return anew()
        question = (bqemulator.__version__, NUMERIC, sql, tables)
        return Ok(kept("translation", question, lambda: anew().unwrap(), FILES))

    def translate_once(translator: SQLTranslator, sql: str, **rest: Any) -> Any:
        return remembered(sql, repr(rest), _Arguments(translator, rest))

    return translate_once


class _Arguments:
    """What goes into a translation besides the text; all the same to the memory of it."""

    def __init__(self, translator: SQLTranslator, rest: dict[str, Any]) -> None:
        self.translator = translator
        self.rest = rest

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Arguments)

    def __hash__(self) -> int:
        return 0
