"""The handoff's first page: the verdict, what has changed, what keeps from GO, what to do. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from gates.config.settings import Settings
from gates.config.stages import COMMANDS, DECISIONS, FINAL
from gates.config.waivers import Applied
from gates.decide.changes import Changes
from gates.decide.decision import Cause, Decision
from gates.decide.record import Record
from gates.decide.sentence import short_margin, short_value, threshold_words
from gates.decide.status import Status
from gates.decide.verdict import Verdict
from gates.report import since, worst
from gates.report.conclusion import next_action
from gates.report.markdown import Markdown, cell, link
from gates.report.provenance import moment

CLOSEST = 3
# As many as a page has room for; the sections and the reports have all.
MOST = 8
MOST_DATES = 3
MORE = Markdown("and more, in the reports")


@dataclass(frozen=True)
class Item:
    """A line of the page, with lines below it; `text` is Markdown."""

    text: Markdown
    below: Sequence[str] = ()


@dataclass(frozen=True)
class Shown:
    """What the page is made of; `files` are the names of those that go with it."""

    settings: Settings
    records: Mapping[str, Record]
    decisions: Mapping[str, Decision]
    changes: Mapping[str, Changes]
    causes: Sequence[Cause]
    waivers: Sequence[Applied]
    files: Collection[str]

    @property
    def stages(self) -> dict[str, Decision]:
        """The decisions of the stages that were run, without the final one."""
        return {stage: self.decisions[stage] for stage in DECISIONS if stage in self.decisions}

    @property
    def verdicts(self) -> list[Verdict]:
        """Every gate of those."""
        return [verdict for decision in self.stages.values() for verdict in decision.verdicts]

    def report(self, stage: str) -> Markdown:
        """A link to a stage's report, empty where it does not go with it."""
        file = f"{stage}-report.html"
        return link("report", file) if file in self.files else Markdown()

    @property
    def changed(self) -> list[Item]:
        """What is different from the run before, stage by stage."""
        return [self._changed(stage, found) for stage, found in self.changes.items()]

    def _changed(self, stage: str, changes: Changes) -> Item:
        decision = self.decisions[stage]
        verdicts = {verdict.gate.id: verdict for verdict in decision.verdicts}
        before = moment(datetime.fromisoformat(changes.since))
        said = f"{stage}, since {before}: {since.summary(changes, decision.decision)}"
        below = [f"{each.gate}: {since.change_text(each, verdicts)}" for each in changes.outcomes]
        return Item(cell(said), _first(below))

    @property
    def blockers(self) -> list[Item]:
        """What keeps from GO, each with its worst dates or keys and what to do."""
        return [self._blocker(cause) for cause in self.causes[:MOST]]

    def _blocker(self, cause: Cause) -> Item:
        first = cause.blockers[0]
        owner = [f"Owner: {cause.owners}"] if cause.owners else []
        command = [f"Rows: `{cause.command}`"] if cause.command else []
        if len(cause.blockers) > 1 or first.measured is None:
            return Item(cell(cause.text), [*owner, f"To do: {cause.remedy}"])
        below = [*self._worst(first), *owner, f"To do: {cause.remedy}", *command]
        return Item(Markdown(f"{self.place(first)}: {cell(_measured(first))}"), below)

    def _worst(self, verdict: Verdict) -> list[str]:
        record = self.records[_decided_with(verdict.gate.stage)]
        parts = worst.parts_of(verdict, record.series)
        said = "; ".join(_part(part) for part in parts[:MOST_DATES])
        return [f"Worst: {said}{' …' if len(parts) > MOST_DATES else ''}"] if parts else []

    def place(self, verdict: Verdict) -> Markdown:
        """A gate's title, linked to its place in the report where that goes with it."""
        title, stage = verdict.gate.title, _decided_with(verdict.gate.stage)
        file = f"{stage}-report.html"
        if file not in self.files:
            return Markdown(f"{cell(title)} (`{verdict.gate.id}`)")
        return link(title, file, verdict.gate.id)

    def id_of(self, verdict: Verdict) -> Markdown:
        """A gate's id, linked in the same way."""
        gate = verdict.gate
        file = f"{_decided_with(gate.stage)}-report.html"
        return link(gate.id, file, gate.id) if file in self.files else cell(gate.id)

    @property
    def closest(self) -> list[Item]:
        """The percentages that hold with the least to spare."""
        shares = [v for v in self.verdicts if v.status is Status.PASS and v.gate.unit == "%"]
        shares = sorted((v for v in shares if v.margin is not None), key=lambda v: v.margin or 0)
        return [Item(Markdown(f"{self.place(v)}: {cell(_measured(v))}")) for v in shares[:CLOSEST]]

    @property
    def warnings(self) -> list[Item]:
        """The gates that left a warning."""
        found = [v for v in self.verdicts if v.warns]
        items = [
            Item(Markdown(f"{self.place(v)}: {cell(_measured(v))}"), self._worst(v))
            for v in found[:MOST]
        ]
        return [*items, Item(MORE)] if len(found) > MOST else items

    @property
    def to_do(self) -> list[str]:
        """What the operator does next."""
        final = self.decisions.get(FINAL)
        if final is not None:
            return [next_action(self.settings, final)]
        not_run = [COMMANDS[stage] for stage in DECISIONS if stage not in self.decisions]
        no_go = [stage for stage, each in self.stages.items() if each.decision != "GO"]
        first = [f"Remove the blockers of {', '.join(no_go)} and run them again."] if no_go else []
        rest = [f"Run `{command}`." for command in (*not_run, COMMANDS[FINAL])]
        return [*first, *rest]


def _decided_with(stage: str) -> str:
    return next(decision for decision, stages in DECISIONS.items() if stage in stages)


def _measured(verdict: Verdict) -> str:
    """91.7%, at least 95% asked for (margin -3.3)."""
    gate = verdict.gate
    if verdict.measured is None or verdict.margin is None:
        return verdict.said
    value, margin = short_value(gate, verdict.measured), short_margin(gate, verdict.margin)
    unit = "" if gate.unit == "%" else f" {gate.unit}"
    return f"{value}{unit}, {threshold_words(gate)} asked for (margin {margin})"


def _part(part: worst.Part) -> str:
    return f"{part.key}: {part.found}" if part.found else part.key


def _first(lines: Sequence[str]) -> list[str]:
    return [*lines[:MOST], *([MORE] if len(lines) > MOST else [])]
