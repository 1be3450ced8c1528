"""decision.json, read again: what is no evidence any more, and the verdicts that it holds.

A record is never taken at its word: it must be of this configuration, these windows and this
target, fresh, and its gates are judged once more from their counts and the waivers that hold now.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from gates.config import Settings
from gates.decision import record_file
from gates.gate import Gate
from gates.measurement import Measurement
from gates.stages import COMMANDS, stages_of
from gates.verdict import Verdict, judge, not_evaluated
from gates.waivers import Waivers


class RecordError(Exception):
    """A record that is missing or cannot be read; the message is one sentence with what to do."""


class MissingRecordError(RecordError):
    """There is none: the stage was not run."""


class _Target(BaseModel):
    name: str
    project: str


class _Stage(BaseModel):
    finished_at: AwareDatetime


class _Profile(BaseModel):
    name: str


class _Blocker(BaseModel):
    gate: str
    remedy: str


class _Entry(BaseModel):
    """A gate's entry: what is needed to judge it again, and the sentence that was said of it."""

    id: str
    status: str
    numerator: int | float | None
    denominator: int | float | None
    detail: str
    query: str | None
    table: list[dict[str, Any]] | None = None


class Record(BaseModel):
    """A decision.json of any stage, as far as others build on it."""

    model_config = ConfigDict(frozen=True)

    stage: str
    decision: Literal["GO", "NO-GO"]
    confidence: Literal["HIGH", "MEDIUM", "LOW"]
    finished_at: AwareDatetime
    snapshot_at: AwareDatetime | None
    target: _Target
    windows: dict[str, list[str]]
    code_version: str | None
    config_sha256: str
    profile: _Profile | None
    blockers: list[_Blocker]
    gates: list[_Entry]
    queries: list[dict[str, Any]]
    series: dict[str, Any]
    # Of the final decision: the records that it was made over.
    stages: dict[str, _Stage] | None = None


def load(settings: Settings, stage: str) -> Record:
    """The record of the last decision over `stage`. Raises RecordError."""
    file, again = record_file(settings.reports, stage), f"run `{COMMANDS[stage]}`"
    try:
        record = Record.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        why = f"{stage} has no decision: {file} was not found; {again}."
        raise MissingRecordError(why) from error
    except (OSError, ValidationError, ValueError) as error:
        raise RecordError(
            f"{stage} has no decision that can be read: {file} ({type(error).__name__}); {again}."
        ) from error
    if record.stage != stage:
        raise RecordError(
            f"{stage} has no decision that can be read: {file} is of {record.stage}; {again}."
        )
    return record


def objections(
    settings: Settings, record: Record, now: datetime, fresh: timedelta
) -> Iterator[str]:
    """Why `record` is no evidence at `now` (aware), a sentence each; none when it is."""
    stage, again = record.stage, f"run `{COMMANDS[record.stage]}`"
    under, now_under = (each.name if each else None for each in (record.profile, settings.profile))
    if under != now_under:
        yield f"{stage} was decided under {_named(under)}, expected {_named(now_under)}; {again}."
    elif record.config_sha256 != settings.config_sha256:
        yield f"{stage} was decided with another gates.toml or waivers.toml than now; {again}."
    else:
        waived = [entry.id for entry in record.gates if entry.status == "waived"]
        for gate in waived:
            if not settings.waivers.holds(gate):
                yield f"{stage} was decided with a waiver of {gate} that does not hold; {again}."
    windows = {
        name: [str(day) for day in settings.windows[name]]
        for name in stages_of(stage)
        if name in settings.windows
    }
    if record.windows != windows:
        yield f"{stage} was decided over other windows than those of gates.toml; {again}."
    if record.target.name != settings.target_name:
        yield f"{stage} was decided on another target than {settings.target_name}; {again}."
    if not timedelta(0) <= now - record.finished_at < fresh:
        hours = fresh // timedelta(hours=1)
        within = "the last hour" if hours == 1 else f"the last {hours} hours"
        finished = record.finished_at.isoformat()
        yield f"{stage} was decided at {finished}, not within {within}; {again}."


def _named(profile: str | None) -> str:
    return f"profile {profile}" if profile else "no profile"


def verdicts(settings: Settings, record: Record) -> dict[str, Verdict]:
    """Gate id -> verdict, for every gate that gates.toml has for the record's stages."""
    entries = {entry.id: entry for entry in record.gates}
    remedies = {blocker.gate: blocker.remedy for blocker in record.blockers}
    command = COMMANDS[record.stage]
    return {
        gate.id: _verdict(settings.waivers, gate, entries[gate.id], remedies, command)
        for gate in settings.gates_of(stages_of(record.stage))
        if gate.id in entries
    }


def _verdict(
    waivers: Waivers, gate: Gate, entry: _Entry, remedies: Mapping[str, str], command: str
) -> Verdict:
    if entry.status == "not_evaluated":
        remedy = remedies.get(gate.id, gate.remedy)
        return replace(not_evaluated(gate, "", remedy, entry.query), detail=entry.detail)
    again = judge(
        gate,
        Measurement(
            numerator=_exact(entry.numerator),
            denominator=_exact(entry.denominator),
            query=entry.query,
            table=entry.table,
        ),
        waivers,
    )
    if again.status != entry.status:
        why = f"its record says {entry.status}, and its counts say {again.status}"
        return not_evaluated(gate, why, f"Run `{command}` again.", entry.query)
    return replace(again, detail=entry.detail)


def _exact(value: int | float | None) -> Fraction | None:
    # 1.95 was 1.95 before it was written, not the binary fraction beside it.
    return None if value is None else Fraction(str(value))
