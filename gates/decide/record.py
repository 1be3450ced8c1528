"""decision.json, as it is written and as it is read; its schema is generated in schemas/records/.

A field that may be left out (`table`, `stages`, `run_id`) is written where it was set.
"""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from gates.config.fields import Count, Day, Line, Number, Part, Real, Time
from gates.config.gate import Comparison, Kind, Severity
from gates.config.profiles import Profile
from gates.config.settings import Settings
from gates.config.stages import stages_of
from gates.config.waivers import Applied, Use
from gates.decide.decision import Decision
from gates.decide.record_series import Series
from gates.decide.status import Recorded
from gates.decide.verdict import Verdict
from gates.files import ROOT, write_json
from gates.numbers import plain

SCHEMA_VERSION = 1
# No Literal, which would take true for 1.
Version = Annotated[int, Field(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)]
Cell = bool | Number | Line | None


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


class Blocker(Part):
    """A gate that keeps from GO."""

    gate: Line
    why: Line
    remedy: Line


class Warned(Part):
    """A gate that left a warning."""

    gate: Line
    why: Line


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
    threshold: Number | list[Number]
    margin: Number | None
    numerator: Number | None
    denominator: Number | None
    detail: Line
    query: Line | None
    table: list[dict[Line, Cell]] | None = None


class Query(Part):
    """A query as it was run; its SQL has lines."""

    file: Line
    source: Line
    job_id: Line
    elapsed_s: Real
    bytes_processed: Count | None
    rows: Count
    sql: str


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
    # Of the final decision: the decisions that it was made over.
    stages: dict[Line, StageUsed] | None = None
    # Of a stage: the run that left it (gates/decide/only_run.py).
    run_id: Line | None = None

    def content(self) -> dict[str, Any]:
        """As JSON has it."""
        return self.model_dump(mode="json", exclude_unset=True)

    def write(self, file: Path) -> None:
        """Write it, whole or not at all. Raises OSError."""
        write_json(file, self.content())


@dataclass(frozen=True)
class Run:
    """When and on what a run measured: aware times; queries and series as a record has them."""

    started_at: datetime
    finished_at: datetime
    snapshot_at: str | None
    queries: Sequence[Mapping[str, Any]]
    series: Mapping[str, Any] = field(default_factory=dict)


def record(settings: Settings, decision: Decision, run: Run, **others: Any) -> Record:
    """The record of a decision; `others` are those of its fields that only some records have."""
    windows = {
        stage: [day.isoformat() for day in window]
        for stage, window in settings.windows.items()
        if stage in stages_of(decision.stage)
    }
    return Record(
        schema_version=SCHEMA_VERSION,
        stage=decision.stage,
        decision=decision.decision,
        confidence=decision.confidence,
        profile=None if decision.profile is None else _profile(decision.profile),
        waivers=[_waiver(applied) for applied in decision.waivers],
        reasons=decision.reasons,
        blockers=[
            Blocker(gate=v.gate.id, why=v.detail, remedy=v.remedy) for v in decision.blockers
        ],
        warnings=[Warned(gate=v.gate.id, why=v.detail) for v in decision.warnings],
        started_at=run.started_at.astimezone(UTC),
        finished_at=run.finished_at.astimezone(UTC),
        snapshot_at=_moment(run.snapshot_at),
        target=target(settings, settings.server),
        windows=windows,
        code_version=commit(),
        config_sha256=settings.config_sha256,
        gates_sha256=settings.gates_sha256,
        gates=[entry(verdict) for verdict in decision.verdicts],
        queries=[Query.model_validate(query) for query in run.queries],
        series=_series(run.series),
        **others,
    )


def target(settings: Settings, server: str | None) -> Target:
    """The target of the settings, and the server of it that was asked."""
    return Target(
        name=settings.target_name,
        project=settings.target.project,
        datasets=dict(settings.target.datasets),
        server=server,
    )


def entry(verdict: Verdict) -> Entry:
    """A gate's entry."""
    gate = verdict.gate
    numbers = [plain(number) for number in gate.bound.numbers]
    table = {} if verdict.table is None else {"table": verdict.table}
    return Entry(
        id=gate.id,
        title=gate.title,
        stage=gate.stage,
        kind=gate.kind,
        severity=gate.severity,
        runbook_step=gate.runbook,
        status=verdict.status,
        measured=plain(verdict.measured),
        unit=gate.unit,
        comparison=gate.bound.comparison,
        threshold=numbers if len(numbers) > 1 else numbers[0],
        margin=plain(verdict.margin),
        numerator=plain(verdict.numerator),
        denominator=plain(verdict.denominator),
        detail=verdict.detail,
        query=verdict.query,
        **table,
    )


def _profile(profile: Profile) -> ProfileUsed:
    left_out = [LeftOut(gate=out.gate.id, reason=out.reason) for out in profile.left_out]
    return ProfileUsed(name=profile.name, left_out=left_out)


def _waiver(applied: Applied) -> WaiverUsed:
    waiver = applied.waiver
    return WaiverUsed(
        gate=waiver.gate,
        reason=waiver.reason,
        approver=waiver.approver,
        expires=waiver.expires.isoformat(),
        floor=plain(waiver.floor),
        ceiling=plain(waiver.ceiling),
        used=applied.use == "used",
        outcome=applied.use,
    )


def _moment(text: str | None) -> datetime | None:
    """A time of the warehouse's clock; one that cannot be right vouches for nothing."""
    try:
        moment = datetime.fromisoformat(text) if text else None
        return TypeAdapter(Time | None).validate_python(moment)
    except ValueError:
        return None


def _series(counts: Mapping[str, Any]) -> Series:
    """The counts over time; those that cannot be shown cost the pictures, and no decision."""
    try:
        return Series.model_validate(counts, strict=False)
    except ValidationError:
        return Series()


def commit() -> str | None:
    """The commit that this code was checked out from; None outside a checkout."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def record_file(reports: Path, stage: str) -> Path:
    """Where the record of `stage` is written."""
    return reports / stage / "decision.json"
