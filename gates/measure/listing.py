"""A measure of a query as rows: what it is the worst of, the rows that it counts, its dates.

A gate of the worst month, date or game is measured by ARRAY_AGG(STRUCT(...) ORDER BY ... LIMIT 1),
one of rows by COUNTIF(...) with the MIN of their keys, one of a share by two counts. Each of them
is turned into a query of what stands behind it, worst first, so that no gate needs a second file
under sql/ for its rows, which could say otherwise than what is measured.
"""

from collections.abc import Iterable, Iterator

from sqlglot import exp
from sqlglot.dialects.bigquery import BigQuery

from gates.measure.answer import DENOMINATOR, FIRST, KEY, NUMERATOR
from gates.measure.parsed import name_of, real_tables
from gates.measure.queries import expected_columns

DATE = "game_date"
LIMIT = "row_limit"
# NaN has another place on each engine.
ORDERED = {"BOOL", "DATE", "INT64", "NUMERIC", "STRING", "TIMESTAMP"}


def definition(tree: exp.Select, measure: str) -> str:
    """How a measure is computed: its expression, over what, without what it does not read."""
    select, column = _defined(tree, measure)
    made = _over(select)
    made.set("expressions", [exp.alias_(column.copy(), measure)])
    read = {each.name for each in column.find_all(exp.Column)}
    if rows := _rows_under(made):
        rows.set("expressions", [each for each in rows.selects if each.alias_or_name in read])
    return made.sql(dialect=BigQuery, pretty=True, comments=False)


def rows_of(tree: exp.Select, measure: str) -> exp.Select | None:
    """The query of what is behind `measure`; None where its own value is all that there is.

    It gives `key` with the columns that a row is counted for, or what a part of the measure is
    called by, with `numerator` and `denominator`.
    """
    select, column = _defined(tree, measure)
    made = _counted(select, column) or _ranked(select, column) or _by_date(select, column)
    return None if made is None else _with_relations(made, tree)


def by_date(tree: exp.Select, measure: str) -> exp.Select | None:
    """The query of a measure's counts, date by date; None where it is no share of a table's rows.

    It gives `game_date`, `numerator` and `denominator`.
    """
    made = _by_date(*_defined(tree, measure))
    return None if made is None else _with_relations(made, tree)


def _defined(tree: exp.Select, measure: str) -> tuple[exp.Select, exp.Expr]:
    """The SELECT that computes a measure, and how; on the way it may only be handed on."""
    relations = {cte.alias: cte.this for cte in tree.ctes}
    select, column = tree, _named(tree, measure)
    while True:
        inner = column.this if isinstance(column, exp.AnyValue) else column
        if not isinstance(inner, exp.Column) or inner.table not in relations:
            return select, column
        select = relations[inner.table]
        column = _named(select, inner.name)


def _named(select: exp.Select, name: str) -> exp.Expr:
    return next(each.unalias() for each in select.selects if each.alias_or_name == name)


def _with_relations(made: exp.Select, tree: exp.Select) -> exp.Select:
    """`made` with those relations of `tree` that it reads, in their order."""
    relations = {cte.alias: cte for cte in tree.ctes}
    needed = _reached(made, relations)
    kept = [cte.copy() for name, cte in relations.items() if name in needed]
    made.set("with_", exp.With(expressions=kept) if kept else None)
    return made


def _reached(tree: exp.Expr, relations: dict[str, exp.CTE]) -> set[str]:
    found: set[str] = set()
    waiting = [tree]
    while waiting:
        named = {table.name for table in waiting.pop().find_all(exp.Table) if not table.db}
        fresh = (named & relations.keys()) - found
        found |= fresh
        waiting += [relations[name] for name in fresh]
    return found


def _counted(select: exp.Select, column: exp.Expr) -> exp.Select | None:
    """Of COUNTIF(flag) with MIN(IF(flag, key, NULL)): the rows with the flag, by their key."""
    first = _fields(column).get(FIRST)
    if not isinstance(first, exp.Min) or not isinstance(first.this, exp.If):
        return None
    flag, key = first.this.this, first.this.args["true"]
    made = _over(select)
    known = _rows_under(made)
    read = list(dict.fromkeys(_read_for(known, flag)))
    for name in read:
        _give(known, name)
    made.set("expressions", [exp.alias_(key.copy(), KEY), *map(exp.column, read)])
    # Rows of one key come in the order of what is shown of them.
    order = [exp.column(name) for name in (KEY, *_ordered(known, read))]
    return made.where(flag.copy()).order_by(*order).limit(exp.Parameter(this=exp.var(LIMIT)))


def _read_for(rows: exp.Select | None, flag: exp.Expr) -> Iterator[str]:
    """The columns that decide whether a row has the flag."""
    defined = (
        next((each for each in rows.selects if each.alias == flag.name), None) if rows else None
    )
    return (column.name for column in (defined or flag).find_all(exp.Column))


def _ordered(rows: exp.Select | None, names: Iterable[str]) -> Iterator[str]:
    """Those by which rows can be put in one order: no arrays, no records."""
    kinds: dict[str, str] = {}
    for table in real_tables(rows) if rows else ():
        kinds |= expected_columns(name_of(table))
    return (name for name in names if kinds.get(name) in ORDERED)


def _ranked(select: exp.Select, column: exp.Expr) -> exp.Select | None:
    """Of ARRAY_AGG(STRUCT(...) ORDER BY ...)[OFFSET(0)]: all of them, in that order."""
    order = column.find(exp.Order) if isinstance(column, exp.Bracket) else None
    struct = order.find(exp.Struct) if order else None
    if order is None or struct is None:
        return None
    made = _over(select)
    fields = _fields(struct)
    made.set("expressions", [exp.alias_(e.copy(), name) for name, e in fields.items()])
    for judged in (order.this, order.expressions[0].this):
        # What is no candidate is put behind all others, or is NULL.
        if isinstance(judged, exp.If):
            made = made.where(judged.this.copy())
    # Of two that are equally bad and called alike, the same one is first each time.
    counts = [exp.column(name) for name in (NUMERATOR, DENOMINATOR) if name in fields]
    made.set(
        "order", exp.Order(expressions=[*(each.copy() for each in order.expressions), *counts])
    )
    return made.limit(exp.Parameter(this=exp.var(LIMIT)))


def _by_date(select: exp.Select, column: exp.Expr) -> exp.Select | None:
    """Of two counts of rows: the same counts of each date."""
    counts = _fields(column)
    rows = select.args["from_"].this
    is_of_rows = _rows_under(select) is not None or rows.args.get("db") is not None
    if counts.keys() != {NUMERATOR, DENOMINATOR} or not is_of_rows:
        return None
    made = _over(select)
    _give(_rows_under(made), DATE)
    made.set(
        "expressions", [exp.column(DATE), *(exp.alias_(e.copy(), n) for n, e in counts.items())]
    )
    return made.group_by(exp.column(DATE)).order_by(exp.column(DATE))


def _fields(struct: exp.Expr) -> dict[str, exp.Expr]:
    """Name -> what it is, of a STRUCT; empty for anything else."""
    if not isinstance(struct, exp.Struct):
        return {}
    return {
        each.name: each.expression if isinstance(each, exp.PropertyEQ) else each
        for each in struct.expressions
    }


def _over(select: exp.Select) -> exp.Select:
    """Another SELECT over the same rows."""
    made = select.copy()
    made.set("with_", None)
    return made


def _rows_under(select: exp.Select) -> exp.Select | None:
    """The SELECT in the FROM of `select` that reads a table of the warehouse, if there is one."""
    rows = select.args["from_"].this
    inner = rows.this if isinstance(rows, exp.Subquery) else None
    return inner if isinstance(inner, exp.Select) and next(real_tables(inner), None) else None


def _give(rows: exp.Select | None, name: str) -> None:
    """Let it select a column of its table that it does not select yet."""
    if rows is not None and name not in {each.alias_or_name for each in rows.selects}:
        rows.append("expressions", exp.column(name))
