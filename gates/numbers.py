"""Exact numbers: out of a query, a log, a record or a history, and into what JSON can hold."""

from decimal import Decimal
from fractions import Fraction
from typing import overload

Number = int | float | Decimal | str | Fraction


@overload
def exact(value: Number) -> Fraction: ...
@overload
def exact(value: None) -> None: ...
@overload
def exact(value: Number | None) -> Fraction | None: ...


def exact(value: Number | None) -> Fraction | None:
    """The number that was written; None stays None. Raises ValueError for what is not a number."""
    if value is None:
        return None
    # 1.95 was 1.95 before it was written, not the binary fraction beside it.
    return Fraction(str(value) if isinstance(value, float) else value)


@overload
def plain(value: Decimal | Fraction) -> int | float: ...
@overload
def plain(value: None) -> None: ...
@overload
def plain(value: Decimal | Fraction | None) -> int | float | None: ...


def plain(value: Decimal | Fraction | None) -> int | float | None:
    """The number as JSON can hold it: whole where it is; None stays None."""
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)


def shown(value: int | float | Decimal | Fraction) -> str:
    """The number as people read it, to ten digits where it is not whole."""
    number = exact(value)
    return f"{int(number):,}" if number.denominator == 1 else f"{float(number):,.10g}"
