"""A gate as gates.toml defines it: its names, its bound, and what to do when it does not hold."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from gates.config.owners import Owner
from gates.text import one_line

Comparison = Literal[">=", "<=", "<", "=", "between"]
Severity = Literal["required", "warn"]
Kind = Literal["runbook", "integrity"]
# What measures were called before.
RENAMED = {
    "dead_columns": "constant_columns",
    "odd_months": "implausible_months",
    "stale_rows": "outdated_rows",
    "thin_games": "incomplete_games",
    "unknown_games": "unscheduled_games",
}


def renamed(gate: str) -> str | None:
    """What a gate's id, or the name of its measure, is now, if it was another; one line."""
    before, dot, name = gate.rpartition(".")
    measure, bracket, which = name.partition("[")
    now = RENAMED.get(measure)
    return one_line(f"{before}{dot}{now}{bracket}{which}") if now else None


def unmatched(pattern: str) -> str:
    """What to say of a pattern of gates that matches none."""
    now = renamed(pattern)
    remedy = f"write {now}" if now else "correct its spelling or remove it"
    return f"{shown(pattern)} matches no gate; {remedy}"


@dataclass(frozen=True)
class Bound:
    """A comparison with one number, or with two for `between` (both ends included)."""

    comparison: Comparison
    numbers: tuple[Decimal, ...]

    def holds(self, value: Fraction) -> bool:
        """Whether `value` passes, compared exactly."""
        margin = self.margin(value)
        return margin > 0 or (self.comparison != "<" and margin == 0)

    def margin(self, value: Fraction) -> Fraction:
        """How far `value` is inside the bound (negative: outside), in the bound's own unit."""
        low, high = Fraction(self.numbers[0]), Fraction(self.numbers[-1])
        margins: dict[Comparison, Callable[[], Fraction]] = {
            ">=": lambda: value - low,
            "<=": lambda: high - value,
            "<": lambda: high - value,
            "=": lambda: -abs(value - low),
            "between": lambda: min(value - low, high - value),
        }
        return margins[self.comparison]()


@dataclass(frozen=True)
class Gate:
    """One threshold. `unit` is that of the measured value, `of` what a ratio is counted over."""

    id: str
    stage: str
    source: str
    measure: str
    title: str
    runbook: str
    kind: Kind
    severity: Severity
    bound: Bound
    unit: str
    of: str | None
    remedy: str
    # From here up to the bound the gate is marginal, which is not GO.
    marginal: Decimal | None
    # Which of a measure's columns; None for a measure that is one number.
    which: str | None
    # A file under sql/diagnose/ that lists the rows behind the gate.
    diagnose: str | None
    # Of those that the runbook calls so.
    critical: bool
    # Who is told when it does not hold; None where nobody is named.
    owner: str | None
    # In a window that its number is not for, the bound is so much for each game of the schedule;
    # None where the number holds as it is.
    per_game: Decimal | None
    # The day of a season, opening night being day 0, before which a window of that season alone may
    # hold too little for it.
    from_day: int | None
    # The games of that schedule, once the bound was made of them.
    games: int | None = None

    def over(self, games: Fraction) -> "Gate":
        """The gate in a window with so many games: what it asks for of each of them, rounded up.

        What is counted is whole, so the rounding changes no outcome.
        """
        if self.per_game is None:
            return self
        least = ceil(Fraction(self.per_game) * games)
        return replace(self, bound=Bound(">=", (Decimal(least),)), games=int(games))


def shown(value: Any) -> str:
    """A value of gates.toml in a message: text in quotes, the rest as it is written there."""
    return one_line(repr(value) if isinstance(value, str) else value)


def _number(value: Any) -> Any:
    # pydantic would take "99" and True for numbers; an operator's slip must not pass.
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise ValueError(f"{shown(value)} is not a number")
    if not Decimal(value).is_finite():
        raise ValueError(f"{value} is not a finite number")
    return Decimal(value)


def _pair(value: Any) -> Any:
    if not isinstance(value, list) or len(value) != 2:
        raise ValueError("expected [low, high]")
    return value


def printable(text: str) -> str:
    """`text`, which may hold lines and their indentation, as a command does, and no control."""
    if not text.replace("\n", "").replace("\t", "").isprintable():
        raise ValueError(f"{shown(text)} holds a control character; write it in words")
    return text


Number = Annotated[Decimal, BeforeValidator(_number)]
Text = Annotated[str, Field(min_length=1), AfterValidator(printable)]
Column = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
_BOUNDS: dict[str, Comparison] = {
    "at_least": ">=",
    "at_most": "<=",
    "below": "<",
    "equals": "=",
    "between": "between",
}


class GateEntry(BaseModel):
    """A [<stage>.<source>.<measure>] table of gates.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    title: Text
    runbook: Text
    kind: Kind = "runbook"
    severity: Severity = "required"
    unit: Text
    of: Text | None = None
    remedy: Text
    at_least: Number | None = None
    at_most: Number | None = None
    below: Number | None = None
    equals: Number | None = None
    between: Annotated[tuple[Number, Number], BeforeValidator(_pair)] | None = None
    marginal: Number | None = None
    per_game: Annotated[Number, Field(gt=0)] | None = None
    from_day: Annotated[int, Field(strict=True, gt=0, le=200)] | None = None
    each: Annotated[tuple[Column, ...], Field(min_length=1)] | None = None
    diagnose: Column | None = None
    critical: Annotated[bool, Field(strict=True)] = False
    owner: Owner | None = None

    @model_validator(mode="after")
    def _one_bound(self) -> "GateEntry":
        given = [name for name in _BOUNDS if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(
                f"expected exactly one bound of {', '.join(_BOUNDS)}, "
                f"found {' and '.join(given) or 'none'}"
            )
        if self.between is not None and self.between[0] > self.between[1]:
            raise ValueError("between: the lower bound is above the upper one")
        low = self.at_least
        if self.marginal is not None and (low is None or self.marginal >= low):
            raise ValueError("marginal: expected a number below at_least")
        if self.per_game is not None and (low is None or self.of is not None):
            raise ValueError("per_game: expected at_least over a count, without `of`")
        if self.each and len(set(self.each)) < len(self.each):
            raise ValueError("each: a column stands there twice")
        if "percent" in self.unit.lower():
            raise ValueError('unit: write "%" for a percentage, so that it is compared as one')
        if self.unit == "%" and self.of is None:
            raise ValueError('unit "%" needs `of`, what the percentage is counted over')
        return self

    def gates(self, stage: str, source: str, measure: str) -> list[Gate]:
        """The gates that stand under this place in gates.toml: one, or one for each column."""
        return [self._gate(stage, source, measure, which) for which in self.each or (None,)]

    def _gate(self, stage: str, source: str, measure: str, which: str | None) -> Gate:
        name, comparison = next((n, c) for n, c in _BOUNDS.items() if getattr(self, n) is not None)
        value = getattr(self, name)
        return Gate(
            id=f"{stage}.{source}.{measure}" + (f"[{which}]" if which else ""),
            stage=stage,
            source=source,
            measure=measure,
            title=self._title(which),
            runbook=self.runbook,
            kind=self.kind,
            severity=self.severity,
            bound=Bound(comparison, value if isinstance(value, tuple) else (value,)),
            unit=self.unit,
            of=self.of,
            remedy=self.remedy,
            marginal=self.marginal,
            which=which,
            diagnose=self.diagnose,
            critical=self.critical,
            owner=self.owner,
            per_game=self.per_game,
            from_day=self.from_day,
        )

    def _title(self, which: str | None) -> str:
        title = f"{self.title}: {which}" if which else self.title
        return f"{title} (CRITICAL)" if self.critical else title
