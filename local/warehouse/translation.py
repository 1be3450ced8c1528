"""Statements that bqemulator has translated before, remembered.

bqemulator parses a statement some twenty times and translates it afresh each time it comes. The
gates ask the same long queries again and again, which took most of a run.
"""

import sys
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import bqemulator.jobs.executor
import sqlglot
from bqemulator.sql.translator import SQLTranslator
from sqlglot import exp
from sqlglot.expressions.core import POSITION_META_KEYS

REMEMBERED = 64
# Modules that look at the kind of a statement, or the names in it, and leave a query as it is.
LOOKING = {
    "bqemulator.catalog.ddl_sync",
    "bqemulator.jobs.executor",
    "bqemulator.jobs.routine_ddl",
    "bqemulator.sql.catalog_schema",
}
Parse = Callable[..., sqlglot.Expr]


def remember() -> None:
    """From here on, parse and translate each of the latest statements once."""
    sqlglot.parse_one = _parsing_once(sqlglot.parse_one)  # type: ignore[assignment]
    SQLTranslator.translate = _translating_once(  # type: ignore[method-assign]
        SQLTranslator.translate
    )
    bqemulator.jobs.executor.rewrite_table_refs = lru_cache(REMEMBERED)(  # type: ignore[attr-defined]
        bqemulator.jobs.executor.rewrite_table_refs  # type: ignore[attr-defined]
    )


def _parsing_once(parse: Parse) -> Parse:
    @lru_cache(REMEMBERED)
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
        tree = remembered(sql, read)
        looks_only = sys._getframe(1).f_globals["__name__"] in LOOKING
        # Anyone else may change what he gets.
        return tree if looks_only and isinstance(tree, exp.Query) else tree.copy()

    return parse_one


def _translating_once(translate: Callable[..., Any]) -> Callable[..., Any]:
    @lru_cache(REMEMBERED)
    def remembered(sql: str, _tables: str, arguments: "_Arguments") -> Any:
        return translate(arguments.translator, sql, **arguments.rest)

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
