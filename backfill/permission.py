"""Whether the backfill may start: both decisions GO, of this configuration, and fresh."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from gates import records
from gates.config import Settings
from gates.stages import COMMANDS

# The decisions that have to be GO before a date is sent.
ALLOWING = ("phase12", "preflight")
FRESH = timedelta(hours=1)


def reasons_against(settings: Settings, now: datetime) -> list[str]:
    """One sentence per reason not to start at `now` (aware); empty when both decisions allow it."""
    return [reason for stage in ALLOWING for reason in _against(settings, stage, now)]


def _against(settings: Settings, stage: str, now: datetime) -> Iterator[str]:
    try:
        record = records.load(settings, stage)
    except records.RecordError as problem:
        # What cannot be read is a reason against, never one for.
        yield str(problem)
        return
    if record.decision != "GO":
        again = f"run `{COMMANDS[stage]}`"
        yield f"{stage} is {record.decision}, expected GO; remove its blockers and {again}."
    yield from records.objections(settings, record, now, FRESH)
