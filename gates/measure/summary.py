"""reports/backfill/summary.json: the last run of the backfill that tried a date, date by date.

backfill/summary.py makes it of the ledger; reports and the handoff read it.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from gates.config.fields import Count, Day, Line, Part, Seconds, Time
from gates.measure.failure import Failure

SCHEMA_VERSION = 1
# No Literal, which would take true for 1.
Version = Annotated[int, Field(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)]


class Override(Part):
    """A run that was started without both decisions, and why."""

    started_at: Time
    reason: Line


class Date(Part):
    """What became of a planned date: the last attempt's answer, and what the tables hold."""

    date: Day
    status: Literal["complete", "failed", "pending"]
    attempts: Count
    http_status: Count | None = None
    elapsed_s: Seconds | None = None
    finished_at: Time | None = None
    processors: dict[Line, Line] = Field(default_factory=dict)
    rows: dict[Line, Count] = Field(default_factory=dict)
    error: Line | None
    failures: list[Failure] = Field(default_factory=list)


class Summary(Part):
    """A run and its dates; `decisions` allowed it (stage -> when its GO was finished)."""

    schema_version: Version
    started_at: Time
    finished_at: Time
    target: Line
    config_sha256: Line
    planned: Count
    succeeded: Count
    failed: Count
    remaining: Count
    already_complete: Count
    bootstrap_skipped: Count
    success_rate: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)]
    stopped_because: Line | None
    decisions: dict[Line, Time] = Field(default_factory=dict)
    overrides: list[Override]
    dates: list[Date]

    @property
    def unfinished(self) -> list[Date]:
        """The planned dates that are not complete."""
        return [each for each in self.dates if each.status != "complete"]

    def content(self) -> dict[str, Any]:
        """As JSON has it."""
        return self.model_dump(mode="json")
