"""What has happened on the platform, by the gates that it would fail now: why a gate matters."""

from functools import cache
from typing import Annotated

from pydantic import Field

from gates.config.gate import Text
from gates.config.owners import matches
from gates.config.schema import Section, parse
from gates.files import ROOT

FILE = ROOT / "gates" / "incidents.toml"


class Incident(Section):
    """What `happened`, in a sentence or two, and the patterns of gates that see it."""

    happened: Text
    gates: Annotated[tuple[Text, ...], Field(min_length=1)]


class _File(Section):
    incident: Annotated[tuple[Incident, ...], Field(min_length=1)]


@cache
def every() -> tuple[Incident, ...]:
    """All of incidents.toml."""
    return parse(FILE.name, FILE.read_text(encoding="utf-8"), _File).incident


def behind(gate: str) -> list[str]:
    """What a gate is there for, in the order of the file; empty where nothing is recorded."""
    return [
        each.happened for each in every() if any(matches(gate, pattern) for pattern in each.gates)
    ]
