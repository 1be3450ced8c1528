"""TOML text to tables, bounded: what is too large to be read in a moment is refused by its size.

A number as large as 1e999999999 is quickly written and takes for ever to compare.
"""

import re
import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from gates.program import EXIT_USAGE, OperatorError
from gates.text import one_line

MOST_BYTES = 500_000
# tomllib looks at every prefix of a dotted key, again for each key.
DOTS_IN_A_LINE = 100
NESTED = 12
KEY = 200
# What BigQuery's INT64 holds, less a digit; and what a person would write.
DIGITS = 18
PLACES = 36
YEARS = range(1900, 2201)


_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")


class ConfigError(OperatorError):
    """A setting that cannot be used; the message is one sentence that names the key."""

    exit_status = EXIT_USAGE


def tables_of(name: str, text: str) -> dict[str, Any]:
    """What TOML makes of a file called `name`. Raises ConfigError."""
    if problem := next(_too_large(text), None):
        raise ConfigError(f"{name}: {problem}.")
    try:
        # Bounds stay exact: 1.95 is the decimal 1.95, not the nearest binary fraction.
        tables = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{name}: {_with_the_line(str(error), text)}.") from error
    except (ValueError, ArithmeticError, RecursionError) as error:
        # A number of thousands of digits, a list of thousands of lists.
        raise ConfigError(
            f"{name}: it holds a number or a nesting that is too long ({type(error).__name__}); "
            "look for the longest line."
        ) from error
    if problem := next(_unusable("", tables, 0), None):
        raise ConfigError(f"{name}: {problem}.")
    return tables


def _too_large(text: str) -> Iterator[str]:
    if len(text) > MOST_BYTES:
        yield f"it is {len(text):,} characters long, at most {MOST_BYTES:,} are read; shorten it"
    for number, line in enumerate(text.splitlines(), start=1):
        if _QUOTED.sub("", line).count(".") > DOTS_IN_A_LINE:
            yield f"line {number} holds more than {DOTS_IN_A_LINE} dots; break it up"


def _unusable(key: str, value: Any, depth: int) -> Iterator[str]:
    """What of a value, or of those in it, no setting can be, with its key."""
    if depth > NESTED:
        yield f"{one_line(key)} lies more than {NESTED} levels deep; flatten it"
    elif isinstance(value, dict):
        for name, each in value.items():
            if len(name) > KEY or not name.isprintable():
                within = f" of {key}" if key else ""
                yield f"the key {one_line(name, 60)}{within} is too long or cannot be shown"
                return
            yield from _unusable(f"{key}.{name}" if key else name, each, depth + 1)
    elif isinstance(value, list):
        for place, each in enumerate(value, start=1):
            yield from _unusable(f"{key}.{place}", each, depth + 1)
    elif problem := _amiss(value):
        yield f"{one_line(key)}: {problem}"


def _amiss(value: Any) -> str | None:
    if isinstance(value, Decimal):
        if value.is_finite() and not _is_written_by_a_person(value):
            return f"{one_line(value, 40)} is out of range; expected a number of {DIGITS} digits"
    elif isinstance(value, int) and abs(value) >= 10**DIGITS:
        return f"the number is out of range; expected one of at most {DIGITS} digits"
    elif isinstance(value, date | datetime) and value.year not in YEARS:
        return f"{value} is out of range; expected a year from {YEARS[0]} to {YEARS[-1]}"
    return None


def _is_written_by_a_person(value: Decimal) -> bool:
    return abs(value.adjusted()) < DIGITS and len(value.as_tuple().digits) <= PLACES


def _with_the_line(message: str, text: str) -> str:
    """tomllib names line and column of a duplicate; the operator wants to see the key."""
    found = re.search(r"at line (\d+)", message)
    if not found:
        return one_line(message)
    line = text.split("\n")[int(found[1]) - 1].strip()
    return f"{one_line(message)}: `{one_line(line)}` stands there twice or is no TOML"
