"""Whether the backfill may start: both decisions GO, of this configuration, and fresh. Pure.

The records are read as files; what cannot be read is a reason against, never one for.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from gates.config import Settings
from gates.decision import record_file
from gates.stages import COMMANDS, DECISIONS

# The decisions that have to be GO before a date is sent.
ALLOWING = ("phase12", "preflight")
FRESH = timedelta(hours=1)


def reasons_against(settings: Settings, now: datetime) -> list[str]:
    """One sentence per reason not to start at `now` (aware); empty when both decisions allow it."""
    return [reason for stage in ALLOWING for reason in _against(settings, stage, now)]


def _against(settings: Settings, stage: str, now: datetime) -> Iterator[str]:
    file, again = record_file(settings.reports, stage), f"run `{COMMANDS[stage]}`"
    try:
        record: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        finished = datetime.fromisoformat(record["finished_at"])
        age = now - finished
        found = {name: record[name] for name in ("decision", "config_sha256", "windows", "target")}
    except FileNotFoundError:
        yield f"{stage} has no decision: {file} was not found; {again}."
        return
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield f"{stage} has no decision that can be read: {file} ({error!r}); {again}."
        return
    if found["decision"] != "GO":
        yield f"{stage} is {found['decision']}, expected GO; remove its blockers and {again}."
    if found["config_sha256"] != settings.config_sha256:
        yield f"{stage} was decided with another gates.toml than this one; {again}."
    windows = {name: [str(day) for day in settings.windows[name]] for name in _windows(stage)}
    if found["windows"] != windows:
        yield f"{stage} was decided over other windows than those of gates.toml; {again}."
    if not isinstance(found["target"], dict) or found["target"].get("name") != settings.target_name:
        yield f"{stage} was decided on another target than {settings.target_name}; {again}."
    if not timedelta(0) <= age < FRESH:
        yield f"{stage} was decided at {finished.isoformat()}, not within the last hour; {again}."


def _windows(stage: str) -> list[str]:
    return [name for name in DECISIONS[stage] if name != "orchestrator"]
