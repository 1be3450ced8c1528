"""A file under sql/ as a tree: names put in, shared relations given, columns repeated.

Imported where a tree is needed and not before: sqlglot takes longer, to import and to parse with,
than a run has to spare, so what follows from a tree is kept in files (gates/kept.py).
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from sqlglot import exp

from gates.files import ROOT
from gates.measure import queries, shared
from gates.measure.answer import FIRST


def tree_of(source: str, columns: tuple[str, ...]) -> exp.Select:
    """The query of a source such as phase1/team_offense_game_summary, for these columns."""
    return _parse(source, columns)[0]


def facts(source: str, columns: tuple[str, ...]) -> dict[str, Any]:
    """The fields of the source's queries.Statement."""
    tree, of = _parse(source, columns)
    # Each once; the file's own come first.
    tables = tuple(dict.fromkeys(name_of(table) for table in real_tables(tree)))
    return {
        "source": source,
        "columns": columns,
        "file": queries.path_of(source).relative_to(ROOT).as_posix(),
        "tables": tables,
        "counted": _counted(tree) or tables[0],
        "each": (of, columns) if of else None,
        "measures": tuple(column.alias_or_name for column in tree.selects),
        "listing": tuple(column.alias_or_name for column in tree.selects if _lists_keys(column)),
        "parameters": tuple(sorted({node.name for node in tree.find_all(exp.Parameter)})),
        "reads": {table: _read_of(table, tree) for table in tables},
    }


def _read_of(name: str, tree: exp.Select) -> tuple[str, ...]:
    """The columns of a table that the query names, wherever it does."""
    known = queries.expected_columns(name)
    read = {
        column.name
        for table in real_tables(tree)
        if name_of(table) == name
        for column in columns_of(table)
    }
    return tuple(sorted(read & known.keys()))


@cache
def _parse(source: str, columns: tuple[str, ...]) -> tuple[exp.Select, str | None]:
    """The tree, and the table whose columns it was repeated for, if there is one."""
    file = queries.path_of(source)
    text = file.read_text(encoding="utf-8")
    if table := source.partition("/")[2].partition("/")[2]:
        text = _for_table(text, table)
    tree = shared.select_of(file, text)
    of = _for_each_column(tree, columns)
    shared.add(tree)
    return tree, of


def _lists_keys(column: exp.Expr) -> bool:
    return any(
        node.name == FIRST and node.find(exp.Array, exp.ArrayAgg)
        for node in column.find_all(exp.PropertyEQ)
    )


def _counted(tree: exp.Select) -> str | None:
    """The table that is read last of all, or the schedule where the games due are counted."""
    last = tree.args["from_"].this
    if last.args.get("db"):
        return name_of(last)
    rows = next((each for each in tree.selects if each.alias_or_name == queries.WINDOW_ROWS), None)
    is_due = rows and any(column.name in shared.DUE for column in rows.find_all(exp.Column))
    return queries.SCHEDULE if is_due else None


def _for_table(text: str, table: str) -> str:
    if queries.EACH_KEY in text or queries.EACH_TEAM in text:
        columns = queries.expected_columns(f"{queries.ANALYTICS}.{table}")
        team = "defending_team_abbr" if "defending_team_abbr" in columns else "team_abbr"
        key = "player_lookup" if "player_lookup" in columns else team
        played = queries.PLAYED if {"points", "is_dnp"} <= columns.keys() else "TRUE"
        text = (
            text.replace(queries.EACH_TEAM, team)
            .replace(queries.EACH_KEY, key)
            .replace(queries.EACH_PLAYED, played)
        )
    return text.replace(queries.EACH, table)


def _for_each_column(tree: exp.Select, columns: tuple[str, ...]) -> str | None:
    """Repeat what is selected of `each_column`; the table that has the columns, if there is one."""
    repeated = [
        column
        for column in tree.selects
        if any(node.name == queries.EACH_COLUMN for node in column.find_all(exp.Column))
    ]
    if not repeated:
        return None
    table = name_of(tree.args["from_"].this)
    for selected in repeated:
        for name in columns:
            copy = selected.copy()
            for node in copy.find_all(exp.Column):
                if node.name == queries.EACH_COLUMN:
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


def columns_of(table: exp.Table) -> list[exp.Column]:
    """The columns of the SELECT that reads `table`; under sql/ it reads nothing else."""
    select = table.find_ancestor(exp.Select)
    columns = select.find_all(exp.Column) if select else ()
    with_ = select.args.get("with_") if select else None
    elsewhere = {id(c) for c in with_.find_all(exp.Column)} if with_ else set()
    return [column for column in columns if id(column) not in elsewhere]
