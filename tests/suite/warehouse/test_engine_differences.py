"""SQL that the embedded warehouse and Google's engine answer differently stands nowhere in sql/."""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from harness import ROOT, TABLES
from sqlglot import exp

from gates.measure import queries

LIST: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("engine_differences.toml").read_text(encoding="utf-8")
)
FILES = sorted((ROOT / "sql").glob("*/*.sql"))


def _cast_to(*kinds: exp.DType) -> Callable[[exp.Expr], bool]:
    return lambda node: isinstance(node, exp.Cast) and node.to.this in kinds


def _cast_to_numeric(node: exp.Expr) -> bool:
    """But not NUMERIC '0.44', which sqlglot has as a cast of text and which keeps its decimals."""
    return _cast_to(exp.DType.DECIMAL)(node) and not isinstance(node.this, exp.Literal)


def _text_of_a_numeric(node: exp.Expr) -> bool:
    """Of a column of a table that the query reads; of a relation it names what that has made."""
    of = node.this if _cast_to(exp.DType.TEXT)(node) else None
    # Parsed at once, it is the same number whatever its text was.
    if not isinstance(of, exp.Column) or isinstance(node.parent, exp.ParseNumeric):
        return False
    named = {f"{table.db}.{table.name}" for table in node.root().find_all(exp.Table)}
    kinds = (queries.expected_columns(table) for table in named & set(TABLES))
    return any(kind.get(of.name) in ("NUMERIC", "FLOAT64") for kind in kinds)


def _decimals_of_a_product(node: exp.Expr) -> bool:
    sides = [node.this, node.expression] if isinstance(node, exp.Mul) else []
    return any(map(_cast_to(exp.DType.DECIMAL), sides))


def _week(node: exp.Expr) -> bool:
    unit = node.args.get("unit") if isinstance(node, exp.DateTrunc | exp.DateDiff) else None
    part = node.this if isinstance(node, exp.Extract) else unit
    return part is not None and "WEEK" in part.sql(dialect="bigquery").upper()


def _is_positive(place: object) -> bool:
    return isinstance(place, exp.Literal) and place.is_int and int(place.this) > 0


def _before_the_first_letter(node: exp.Expr) -> bool:
    start = node.args.get("start") if isinstance(node, exp.Substring) else None
    return start is not None and not _is_positive(start)


def _looked_for_from_the_end(node: exp.Expr) -> bool:
    start = node.args.get("position") if isinstance(node, exp.StrPosition) else None
    return start is not None and not _is_positive(start)


def _pattern_with_an_escape(node: exp.Expr) -> bool:
    return isinstance(node, exp.Like) and "\\" in node.expression.name


def _shown_as(kind: type[exp.Expr], argument: str, pattern: str) -> Callable[[exp.Expr], bool]:
    """A call of `kind` whose format has one of the directives in it that `pattern` finds."""
    return lambda node: (
        isinstance(node, kind) and bool(re.search(pattern, node.args[argument].name))
    )


def _offset_of_a_column(node: exp.Expr) -> bool:
    if not isinstance(node, exp.Bracket) or node.args.get("offset") != 0:
        return False
    return any(place.find(exp.Column) for place in node.expressions)


def _array_without_order(node: exp.Expr) -> bool:
    if isinstance(node, exp.ArrayAgg):
        # Within a window its order is that of the window.
        around = node.find_ancestor(exp.Window, exp.Select)
        return not node.find(exp.Order) and not isinstance(around, exp.Window)
    asked = node.expressions[0] if isinstance(node, exp.Array) and node.expressions else None
    return isinstance(asked, exp.Select) and not asked.args.get("order")


def _named_like_an_offset(node: exp.Expr) -> bool:
    offset = node.args.get("offset") if isinstance(node, exp.Unnest) else None
    return isinstance(offset, exp.Expr) and offset.name in _columns(node.root())


def _columns(tree: exp.Expr) -> set[str]:
    """What the columns are called that are not a relation's own, which needs no qualifier."""
    made = {alias.alias for alias in tree.find_all(exp.Alias)}
    return made | {column.name for column in tree.find_all(exp.Column) if column.table}


SEEN: dict[str, Callable[[exp.Expr], bool]] = {
    "bignumeric": _cast_to(exp.DType.BIGDECIMAL, exp.DType.BIGNUM),
    "cast_to_numeric": _cast_to_numeric,
    "text_of_a_numeric": _text_of_a_numeric,
    "decimals_of_a_product": _decimals_of_a_product,
    "rounded_mean": lambda node: isinstance(node, exp.Round) and bool(node.find(exp.Avg)),
    "whole_number_of_a_fraction": _cast_to(exp.DType.BIGINT, exp.DType.INT),
    "week": _week,
    "modulo": lambda node: isinstance(node, exp.Mod),
    "offset_of_a_column": _offset_of_a_column,
    "column_named_like_an_offset": _named_like_an_offset,
    "array_without_order": _array_without_order,
    "gone_by": lambda node: isinstance(node, exp.TimestampDiff),
    "seconds_of_a_moment": lambda node: isinstance(node, exp.UnixSeconds),
    "text_read_kindly": lambda node: (
        isinstance(node, exp.TryCast) and node.to.this in (exp.DType.DATE, exp.DType.BOOLEAN)
    ),
    "before_the_first_letter": _before_the_first_letter,
    "looked_for_from_the_end": _looked_for_from_the_end,
    "pattern_with_an_escape": _pattern_with_an_escape,
    "quantiles": lambda node: isinstance(node, exp.ApproxQuantiles),
    # sqlglot has %e as %-d.
    "format_of_a_date": _shown_as(exp.TimeToStr, "format", "%(-d|Q)"),
    "format_of_a_number": _shown_as(exp.Format, "this", "%('|[tT])"),
}


def differences(text: str) -> set[str]:
    """The names of what stands in a query and is answered differently."""
    tree = sqlglot.parse_one(text, dialect="bigquery")
    return {name for name, is_seen in SEEN.items() for node in tree.walk() if is_seen(node)}


def test_the_list_and_what_looks_for_it_are_the_same() -> None:
    assert SEEN.keys() == {each["name"] for each in LIST["difference"]}


@pytest.mark.parametrize("difference", LIST["difference"], ids=lambda each: each["name"])
def test_each_is_seen(difference: dict[str, Any]) -> None:
    assert difference["refused"]
    for text in difference["refused"]:
        assert differences(text) == {difference["name"]}, text


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_it_stands_in_no_query(file: Path) -> None:
    why = {each["name"]: each["why"] for each in LIST["difference"]}
    found = differences(file.read_text(encoding="utf-8"))
    assert {name: why[name] for name in found} == {}


def test_no_other_file_of_a_job_has_a_column_named_like_an_offset() -> None:
    trees = {
        file: sqlglot.parse_one(file.read_text(encoding="utf-8"), dialect="bigquery")
        for file in FILES
    }
    offsets = {
        offset.name: file
        for file, tree in trees.items()
        for unnest in tree.find_all(exp.Unnest)
        if isinstance(offset := unnest.args.get("offset"), exp.Expr)
    }
    assert offsets
    for name, file in offsets.items():
        named = {
            other.name
            for other, tree in trees.items()
            if other != file
            and name in {*_columns(tree), *(each.name for each in tree.find_all(exp.Column))}
        }
        assert named == set(), f"{name} of {file.name}"


def test_the_versions_are_those_that_are_installed() -> None:
    text = (ROOT / "requirements/local.txt").read_text(encoding="utf-8")
    locked = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE))
    assert LIST["versions"] == {name: locked[name] for name in LIST["versions"]}
