"""What an operator reads of a verdict: the one place that makes a sentence of it."""

from decimal import Decimal
from fractions import Fraction
from math import ceil

from gates.config.gate import Comparison, Gate
from gates.decide.reason import Reason
from gates.numbers import Number, shown
from gates.text import noun

WORDS: dict[Comparison, str] = {
    ">=": "at least",
    "<=": "at most",
    "<": "less than",
    "=": "exactly",
    "between": "between",
}


def said(
    gate: Gate,
    reason: Reason,
    value: Fraction | None,
    numerator: Fraction | None,
    denominator: Fraction | None,
) -> str:
    """The sentence on a gate, without its id."""
    if value is None or numerator is None:
        return f"not evaluated, {reason.clause}"
    unit = "" if gate.unit == "%" or denominator is not None else gate.unit
    counts = "" if denominator is None else f" ({counts_text(gate, numerator, denominator)})"
    parts = [
        f"measured {value_text(gate, value)}{_of(unit, value)}{counts}, "
        f"{_asked(gate)}{_of(unit, gate.bound.numbers[-1])}{_of_the_games(gate)}"
        f"{'' if gate.bound.holds(value) else _shortfall(gate, numerator, denominator)}",
        _near(gate, value),
        reason.note,
        reason.clause,
    ]
    return "; ".join(part for part in parts if part)


def _of(unit: str, number: Number) -> str:
    return f" {noun(unit, number)}" if unit else ""


def counts_text(gate: Gate, numerator: Fraction, denominator: Fraction) -> str:
    """94 of 100 rows: the counts behind a share or an average."""
    of = "of" if gate.unit == "%" else "over"
    return f"{shown(numerator)} {of} {shown(denominator)} {gate.of or 'rows'}"


def _asked(gate: Gate) -> str:
    """runbook 3.4 asks for at least 99%."""
    asks = gate.kind == "runbook" and gate.games is None
    who = f"runbook {gate.runbook} asks for" if asks else "expected"
    return f"{who} {WORDS[gate.bound.comparison]} {' and '.join(_numbers(gate))}"


def _of_the_games(gate: Gate) -> str:
    """Where the bound is from, if it is not the number of gates.toml."""
    if gate.per_game is None or gate.games is None:
        return ""
    games = f"{gate.games:,} {noun('games', gate.games)}"
    return f", {shown(gate.per_game)} for each of the {games} scheduled in this window"


def _near(gate: Gate, value: Fraction) -> str:
    if gate.marginal is None or gate.bound.holds(value) or value < gate.marginal:
        return ""
    return f"from {shown(gate.marginal)}{_percent(gate)} up it is marginal, which is not GO"


def _shortfall(gate: Gate, numerator: Fraction, denominator: Fraction | None) -> str:
    """How many rows (games, days) are missing to hold; for `at least` over counts."""
    if gate.bound.comparison != ">=":
        return ""
    needed = Fraction(gate.bound.numbers[0])
    if denominator is not None:
        if gate.unit != "%":
            return ""
        needed = needed * denominator / 100
    short = ceil(needed - numerator)
    return f" ({short:,} {noun((gate.of or gate.unit).split()[0], short)} short)"


def threshold_text(gate: Gate) -> str:
    """The bound in a few characters: >= 5,600 or 1.95 to 2.05, with % where it is one."""
    if gate.bound.comparison == "between":
        return " to ".join(_numbers(gate))
    games = "" if gate.games is None else f" for {gate.games:,} scheduled games"
    return f"{gate.bound.comparison} {_numbers(gate)[0]}{games}"


def threshold_words(gate: Gate) -> str:
    """at least 5,600; exactly 0; 1.95 to 2.05: for who does not know the signs."""
    if gate.bound.comparison == "between":
        return threshold_text(gate)
    return f"{WORDS[gate.bound.comparison]} {_numbers(gate)[0]}"


def value_text(gate: Gate, value: Fraction, least: int = 3) -> str:
    """The measured value with as many digits as it takes to stand on its side of the bound.

    They are at least so many, where it is no whole number.
    """
    if value.denominator == 1 and gate.unit != "%":
        return f"{int(value):,}"
    for digits in range(least, 16):
        rounded = round(value, digits)
        if gate.bound.holds(Fraction(rounded)) == gate.bound.holds(value):
            break
    number = Decimal(rounded.numerator) / Decimal(rounded.denominator)
    return f"{number:,.{digits}f}{_percent(gate)}"


def short_value(gate: Gate, value: Fraction) -> str:
    """The same as people write it: 31.2, 1.95, 95%, on its side of the bound.

    What is nearly nothing or nearly all has as many digits as it takes not to read as that.
    """
    start = 1 if abs(value) >= 10 else 2
    least = next((n for n in range(start, 6) if round(value, n) not in (0, 100)), start)
    return _without_noughts(value_text(gate, value, least))


def short_margin(gate: Gate, margin: Fraction) -> str:
    """The margin as people write it: +193, -1.04."""
    return _without_noughts(margin_text(gate, margin, least=1))


def _without_noughts(number: str) -> str:
    """31.200% as 31.2%; a whole number as it is."""
    digits = number.removesuffix("%")
    short = digits.rstrip("0").rstrip(".") if "." in digits else digits
    return short + number[len(digits) :]


def margin_text(gate: Gate, margin: Fraction, least: int = 3) -> str:
    """The margin with its sign: +193, -1.040 (percentage points for a percentage)."""
    if margin.denominator == 1:
        return f"{int(margin):+,}"
    # As many digits as it takes not to read as no margin at all.
    digits = next((n for n in range(least, 16) if round(margin, n)), 16)
    return f"{float(margin):+,.{digits}f}"


def _numbers(gate: Gate) -> list[str]:
    return [shown(number) + _percent(gate) for number in gate.bound.numbers]


def _percent(gate: Gate) -> str:
    return "%" if gate.unit == "%" else ""
