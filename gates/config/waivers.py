"""waivers.toml: known exceptions, each with who approved it, why, and until when.

A waiver changes what a measured failure leads to, never what was measured: what was not evaluated
stays so, and an expired waiver waives nothing. Pure, but for the clock, which is passed in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from gates.config import limits
from gates.config.gate import Bound, Gate, Number, Text, renamed, shown
from gates.config.schema import ConfigError, Day, Line, Section, parse

FILE = "waivers.toml"
Use = Literal["used", "not needed", "expired", "limit broken", "not evaluated"]
USES: dict[Use, str] = {
    "used": "used",
    "not needed": "not needed, the gate passed; remove it",
    "expired": "expired, it waives nothing",
    "limit broken": "not used, its floor or ceiling does not hold",
    "not evaluated": "not used, the gate was not evaluated",
}


class Waiver(Section):
    """A [[waiver]] of waivers.toml; `expires` is the last day on which it holds."""

    gate: Text
    reason: Line
    approver: Line
    expires: Day
    # What must still hold of the measured value, in the unit of the gate's bound.
    floor: Number | None = None
    ceiling: Number | None = None

    def ends(self, bound: Bound) -> tuple[Decimal | None, Decimal | None]:
        """From where to where the value may lie; beside one limit the bound's other end stays."""
        if self.floor is None and self.ceiling is None:
            return None, None
        low, high = limits.ends(bound)
        return (
            low if self.floor is None else self.floor,
            high if self.ceiling is None else self.ceiling,
        )

    def tighter(self, gate: Gate, numerator: Fraction, denominator: Fraction | None) -> str:
        """What could stand in the place of its limit, since the value is better; else empty."""
        found = limits.needed(gate, numerator, denominator)
        if found is None or (now := getattr(self, found.name)) is None:
            return ""
        # To as many places as it has, so that it is not tightened for what was rounded.
        places = max(limits.PLACES, -int(now.as_tuple().exponent))
        found = limits.needed(gate, numerator, denominator, places)
        return f"{found}, now {limits.written(now)}" if found and found.is_tighter_than(now) else ""


class _File(Section):
    waiver: tuple[Waiver, ...] = ()


@dataclass(frozen=True)
class Applied:
    """A waiver, what became of it in a decision, and how it could be tightened."""

    waiver: Waiver
    gate: Gate
    use: Use
    tighter: str = ""

    @property
    def text(self) -> str:
        """The waiver in one sentence, for people."""
        waiver, asked = self.waiver, _limits(self.waiver, self.gate)
        asked = f", {asked}" if asked else ""
        better = f"; better than that, so tighten it: {self.tighter}" if self.tighter else ""
        return (
            f"{waiver.gate}: approved by {waiver.approver} until {waiver.expires}{asked} "
            f"({USES[self.use]}{better}): {waiver.reason}"
        )


@dataclass(frozen=True)
class Ruling:
    """A waiver, whether it is used on a value that its gate does not accept, what it asks for.

    `tighter` is what it could ask for instead, where the value has become better; else empty.
    """

    waiver: Waiver
    use: Use
    limits: str
    tighter: str


@dataclass(frozen=True)
class Waivers:
    """The waivers of a configuration by gate, as they stand on `today` (league time)."""

    by_gate: Mapping[str, Waiver]
    today: date

    def ruling(
        self, gate: Gate, value: Fraction, numerator: Fraction, denominator: Fraction | None
    ) -> Ruling | None:
        """Whether a value that `gate` does not accept is waived; it is made of the two counts.

        None where the gate has no waiver.
        """
        waiver = self.by_gate.get(gate.id)
        if waiver is None:
            return None
        use: Use = "used"
        if self.expired(waiver):
            use = "expired"
        elif not _within(waiver.ends(gate.bound), value):
            use = "limit broken"
        tighter = waiver.tighter(gate, numerator, denominator) if use == "used" else ""
        return Ruling(waiver, use, _limits(waiver, gate), tighter)

    def expired(self, waiver: Waiver) -> bool:
        """Whether its last day is over."""
        return waiver.expires < self.today

    def holds(self, gate: str) -> bool:
        """Whether `gate` has a waiver that has not expired."""
        return gate in self.by_gate and not self.expired(self.by_gate[gate])

    def applied(self, outcomes: Iterable[tuple[Gate, str, str]]) -> list[Applied]:
        """The waivers of gates, used or not; of each gate its status and what is tighter."""
        return [
            Applied(waiver, gate, self._use(waiver, status), tighter)
            for gate, status, tighter in outcomes
            if (waiver := self.by_gate.get(gate.id))
        ]

    def _use(self, waiver: Waiver, status: str) -> Use:
        if status == "waived":
            return "used"
        if self.expired(waiver):
            return "expired"
        uses: dict[str, Use] = {"pass": "not needed", "not_evaluated": "not evaluated"}
        return uses.get(status, "limit broken")


NONE = Waivers({}, date.min)


def read(text: str, gates: Mapping[str, Gate], today: date) -> Waivers:
    """The content of a waivers.toml for these gates. Raises ConfigError."""
    by_gate: dict[str, Waiver] = {}
    for place, waiver in enumerate(parse(FILE, text, _File).waiver, start=1):
        if problem := _amiss(waiver, gates, by_gate):
            raise ConfigError(f"{FILE}: waiver.{place}.{problem}.")
        by_gate[waiver.gate] = waiver
    return Waivers(by_gate, today)


def _amiss(waiver: Waiver, gates: Mapping[str, Gate], before: Mapping[str, Waiver]) -> str | None:
    """What of a waiver does not fit its gate."""
    named = shown(waiver.gate)
    if now := renamed(waiver.gate):
        return f"gate: {named} is called {now} now; rename it"
    if waiver.gate not in gates:
        return f"gate: {named} is not a gate of gates.toml; correct its spelling or remove it"
    if waiver.gate in before:
        return f"gate: {waiver.gate} has a waiver already; keep one of the two"
    bound = gates[waiver.gate].bound
    for name, limit, end in zip(
        ("floor", "ceiling"), (waiver.floor, waiver.ceiling), limits.ends(bound), strict=True
    ):
        if limit is None:
            continue
        numbers = " to ".join(f"{number:,f}" for number in bound.numbers)
        asked = f"{waiver.gate} asks for {bound.comparison} {numbers}"
        if end is None:
            return f"{name}: {asked}, which a {name} does not loosen; give it the other limit"
        outside = limit <= end if name == "floor" else limit >= end
        if not outside or bound.holds(Fraction(limit)):
            return f"{name}: {limit:,f} does not lie outside the bound, {asked}; correct it"
    return None


def _within(ends: tuple[Decimal | None, Decimal | None], value: Fraction) -> bool:
    low, high = ends
    return (low is None or value >= Fraction(low)) and (high is None or value <= Fraction(high))


def _limits(waiver: Waiver, gate: Gate) -> str:
    """at least 90%, at most 5: what a waiver still asks for; empty when that is nothing."""
    unit = "%" if gate.unit == "%" else ""
    words = zip(("at least", "at most"), waiver.ends(gate.bound), strict=True)
    return " and ".join(f"{word} {end:,f}{unit}" for word, end in words if end is not None)
