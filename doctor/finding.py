"""A line of the doctor's: what was looked at, whether it holds, what to do where it does not."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gates.text import one_line


@dataclass(frozen=True)
class Finding:
    """`what` was looked at, what was `found` there; `remedy` is empty where it holds.

    A note (`is_note`) is for the operator to know and keeps nothing from running.
    """

    what: str
    found: str
    remedy: str = ""
    is_note: bool = False

    @property
    def holds(self) -> bool:
        """Whether a run may start as far as this goes."""
        return self.is_note or not self.remedy

    def line(self) -> str:
        """OK, a note, or what was found with its remedy, in one line."""
        sign = "✅ OK  " if not self.remedy else "⚠️  note" if self.is_note else "❌ NO  "
        return " ".join(filter(None, (sign, f"{self.what}: {self.found}.", self.remedy)))


Look = Callable[[], Iterator[Finding]]


def looked(what: str, look: Look) -> Iterator[Finding]:
    """The findings of `look`; what breaks it is a finding, so that it costs no other."""
    try:
        yield from look()
    except Exception as error:
        why = one_line(str(error)) or "without a word"
        yield Finding(what, f"it could not be looked at ({type(error).__name__}: {why})", _AGAIN)


_AGAIN = "Correct what the message names, then run `make doctor` again."
