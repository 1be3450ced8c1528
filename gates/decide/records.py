"""decision.json, read again: whole, bounded, of known shape, and judged once more from its counts.

Whether it is evidence is said in gates/decide/evidence.py.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from pydantic import TypeAdapter, ValidationError

from gates.config.fields import Line, Part, Real, Whole
from gates.config.gate import Gate
from gates.config.settings import Settings
from gates.config.stages import COMMANDS, stages_of
from gates.config.waivers import Waivers
from gates.decide.reason import Code, reason
from gates.decide.record import SCHEMA_VERSION, Entry, Record, record_file
from gates.decide.status import Status
from gates.decide.verdict import Verdict, judge, not_evaluated
from gates.files import read_text
from gates.measure.result import Measurement
from gates.numbers import exact
from gates.program import OperatorError
from gates.text import one_line

MOST_BYTES = 20_000_000


class Objection(str):
    """What keeps a record from being evidence, and what to do; both in one sentence."""

    why: str
    remedy: str

    def __new__(cls, why: str, remedy: str) -> Self:
        """`remedy` as it stands in a sentence: run `make decide`."""
        text = str.__new__(cls, f"{why}; {remedy}.")
        text.why, text.remedy = why, f"{remedy[:1].upper()}{remedy[1:]}."
        return text


class RecordError(OperatorError):
    """A record that is missing or cannot be read; the message is the objection."""

    def __init__(self, why: str, remedy: str) -> None:
        self.objection = Objection(why, remedy)
        super().__init__(self.objection)


class MissingRecordError(RecordError):
    """There is none: the stage was not run."""


class _Period(Part):
    period: Line
    first_date: Line
    last_date: Line
    records: Whole


class _LastDate(Part):
    game_date: Line
    unique_players: Whole
    total_records: Whole
    games: Whole
    records_per_game: Real


# The tables that a gate may carry, as they are shown.
_TABLES = TypeAdapter(list[_Period] | list[_LastDate] | None)


def read(file: Path) -> Record:
    """The record in a file of any name. Raises RecordError."""
    try:
        return _read(file)
    except (OSError, ValueError) as error:
        why = f"{one_line(file)} is not a record that can be read ({problem(error)})"
        raise RecordError(why, "name a decision.json that this version has written") from error


def _read(file: Path) -> Record:
    return Record.model_validate_json(read_text(file, MOST_BYTES))


def load(settings: Settings, stage: str) -> Record:
    """The record of the last decision over `stage`. Raises RecordError."""
    file, again = record_file(settings.reports, stage), f"run `{COMMANDS[stage]}`"
    try:
        record = _read(file)
    except FileNotFoundError as error:
        why = f"{stage} has no decision: {file} was not found"
        raise MissingRecordError(why, again) from error
    except (OSError, ValueError) as error:
        why = f"{stage} has no decision that can be read: {file} ({problem(error)})"
        raise RecordError(why, again) from error
    if record.stage != stage:
        why = f"{stage} has no decision that can be read: {file} is of {record.stage}"
        raise RecordError(why, again)
    return record


def problem(error: Exception) -> str:
    """What keeps a file from being read, in a few words and without a line break."""
    if isinstance(error, ValidationError):
        first = error.errors()[0]
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
    again = f"Run `{COMMANDS[record.stage]}` again."
    return {
        gate.id: _verdict(settings.waivers, gate, entries[gate.id], again)
        for gate in settings.gates_of(stages_of(record.stage))
        if gate.id in entries
    }


def _verdict(waivers: Waivers, gate: Gate, entry: Entry, again: str) -> Verdict:
    if entry.reason.code is Code.TOO_LITTLE_YET:
        # It allows a run over a season's first weeks to be GO, and no step that builds on it.
        early = reason(Code.NO_EVIDENCE, entry.reason.remedy, objection=entry.reason.clause)
        return not_evaluated(gate, early, entry.query)
    if entry.status is Status.NOT_EVALUATED and not entry.reason.code.is_measured:
        return not_evaluated(gate, entry.reason, entry.query)
    counted = judge(
        gate,
        Measurement(
            numerator=exact(entry.numerator),
            denominator=exact(entry.denominator),
            query=entry.query,
            note=entry.reason.note,
            table=entry.table,
            failing=[each.model_dump(exclude_unset=True) for each in entry.failing or ()] or None,
            scheduled=exact(entry.scheduled_games),
        ),
        waivers,
    )
    why = None
    if counted.status is not entry.status:
        said = {"recorded": entry.status.value, "counted": counted.status.value}
        why = reason(Code.RECORD_DISAGREES, again, **said)
    elif entry.denominator is not None and min(entry.numerator or 0, entry.denominator) < 0:
        why = reason(Code.RECORD_BELOW_ZERO, again)
    elif not _can_be_shown(entry.table):
        why = reason(Code.RECORD_TABLE, again)
    if why:
        return not_evaluated(gate, why, entry.query)
    # What earlier runs say of a gate that holds is not in its counts.
    drifts = counted.status is Status.PASS and entry.reason.code is Code.DRIFTED
    return replace(counted, reason=entry.reason) if drifts else counted


def _can_be_shown(table: list[dict[str, Any]] | None) -> bool:
    try:
        _TABLES.validate_python(table)
    except ValidationError:
        return False
    return True
