"""Which records are evidence at a moment, and belong together: asked by all who build on them.

`make decide`, `make handoff` and the backfill take what `gather` gives, and nothing else
(docs/decisions/0006-records-are-judged-again.md).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gates.config.settings import Settings
from gates.config.stages import ALLOWING, COMMANDS, FINAL, stages_of
from gates.decide import after_backfill, records
from gates.decide.decision import decide
from gates.decide.reason import Code, reason
from gates.decide.record import Entry, Record, Target
from gates.decide.records import MissingRecordError, Objection, RecordError
from gates.decide.status import Status
from gates.decide.verdict import Verdict, not_evaluated
from gates.measure import queries

# By how much this machine's clock and the warehouse's may differ.
SKEW = timedelta(minutes=5)


@dataclass
class Evidence:
    """The stages' records that count, a verdict for each gate that was asked for, and why not.

    `against`: stage -> sentences on a record that is there and does not count, each with what to
    do; `missing`: stage -> the sentence for one without a record; `notes`: what is to be said.
    """

    records: dict[str, Record] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)
    against: dict[str, list[Objection]] = field(default_factory=dict)
    missing: dict[str, Objection] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def without(self, objections: Iterable[tuple[str, Objection]]) -> None:
        """Drop the records of stages against which there is a sentence, and keep that."""
        for stage, why in objections:
            self.against.setdefault(stage, []).append(why)
        self.records = {s: each for s, each in self.records.items() if s not in self.against}


def gather(settings: Settings, now: datetime, fresh: timedelta, stages: Iterable[str]) -> Evidence:
    """What the records of `stages` say at `now` (aware), none of them `fresh` old or older."""
    found = _loaded(settings, stages)
    found.without(
        (stage, why)
        for stage, record in found.records.items()
        for why in objections(settings, record, now, fresh)
    )
    found.without(_apart(found.records))
    if phase4 := found.records.get("phase4"):
        after = after_backfill.read(settings, phase4)
        found.without(("phase4", why) for why in after.objections)
        found.notes += after.notes
    found.without(
        (stage, why) for stage, record in found.records.items() for why in _denied(settings, record)
    )
    for stage, record in found.records.items():
        if stage != FINAL:
            found.verdicts |= records.verdicts(settings, record)
    for stage, why in {
        **found.missing,
        **{s: each[0] for s, each in found.against.items()},
    }.items():
        if stage != FINAL:
            found.verdicts |= _unknown(settings, stage, why)
    return found


def _loaded(settings: Settings, stages: Iterable[str]) -> Evidence:
    found = Evidence()
    for stage in stages:
        try:
            found.records[stage] = records.load(settings, stage)
        except MissingRecordError as problem:
            found.missing[stage] = problem.objection
        except RecordError as problem:
            found.against[stage] = [problem.objection]
    return found


def _unknown(settings: Settings, stage: str, objection: Objection) -> dict[str, Verdict]:
    """Every gate of a stage without evidence, with why and what to do."""
    why = reason(Code.NO_EVIDENCE, objection.remedy, objection=objection.why)
    return {gate.id: not_evaluated(gate, why) for gate in settings.gates_of(stages_of(stage))}


def objections(
    settings: Settings, record: Record, now: datetime, fresh: timedelta
) -> Iterator[Objection]:
    """Why `record` alone is no evidence at `now` (aware), a sentence each."""
    stage = record.stage
    for why in (
        *_of_other_gates(settings, record),
        *_of_other_tables(settings, record),
        *_of_another_time(settings, record, now, fresh),
    ):
        yield Objection(f"{stage} {why}", _again(stage))


def _again(stage: str) -> str:
    return f"run `{COMMANDS[stage]}`"


def _of_other_gates(settings: Settings, record: Record) -> Iterator[str]:
    under, now_under = (each.name if each else None for each in (record.profile, settings.profile))
    if under != now_under:
        yield f"was decided under {_named(under)}, expected {_named(now_under)}"
        return
    if record.config_sha256 != settings.config_sha256:
        yield "was decided with another gates.toml or waivers.toml than now"
        return
    if record.gates_sha256 != settings.gates_sha256:
        yield "was decided by other gates than these (gates/, sql/, schemas/ and their tests)"
        return
    for gate in (entry.id for entry in record.gates if entry.status is Status.WAIVED):
        if not settings.waivers.holds(gate):
            yield f"was decided with a waiver of {gate} that does not hold"
    known = {gate.id for gate in settings.gates_of(stages_of(record.stage))}
    for gate, entries in Counter(entry.id for entry in record.gates).items():
        if entries > 1:
            yield f"has {entries} entries of {gate}, expected one"
        if gate not in known:
            yield f"has an entry of {gate}, which is not a gate of it"


def _named(profile: str | None) -> str:
    return f"profile {profile}" if profile else "no profile"


def _of_other_tables(settings: Settings, record: Record) -> Iterator[str]:
    windows = {
        name: [str(day) for day in settings.windows[name]]
        for name in stages_of(record.stage)
        if name in settings.windows
    }
    if record.windows != windows:
        yield "was decided over other windows than those of gates.toml"
    asked = settings.target
    here = (settings.target_name, asked.project, dict(asked.datasets))
    if (record.target.name, record.target.project, record.target.datasets) != here:
        yield f"was decided on another target than {settings.target_name} of gates.toml"
    elif settings.server and record.target.server != settings.server:
        yield f"was decided on another server ({record.target.server}) than {settings.server}"


def _of_another_time(
    settings: Settings, record: Record, now: datetime, fresh: timedelta
) -> Iterator[str]:
    hours = fresh // timedelta(hours=1)
    within = "the last hour" if hours == 1 else f"the last {hours} hours"
    began, ended, read = record.started_at, record.finished_at, record.snapshot_at
    if not timedelta(0) <= now - ended < fresh:
        yield f"was decided at {ended.isoformat()}, not within {within}"
    elif began > ended:
        yield f"was decided at {ended.isoformat()}, before it began at {began.isoformat()}"
    elif read is None:
        if any(_read_tables(settings, entry) for entry in record.gates):
            yield "does not say as of when it read the tables"
    elif not -SKEW <= now - read < fresh:
        yield f"read the tables as of {read.isoformat()}, not within {within}"
    elif record.stage != FINAL and not began - SKEW <= read <= ended + SKEW:
        yield (
            f"read the tables as of {read.isoformat()}, though it ran from {began.isoformat()} "
            f"to {ended.isoformat()} by this machine's clock, which should be right"
        )


def _read_tables(settings: Settings, entry: Entry) -> bool:
    gate = settings.gates.get(entry.id)
    if gate is None or entry.status is Status.NOT_EVALUATED:
        return False
    return queries.source_of(gate) is not None


def _apart(found: Mapping[str, Record]) -> Iterator[tuple[str, Objection]]:
    """What keeps records from belonging together, each of which is evidence alone."""
    stages = [record for stage, record in found.items() if stage != FINAL]
    if not stages:
        return
    last = max(stages, key=lambda record: record.finished_at)
    for stage, record in found.items():
        if record.target != last.target:
            places = f"({_server(record.target)}) than {last.stage} ({_server(last.target)})"
            why = f"{stage} was decided on another server {places}"
            yield stage, Objection(why, _again(stage))
    phase4 = found.get("phase4")
    for stage in ALLOWING:
        # What phase4 compares with has been seen anew since, so it has to be compared anew.
        if phase4 and stage in found and _seen(phase4) < _seen(found[stage]):
            why = (
                f"phase4 read the tables as of {_seen(phase4).isoformat()}, before {stage} did as "
                f"of {_seen(found[stage]).isoformat()}"
            )
            yield "phase4", Objection(why, _again("phase4"))


def _server(target: Target) -> str:
    return target.server or "none"


def _seen(record: Record) -> datetime:
    return record.snapshot_at or record.started_at


def _denied(settings: Settings, record: Record) -> Iterator[Objection]:
    """A record that contradicts itself: of what it says, only the worse can be believed."""
    stage = record.stage
    again = decide(settings, stage, records.verdicts(settings, record)).decision
    why = None
    if record.decision == "NO-GO" and again == "GO":
        why = "says NO-GO, and its gates say GO"
    elif record.decision == "GO" and record.blockers:
        why = "says GO, and lists what keeps from it"
    if why:
        yield Objection(f"{stage} {why}", _again(stage))
