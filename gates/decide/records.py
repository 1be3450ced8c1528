"""decision.json, read again: whole, bounded, of known shape, and judged once more from its counts.

Whether it is evidence is said in gates/decide/evidence.py.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
)

from gates.config.gate import Gate
from gates.config.settings import Settings
from gates.config.stages import COMMANDS, stages_of
from gates.config.toml_text import YEARS
from gates.config.waivers import Waivers
from gates.decide.decision import SCHEMA_VERSION, record_file
from gates.decide.record_series import Series
from gates.decide.verdict import Verdict, judge, not_evaluated
from gates.files import read_text
from gates.measure.result import Measurement
from gates.text import one_line

MOST_BYTES = 20_000_000
# A sentence lists keys, and those of a long window fill more than a line.
DETAIL = 2_000


class RecordError(Exception):
    """A record that is missing or cannot be read; the message is one sentence with what to do."""


class MissingRecordError(RecordError):
    """There is none: the stage was not run."""


def _line(text: str) -> str:
    return one_line(text, DETAIL)


def _of_the_league(moment: datetime) -> datetime:
    # At either end of the calendar a time has no counterpart in another zone.
    if moment.year not in YEARS:
        raise ValueError("expected a time of this century")
    return moment


Time = Annotated[AwareDatetime, AfterValidator(_of_the_league)]
Line = Annotated[str, AfterValidator(_line)]
# What a count may be: INT64, and no NaN, which compares with nothing.
Whole = Annotated[int, Field(ge=-(2**63), lt=2**63)]
Real = Annotated[float, Field(gt=-1e18, lt=1e18, allow_inf_nan=False)]
Number = Whole | Real | None
Cell = bool | Whole | Real | Line | None


class _Part(BaseModel):
    # Strict: "5" and true are no counts.
    model_config = ConfigDict(frozen=True, strict=True)


class Target(_Part):
    """Where a stage was measured."""

    name: Line
    project: Line
    datasets: dict[Line, Line] = {}
    server: Line | None = None


class _Stage(_Part):
    finished_at: Time


class _Profile(_Part):
    name: Line


class _Blocker(_Part):
    gate: Line
    remedy: Line


class Entry(_Part):
    """A gate's entry: what is needed to judge it again, and the sentence that was said of it."""

    id: Line
    status: Line
    numerator: Number
    denominator: Number
    detail: Line
    query: Line | None
    table: list[dict[Line, Cell]] | None = None


class _Period(_Part):
    period: Line
    first_date: Line
    last_date: Line
    records: Whole


class _LastDate(_Part):
    game_date: Line
    unique_players: Whole
    total_records: Whole
    games: Whole
    records_per_game: Real


# The tables that a gate may carry, as they are shown.
_TABLES = TypeAdapter(list[_Period] | list[_LastDate] | None)


class Query(BaseModel):
    """A query's entry; its SQL has lines."""

    model_config = ConfigDict(frozen=True, strict=True, extra="allow")

    file: Line
    source: Line
    job_id: Line
    elapsed_s: Real
    bytes_processed: Whole | None
    rows: Whole
    sql: str


class Record(_Part):
    """A decision.json of any stage, as far as others build on it."""

    schema_version: Annotated[int, Field(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)]
    stage: Line
    decision: Literal["GO", "NO-GO"]
    confidence: Literal["HIGH", "MEDIUM", "LOW"]
    started_at: Time
    finished_at: Time
    snapshot_at: Time | None
    target: Target
    windows: dict[Line, list[Line]]
    code_version: Line | None
    config_sha256: Line
    gates_sha256: Line
    profile: _Profile | None
    blockers: list[_Blocker]
    gates: list[Entry]
    queries: list[Query]
    series: Series
    # Of the final decision: the records that it was made over.
    stages: dict[Line, _Stage] | None = None


def load(settings: Settings, stage: str) -> Record:
    """The record of the last decision over `stage`. Raises RecordError."""
    file, again = record_file(settings.reports, stage), f"run `{COMMANDS[stage]}`"
    try:
        record = Record.model_validate_json(read_text(file, MOST_BYTES))
    except FileNotFoundError as error:
        why = f"{stage} has no decision: {file} was not found; {again}."
        raise MissingRecordError(why) from error
    except (OSError, ValueError) as error:
        raise RecordError(
            f"{stage} has no decision that can be read: {file} ({amiss(error)}); {again}."
        ) from error
    if record.stage != stage:
        raise RecordError(
            f"{stage} has no decision that can be read: {file} is of {record.stage}; {again}."
        )
    return record


def amiss(error: Exception) -> str:
    """What keeps a file from being read, in a few words and without a line break."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"]))
        if place == "schema_version":
            return f"its schema_version is not {SCHEMA_VERSION}, the one that is known"
        return one_line(f"{place}: {first['msg']}" if place else first["msg"])
    if isinstance(error, OSError) and error.strerror:
        return one_line(error.strerror)
    return type(error).__name__


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
    waivers: Waivers, gate: Gate, entry: Entry, remedies: Mapping[str, str], command: str
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
    why = None
    if again.status != entry.status:
        why = f"its record says {entry.status}, and its counts say {again.status}"
    elif entry.denominator is not None and min(entry.numerator or 0, entry.denominator) < 0:
        why = "its record counts less than nothing"
    elif not _can_be_shown(entry.table):
        why = "its record holds a table that cannot be shown"
    if why:
        return not_evaluated(gate, why, f"Run `{command}` again.", entry.query)
    return replace(again, detail=entry.detail)


def _can_be_shown(table: list[dict[str, Any]] | None) -> bool:
    try:
        _TABLES.validate_python(table)
    except ValidationError:
        return False
    return True


def _exact(value: Any) -> Fraction | None:
    # 1.95 was 1.95 before it was written, not the binary fraction beside it.
    return None if value is None else Fraction(str(value))
