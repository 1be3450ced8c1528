"""What the backfill's runs say of a phase4 record: whether it was measured after all attempts.

The decisions that allowed the last run stand beside it, since a stage that is run again takes the
record that was there. Without a run, or attempts of one, there is nothing to be after.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gates.config.settings import Settings
from gates.config.stages import ALLOWING, COMMANDS
from gates.decide import execution
from gates.decide.execution import ExecutionError
from gates.decide.record import Record
from gates.decide.records import Objection
from gates.measure.all_runs import AllRuns, Begun

AGAIN = f"run `{COMMANDS['phase4']}`"


@dataclass(frozen=True)
class After:
    """Sentences against a phase4 record, each with what to do, and what a decision has to say."""

    objections: Sequence[Objection] = ()
    notes: Sequence[str] = ()


def read(settings: Settings, phase4: Record) -> After:
    """What the file in the state folder says of a record of this target."""
    try:
        runs = execution.all_runs(settings)
    except ExecutionError as problem:
        return After([Objection(problem.why, problem.remedy)])
    if runs and runs.target != settings.target_name:
        runs = None
    if missed := _missed(settings, runs):
        return After([missed])
    over = _over(settings, runs) if runs else None
    if runs is None or over is None:
        return After()
    return After([*_objections(runs, over, phase4)], [*_overrides(runs)])


def _missed(settings: Settings, runs: AllRuns | None) -> Objection | None:
    """A run that has left a summary, and is not among the runs of the state folder."""
    summary = execution.last_summary(settings)
    known = runs.runs if runs else []
    if summary is None or any(run.started_at >= summary.started_at for run in known):
        return None
    return Objection(
        f"The backfill of {summary.started_at.isoformat()} is in no ledger of {settings.state}",
        "set GATES_STATE to the folder of its ledger, or run `make backfill`",
    )


def _objections(runs: AllRuns, over: datetime, phase4: Record) -> Iterator[Objection]:
    if phase4.started_at < over:
        yield Objection(
            f"phase4 was run at {phase4.started_at.isoformat()}, before the backfill's last "
            f"attempt was over at {over.isoformat()}",
            AGAIN,
        )
    last = runs.runs[-1] if runs.runs else None
    if last is None or not _allowed(last):
        why = "The backfill's ledger does not say what allowed its last run"
        yield Objection(why, "run `make backfill`")
    elif last.server != phase4.target.server:
        yield Objection(
            f"phase4 was decided on another server ({phase4.target.server}) than the backfill "
            f"wrote to ({last.server})",
            AGAIN,
        )


def _over(settings: Settings, runs: AllRuns) -> datetime | None:
    """When the last attempt was over; without its end, when the service must have been done."""
    own_time = timedelta(seconds=float(settings.target.phase4.service_timeout_s))
    ends = [
        runs.last_ended_at,
        runs.unanswered_since and runs.unanswered_since + own_time,
    ]
    return max((end for end in ends if end), default=None)


def _allowed(run: Begun) -> bool:
    before = all(at <= run.started_at for at in run.decisions.values())
    return bool(run.reason) or (set(run.decisions) == set(ALLOWING) and before)


def _overrides(runs: AllRuns) -> Iterator[str]:
    found = [run for run in runs.runs if run.reason]
    if found:
        times = "once" if len(found) == 1 else f"{len(found)} times"
        yield (
            f"The backfill was started by override {times}, last at "
            f"{found[-1].started_at.isoformat()}: {found[-1].reason}"
        )
