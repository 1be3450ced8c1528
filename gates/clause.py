"""Codes with the words for them: what is kept is data, and words are made of it where it is shown.

Nothing is ever read out of the words.
"""

from collections.abc import Mapping
from enum import StrEnum
from string import Formatter
from typing import Self

from gates.numbers import shown


class Clause(StrEnum):
    """A code; its `clause` has the names of its parameters in braces."""

    clause: str

    def __new__(cls, value: str, clause: str) -> Self:
        """The text `value`, as a file has it."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.clause = clause
        return member

    @property
    def parameters(self) -> set[str]:
        """What its clause speaks of."""
        return {name for _, name, *_ in Formatter().parse(self.clause) if name}

    def said(self, parameters: Mapping[str, int | float | str]) -> str:
        """The clause with its parameters in it; an ellipsis for one that is left out."""
        values = {name: in_words(parameters.get(name, "…")) for name in self.parameters}
        return self.clause.format(**values)


def in_words(value: float | str) -> str:
    """A parameter as it stands in a clause."""
    return value if isinstance(value, str) else shown(value)
