"""[profile.<name>] of gates.toml: settings laid over the rest, and gates left out with a reason.

GATES_PROFILE chooses one; all of them are checked. Pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any

from pydantic import Field

from gates.config.gate import Gate, Text, shown, unmatched
from gates.config.owners import matches
from gates.config.schema import File, Line, Section, checked, gates_of
from gates.config.toml_text import ConfigError, tables_of

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]*$")]


class _LeaveOut(Section):
    # As in a shell: * for any text; an id itself is a pattern too, with its brackets.
    gates: Text
    reason: Line


class _Own(Section):
    """What of a profile is not a setting of the rest."""

    leave_out: tuple[_LeaveOut, ...] = ()


class _WithProfiles(File):
    # Each is checked with the whole file below it.
    profile: Annotated[dict[Name, dict[str, Any]], Field(max_length=20)] = Field(
        default_factory=dict
    )


@dataclass(frozen=True)
class LeftOut:
    """A gate that is not asked for, and why."""

    gate: Gate
    reason: str

    @property
    def text(self) -> str:
        """For people, in one line."""
        return f"{self.gate.id}: {self.reason}"


@dataclass(frozen=True)
class Profile:
    """The profile that was chosen, and what it leaves out, in the order of gates.toml."""

    name: str
    left_out: tuple[LeftOut, ...]

    @property
    def number(self) -> str:
        """How many gates it leaves out, in words."""
        count = len(self.left_out)
        return f"{count or 'no'} gate{'' if count == 1 else 's'}"

    def of(self, stages: Sequence[str]) -> "Profile":
        """The same, with the gates of `stages` alone."""
        return replace(self, left_out=tuple(o for o in self.left_out if o.gate.stage in stages))


def read(name: str, text: str, chosen: str | None) -> tuple[File, Profile | None, File]:
    """A gates.toml called `name` with the chosen profile laid over it; last, the file without it.

    Raises ConfigError.
    """
    raw = tables_of(name, text)
    plain = checked(name, raw, _WithProfiles)
    rest = {key: value for key, value in raw.items() if key != "profile"}
    made = {each: _laid_over(name, rest, each, own) for each, own in plain.profile.items()}
    if chosen is None:
        return plain, None, plain
    if chosen not in made:
        known = f"one of {', '.join(sorted(made))}" if made else f"none, as {name} has no profile"
        raise ConfigError(f"GATES_PROFILE is {shown(chosen)}, expected {known}.")
    return *made[chosen], plain


def _laid_over(
    name: str, rest: Mapping[str, Any], profile: str, own: Mapping[str, Any]
) -> tuple[File, Profile]:
    place = f"{name}: profile.{profile}"
    leave_out = checked(
        place, {key: own[key] for key in own.keys() & _Own.model_fields.keys()}, _Own
    ).leave_out
    over = {key: value for key, value in own.items() if key not in _Own.model_fields}
    file = checked(place, _merged(rest, over), File)
    return file, Profile(profile, _left_out(place, leave_out, gates_of(file)))


def _merged(under: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`over` laid over `under`, tables key by key; a list takes the place of a list."""
    both = {key: under[key] for key in under.keys() & over.keys()}
    return {
        **under,
        **{
            key: _merged(both[key], value)
            if isinstance(value, dict) and isinstance(both.get(key), dict)
            else value
            for key, value in over.items()
        },
    }


def _left_out(
    place: str, patterns: Sequence[_LeaveOut], gates: Mapping[str, Gate]
) -> tuple[LeftOut, ...]:
    reasons: dict[str, str] = {}
    for number, each in enumerate(patterns, start=1):
        found = [id_ for id_ in gates if matches(id_, each.gates)]
        if not found:
            raise ConfigError(f"{place}: leave_out.{number}.gates: {unmatched(each.gates)}.")
        for id_ in found:
            reasons.setdefault(id_, each.reason)
    return tuple(LeftOut(gate, reasons[id_]) for id_, gate in gates.items() if id_ in reasons)
