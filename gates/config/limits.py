"""The limit that a waiver of a measured value needs: as tight as a person can write it.

A share such as 2 of 3 has no end in decimals, so a limit is rounded away from the gate's bound:
what was measured never breaks it, and one row (game, day) more that is wrong does.
"""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Literal

from gates.config.gate import Bound, Gate

# Decimals of a share or a mean; more where it takes more to tell one row.
PLACES = 6
# By how much a sum of floats may differ when it is added up in another order: of itself, at least.
_FLOATS = Fraction(1, 10**9), Fraction(1, 10**12)


@dataclass(frozen=True)
class Limit:
    """`floor` of a waiver for what is too low, `ceiling` for what is too high."""

    name: Literal["floor", "ceiling"]
    number: Decimal

    def __str__(self) -> str:
        return f"{self.name} = {written(self.number)}"

    def is_tighter_than(self, other: Decimal) -> bool:
        """Whether a waiver with `other` as its limit allows more."""
        return self.number > other if self.name == "floor" else self.number < other


def written(number: Decimal) -> str:
    """The number as TOML has it, without zeros that say nothing."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def ends(bound: Bound) -> tuple[Decimal | None, Decimal | None]:
    """The lower and the upper end of a bound; None where it is open."""
    low = None if bound.comparison in ("<=", "<") else bound.numbers[0]
    high = None if bound.comparison == ">=" else bound.numbers[-1]
    return low, high


def needed(
    gate: Gate, numerator: Fraction, denominator: Fraction | None, places: int = PLACES
) -> Limit | None:
    """The limit for a value that does not hold, with at least so many `places`; else None."""
    scale = Fraction(100 if gate.unit == "%" else 1) / (1 if denominator is None else denominator)
    value = numerator * scale
    if gate.bound.holds(value):
        return None
    low, _ = ends(gate.bound)
    is_low = low is not None and value < Fraction(low)
    if {numerator.denominator, (denominator or Fraction(1)).denominator} == {1}:
        worse = value - abs(scale) if is_low else value + abs(scale)
    else:
        relative, least = _FLOATS
        away = abs(value) * relative + least
        value, worse = (value - away, value - 1) if is_low else (value + away, value + 1)
    return _rounded(value, worse, is_low, places)


def _rounded(value: Fraction, worse: Fraction, is_low: bool, places: int) -> Limit:
    """`value`, away from the bound, to as many places as it takes to stand before `worse`."""
    while True:
        unit = 10**places
        number = Fraction(floor(value * unit) if is_low else ceil(value * unit), unit)
        if number > worse if is_low else number < worse:
            # As text, because arithmetic with a Decimal rounds it.
            exact = Decimal(f"{(number * unit).numerator}E-{places}")
            return Limit("floor" if is_low else "ceiling", exact)
        places += 1
