"""What became of a gate: its signs, its words and its rank, in the one place that has them."""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, WithJsonSchema


class Status(StrEnum):
    """An outcome, from bad to good. `sign` is for a screen, `plain` for a page and a picture.

    `counted` follows a number ("2 failed"), `ink` is a colour of report.css. A record has all but
    `warning`, which is how a gate is shown that failed and only warns.
    """

    FAIL = "fail", "❌", "✗", "failed", "bad"
    NOT_EVALUATED = "not_evaluated", "⛔", "?", "not evaluated", "none"
    # Not GO either, so it has the sign of what failed; its word tells the two apart.
    MARGINAL = "marginal", "❌", "✗", "marginal", "bad"
    WARNING = "warning", "⚠️ ", "!", "warned", "warn"
    WAIVED = "waived", "🟡", "≈", "waived", "warn"
    PASS = "pass", "✅", "✓", "passed", "good"

    sign: str
    plain: str
    counted: str
    ink: str

    def __new__(cls, value: str, sign: str, plain: str, counted: str, ink: str) -> Self:
        """The text `value`, as a record has it, with what it is shown by."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.sign, member.plain, member.counted, member.ink = sign, plain, counted, ink
        return member

    @property
    def word(self) -> str:
        """Its name as it is read: not evaluated."""
        return self.value.replace("_", " ")

    @property
    def rank(self) -> int:
        """Its place from bad (0) to good."""
        return list(Status).index(self)

    def shown(self, severity: Literal["required", "warn"]) -> "Status":
        """What a gate of this severity is shown as: one that failed and only warns is a warning."""
        warns = severity == "warn" and self in (Status.FAIL, Status.MARGINAL)
        return Status.WARNING if warns else self


def _recorded(status: Status) -> Status:
    if status is Status.WARNING:
        raise ValueError("expected what was measured, not how it is shown")
    return status


# What a record says of a gate.
_NAMES = [each.value for each in Status if each is not Status.WARNING]
Recorded = Annotated[
    Status, AfterValidator(_recorded), WithJsonSchema({"type": "string", "enum": _NAMES})
]
