"""What the backfill's ledger says of a phase4 record: whether it was measured after all attempts.

The decisions that allowed the last run stand in the ledger, since a stage that is run again takes
the record that was there. Without a ledger, or attempts in it, there is nothing to be after.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gates.config.settings import Settings
from gates.config.stages import ALLOWING, COMMANDS
from gates.decide import execution
from gates.decide.record import Record
from gates.decide.records import Objection
from gates.measure import ledger
from gates.measure.ledger import Begun, Content, LedgerError

AGAIN = f"run `{COMMANDS['phase4']}`"


@dataclass(frozen=True)
class After:
    """Sentences against a phase4 record, each with what to do, and what a decision has to say."""

    objections: Sequence[Objection] = ()
    notes: Sequence[str] = ()


def read(settings: Settings, phase4: Record) -> After:
    """What the ledger in the state folder says of a record of this target."""
    try:
        held = ledger.read(ledger.file_in(settings.state))
    except LedgerError as problem:
        return After([Objection(problem.why, problem.remedy)])
    if held and held.target != settings.target_name:
        held = None
    if lost := _lost(settings, held):
        return After([lost])
    if held is None or not held.attempts:
        return After()
    return After([*_objections(settings, held, phase4)], [*_overrides(held)])


def _lost(settings: Settings, held: Content | None) -> Objection | None:
    summary = execution.last_summary(settings)
    if summary is None or (held and any(run.started >= summary.started_at for run in held.runs)):
        return None
    return Objection(
        f"The backfill of {summary.started_at.isoformat()} is in no ledger of {settings.state}",
        "set GATES_STATE to the folder of its ledger, or run `make backfill`",
    )


def _objections(settings: Settings, held: Content, phase4: Record) -> Iterator[Objection]:
    over = _over(settings, held)
    if phase4.started_at < over:
        yield Objection(
            f"phase4 was run at {phase4.started_at.isoformat()}, before the backfill's last "
            f"attempt was over at {over.isoformat()}",
            AGAIN,
        )
    last = held.runs[-1] if held.runs else None
    if last is None or not _allowed(last):
        why = "The backfill's ledger does not say what allowed its last run"
        yield Objection(why, "run `make backfill`")
    elif last.server != phase4.target.server:
        yield Objection(
            f"phase4 was decided on another server ({phase4.target.server}) than the backfill "
            f"wrote to ({last.server})",
            AGAIN,
        )


def _over(settings: Settings, held: Content) -> datetime:
    """When the last attempt was over; without its end, when the service must have been done."""
    own_time = timedelta(seconds=float(settings.target.phase4.service_timeout_s))
    return max(each.ended or each.started + own_time for each in held.attempts)


def _allowed(run: Begun) -> bool:
    before = all(datetime.fromisoformat(at) <= run.started for at in run.decisions.values())
    return bool(run.reason) or (set(run.decisions) == set(ALLOWING) and before)


def _overrides(held: Content) -> Iterator[str]:
    found = [run for run in held.runs if run.reason]
    if found:
        times = "once" if len(found) == 1 else f"{len(found)} times"
        yield (
            f"The backfill was started by override {times}, last at "
            f"{found[-1].started.isoformat()}: {found[-1].reason}"
        )
