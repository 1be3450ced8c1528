"""Whether what came back is what a query asks for: a clause that says why not, or None.

The rows are plain JSON values, as gates.measure.values.json_safe leaves them.
"""

import math
import re
from collections.abc import Collection, Mapping
from typing import Any

from gates.text import one_line

NUMERATOR, DENOMINATOR = "numerator", "denominator"
# In a measure's STRUCT: the first keys of those that the numerator counts, @keys_shown of them.
FIRST = "first"
# Where values are computed again, each of those keys is a STRUCT of this text. What is found wrong
# there and is no value has a key alone; the others are NULL.
KEY, FOUND, EXPECTED = _FIELDS = ("key", "found", "expected")
# More than BIGNUMERIC holds, and far less than the largest floating-point number.
LARGEST = 10**39
# How json_safe writes a NUMERIC that is not a whole number; any other text is text.
_DECIMAL = re.compile(r"-?\d{1,39}\.\d{1,40}")


def row_problem(rows: Any, columns: Collection[str], counted: str | None = None) -> str | None:
    """What keeps `rows` from being one row of exactly `columns`, with a count in `counted`."""
    if not isinstance(rows, list) or len(rows) != 1:
        number = f"{len(rows):,} rows" if isinstance(rows, list) else shown(rows)
        return f"returned {number}, expected one row"
    return _columns_problem(rows[0], columns) or (
        f"returned {shown(rows[0][counted])} as {counted}, expected a count"
        if counted and not is_count(rows[0][counted])
        else None
    )


def _columns_problem(row: Any, columns: Collection[str]) -> str | None:
    if not isinstance(row, Mapping):
        return f"returned {shown(row)}, expected a row of columns"
    if lacking := sorted(set(columns) - row.keys()):
        return f"returned a row without the column {lacking[0]}"
    if others := sorted(row.keys() - set(columns)):
        return f"returned a row with the column {one_line(others[0])}, which nothing asks for"
    return None


def measure_problem(value: Any) -> str | None:
    """What keeps `value` from being a number, or a STRUCT of counts with what is said of them."""
    if not isinstance(value, Mapping):
        return _number_problem(value)
    if NUMERATOR not in value:
        return f"returned {shown(value)}, which has no {NUMERATOR}"
    for name, content in value.items():
        found = _number_problem(content) if name in _COUNTED else _note_problem(content)
        if found or (found := _keys_problem(name, content)):
            return found
    below = value.get(DENOMINATOR, 0)
    # An average may be below zero where its table is damaged, and then it fails; no count can be.
    if isinstance(below, str | float) and float(below) < 0:
        return f"returned {shown(below)} as {DENOMINATOR}, expected a count"
    return None


def fields(key: str | Mapping[str, str | None]) -> dict[str, str]:
    """What one of the first keys has: its `key`, and of a value what was `found` and `expected`."""
    if isinstance(key, str):
        return {KEY: key}
    return {name: text for name, text in key.items() if text is not None}


def is_count(value: Any) -> bool:
    """Whether it is a whole number from 0 up, no larger than a sum in BigQuery can be."""
    return type(value) is int and 0 <= value < LARGEST


def as_text(value: Any) -> str:
    """What a STRUCT says beside its counts, as one line; a NUMERIC without the noughts at its end.

    BigQuery writes 31.2 as 31.200000000.
    """
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return value.rstrip("0").rstrip(".")
    return one_line(value)


def shown(value: Any) -> str:
    """A value as a sentence says it."""
    return "NULL" if value is None else one_line(repr(value), 60)


_COUNTED = (NUMERATOR, DENOMINATOR)


def _number_problem(value: Any) -> str | None:
    if value is None or is_count(value):
        return None
    if type(value) is float and math.isfinite(value):
        return None
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return None
    return f"returned {shown(value)}, expected a number that can be compared"


def _note_problem(content: Any) -> str | None:
    """Of what else a STRUCT holds: text, a number, a share, keys, or a table."""
    if isinstance(content, Mapping):
        counts = [content.get(name) for name in _COUNTED]
        return None if all(map(is_count, counts)) else f"returned {shown(content)} as a share"
    if not isinstance(content, list):
        return _scalar_problem(content)
    tables = [isinstance(each, Mapping) for each in content]
    if any(tables) and (not all(tables) or any(row.keys() != content[0].keys() for row in content)):
        return f"returned {shown(content)}, expected rows of the same columns"
    cells = [cell for row in content for cell in (row.values() if any(tables) else [row])]
    return next(filter(None, map(_scalar_problem, cells)), None)


def _keys_problem(name: str, content: Any) -> str | None:
    """Of keys that are rows: one of them without what each of them has."""
    rows = name == FIRST and content and isinstance(content[0], Mapping)
    if rows and (content[0].keys() != set(_FIELDS) or any(not row[KEY] for row in content)):
        return f"returned {shown(content)} as {FIRST}, expected keys"
    return None


def _scalar_problem(value: Any) -> str | None:
    if isinstance(value, Mapping | list) or (isinstance(value, float) and not math.isfinite(value)):
        return f"returned {shown(value)}, expected text or a finite number"
    return None
