"""Whether the backfill may start: both decisions GO, judged again as `make decide` judges them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from gates.config.settings import Settings
from gates.config.stages import ALLOWING, COMMANDS, stages_of
from gates.decide.decision import decide
from gates.decide.evidence import Evidence, gather
from gates.text import noun

FRESH = timedelta(hours=1)
SHOWN = 3


@dataclass(frozen=True)
class Permission:
    """Sentences against a start; without any, `decisions` (stage -> finished at) allow it."""

    against: list[str]
    decisions: dict[str, datetime]


def permission(settings: Settings, now: datetime) -> Permission:
    """Whether both decisions allow a start at `now` (aware)."""
    found = gather(settings, now, FRESH, ALLOWING)
    against = [why for stage in ALLOWING for why in _against(settings, found, stage)]
    decisions = {stage: each.finished_at for stage, each in found.records.items()}
    return Permission(against, {} if against else decisions)


def _against(settings: Settings, found: Evidence, stage: str) -> Iterator[str]:
    again = f"run `{COMMANDS[stage]}`"
    if stage in found.missing:
        # What is not there is a reason against, never one for.
        yield found.missing[stage]
    yield from found.against.get(stage, ())
    if stage in found.records:
        decision = decide(settings, stage, found.verdicts)
        if decision.decision != "GO":
            blockers = [verdict.gate.id for verdict in decision.blockers]
            listed = ", ".join(blockers[:SHOWN]) or " ".join(decision.reasons)
            more = f" and {len(blockers) - SHOWN} more" if len(blockers) > SHOWN else ""
            yield (
                f"{stage} is {decision.decision}, expected GO ({listed}{more}); remove its "
                f"blockers and {again}."
            )
    yield from _left_out(settings, stage)


def _left_out(settings: Settings, stage: str) -> Iterator[str]:
    """A profile is for a job that decides without an operator; a backfill has one."""
    if settings.profile is None:
        return
    left_out = settings.profile.of(stages_of(stage)).left_out
    if required := [out.gate.id for out in left_out if out.gate.severity == "required"]:
        count = f"{len(required)} required {noun('gates', len(required))}"
        yield (
            f"{stage} would be decided without {count} ({required[0]}, ...), as profile "
            f"{settings.profile.name} leaves them out; run `make backfill` without GATES_PROFILE."
        )
