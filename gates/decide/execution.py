"""How the backfill went, from the files that it leaves: summary.json and the ledger, read only.

Files are the only contract between the gates and the backfill.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from gates.config.settings import Settings
from gates.decide.records import MOST_BYTES, amiss
from gates.files import read_text
from gates.measure import ledger
from gates.measure.ledger import Begun, Content, LedgerError
from gates.measure.summary import Summary

COMMAND = "make backfill"
# Which window the backfill has.
STAGE = "preflight"


class ExecutionError(Exception):
    """Files of the backfill that cannot be used; the message is one sentence with what to do."""


@dataclass(frozen=True)
class Ledger:
    """All runs on this target and window: dates by state, attempts, failures by reason."""

    states: Mapping[str, int]
    attempts: int
    failures: Mapping[str, int]
    first: datetime | None
    last: datetime | None
    seconds_per_date: float | None
    last_run: Begun | None


@dataclass(frozen=True)
class Execution:
    """The last run that tried a date, and all runs together."""

    summary: Summary
    ledger: Ledger


def summary_file(settings: Settings) -> Path:
    """Where the backfill's summary is."""
    return settings.reports / "backfill" / "summary.json"


def read(settings: Settings) -> Execution | None:
    """How the backfill went; None when it was not run. Raises ExecutionError."""
    file = summary_file(settings)
    try:
        summary = Summary.model_validate_json(read_text(file, MOST_BYTES))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ExecutionError(f"{file} cannot be read ({amiss(error)}); run `{COMMAND}`.") from error
    return Execution(summary, _ledger(settings))


def last_summary(settings: Settings) -> Summary | None:
    """The summary of the last run on this target; None where there is none that can be read."""
    try:
        summary = Summary.model_validate_json(read_text(summary_file(settings), MOST_BYTES))
    except (OSError, ValueError):
        return None
    return summary if summary.target == settings.target_name else None


def pictured(settings: Settings) -> Summary | None:
    """The last run's summary, for pictures; None where there is none of this configuration."""
    summary = last_summary(settings)
    if summary is None or summary.config_sha256 != settings.config_sha256:
        return None
    return summary


def objections(
    settings: Settings, ran: Execution, now: datetime, fresh: timedelta
) -> Iterator[str]:
    """Why the summary's figures are no evidence at `now` (aware), a sentence each.

    A later run that found nothing to do vouches for them: it has looked at the same tables.
    """
    summary, seen = ran.summary, ran.ledger.last_run
    config, at = summary.config_sha256, summary.finished_at
    if seen and seen.started > summary.started_at:
        config, at = seen.config_sha256, seen.started
    if config != settings.config_sha256:
        yield f"The backfill ran with another gates.toml or waivers.toml than now; run `{COMMAND}`."
    if summary.target != settings.target_name:
        yield f"The backfill ran on another target than {settings.target_name}; run `{COMMAND}`."
    if not timedelta(0) <= now - at < fresh:
        yield f"The backfill's summary is of {at.isoformat()}, older than a day; run `{COMMAND}`."


def _ledger(settings: Settings) -> Ledger:
    file = ledger.file_in(settings.state)
    try:
        held = ledger.read(file)
    except LedgerError as problem:
        raise ExecutionError(str(problem)) from problem
    if held is None:
        raise ExecutionError(
            f"The ledger {file} cannot be read (there is none); set GATES_STATE to its folder, "
            f"or run `{COMMAND}`."
        )
    if (held.target, held.window) != (settings.target_name, settings.windows[STAGE]):
        raise ExecutionError(
            "The ledger is of another target or window than gates.toml; "
            f"set GATES_STATE to the right folder, or run `{COMMAND}`."
        )
    return _content(held)


def _content(held: Content) -> Ledger:
    ended = [(each.started, each.ended, each.error) for each in held.attempts if each.ended]
    return Ledger(
        states=dict(sorted(Counter(held.states.values()).items())),
        attempts=len(ended),
        failures=Counter(error for _, _, error in ended if error),
        first=min((start for start, _, _ in ended), default=None),
        last=max((end for _, end, _ in ended), default=None),
        seconds_per_date=ledger.seconds_per_date(held.attempts),
        last_run=held.runs[-1] if held.runs else None,
    )
