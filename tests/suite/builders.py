"""Gates and measurements made up for a test."""

from decimal import Decimal
from fractions import Fraction

from gates.gate import Gate, GateEntry
from gates.measure import Measurement


def gate(unit: str = "%", of: str | None = "rows", bound: dict[str, object] | None = None) -> Gate:
    """phase2.games.measure, at least 99 unless `bound` says otherwise."""
    exact = {name: _exact(value) for name, value in (bound or {"at_least": 99}).items()}
    words = {"title": "Measure", "runbook": "3.4", "unit": unit, "of": of, "remedy": "Repair it."}
    (made,) = GateEntry.model_validate(words | exact).gates("phase2", "games", "measure")
    return made


def _exact(value: object) -> object:
    # As tomllib gives it with parse_float=Decimal.
    if isinstance(value, list):
        return [_exact(item) for item in value]
    return Decimal(str(value))


def ratio(numerator: int, denominator: int) -> Measurement:
    """A measurement of two counts."""
    return Measurement(Fraction(numerator), Fraction(denominator), query="sql/phase2/games.sql")


def count(number: int | str) -> Measurement:
    """A measurement of one number."""
    return Measurement(Fraction(number))
