"""How the backfill went, from the files that it leaves: summary.json and the ledger, read only.

Files are the only contract between the gates and the backfill (backfill/ledger.py writes the one).
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from pydantic import AwareDatetime, BaseModel, ValidationError

from gates.config import Settings

COMMAND = "make backfill"
LEDGER_VERSION = 1
# Which window the backfill has.
STAGE = "preflight"


class ExecutionError(Exception):
    """Files of the backfill that cannot be used; the message is one sentence with what to do."""


class Override(BaseModel):
    """A run that was started without both decisions, and why."""

    started_at: str
    reason: str


class Date(BaseModel):
    """What became of a planned date."""

    date: str
    status: str
    attempts: int
    error: str | None


class Summary(BaseModel):
    """reports/backfill/summary.json: the last run, as far as the handoff shows it."""

    started_at: AwareDatetime
    finished_at: AwareDatetime
    planned: int
    succeeded: int
    failed: int
    remaining: int
    already_complete: int
    bootstrap_skipped: int
    success_rate: float
    stopped_because: str | None
    target: str
    config_sha256: str
    overrides: list[Override]
    dates: list[Date]

    @property
    def unfinished(self) -> list[Date]:
        """The planned dates that are not complete."""
        return [each for each in self.dates if each.status != "complete"]


@dataclass(frozen=True)
class Ledger:
    """All runs on this target and window: dates by state, attempts, failures by reason."""

    states: Mapping[str, int]
    attempts: int
    failures: Mapping[str, int]
    first: datetime | None
    last: datetime | None
    seconds_per_date: float | None


@dataclass(frozen=True)
class Execution:
    """The last run and all runs together."""

    summary: Summary
    ledger: Ledger


def summary_file(settings: Settings) -> Path:
    """Where the backfill's summary is."""
    return settings.reports / "backfill" / "summary.json"


def read(settings: Settings) -> Execution | None:
    """How the backfill went; None when it was not run. Raises ExecutionError."""
    file = summary_file(settings)
    try:
        summary = Summary.model_validate(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValidationError, ValueError) as error:
        raise ExecutionError(
            f"{file} cannot be read ({type(error).__name__}); run `{COMMAND}`."
        ) from error
    return Execution(summary, _ledger(settings))


def pictured(settings: Settings) -> dict[str, Any] | None:
    """summary.json as it is, for pictures; None where there is none of this configuration."""
    try:
        found = json.loads(summary_file(settings).read_text(encoding="utf-8"))
        summary = Summary.model_validate(found)
    except (OSError, ValidationError, ValueError):
        return None
    of = (summary.config_sha256, summary.target)
    return dict(found) if of == (settings.config_sha256, settings.target_name) else None


def objections(
    settings: Settings, summary: Summary, now: datetime, fresh: timedelta
) -> Iterator[str]:
    """Why the summary's figures are no evidence at `now` (aware), a sentence each."""
    if summary.config_sha256 != settings.config_sha256:
        yield f"The backfill ran with another gates.toml or waivers.toml than now; run `{COMMAND}`."
    if summary.target != settings.target_name:
        yield f"The backfill ran on another target than {settings.target_name}; run `{COMMAND}`."
    if not timedelta(0) <= now - summary.finished_at < fresh:
        finished = summary.finished_at.isoformat()
        yield f"The backfill's summary is of {finished}, older than a day; run `{COMMAND}`."


def _ledger(settings: Settings) -> Ledger:
    file = settings.state / "backfill.sqlite"
    try:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            return _content(connection, settings)
    except sqlite3.DatabaseError as error:
        raise ExecutionError(
            f"The ledger {file} cannot be read ({error}); run `{COMMAND}`."
        ) from error


def _content(connection: sqlite3.Connection, settings: Settings) -> Ledger:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    found = connection.execute("SELECT target, first, last FROM run").fetchone()
    window = [day.isoformat() for day in settings.windows[STAGE]]
    if version != LEDGER_VERSION or list(found) != [settings.target_name, *window]:
        raise ExecutionError(
            "The ledger is of another version, target or window than gates.toml; "
            f"set GATES_STATE to the right folder, or run `{COMMAND}`."
        )
    states = connection.execute("SELECT state, COUNT(*) FROM dates GROUP BY state ORDER BY state")
    attempts = [
        (datetime.fromisoformat(started), datetime.fromisoformat(ended), error)
        for started, ended, error in connection.execute(
            "SELECT started, ended, error FROM attempts WHERE ended IS NOT NULL ORDER BY started"
        )
    ]
    took = [(ended - started).total_seconds() for started, ended, error in attempts if not error]
    return Ledger(
        states=dict(states),
        attempts=len(attempts),
        failures=Counter(error for _, _, error in attempts if error),
        first=min((started for started, _, _ in attempts), default=None),
        last=max((ended for _, ended, _ in attempts), default=None),
        seconds_per_date=median(took) if took else None,
    )
