"""The backfill's ledger: a row per attempt and the state of each date, in SQLite.

Every change is a transaction of its own, so a killed process leaves a true ledger: an attempt
without an end was under way, and what became of it has to be read back from the tables.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

State = Literal["pending", "sent", "complete", "failed"]
SCHEMA_VERSION = 1
REBUILD = "`mv {0} {0}.old && make backfill` builds a new one from the tables"
_SCHEMA = """
CREATE TABLE run (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  target TEXT NOT NULL,
  first TEXT NOT NULL,
  last TEXT NOT NULL
) STRICT;
CREATE TABLE overrides (
  started TEXT PRIMARY KEY,
  reason TEXT NOT NULL
) STRICT;
CREATE TABLE dates (
  day TEXT PRIMARY KEY,
  state TEXT NOT NULL CHECK (state IN ('pending', 'sent', 'complete', 'failed'))
) STRICT;
CREATE TABLE attempts (
  day TEXT NOT NULL REFERENCES dates (day),
  attempt INTEGER NOT NULL,
  started TEXT NOT NULL,
  ended TEXT,
  http_status INTEGER,
  processors TEXT NOT NULL DEFAULT '{}',
  held TEXT NOT NULL DEFAULT '{}',
  error TEXT,
  PRIMARY KEY (day, attempt)
) STRICT;
"""


class LedgerError(Exception):
    """A ledger that cannot be used; the message is one sentence with what to do."""


@dataclass(frozen=True)
class Attempt:
    """One request for a date: aware times, the service's words, what was read back after it."""

    day: date
    number: int
    started: datetime
    ended: datetime | None = None
    http_status: int | None = None
    processors: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, int] = field(default_factory=dict)
    error: str | None = None


class Ledger:
    """An open ledger of one target and window; every method is one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def plan(self, days: Iterable[date]) -> None:
        """Dates that are to be sent become pending, whatever became of them before."""
        with self._connection as transaction:
            transaction.executemany(
                "INSERT INTO dates VALUES (?, 'pending') "
                "ON CONFLICT (day) DO UPDATE SET state = 'pending'",
                [(day.isoformat(),) for day in days],
            )

    def begin(self, day: date, started: datetime) -> int:
        """Note, before anything is sent, that `day` is; the number of the attempt."""
        with self._connection as transaction:
            (number,) = transaction.execute(
                "SELECT COALESCE(MAX(attempt), 0) + 1 FROM attempts WHERE day = ?",
                (day.isoformat(),),
            ).fetchone()
            transaction.execute(
                "INSERT INTO attempts (day, attempt, started) VALUES (?, ?, ?)",
                (day.isoformat(), number, started.isoformat()),
            )
            _set(transaction, day, "sent")
        return int(number)

    def end(self, attempt: Attempt, state: State) -> None:
        """Note what became of an attempt that was begun, and the state of its date."""
        if attempt.ended is None:
            raise ValueError(f"Attempt {attempt.number} of {attempt.day} has no end, expected one.")
        with self._connection as transaction:
            transaction.execute(
                "UPDATE attempts SET ended = ?, http_status = ?, processors = ?, held = ?, "
                "error = ? WHERE day = ? AND attempt = ?",
                (
                    attempt.ended.isoformat(),
                    attempt.http_status,
                    json.dumps(dict(attempt.processors)),
                    json.dumps(dict(attempt.held)),
                    attempt.error,
                    attempt.day.isoformat(),
                    attempt.number,
                ),
            )
            _set(transaction, attempt.day, state)

    def override(self, started: datetime, reason: str) -> None:
        """Note that a run was started without the decisions, and why."""
        with self._connection as transaction:
            transaction.execute(
                "INSERT INTO overrides VALUES (?, ?)", (started.isoformat(), reason)
            )

    def overrides(self) -> dict[str, str]:
        """ISO time -> reason of every run that was started without the decisions."""
        rows = self._connection.execute("SELECT started, reason FROM overrides ORDER BY started")
        return {str(started): str(reason) for started, reason in rows}

    def mark(self, day: date, state: State) -> None:
        """Note a date's state as it was read back, without an attempt."""
        with self._connection as transaction:
            _set(transaction, day, state)

    def states(self) -> dict[date, State]:
        """Every date that was ever planned, ascending."""
        rows = self._connection.execute("SELECT day, state FROM dates ORDER BY day")
        return {date.fromisoformat(day): state for day, state in rows}

    def attempts(self) -> list[Attempt]:
        """Every attempt, by date and number."""
        rows = self._connection.execute(
            "SELECT day, attempt, started, ended, http_status, processors, held, error "
            "FROM attempts ORDER BY day, attempt"
        )
        return [_attempt(row) for row in rows]


@contextmanager
def opened(file: Path, target: str, window: tuple[date, date]) -> Iterator[Ledger]:
    """The ledger in `file`, made where there is none.

    Raises LedgerError for one that is damaged, or of another target or window.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(file, timeout=20, check_same_thread=False)) as connection:
            _prepare(connection, file, (target, *(day.isoformat() for day in window)))
            yield Ledger(connection)
    except sqlite3.DatabaseError as error:
        raise LedgerError(
            f"The ledger {file} cannot be used ({error}); {REBUILD.format(file)}."
        ) from error


def _prepare(connection: sqlite3.Connection, file: Path, run: tuple[str, ...]) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA foreign_keys = ON")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == 0:
        script = f"BEGIN; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        connection.executescript(script)
    elif version != SCHEMA_VERSION:
        raise LedgerError(
            f"The ledger {file} has version {version}, {SCHEMA_VERSION} is known; "
            f"{REBUILD.format(file)}."
        )
    with connection:
        connection.execute("INSERT OR IGNORE INTO run VALUES (1, ?, ?, ?)", run)
    found = connection.execute("SELECT target, first, last FROM run").fetchone()
    if found != run:
        raise LedgerError(
            f"The ledger {file} is of target {found[0]}, {found[1]} to {found[2]}, not of target "
            f"{run[0]}, {run[1]} to {run[2]}; set GATES_STATE to another folder or move it away."
        )


def _set(transaction: sqlite3.Connection, day: date, state: State) -> None:
    done = transaction.execute("UPDATE dates SET state = ? WHERE day = ?", (state, day.isoformat()))
    if done.rowcount != 1:
        raise LedgerError(f"{day} is not in the ledger's plan; plan it first.")


def _attempt(row: tuple[Any, ...]) -> Attempt:
    day, number, started, ended, status, processors, held, error = row
    return Attempt(
        day=date.fromisoformat(day),
        number=number,
        started=datetime.fromisoformat(started),
        ended=datetime.fromisoformat(ended) if ended else None,
        http_status=status,
        processors=json.loads(processors),
        held=json.loads(held),
        error=error,
    )
