"""How the backfill went, from the two files that it leaves: summary.json, and backfill.json.

They are the only contract between the gates and the backfill; its ledger is its own.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from gates.config.settings import Settings
from gates.decide.records import MOST_BYTES, problem
from gates.files import read_text
from gates.measure.all_runs import AllRuns, file_in, ledger_in
from gates.measure.summary import Summary

COMMAND = "make backfill"
STATUS = "make backfill-status"
# Which window the backfill has.
STAGE = "preflight"


class ExecutionError(Exception):
    """Files of the backfill that cannot be used; `why` and `remedy` make the sentence."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(f"{why}; {remedy}.")
        self.why, self.remedy = why, remedy


@dataclass(frozen=True)
class Execution:
    """The last run that tried a date, and all runs together."""

    summary: Summary
    runs: AllRuns


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
        why = f"{file} cannot be read ({problem(error)})"
        raise ExecutionError(why, f"run `{COMMAND}`") from error
    return Execution(summary, _of_this_window(settings))


def all_runs(settings: Settings) -> AllRuns | None:
    """What all runs have done; None where none was begun.

    Raises ExecutionError for a file that is damaged, or does not say all that the ledger holds: one
    that is missing beside a ledger, or was left by a run that has not ended.
    """
    file, ledger = file_in(settings.state), ledger_in(settings.state)
    try:
        found = AllRuns.model_validate_json(read_text(file, MOST_BYTES))
    except FileNotFoundError as error:
        if not ledger.exists():
            return None
        why = f"The ledger {ledger} is there, and {file} is not, which says what it holds"
        raise ExecutionError(why, f"run `{STATUS}`") from error
    except (OSError, ValueError) as error:
        raise ExecutionError(
            f"{file} cannot be used ({problem(error)})", f"run `{STATUS}`, which writes it anew"
        ) from error
    if found.under_way:
        raise ExecutionError(
            f"A run of the backfill is under way or was killed, by {file}",
            f"wait for its end, or run `{STATUS}`",
        )
    return found


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
    summary, seen = ran.summary, ran.runs.runs[-1] if ran.runs.runs else None
    config, at = summary.config_sha256, summary.finished_at
    if seen and seen.started_at > summary.started_at:
        config, at = seen.config_sha256, seen.started_at
    if config != settings.config_sha256:
        yield f"The backfill ran with another gates.toml or waivers.toml than now; run `{COMMAND}`."
    if summary.target != settings.target_name:
        yield f"The backfill ran on another target than {settings.target_name}; run `{COMMAND}`."
    if not timedelta(0) <= now - at < fresh:
        yield f"The backfill's summary is of {at.isoformat()}, older than a day; run `{COMMAND}`."


def _of_this_window(settings: Settings) -> AllRuns:
    found, window = all_runs(settings), settings.windows[STAGE]
    remedy = f"set GATES_STATE to its folder, or run `{COMMAND}`"
    if found is None:
        file = file_in(settings.state)
        raise ExecutionError(f"{file} cannot be read (there is none)", remedy)
    here = (settings.target_name, (window[0].isoformat(), window[1].isoformat()))
    if (found.target, found.window) != here:
        why = "The backfill's ledger is of another target or window than gates.toml"
        raise ExecutionError(why, remedy)
    return found
