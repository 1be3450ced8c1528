"""Which columns of the warehouse's tables a measure follows from, by the parsed query.

A measure follows from all that its number is made of, through every relation between: what is
selected, joined on, grouped by and asked of groups. A WHERE only says which rows are looked at, so
it counts for nothing, but where the rows are findings: there it is what is found wrong.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import sqlglot
from sqlglot import exp
from sqlglot.dialects.bigquery import BigQuery
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import Scope, build_scope
from sqlglot.schema import nested_set

from gates.measure.answer import DENOMINATOR, NUMERATOR
from gates.measure.parsed import name_of
from gates.measure.shared import MEASURE

# (dataset.table, column)
Real = tuple[str, str]
# Table -> column -> type, as schemas/ has them.
Schemas = Mapping[str, Mapping[str, str]]
_FINDING = {MEASURE, "number"}


class Lineage:
    """The columns behind the measures of one query."""

    def __init__(self, tree: exp.Select, schemas: Schemas) -> None:
        self._schemas = schemas
        by_dataset: dict[str, object] = {}
        for table, columns in schemas.items():
            nested_set(by_dataset, table.split("."), dict(columns))
        # As text first: sqlglot does not qualify what was built of parts.
        parsed = sqlglot.parse_one(tree.sql(dialect=BigQuery), dialect=BigQuery)
        self._tree = qualify(
            parsed,
            schema=by_dataset,
            dialect=BigQuery,
            validate_qualify_columns=False,
            identify=False,
            quote_identifiers=False,
        )

    def read(self) -> set[Real]:
        """Every column that the query names, for whatever."""
        return {real for column in self._tree.find_all(exp.Column) for real in self._real(column)}

    def behind(self, measures: Iterable[str]) -> set[Real]:
        """The columns that these measures follow from."""
        found: set[Real] = set()
        seen: set[object] = set()
        open_ = [
            *(part for name in measures for part in self._selected(self._root, name, "")),
            *self._rows_of(self._root),
        ]
        while open_:
            column, field = open_.pop()
            key = (id(column), field)
            if key not in seen:
                seen.add(key)
                found |= set(self._real(column))
                open_ += self._followed(column, field)
        return found

    @cached_property
    def _root(self) -> Scope:
        root = build_scope(self._tree)
        if root is None:
            raise ValueError("the query selects nothing")
        return root

    @cached_property
    def _scopes(self) -> dict[int, Scope]:
        return {id(scope.expression): scope for scope in self._root.traverse()}

    def _scope_of(self, column: exp.Column) -> tuple[Scope, object] | None:
        """Where a column's table is to be found, and the table: the nearest query that has it."""
        select = column.find_ancestor(exp.Select)
        while select is not None:
            scope = self._scopes.get(id(select))
            source = scope.sources.get(column.table) if scope and column.table else None
            if scope and source is not None:
                return scope, source
            if scope and not column.table and (owner := self._owner(scope, column.name)):
                return scope, owner
            select = select.find_ancestor(exp.Select)
        return None

    def _owner(self, scope: Scope, name: str) -> object | None:
        """The table of a query that has a column which was left without one."""
        tables = [each for each in scope.sources.values() if isinstance(each, exp.Table)]
        return next((t for t in tables if name in self._schemas.get(name_of(t), {})), None)

    def _real(self, column: exp.Column) -> Iterator[Real]:
        found = self._scope_of(column)
        if found and isinstance(found[1], exp.Table) and found[1].db:
            yield name_of(found[1]), column.name

    def _followed(self, column: exp.Column, field: str) -> Iterator[tuple[exp.Column, str]]:
        """What a column of a relation is made of; of a column of a table nothing more."""
        found = self._scope_of(column)
        if found is None or not isinstance(found[1], Scope):
            return
        source = found[1]
        if isinstance(source.expression, exp.Unnest):
            for array in source.expression.expressions:
                yield from _columns(array, field)
            return
        yield from self._selected(source, column.name, field)

    def _selected(self, scope: Scope, name: str, field: str) -> Iterator[tuple[exp.Column, str]]:
        """What a relation selects under a name, in each of its parts where it is a union."""
        parts = [*_parts(scope.expression)]
        # A union has the names of its first part.
        names = parts[0].named_selects if parts else []
        if name in names:
            for part in parts:
                yield from _columns(part.selects[names.index(name)], field)

    def _rows_of(self, scope: Scope) -> Iterator[tuple[exp.Column, str]]:
        """What decides how many rows there are, in a query and in all that it reads."""
        seen: set[int] = set()
        open_ = [*_parts(scope.expression)]
        while open_:
            select = open_.pop()
            if id(select) not in seen:
                seen.add(id(select))
                yield from _deciding(select)
                sources = self._scopes[id(select)].sources.values()
                open_ += [
                    part
                    for source in sources
                    if isinstance(source, Scope)
                    for part in _parts(source.expression)
                ]


def _parts(query: exp.Expr) -> Iterator[exp.Select]:
    if isinstance(query, exp.SetOperation):
        yield from _parts(query.left)
        yield from _parts(query.right)
    elif isinstance(query, exp.Select):
        yield query


def _deciding(select: exp.Select) -> Iterator[tuple[exp.Column, str]]:
    """The columns by which a query joins and groups its rows, and finds them wrong."""
    clauses = [select.args.get(name) for name in ("group", "having", "qualify")]
    clauses += [join.args.get("on") for join in select.args.get("joins") or ()]
    if {*select.named_selects} >= _FINDING:
        clauses.append(select.args.get("where"))
    for clause in clauses:
        if clause is not None:
            yield from _columns(clause, "")


def _columns(node: exp.Expr, field: str) -> Iterator[tuple[exp.Column, str]]:
    """The columns of an expression, each with the field that is read of it.

    With a `field` only what that field is made of; of a measure's STRUCT its two counts alone.
    """
    if isinstance(node, exp.Column):
        yield node, field
    elif isinstance(node, exp.Dot) and isinstance(node.this, exp.Column):
        yield node.this, node.name
    else:
        for child, of_it in _children(node, field):
            yield from _columns(child, of_it)


def _children(node: exp.Expr, field: str) -> Iterator[tuple[exp.Expr, str]]:
    rows = node.expressions if isinstance(node, exp.Array) else [node]
    names = _fields(rows[0]) if rows else []
    wanted = [field] if field in names else [NUMERATOR, DENOMINATOR] if NUMERATOR in names else []
    if not wanted:
        yield from ((child, field) for child in node.iter_expressions())
        return
    # The rows of an array behind its first are tuples of the same fields.
    for row in rows:
        for name in {*wanted} & {*names}:
            value = row.expressions[names.index(name)]
            yield (value.expression if isinstance(value, exp.PropertyEQ) else value), ""


def _fields(node: exp.Expr) -> list[str]:
    if not isinstance(node, exp.Struct):
        return []
    return [
        each.name if isinstance(each, exp.PropertyEQ) else each.alias_or_name
        for each in node.expressions
    ]
