"""From a decision to its record: when and on what it was measured, and all that was decided."""

import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from gates import VERSION
from gates.config.fields import Time
from gates.config.profiles import Profile
from gates.config.settings import Settings
from gates.config.stages import stages_of
from gates.config.waivers import Applied
from gates.decide.decision import Decision
from gates.decide.record import (
    SCHEMA_VERSION,
    Blocker,
    Entry,
    FailingKey,
    LeftOut,
    ProfileUsed,
    Query,
    Record,
    SeasonUsed,
    Target,
    WaiverUsed,
    Warned,
)
from gates.decide.record_series import Series
from gates.decide.verdict import Verdict
from gates.files import ROOT
from gates.measure import column_shares
from gates.numbers import plain

if TYPE_CHECKING:
    # Comes with BigQuery's client, which takes longer to import than a final decision does.
    from gates.measure.seasons import SeasonStart


@dataclass(frozen=True)
class Run:
    """When and on what a run measured: aware times; queries and series as a record has them."""

    started_at: datetime
    finished_at: datetime
    snapshot_at: str | None
    queries: Sequence[Mapping[str, Any]]
    series: Mapping[str, Any] = field(default_factory=dict)
    seasons: Sequence["SeasonStart"] = ()


def record(settings: Settings, decision: Decision, run: Run, **others: Any) -> Record:
    """The record of a decision; `others` are those of its fields that only some records have."""
    windows = {
        stage: [day.isoformat() for day in window]
        for stage, window in settings.windows.items()
        if stage in stages_of(decision.stage)
    }
    if columns := column_shares.known(settings.every_gate()):
        others["columns"] = columns
    if run.seasons:
        others["seasons"] = [SeasonUsed(**asdict(each)) for each in run.seasons]
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
        version=VERSION,
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
    others: dict[str, Any] = {"table": verdict.table, "owner": gate.owner}
    if verdict.failing:
        others["failing"] = [FailingKey(**each) for each in verdict.failing]
    if gate.games is not None:
        others |= {"per_game": plain(gate.per_game), "scheduled_games": gate.games}
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
        reason=verdict.reason,
        query=verdict.query,
        **{name: value for name, value in others.items() if value is not None},
    )


def _profile(profile: Profile) -> ProfileUsed:
    left_out = [LeftOut(gate=out.gate.id, reason=out.reason) for out in profile.left_out]
    return ProfileUsed(name=profile.name, left_out=left_out)


def _waiver(applied: Applied) -> WaiverUsed:
    waiver = applied.waiver
    tighter = {"tighter": applied.tighter} if applied.tighter else {}
    return WaiverUsed(
        gate=waiver.gate,
        reason=waiver.reason,
        approver=waiver.approver,
        expires=waiver.expires.isoformat(),
        floor=plain(waiver.floor),
        ceiling=plain(waiver.ceiling),
        used=applied.use == "used",
        outcome=applied.use,
        **tighter,
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
