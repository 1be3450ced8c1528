"""decision.json, as it is written and as it is read; its schema is generated in schemas/records/.

A field that may be left out (`table`, `failing`, `owner`, `tighter`, `per_game`,
`scheduled_games`, `columns`, `seasons`, `stages`, `version`, `run_id`) is written where it was set.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from gates.config.fields import Count, Day, Line, Number, Part, Real, Time
from gates.config.gate import Comparison, Kind, Severity
from gates.config.waivers import Use
from gates.decide.reason import Reason
from gates.decide.record_series import Series
from gates.decide.status import Recorded
from gates.files import write_json
from gates.measure.column_shares import ColumnShare
from gates.measure.result import KEYS_SHOWN

SCHEMA_VERSION = 1
# No Literal, which would take true for 1.
Version = Annotated[int, Field(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)]
Cell = bool | Number | Line | None
# Of `between`: both ends.
Bounds = Annotated[list[Number], Field(min_length=2, max_length=2)]


class Target(Part):
    """Where a stage was measured; `server` is the embedded warehouse that it was asked of."""

    name: Line
    project: Line
    datasets: dict[Line, Line]
    server: Line | None


class LeftOut(Part):
    """A gate that the profile keeps out of the decision."""

    gate: Line
    reason: Line


class ProfileUsed(Part):
    """The profile of the run."""

    name: Line
    left_out: list[LeftOut]


class WaiverUsed(Part):
    """A waiver of one of the gates, whether it was needed or not."""

    gate: Line
    reason: Line
    approver: Line
    expires: Day
    floor: Number | None
    ceiling: Number | None
    used: bool
    outcome: Use
    # What could stand in the place of its limit, where the value has become better.
    tighter: Line | None = None


class Blocker(Part):
    """A gate that keeps from GO."""

    gate: Line
    why: Line
    remedy: Line


class Warned(Part):
    """A gate that left a warning."""

    gate: Line
    why: Line


class FailingKey(Part):
    """One of the first keys of what a gate counts: what was found there, where that is known."""

    key: Line
    found: Line | None = None
    expected: Line | None = None


class Entry(Part):
    """A gate: what was asked for, what was measured, what it came to."""

    id: Line
    title: Line
    stage: Line
    kind: Kind
    severity: Severity
    runbook_step: Line
    status: Recorded
    measured: Number | None
    unit: Line
    comparison: Comparison
    threshold: Number | Bounds
    margin: Number | None
    numerator: Number | None
    denominator: Number | None
    detail: Line
    reason: Reason
    query: Line | None
    table: list[dict[Line, Cell]] | None = None
    # Of a gate that does not hold.
    failing: Annotated[list[FailingKey], Field(max_length=KEYS_SHOWN)] | None = None
    # Who is told when it does not hold, where gates.toml names one.
    owner: Line | None = None
    # Where the threshold is so much for each game that the schedule has in the run's window.
    per_game: Number | None = None
    scheduled_games: Count | None = None


class Query(Part):
    """A query as it was run; its SQL has lines."""

    file: Line
    source: Line
    job_id: Line
    elapsed_s: Real
    bytes_processed: Count | None
    # Of its job, before it ran, where a budget asked for it.
    bytes_estimated: Count | None = None
    rows: Count
    sql: str


class SeasonUsed(Part):
    """A season, by the year in which it began, that gates.toml has no first date of."""

    season: Count
    first_date: Day
    source: Line


class StageUsed(Part):
    """The decision of a stage, as the final one was made over it."""

    decision: Literal["GO", "NO-GO"]
    confidence: Literal["HIGH", "MEDIUM", "LOW"]
    finished_at: Time
    snapshot_at: Time | None
    code_version: Line | None


class Record(Part):
    """A decision.json of any stage."""

    schema_version: Version
    stage: Line
    decision: Literal["GO", "NO-GO"]
    confidence: Literal["HIGH", "MEDIUM", "LOW"]
    profile: ProfileUsed | None
    waivers: list[WaiverUsed]
    reasons: list[Line]
    blockers: list[Blocker]
    warnings: list[Warned]
    started_at: Time
    finished_at: Time
    snapshot_at: Time | None
    target: Target
    windows: dict[Line, list[Day]]
    code_version: Line | None
    config_sha256: Line
    gates_sha256: Line
    gates: list[Entry]
    queries: list[Query]
    series: Series
    # Table -> how many of its columns some gate judges, where that is known of these gates.
    columns: dict[Line, ColumnShare] | None = None
    # Seasons of the windows whose first date was looked up, and where.
    seasons: list[SeasonUsed] | None = None
    # Of the final decision: the decisions that it was made over.
    stages: dict[Line, StageUsed] | None = None
    # Of this project, where the record was made.
    version: Line | None = None
    # Of a stage: the run that left it (gates/decide/only_run.py).
    run_id: Line | None = None

    def content(self) -> dict[str, Any]:
        """As JSON has it."""
        return self.model_dump(mode="json", exclude_unset=True)

    def write(self, file: Path) -> None:
        """Write it, whole or not at all. Raises OSError."""
        write_json(file, self.content())


def record_file(reports: Path, stage: str) -> Path:
    """Where the record of `stage` is written."""
    return reports / stage / "decision.json"
