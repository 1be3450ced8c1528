"""What of a run a receiver has to be told, because it is worse than it was told, or well again.

Nothing is told twice: a run is held against all that was told (gates/decide/announced.py), not
against the run before it, so what came and went in between is no news.
docs/decisions/0013-worse-is-news.md says what is worse, and why.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from gates.config.calendar import today
from gates.config.routes import Receiver, Severity
from gates.config.settings import Settings
from gates.config.stages import stages_of
from gates.config.waivers import Waiver
from gates.decide import drift
from gates.decide.announced import Place, Told, ToldGate, ToldWaiver
from gates.decide.history import PastRun, same
from gates.decide.verdict import Verdict
from gates.numbers import exact, plain

# Days before a waiver's end on which it is told.
NOTICES = (7, 1)


class Kind(StrEnum):
    """What is new of a gate, in the order of a message."""

    BEGINS = "begins"
    WORSE = "worse"
    GOES_ON = "goes on"
    EXPIRES = "expires"
    WELL = "well"


@dataclass(frozen=True)
class StageRun:
    """A run of a stage as it ended: `missing` says why it left no record, and then it has no gates.

    `runs` come before it, oldest first.
    """

    run: PastRun
    verdicts: Mapping[str, Verdict]
    missing: str | None
    runs: Sequence[PastRun]

    @property
    def place(self) -> Place:
        """Whose run it is."""
        run = self.run
        return Place(stage=run.stage, target=run.target, project=run.project, profile=run.profile)


@dataclass(frozen=True)
class News:
    """What is new of a gate; no verdict where it is not asked for any more.

    `before` is how it was told, `waiver` the one that ends in `days`.
    """

    kind: Kind
    gate: str
    owner: str | None
    severity: Severity
    verdict: Verdict | None = None
    before: ToldGate | None = None
    waiver: Waiver | None = None
    days: int = 0


@dataclass(frozen=True)
class StageNews:
    """What one receiver has to be told of a run; `told` is what it was told before.

    `verdict`: it is another one than was told; `record`: there is none, or there is one again.
    """

    run: StageRun
    told: Told | None
    verdict: bool
    record: bool
    reminds: bool
    gates: Sequence[News]

    def __bool__(self) -> bool:
        return self.verdict or self.record or self.reminds or bool(self.gates)

    def told_now(self, receiver: str, now: datetime) -> Told:
        """What the receiver has been told once this was sent, at `now` (aware)."""
        run, told = self.run.run, self.told
        finished_at = datetime.fromisoformat(run.finished_at)
        as_before = told is not None and told.decision == run.decision
        return Told(
            receiver=receiver,
            place=self.run.place,
            decision=run.decision,
            since=told.since if told is not None and as_before else finished_at,
            finished_at=finished_at,
            sent_at=now,
            no_record=self.run.missing is not None,
            gates=_gates_told(self),
            waivers=_waivers_told(self),
        )


def of(settings: Settings, run: StageRun, told: Told | None, receiver: Receiver) -> StageNews:
    """What `receiver` has to be told of a run, if anything, by the clock of `settings`."""
    gates = [
        *_gates(run, told, receiver),
        *_waivers(settings, run.run.stage, told, receiver),
    ]
    decision, no_record = (told.decision, told.no_record) if told else ("GO", False)
    found = StageNews(
        run=run,
        told=told,
        verdict=receiver.takes_verdicts and run.run.decision != decision,
        record=receiver.takes_verdicts and (run.missing is not None) != no_record,
        reminds=False,
        gates=gates,
    )
    if found or told is None or not _is_due(settings, run, told):
        return found
    still = [*_still(run, receiver)]
    reminds = bool(still) or (receiver.takes_verdicts and run.missing is not None)
    return StageNews(run, told, verdict=False, record=False, reminds=reminds, gates=still)


def severity_of(verdict: Verdict) -> Severity | None:
    """Whether a gate blocks or warns; None where it does neither."""
    if verdict.blocks:
        return "blocker"
    return "warning" if verdict.warns else None


def _gates(run: StageRun, told: Told | None, receiver: Receiver) -> Iterator[News]:
    known = told.gates if told else {}
    for gate, verdict in run.verdicts.items():
        before, owner = known.get(gate), verdict.gate.owner
        severity = severity_of(verdict)
        if severity is None:
            # Whoever was told that it fails hears that it is well, whatever the routes are now.
            if before:
                yield News(Kind.WELL, gate, owner, before.severity, verdict, before)
        elif (kind := _kind(verdict, severity, before, run)) and receiver.takes(owner, severity):
            yield News(kind, gate, owner, severity, verdict, before)
    if run.missing is None:
        for gate in sorted(known.keys() - run.verdicts.keys()):
            yield News(Kind.WELL, gate, None, known[gate].severity, before=known[gate])


def _kind(
    verdict: Verdict, severity: Severity, before: ToldGate | None, run: StageRun
) -> Kind | None:
    if before is None or before.severity != severity:
        return Kind.BEGINS
    if verdict.status.rank < before.status.rank:
        return Kind.BEGINS
    return Kind.WORSE if _is_worse(verdict, before, run) else None


def _is_worse(verdict: Verdict, before: ToldGate, run: StageRun) -> bool:
    """Whether what does not hold has moved away from its bound by more than is usual.

    Where too few runs know what is usual, by a tenth of what it lacked.
    """
    if verdict or verdict.measured is None or before.measured is None:
        return False
    bound = verdict.gate.bound
    was, now = exact(before.measured), exact(plain(verdict.measured))
    lost = bound.margin(was) - bound.margin(now)
    if lost <= 0 or same(float(was), float(now)):
        return False
    usual = drift.usual_step(verdict.gate, run.runs, run.run) or 0
    return lost > usual and lost >= drift.SHARE * abs(bound.margin(was))


def _waivers(
    settings: Settings, stage: str, told: Told | None, receiver: Receiver
) -> Iterator[News]:
    known = told.waivers if told else {}
    for gate in settings.gates_of(stages_of(stage)):
        waiver = settings.waivers.by_gate.get(gate.id)
        # What its end leads to.
        severity: Severity = "blocker" if gate.severity == "required" else "warning"
        if waiver is None or not receiver.takes(gate.owner, severity):
            continue
        days = (waiver.expires - settings.waivers.today).days
        if (notice := _notice(days)) and notice != _notice_told(waiver, known.get(gate.id)):
            yield News(Kind.EXPIRES, gate.id, gate.owner, severity, waiver=waiver, days=days)


def _notice(days: int) -> int | None:
    """Which notice is due so many days before the end; None where none is, or it is over."""
    return min((notice for notice in NOTICES if 0 <= days <= notice), default=None)


def _notice_told(waiver: Waiver, told: ToldWaiver | None) -> int | None:
    is_same = told is not None and told.expires == waiver.expires.isoformat()
    return _notice(told.days) if told is not None and is_same else None


def _is_due(settings: Settings, run: StageRun, told: Told) -> bool:
    """Whether a NO-GO was told so many days ago that somebody should be reminded of it."""
    days = settings.announce.remind_after_days
    # By the date, because a daily job is now a minute early and now a minute late.
    passed = (today(settings.now) - today(told.sent_at)).days
    return days is not None and run.run.decision == "NO-GO" and passed >= days


def _still(run: StageRun, receiver: Receiver) -> Iterator[News]:
    for gate, verdict in run.verdicts.items():
        if verdict.blocks and receiver.takes(verdict.gate.owner, "blocker"):
            yield News(Kind.GOES_ON, gate, verdict.gate.owner, "blocker", verdict)


def _gates_told(news: StageNews) -> dict[str, ToldGate]:
    gates = dict(news.told.gates) if news.told else {}
    for each in news.gates:
        if each.kind is Kind.WELL:
            gates.pop(each.gate, None)
        # A reminder leaves the worst that was told, so that it is not told again.
        elif each.verdict is not None and each.kind is not Kind.GOES_ON:
            measured = plain(each.verdict.measured)
            gates[each.gate] = ToldGate(
                severity=each.severity, status=each.verdict.status, measured=measured
            )
    return gates


def _waivers_told(news: StageNews) -> dict[str, ToldWaiver]:
    waivers = dict(news.told.waivers) if news.told else {}
    return waivers | {
        each.gate: ToldWaiver(expires=each.waiver.expires.isoformat(), days=each.days)
        for each in news.gates
        if each.waiver is not None
    }
