"""Where a gate's bound comes from: its line in gates.toml, and the comment that stands over it."""

import re

from gates.config.gate import Gate

_COMMENT = "# "


def source_of_bound(gate: Gate, name: str, text: str) -> str:
    """A sentence; `name` and `text` are those of the settings file."""
    lines = text.splitlines()
    entry = f"[{gate.stage}.{gate.source}.{gate.measure}]"
    start = next(n for n, line in enumerate(lines) if line.partition("#")[0].strip() == entry)
    place = f"{name}, line {_line_of_bound(lines, start) + 1}"
    who = f"runbook {gate.runbook}" if gate.kind == "runbook" else "this project"
    said = " ".join(_over(lines, start))
    return f"{who}; {place}{f': {said}' if said else ''}"


def _line_of_bound(lines: list[str], start: int) -> int:
    bound = re.compile(r"(at_least|at_most|below|equals|between)\s*=")
    return next(n for n in range(start + 1, len(lines)) if bound.match(lines[n]))


def _over(lines: list[str], start: int) -> list[str]:
    """The comment right over an entry; what heads a part of the file is none."""
    found: list[str] = []
    for line in reversed(lines[:start]):
        if not line.startswith(_COMMENT):
            break
        found.insert(0, line.removeprefix(_COMMENT))
    return found
