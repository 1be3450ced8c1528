"""Whose a gate is: what stands at it, or else the most exact pattern of [owners]. Pure."""

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import Annotated

from pydantic import AfterValidator

from gates.text import one_line

_NAME = re.compile(r"\w[\w .@/+-]{0,59}")
# What stands for any text in a pattern, as in a shell.
_WILD = re.compile(r"[*?]")


def _owner(name: str) -> str:
    # It heads the lines of a message, and routes look for it by a pattern.
    if not _NAME.fullmatch(name):
        raise ValueError(
            f"{one_line(repr(name))} is not the name of an owner, expected up to 60 letters, "
            "digits, spaces and . @ / + - _, e.g. phase4-pipeline; correct it"
        )
    return name


Owner = Annotated[str, AfterValidator(_owner)]


def matches(gate: str, pattern: str) -> bool:
    """Whether `pattern` is the gate itself, or * and ? in it stand for what is otherwise."""
    return gate == pattern or fnmatchcase(gate, pattern)


def owner_of(gate: str, patterns: Mapping[str, str]) -> str | None:
    """The owner of the most exact pattern that matches; None where none does.

    A gate's own id is the most exact, then what spells out more characters, then what comes first.
    """
    found = [pattern for pattern in patterns if matches(gate, pattern)]
    exact = max(found, key=lambda each: (each == gate, len(_WILD.sub("", each))), default=None)
    return None if exact is None else patterns[exact]


def strangers(patterns: Iterable[str], names: Iterable[str]) -> list[str]:
    """The patterns that match none of `names`."""
    known = list(names)
    return [each for each in patterns if not any(matches(name, each) for name in known)]
