"""[[routes]] of gates.toml: who is told of what, in which chat or file. Pure.

The address of a chat is a secret, so a route names the environment variable that holds it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from gates.config.gate import Text
from gates.config.owners import matches

Severity = Literal["blocker", "warning"]
Shape = Literal["slack", "google-chat", "teams", "file"]


def _variable(value: Any) -> Any:
    # Whoever puts the address itself here must not find it again in a log.
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", value):
        raise ValueError(
            "expected the name of an environment variable that holds the address, e.g. "
            "PHASE4_WEBHOOK; an address is a secret, so take it out of this file"
        )
    return value


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Announce(_Section):
    """What is said again ([announce]): after how many days of one NO-GO; None for never."""

    remind_after_days: Annotated[int, Field(strict=True, gt=0, le=366)] | None = None


class Route(_Section):
    """A [[routes]] table; without `owner` of all gates, without `severity` of both."""

    owner: Text | None = None
    severity: Severity | None = None
    shape: Shape
    webhook: Annotated[str, BeforeValidator(_variable)] | None = None
    path: Text | None = None

    @model_validator(mode="after")
    def _one_place(self) -> "Route":
        wanted, other = ("path", "webhook") if self.shape == "file" else ("webhook", "path")
        if getattr(self, wanted) is None:
            raise ValueError(f'shape "{self.shape}" needs `{wanted}`; add it')
        if getattr(self, other) is not None:
            raise ValueError(f'shape "{self.shape}" has no `{other}`; remove it')
        return self

    def takes(self, owner: str | None, severity: Severity) -> bool:
        """Whether it is for a gate of this owner that blocks or warns."""
        is_theirs = self.owner is None or (owner is not None and matches(owner, self.owner))
        return is_theirs and self.severity in (None, severity)


@dataclass(frozen=True)
class Receiver:
    """A chat or a file, with all routes that lead to it, so that one message holds it all."""

    shape: Shape
    webhook: str | None
    path: Path | None
    routes: tuple[Route, ...]

    @property
    def name(self) -> str:
        """What it is called where a secret must not stand: slack PHASE4_WEBHOOK."""
        return f"{self.shape} {self.webhook or self.path}"

    def takes(self, owner: str | None, severity: Severity) -> bool:
        """Whether one of its routes is for such a gate."""
        return any(route.takes(owner, severity) for route in self.routes)

    @property
    def takes_verdicts(self) -> bool:
        """Whether it hears of GO and NO-GO, which who asks for warnings alone does not."""
        return any(route.severity != "warning" for route in self.routes)


def receivers(routes: Iterable[Route]) -> list[Receiver]:
    """Where the routes lead, each place once, in their order."""
    found: dict[tuple[Shape, str | None, str | None], list[Route]] = {}
    for route in routes:
        found.setdefault((route.shape, route.webhook, route.path), []).append(route)
    return [
        Receiver(shape, webhook, Path(path) if path else None, tuple(each))
        for (shape, webhook, path), each in found.items()
    ]
