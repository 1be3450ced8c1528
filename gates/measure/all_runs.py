"""state/backfill.json: what all runs of the backfill have done, as their ledger has it.

backfill/ledger.py writes it, and nothing else of the backfill's state is read by the gates. It is
written as under way before the ledger is changed, and anew when all changes are made, so a process
that is killed in between leaves a file that says so.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from gates.config.fields import Count, Day, Line, Part, Seconds, Time
from gates.measure.failure import Failure, sentence

SCHEMA_VERSION = 1
# No Literal, which would take true for 1.
Version = Annotated[int, Field(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)]
# Of a date: "sent" is one whose answer has not been noted.
State = Literal["pending", "sent", "complete", "failed"]


class Begun(Part):
    """A run as it was begun: what allowed it, on which server, and what it says if it had no work.

    `decisions`: stage -> when its GO was finished; none for an override, which has a `reason`.
    """

    started_at: Time
    config_sha256: Line
    server: Line | None
    decisions: dict[Line, Time] = Field(default_factory=dict)
    reason: Line | None = None
    nothing: Line | None = None


class Failures(Part):
    """How many requests have failed alike; the last of them without its figures."""

    example: list[Failure]
    requests: Count

    @property
    def reason(self) -> str | None:
        """The example, in a sentence."""
        return sentence(self.example)


class AllRuns(Part):
    """Dates by state, requests that have ended, failures by reason, runs by time.

    `unanswered_since`: when the last request began whose end has not been noted.
    """

    schema_version: Version
    under_way: bool
    target: Line
    window: tuple[Day, Day]
    states: dict[State, Count]
    attempts: Count
    failures: list[Failures]
    first_started_at: Time | None
    last_ended_at: Time | None
    unanswered_since: Time | None
    seconds_per_date: Seconds | None
    runs: list[Begun]


def file_in(state: Path) -> Path:
    """Where it is, beside the ledger."""
    return state / "backfill.json"


def ledger_in(state: Path) -> Path:
    """Where the ledger is, which the backfill alone reads."""
    return state / "backfill.sqlite"
