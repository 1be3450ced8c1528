"""The backfill's ledger: a row per attempt and the state of each date, in SQLite.

Every change is a transaction of its own, so a killed process leaves a true ledger: an attempt
without an end was under way, and what became of it has to be read back from the tables. What the
gates are told of it stands in a file beside it, which says that it is under way from before the
first change until after the last.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import date, datetime
from pathlib import Path

from backfill.attempts import Attempt
from backfill.entries import SCHEMA_VERSION, Content, LedgerError, content, damaged, read
from backfill.lock import LockedError, only_run
from gates.files import read_text, write_json
from gates.measure.all_runs import AllRuns, Begun, State, file_in

MOST_BYTES = 10_000_000

_SCHEMA = """
CREATE TABLE run (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  target TEXT NOT NULL,
  first TEXT NOT NULL,
  last TEXT NOT NULL
) STRICT;
CREATE TABLE runs (
  started TEXT PRIMARY KEY,
  config_sha256 TEXT NOT NULL,
  server TEXT,
  decisions TEXT NOT NULL,
  reason TEXT,
  idle TEXT
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
  failures TEXT NOT NULL DEFAULT '[]',
  PRIMARY KEY (day, attempt)
) STRICT;
"""


class Ledger:
    """An open ledger of one target and window; every method is one transaction."""

    def __init__(self, connection: sqlite3.Connection, file: Path) -> None:
        self._connection = connection
        self._file = file

    def plan(self, days: Iterable[date]) -> None:
        """Dates that are to be sent become pending, whatever became of them before."""
        # One statement for all of them, and nothing is written of one that is pending already. The
        # WHERE is for SQLite, which would take the ON for that of a JOIN.
        with self._connection as transaction:
            transaction.execute(
                "INSERT INTO dates SELECT value, 'pending' FROM json_each(?) WHERE true "
                "ON CONFLICT (day) DO UPDATE SET state = 'pending' WHERE state <> 'pending'",
                (_json(days),),
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
                "failures = ? WHERE day = ? AND attempt = ?",
                (
                    attempt.ended.isoformat(),
                    attempt.http_status,
                    json.dumps(dict(attempt.processors)),
                    json.dumps(dict(attempt.held)),
                    json.dumps([each.model_dump(mode="json") for each in attempt.failures]),
                    attempt.day.isoformat(),
                    attempt.number,
                ),
            )
            _set(transaction, attempt.day, state)

    def run(self, begun: Begun) -> None:
        """Note a run before its first attempt: what allowed it, or why it was started without."""
        with self._connection as transaction:
            transaction.execute(
                "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?)",
                (
                    begun.started_at.isoformat(),
                    begun.config_sha256,
                    begun.server,
                    json.dumps({s: at.isoformat() for s, at in begun.decisions.items()}),
                    begun.reason,
                    begun.nothing,
                ),
            )

    def mark(self, days: Iterable[date], state: State) -> None:
        """Note the state of dates as they were read back, without an attempt."""
        texts = _json(days)
        with self._connection as transaction:
            unknown = transaction.execute(
                "SELECT value FROM json_each(?) WHERE value NOT IN (SELECT day FROM dates)",
                (texts,),
            ).fetchone()
            if unknown:
                raise _not_planned(unknown[0])
            transaction.execute(
                "UPDATE dates SET state = ? WHERE day IN (SELECT value FROM json_each(?))",
                (state, texts),
            )

    def content(self) -> Content:
        """All that the ledger holds now. Raises LedgerError."""
        return content(self._connection, self._file)


@contextmanager
def opened(file: Path, target: str, window: tuple[date, date]) -> Iterator[Ledger]:
    """The ledger in `file`, made where there is none; the caller alone has the state folder.

    Raises LedgerError for one that is damaged, or of another target or window.
    """
    try:
        if not file.exists():
            _make(file, target, window)
        # Its path as an URI, so that SQLite never makes an empty one.
        uri = f"{file.resolve().as_uri()}?mode=rw"
        connection = sqlite3.connect(uri, timeout=20, check_same_thread=False, uri=True)
    except (OSError, sqlite3.Error) as error:
        raise damaged(file, error) from error
    with closing(connection):
        try:
            found = content(connection, file)
            check(found, file, target, window)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA foreign_keys = ON")
            _publish(file, found.all_runs(under_way=True))
            try:
                yield Ledger(connection, file)
            finally:
                _publish(file, content(connection, file).all_runs(under_way=False))
        except sqlite3.Error as error:
            raise damaged(file, error) from error


def publish_anew(file: Path, found: Content) -> bool:
    """Tell the gates what the ledger holds, where they were told something else.

    Whether that was done: not while a run is under way, which tells it itself. Raises LedgerError,
    OSError.
    """
    if _published(file) == found.all_runs(under_way=False):
        return False
    try:
        with only_run(file.parent, "A look at the ledger"):
            if again := read(file):
                _publish(file, again.all_runs(under_way=False))
    except LockedError:
        return False
    return True


def _publish(file: Path, told: AllRuns) -> None:
    write_json(file_in(file.parent), told.model_dump(mode="json"))


def _published(file: Path) -> AllRuns | None:
    try:
        return AllRuns.model_validate_json(read_text(file_in(file.parent), MOST_BYTES))
    except (OSError, ValueError):
        return None


def _make(file: Path, target: str, window: tuple[date, date]) -> None:
    """A new ledger, whole or not at all: an empty file is a damaged one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.new")
    # What a ledger that was moved away has left would be taken for changes of this one.
    for left in (partial, file.with_name(f"{file.name}-wal")):
        left.unlink(missing_ok=True)
    partial.touch(mode=0o600)
    with closing(sqlite3.connect(partial)) as connection:
        connection.executescript(f"{_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION};")
        with connection:
            days = [day.isoformat() for day in window]
            connection.execute("INSERT INTO run VALUES (1, ?, ?, ?)", (target, *days))
    partial.replace(file)


def check(found: Content, file: Path, target: str, window: tuple[date, date]) -> None:
    """Raises LedgerError for a ledger of another target or window."""
    if (found.target, found.window) != (target, window):
        raise LedgerError(
            f"The ledger {file} is of target {found.target}, {found.window[0]} to "
            f"{found.window[1]}, not of target {target}, {window[0]} to {window[1]}",
            "set GATES_STATE to another folder or move it away",
        )


def _json(days: Iterable[date]) -> str:
    return json.dumps([day.isoformat() for day in days])


def _set(transaction: sqlite3.Connection, day: date, state: State) -> None:
    done = transaction.execute("UPDATE dates SET state = ? WHERE day = ?", (state, day.isoformat()))
    if done.rowcount != 1:
        raise _not_planned(day)


def _not_planned(day: object) -> LedgerError:
    return LedgerError(f"{day} is not in the ledger's plan", "plan it first")
