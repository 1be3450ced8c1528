"""What earlier runs measured: a row per run and gate in SQLite, under the folder of the state.

Nothing is decided from it. It feeds the report's sparklines, says what has changed and warns of
what drifts, so a history that is damaged, locked or of another version costs those and a sentence,
and never a verdict.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isclose
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, FiniteFloat, TypeAdapter, ValidationError

from gates.config.settings import Settings
from gates.config.stages import stages_of
from gates.decide.record import Record
from gates.decide.status import Recorded
from gates.files import reason
from gates.text import one_line

FILE = "history.sqlite"
VERSION = 1
RUNS = 20
# Another run holds the file for milliseconds; a decision does not wait longer than this for it.
BUSY_SECONDS = 2.0
_COLUMNS = (
    *("stage", "target", "project", "profile", "finished_at", "decision", "confidence"),
    *("code_version", "config_sha256"),
)
_SCHEMA = f"""
BEGIN IMMEDIATE;
CREATE TABLE IF NOT EXISTS runs (
  run INTEGER PRIMARY KEY,
  stage TEXT NOT NULL,
  target TEXT NOT NULL,
  project TEXT NOT NULL,
  profile TEXT NOT NULL,
  finished_at TEXT NOT NULL,
  decision TEXT NOT NULL,
  confidence TEXT NOT NULL,
  code_version TEXT,
  config_sha256 TEXT NOT NULL,
  windows TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS comparable ON runs (stage, target, project, profile);
CREATE TABLE IF NOT EXISTS gates (
  run INTEGER NOT NULL REFERENCES runs (run),
  gate TEXT NOT NULL,
  measured REAL,
  threshold TEXT NOT NULL,
  status TEXT NOT NULL,
  PRIMARY KEY (run, gate)
) STRICT, WITHOUT ROWID;
PRAGMA user_version = {VERSION};
COMMIT;
"""


# What a damaged file may hold in its place is no time, no line, no number.
Time = Annotated[str, AfterValidator(lambda text: datetime.fromisoformat(text).isoformat())]
Line = Annotated[str, AfterValidator(one_line)]
Number = int | FiniteFloat


class HistoryError(Exception):
    """A history that cannot be used; the message is one sentence with what to do."""


@dataclass(frozen=True)
class GateResult:
    """A gate in one run: its status, the measured value (None: there was none), its bound."""

    status: Recorded
    measured: Number | None
    threshold: Number | Annotated[list[Number], Field(min_length=2, max_length=2)]


@dataclass(frozen=True)
class PastRun:
    """A run as it is remembered; times are ISO 8601, `gates` by id.

    Runs of one stage, target, project and profile ("" for none) are compared.
    """

    stage: Line
    target: Line
    project: Line
    profile: Line
    finished_at: Time
    decision: Literal["GO", "NO-GO"]
    confidence: Literal["HIGH", "MEDIUM", "LOW"]
    code_version: Line | None
    config_sha256: Line
    windows: Mapping[Line, Sequence[Line]]
    gates: Mapping[Line, GateResult]


RUN = TypeAdapter(PastRun)


@dataclass(frozen=True)
class History:
    """The comparable runs before this one, oldest first, or the sentence that says why not."""

    runs: Sequence[PastRun] = ()
    problem: str | None = None


def before(state: Path, run: PastRun) -> History:
    """The comparable runs before `run`, which is not in the history yet. Never raises for it."""
    try:
        return History(last(state, run))
    except HistoryError as problem:
        return History(problem=str(problem))


def record_run(state: Path, run: PastRun, past: History | None = None) -> History:
    """Take a run into the history; what was there `before` it. Never raises for it."""
    found = before(state, run) if past is None else past
    if found.problem:
        return found
    try:
        append(state, run)
    except HistoryError as problem:
        return History(problem=str(problem))
    return found


def append(state: Path, run: PastRun) -> None:
    """Add a run. Raises HistoryError."""
    with _opened(state) as connection, connection:
        cursor = connection.execute(
            "INSERT INTO runs (stage, target, project, profile, finished_at, decision, confidence, "
            "code_version, config_sha256, windows) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*(getattr(run, name) for name in _COLUMNS), json.dumps(run.windows)),
        )
        connection.executemany(
            "INSERT INTO gates VALUES (?, ?, ?, ?, ?)",
            [
                (cursor.lastrowid, gate, _real(point), json.dumps(point.threshold), point.status)
                for gate, point in run.gates.items()
            ],
        )


def last(state: Path, run: PastRun, runs: int = RUNS) -> list[PastRun]:
    """The last runs of the same stage, target, project and profile as `run`, oldest first.

    It is among them once it was appended. Raises HistoryError.
    """
    return _runs(
        state,
        "WHERE stage = ? AND target = ? AND project = ? AND profile = ? "
        "ORDER BY finished_at DESC, run DESC LIMIT ?",
        (run.stage, run.target, run.project, run.profile, runs),
    )


def of_stage(settings: Settings, stage: str, runs: int = RUNS) -> list[PastRun]:
    """The last runs of `stage` under these settings, oldest first. Raises HistoryError."""
    return last(settings.state, without_record(settings, stage, settings.now), runs)


def every(state: Path) -> list[PastRun]:
    """All runs, of whatever stage and target, oldest first. Raises HistoryError."""
    return _runs(state, "ORDER BY finished_at DESC, run DESC")


def _runs(state: Path, which: str, values: Sequence[Any] = ()) -> list[PastRun]:
    with _opened(state) as connection:
        names = ", ".join(_COLUMNS)
        found = connection.execute(f"SELECT run, {names}, windows FROM runs {which}", values)  # noqa: S608
        return [
            RUN.validate_python(
                {
                    **dict(zip(_COLUMNS, values, strict=True)),
                    "windows": json.loads(windows),
                    "gates": _gates(connection, number),
                }
            )
            for number, *values, windows in reversed(found.fetchall())
        ]


def of(record: Record) -> PastRun:
    """The run that left `record`, as it is remembered."""
    return PastRun(
        stage=record.stage,
        target=record.target.name,
        project=record.target.project,
        profile=record.profile.name if record.profile else "",
        finished_at=record.finished_at.isoformat(),
        decision=record.decision,
        confidence=record.confidence,
        code_version=record.code_version,
        config_sha256=record.config_sha256,
        windows=record.windows,
        gates={
            gate.id: GateResult(gate.status, gate.measured, gate.threshold) for gate in record.gates
        },
    )


def without_record(settings: Settings, stage: str, now: datetime) -> PastRun:
    """A run of `stage` that ended at `now` (aware) and left no record: a NO-GO without gates."""
    return PastRun(
        stage=stage,
        target=settings.target_name,
        project=settings.target.project,
        profile=settings.profile.name if settings.profile else "",
        finished_at=now.astimezone(UTC).isoformat(),
        decision="NO-GO",
        confidence="LOW",
        code_version=None,
        config_sha256=settings.config_sha256,
        windows={
            name: [day.isoformat() for day in settings.windows[name]]
            for name in stages_of(stage)
            if name in settings.windows
        },
        gates={},
    )


def same(one: float | None, other: float | None) -> bool:
    """Whether two values differ by no more than the order in which a warehouse adds up floats."""
    if one is None or other is None:
        return one is other
    return isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


def _gates(connection: sqlite3.Connection, run: int) -> dict[str, dict[str, Any]]:
    rows = connection.execute(
        "SELECT gate, status, measured, threshold FROM gates WHERE run = ?", (run,)
    )
    return {
        gate: {"status": status, "measured": measured, "threshold": json.loads(bound)}
        for gate, status, measured, bound in rows
    }


def _real(point: GateResult) -> float | None:
    # SQLite's integers end where Python's do not.
    return None if point.measured is None else float(point.measured)


@contextmanager
def _opened(state: Path) -> Iterator[sqlite3.Connection]:
    file = state / FILE
    try:
        state.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        with closing(sqlite3.connect(file, timeout=BUSY_SECONDS)) as connection:
            _prepare(connection)
            yield connection
    except ValidationError as error:
        raise _unusable(file, "a run in it is damaged") from error
    except (ArithmeticError, LookupError, OSError, RecursionError, TypeError) as error:
        raise _unusable(file, reason(error)) from error
    except (sqlite3.Error, ValueError) as error:
        raise _unusable(file, one_line(error)) from error


def _unusable(file: Path, why: str) -> HistoryError:
    return HistoryError(
        f"The history {file} cannot be used ({why}), so this run is not compared with "
        "earlier ones; make it writable, or move it away to begin a new one."
    )


def _prepare(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 0:
        connection.executescript(_SCHEMA)
    elif version != VERSION:
        raise ValueError(f"it has version {version}, {VERSION} is known")
