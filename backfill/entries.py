"""The ledger's entries as they are read: all of them checked, value by value, before one is used.

backfill/ledger.py writes them. A file that is damaged in any way is a LedgerError: SQLite finds
what does not fit its own structure and the schema, the rest is looked at here.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from itertools import compress
from operator import lt
from pathlib import Path
from typing import Any, get_args

from pydantic import TypeAdapter, ValidationError

from backfill.attempts import Attempt, Attempts, Spans, together
from gates.config.toml_text import YEARS
from gates.measure import all_runs
from gates.measure.all_runs import AllRuns, Begun, Failures, State
from gates.measure.failure import Failure
from gates.program import OperatorError
from gates.text import one_line

SCHEMA_VERSION = 3
REBUILD = "`mv {0} {0}.old && make backfill` builds a new one from the tables"
DETAIL = 2_000
# So many different texts of each kind are remembered while a ledger is read.
KNOWN = 1_024
# So many attempts are looked at together: a step of Python's for each takes longer than all else,
# and all of them at once would take more memory than a look at the ledger has.
SEVERAL = 1_000
# Between these a time is within YEARS by its own zone too.
_EARLY = datetime(YEARS.start, 1, 2, tzinfo=UTC)
_LATE = datetime(YEARS.stop - 1, 12, 31, tzinfo=UTC)
_STATES: Mapping[object, State] = {state: state for state in get_args(State)}
_FAILURES = TypeAdapter(tuple[Failure, ...])


class LedgerError(OperatorError):
    """A ledger that cannot be used; `why` and `remedy` make the message, one sentence."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(f"{why}; {remedy}.")
        self.why, self.remedy = why, remedy


@dataclass(frozen=True)
class Content:
    """All that a ledger holds: dates ascending, attempts together, runs by time."""

    target: str
    window: tuple[date, date]
    states: Mapping[date, State]
    attempts: Attempts
    runs: Sequence[Begun]

    @property
    def overrides(self) -> dict[str, str]:
        """ISO time -> reason of every run that was started without the decisions."""
        return {run.started_at.isoformat(): run.reason for run in self.runs if run.reason}

    def all_runs(self, *, under_way: bool) -> AllRuns:
        """What others are told of it; `under_way` while it may change."""
        tried = self.attempts
        return AllRuns(
            schema_version=all_runs.SCHEMA_VERSION,
            under_way=under_way,
            target=self.target,
            window=(self.window[0].isoformat(), self.window[1].isoformat()),
            states=dict(sorted(Counter(self.states.values()).items())),
            attempts=tried.ended,
            failures=[Failures(example=list(like), requests=n) for like, n in tried.failures],
            first_started_at=tried.first_started_at,
            last_ended_at=tried.last_ended_at,
            unanswered_since=max((each.started for each in tried.unanswered), default=None),
            seconds_per_date=tried.seconds_per_date,
            runs=list(self.runs),
        )


def read(file: Path) -> Content | None:
    """What the ledger holds, without writing to it; None where there is none.

    Raises LedgerError.
    """
    if not file.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return content(connection, file)
    except (sqlite3.Error, OSError) as error:
        raise damaged(file, error) from error


def damaged(file: Path, why: object) -> LedgerError:
    """What to say of a ledger that cannot be used."""
    return LedgerError(f"The ledger {file} cannot be used ({one_line(why)})", REBUILD.format(file))


def content(connection: sqlite3.Connection, file: Path) -> Content:
    """All of an open ledger, checked. Raises LedgerError, sqlite3.Error."""
    # SQLite's own words are no text where they quote what is damaged: a UnicodeDecodeError.
    try:
        _check(connection, file)
        return _content(connection)
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise damaged(file, error) from error


def _check(connection: sqlite3.Connection, file: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version != SCHEMA_VERSION:
        raise LedgerError(
            f"The ledger {file} has version {version}, {SCHEMA_VERSION} is known",
            REBUILD.format(file),
        )
    for check in ("integrity_check(1)", "foreign_key_check"):
        found = connection.execute(f"PRAGMA {check}").fetchone()
        if found not in (None, ("ok",)):
            raise damaged(file, f"{check}: {found[0]}")


def _content(connection: sqlite3.Connection) -> Content:
    ((target, first, last),) = connection.execute("SELECT target, first, last FROM run").fetchall()
    return Content(
        target=_text(target),
        window=(_day(first), _day(last)),
        states={
            _day(day): _state(state)
            for day, state in connection.execute("SELECT day, state FROM dates ORDER BY day")
        },
        attempts=_attempts(connection),
        runs=[
            _begun(row)
            for row in connection.execute(
                "SELECT started, config_sha256, server, decisions, reason, idle "
                "FROM runs ORDER BY started"
            )
        ],
    )


def _attempts(connection: sqlite3.Connection) -> Attempts:
    """What they come to. Values that many of them hold are looked at once."""
    unanswered = 0
    # Every pass over all of them takes its time: this one looks at all but the times.
    for processors, held, number, status, no_end in connection.execute(
        "SELECT DISTINCT processors, held, MIN(attempt, 0), MIN(COALESCE(http_status, 0), 0), "
        "ended IS NULL FROM attempts"
    ):
        _processors(processors)
        _held(held)
        _count(number)
        _count(status)
        unanswered |= no_end
    failures = connection.execute(
        "SELECT failures, COUNT(*) FROM attempts WHERE ended IS NOT NULL AND failures <> '[]' "
        "GROUP BY failures ORDER BY MAX(rowid)"
    )
    newest = "(day, attempt) IN (SELECT day, MAX(attempt) FROM attempts GROUP BY day)"
    return together(
        _whole(connection, newest),
        _whole(connection, "ended IS NULL") if unanswered else (),
        _spans(connection),
        [(_failures(text), count) for text, count in failures],
    )


def _spans(connection: sqlite3.Connection) -> Iterator[Spans]:
    """From when to when those took that have ended, and whether without a failure."""
    rows = connection.execute(
        "SELECT started, ended, failures = '[]' FROM attempts WHERE ended IS NOT NULL"
    )
    while several := rows.fetchmany(SEVERAL):
        started, ended, good = zip(*several, strict=True)
        starts, ends = _moments(started), _moments(ended)
        if any(map(lt, ends, starts)):
            found = next(compress(several, map(lt, ends, starts)))
            (day,) = connection.execute(
                "SELECT day FROM attempts WHERE started = ? AND ended = ?", found[:2]
            ).fetchone()
            raise ValueError(f"an attempt of {day} ended before it started")
        yield starts, ends, good


def _whole(connection: sqlite3.Connection, which: str) -> Iterator[Attempt]:
    columns = "day, attempt, started, ended, http_status, processors, held, failures"
    # `which` is this module's own.
    return map(_attempt, connection.execute(f"SELECT {columns} FROM attempts WHERE {which}"))  # noqa: S608


def _attempt(row: tuple[Any, ...]) -> Attempt:
    day, number, started, ended, status, processors, held, failures = row
    return Attempt(
        day=_day(day),
        number=_count(number),
        started=_moment(started),
        ended=None if ended is None else _moment(ended),
        http_status=None if status is None else _count(status),
        processors=_processors(processors),
        held=_held(held),
        failures=_failures(failures),
    )


@lru_cache(KNOWN)
def _processors(text: Any) -> Mapping[str, str]:
    return {_text(name): _text(said) for name, said in _object(text)}


@lru_cache(KNOWN)
def _held(text: Any) -> Mapping[str, int]:
    return {_text(table): _count(rows) for table, rows in _object(text)}


@lru_cache(KNOWN)
def _failures(text: Any) -> tuple[Failure, ...]:
    try:
        return _FAILURES.validate_json(text)
    except ValidationError as error:
        raise TypeError(f"{one_line(text, 40)} is not a JSON array of failures") from error


def _begun(row: tuple[Any, ...]) -> Begun:
    started, config_sha256, server, decisions, reason, nothing = row
    return Begun(
        started_at=_moment(started),
        config_sha256=_text(config_sha256),
        server=None if server is None else _text(server),
        decisions={_text(stage): _moment(at) for stage, at in _object(decisions)},
        reason=None if reason is None else _text(reason),
        nothing=None if nothing is None else _text(nothing),
    )


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{one_line(value, 40)} is not text")
    return one_line(value, DETAIL)


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{one_line(value, 40)} is not a count")
    return value


def _day(text: Any) -> date:
    day = date.fromisoformat(text)
    if day.isoformat() != text:
        raise ValueError(f"{one_line(text)} is not a date")
    return day


def _moment(text: Any) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or moment.year not in YEARS:
        raise ValueError(f"{one_line(text, 40)} is not a time with its zone")
    return moment


def _moments(texts: Sequence[Any]) -> Sequence[datetime]:
    """The same of many, without a step of Python's for each where all are well within YEARS."""
    moments = [*map(datetime.fromisoformat, texts)]
    # One without a zone is not compared with one that has it.
    with suppress(TypeError):
        if min(moments) > _EARLY and max(moments) < _LATE:
            return moments
    return [*map(_moment, texts)]


def _state(value: Any) -> State:
    found = _STATES.get(value)
    if found is None:
        raise ValueError(f"{one_line(value, 40)} is not a state")
    return found


def _object(text: Any) -> list[tuple[str, Any]]:
    found = json.loads(text)
    if not isinstance(found, dict):
        raise TypeError(f"{one_line(text, 40)} is not a JSON object")
    return list(found.items())
