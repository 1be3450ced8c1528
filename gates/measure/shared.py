"""What several queries share: relations of sql/common/, and how findings become measures.

A file of sql/common/ is a plain SELECT under the name that queries read it by. It may read others
of the folder, and relations that the asking query has to give under an agreed name. A query changes
a shared relation for itself and for those that read it by one of the same name, which reads it.

A run parses in several threads, and sqlglot hands out a dialect that is asked for by its name
before it is complete (findings/sqlglot-dialect-before-it-is-complete.sh): here it is imported.
"""

from collections.abc import Iterator
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import sqlglot
from sqlglot import exp
from sqlglot.dialects.bigquery import BigQuery
from sqlglot.errors import SqlglotError

from gates.config.toml_text import ConfigError
from gates.files import ROOT
from gates.measure.answer import FIRST
from gates.text import one_line

COMMON = ROOT / "sql" / "common"
# A query's relation of what is wrong: (measure, found, number), and (held, expected) of values that
# follow from others. Each of its measures becomes a column of the query, a STRUCT of the sum of the
# numbers and of the first keys that were found, with both values where there are any.
FINDINGS = "findings"
MEASURE = "measure"
# Columns that count the schedule's games, whatever the table under test holds.
DUE = ("due", "is_due")
_UNCHANGED = "shared_"
_COUNTED = f"""STRUCT(
  COALESCE(SUM(IF({MEASURE} = '%s', number, 0)), 0) AS numerator,
  COALESCE(
    ARRAY_AGG(
      IF({MEASURE} = '%s' AND row_of_measure <= @keys_shown, shown, NULL)
      IGNORE NULLS ORDER BY row_of_measure
    ),
    []
  ) AS {FIRST}
) AS %s"""


def select_of(file: Path, text: str) -> exp.Select:
    """The query that the text of a file of sql/ is. Raises ConfigError."""
    try:
        return sqlglot.parse_one(text, dialect=BigQuery, into=exp.Select)
    except SqlglotError as error:
        first = next(iter(getattr(error, "errors", None) or ()), None)
        place = f" line {first['line']}, at {one_line(first['highlight'])}" if first else ""
        why = one_line(first["description"] if first else error)
        name = file.relative_to(ROOT).as_posix()
        raise ConfigError(f"{name}{place}: {why}, expected one SELECT; correct it.") from error


def add(tree: exp.Select) -> None:
    """Give a query, in place, the shared relations that it names and a column for each finding."""
    relations = {cte.alias: cte for cte in tree.ctes}
    for name, cte in relations.items():
        for table in cte.find_all(exp.Table):
            if table.name == name and not table.db:
                table.replace(exp.to_table(f"{_UNCHANGED}{name}", alias=name))
    while lacking := next(_lacking(tree, relations), None):
        relations[lacking] = exp.CTE(
            this=_common(lacking).copy(), alias=exp.TableAlias(this=exp.to_identifier(lacking))
        )
        _set(tree, relations)
    for measure in _found(tree) if FINDINGS in relations else ():
        column = sqlglot.parse_one(_COUNTED % (measure, measure, measure), dialect=BigQuery)
        tree.append("expressions", column)


def _lacking(tree: exp.Select, relations: dict[str, exp.CTE]) -> Iterator[str]:
    """Names that the query reads and that neither a dataset nor it itself has."""
    return (name for name in _read_by(tree) if name not in relations)


def _read_by(tree: exp.Expr) -> Iterator[str]:
    return (table.name for table in tree.find_all(exp.Table) if not table.db)


@cache
def _common(name: str) -> exp.Select:
    file = COMMON / f"{name.removeprefix(_UNCHANGED)}.sql"
    return select_of(file, file.read_text(encoding="utf-8"))


def _set(tree: exp.Select, relations: dict[str, exp.CTE]) -> None:
    """In the order in which each reads those before it, which is the same in every process."""
    read = {name: dict.fromkeys(_read_by(cte)) for name, cte in relations.items()}
    order = TopologicalSorter(read)
    ordered = [relations[name] for name in order.static_order() if name in relations]
    tree.set("with_", exp.With(expressions=ordered))


def _found(tree: exp.Select) -> tuple[str, ...]:
    """The measures of the findings, each once: text that is said to be one, or stands for one."""
    named = (text for alias in tree.find_all(exp.Alias) for text in _in_place(alias))
    listed = (text for array in tree.find_all(exp.Array) for text in _in_list(array))
    return tuple(dict.fromkeys(text.name for text in (*named, *listed) if text.is_string))


def _in_place(alias: exp.Alias) -> Iterator[exp.Literal]:
    """'missing_games' AS measure, or IF(..., 'duplicate_rows', 'duplicate_dates') AS measure."""
    chosen = alias.this if isinstance(alias.this, exp.If) else alias
    found = chosen.iter_expressions() if alias.alias == MEASURE else ()
    return (each for each in found if isinstance(each, exp.Literal))


def _in_list(array: exp.Array) -> Iterator[exp.Literal]:
    """[STRUCT('missing_games' AS measure, ...), ('unscheduled_games', ...), ...]."""
    for row in array.expressions:
        if not isinstance(row, exp.Struct | exp.Tuple):
            return
        first = row.expressions[0]
        if isinstance(first, exp.PropertyEQ) and first.name != MEASURE:
            return
        text = first.expression if isinstance(first, exp.PropertyEQ) else first
        if isinstance(text, exp.Literal):
            yield text
