"""What the handoff's documents say: every figure in them stands in a record. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from gates.config.profiles import LeftOut
from gates.config.settings import Settings
from gates.config.stages import COMMANDS, DECISIONS, FINAL, STAGES
from gates.config.waivers import Applied
from gates.decide import records
from gates.decide.changes import Changes
from gates.decide.decision import Cause, Decision, decide
from gates.decide.execution import Execution
from gates.decide.record import Record
from gates.decide.record_series import Series
from gates.decide.sentence import short_margin, short_value, threshold_text
from gates.decide.verdict import Verdict
from gates.report import checklist, worst
from gates.report.conclusion import conclusion, next_action
from gates.report.first_page import MORE, Shown
from gates.report.markdown import render
from gates.report.pictures import pictures
from gates.report.pictures.backfill import BACKFILL
from gates.report.provenance import moment
from gates.report.section_picture import SectionPicture
from gates.report.text_table import Table, tables

# What the data's state comes down to (runbook 9.2 and 9.3), by gate.
STATE = (
    "phase1.team_offense_game_summary.game_count",
    "phase1.team_offense_game_summary.records_per_game",
    "phase2.player_game_summary.record_count",
    "phase2.player_game_summary.minutes_played",
    "phase2.player_game_summary.usage_rate",
    "phase2.player_game_summary.shot_zones",
    "preflight.phase3_coverage.",
    "phase4.player_composite_factors.",
    "phase4.processors.incomplete_dates",
)


@dataclass(frozen=True)
class Part:
    """The gates of one stage as a section shows them; nothing when the stage was not run."""

    verdicts: Sequence[Verdict]
    left_out: Sequence[LeftOut]

    def gates(self, page: Shown) -> Table:
        """Every gate with what was measured, linked to its place in the report."""
        heads = ("Step", "Gate", "Measured", "Threshold", "Margin", "Severity", "Outcome")
        return Table("All gates", heads, [_gate(verdict, page) for verdict in self.verdicts])

    @property
    def tables(self) -> list[Table]:
        """The runbook's tables behind them."""
        return list(tables(self.verdicts))

    @property
    def notes(self) -> list[str]:
        """The sentences of gates that did not pass, and of those that say more than a number."""
        return [v.detail for v in self.verdicts if not v or v.is_noted]


@dataclass(frozen=True)
class Figures:
    """The records of this configuration, no older than a day, and how the backfill went."""

    settings: Settings
    records: Mapping[str, Record]
    execution: Execution | None
    # Stage -> what is different from the run before, of those that had one.
    changes: Mapping[str, Changes] = field(default_factory=dict)

    @cached_property
    def decisions(self) -> dict[str, Decision]:
        """Decision by stage, `final` included, for those that were made."""
        return {
            stage: decide(self.settings, stage, records.verdicts(self.settings, record))
            for stage, record in self.records.items()
        }

    @property
    def verdicts(self) -> list[Verdict]:
        """Every gate of the stages that were run."""
        decided = [self.decisions[stage] for stage in DECISIONS if stage in self.decisions]
        return [verdict for decision in decided for verdict in decision.verdicts]

    @property
    def waivers(self) -> list[Applied]:
        """The waivers of these gates, used or not."""
        decided = [self.decisions[stage] for stage in DECISIONS if stage in self.decisions]
        return [applied for decision in decided for applied in decision.waivers]

    @property
    def left_out(self) -> list[LeftOut]:
        """What the profile keeps out of the stages that were run."""
        decided = [self.decisions[stage] for stage in DECISIONS if stage in self.decisions]
        return [out for each in decided if each.profile for out in each.profile.left_out]

    def part(self, stage: str) -> Part:
        """A section's gates."""
        return Part(
            [verdict for verdict in self.verdicts if verdict.gate.stage == stage],
            [out for out in self.left_out if out.gate.stage == stage],
        )

    @property
    def causes(self) -> list[Cause]:
        """What keeps from GO: of the final decision, or of the stages that were run."""
        decided = [self.decisions[FINAL]] if FINAL in self.decisions else self.decisions.values()
        return [cause for decision in decided for cause in decision.causes]

    @property
    def state(self) -> Table:
        """The final state of the data: what was measured of it, with the counts."""
        rows = [
            [verdict.gate.id, *_value(verdict)]
            for verdict in self.verdicts
            if verdict.gate.id.startswith(STATE) and verdict.measured is not None
        ]
        return Table("Final data state", ["measure", "value", "part", "whole"], rows)

    def first_page(self, beside: Collection[str]) -> Shown:
        """What the first page shows; `beside` are the files that go with the documents."""
        files = frozenset(beside)
        known = (self.settings, self.records, self.decisions, self.changes)
        return Shown(*known, self.causes, self.waivers, files)

    @property
    def pictures(self) -> list[SectionPicture]:
        """Those of every stage that was run, and of the backfill."""
        found = [
            picture
            for stage, decision in self.decisions.items()
            if stage != FINAL
            for picture in pictures(
                self.records[stage].gates,
                self.records[stage].series,
                failing=worst.dates(decision.verdicts, self.records[stage].series),
            )
        ]
        if self.execution:
            found += pictures((), Series(), self.execution.summary)
        # What is not printed of a page is what its tables say.
        return [SectionPicture(each) for each in found if each.printed]


def _gate(verdict: Verdict, page: Shown) -> list[str]:
    gate = verdict.gate
    return [
        gate.runbook,
        page.id_of(verdict),
        "" if verdict.measured is None else short_value(gate, verdict.measured),
        threshold_text(gate),
        "" if verdict.margin is None else short_margin(gate, verdict.margin),
        gate.severity,
        verdict.outcome.word,
    ]


def _value(verdict: Verdict) -> list[str]:
    counts = [verdict.numerator, verdict.denominator]
    if verdict.denominator is None:
        counts = [None, None]
    value = "" if verdict.measured is None else short_value(verdict.gate, verdict.measured)
    return [value, *("" if count is None else f"{float(count):,.10g}" for count in counts)]


def provenance(shown: Figures, now: datetime, who: str) -> list[tuple[str, str]]:
    """Where the figures come from, and who wrote them down where and when."""
    stages = [stage for stage in DECISIONS if stage in shown.records]
    found = [shown.records[stage] for stage in stages]
    commits = sorted({record.code_version or "unknown" for record in found})
    windows = {name: ends for record in found for name, ends in record.windows.items()}
    return [
        ("Written", f"{moment(now)} by {who}"),
        ("Commit", ", ".join(commits)),
        ("Configuration", f"SHA-256 {found[0].config_sha256}"),
        ("Target", f"{found[0].target.name} ({found[0].target.project})"),
        *((f"Window {name}", f"{first} to {last}") for name, (first, last) in windows.items()),
        *(
            (f"Snapshot {stage}", moment(record.snapshot_at) or "none, no table was read")
            for stage, record in zip(stages, found, strict=True)
        ),
        *([("Profile", shown.settings.profile.name)] if shown.settings.profile else []),
        *(("Left out", out.text) for out in shown.left_out),
        *_overrides(shown),
        *([("Waiver", applied.text) for applied in shown.waivers] or [("Waivers", "none")]),
    ]


def _overrides(shown: Figures) -> list[tuple[str, str]]:
    """Runs of the backfill that were started without both decisions, with their reasons."""
    if shown.execution is None:
        return []
    found = shown.execution.summary.overrides
    return [("Override", f"at {each.started_at.isoformat()}: {each.reason}") for each in found] or [
        ("Overrides", "none")
    ]


def documents(shown: Figures, now: datetime, who: str, beside: Sequence[str]) -> dict[str, str]:
    """File name -> text: the session's document, the next session's, a list of all files, pictures.

    `beside` are the names of the files that go with them.
    """
    drawn = shown.pictures
    handoff, day = shown.settings.handoff, now.date()
    final = shown.decisions.get(FINAL)
    phase12 = shown.decisions.get("phase12")
    ready = final is not None and final.decision == "GO"
    session, following = f"{day}-{handoff.name}.md", f"{day}-{handoff.next_name(ready)}.md"
    values = {
        "shown": shown,
        "handoff": handoff,
        "ready": ready,
        "final": final,
        "commands": COMMANDS,
        "moment": moment,
        "provenance": provenance(shown, now, who),
        "more": MORE,
        "page": shown.first_page(beside),
        "pictures": _by_section(drawn),
        "phase12": checklist.phase12(phase12) if phase12 else None,
        "training": checklist.training(final) if final else [],
        "conclusion": conclusion(shown.settings, final) if final else [],
        "next_action": next_action(shown.settings, final) if final else None,
        "session_file": session,
        "next_file": following,
        "beside": {name: describe(name) for name in beside}
        | {each.file: f"picture: {each.title}" for each in drawn},
    }
    return {
        **{each.file: each.svg for each in drawn},
        session: render("session.md", **values),
        following: render("next_session.md", **values),
        "README.md": render("handoff.md", **values),
    }


def _by_section(drawn: Sequence[SectionPicture]) -> dict[str, list[SectionPicture]]:
    """Stage, or the backfill -> its pictures."""
    found: dict[str, list[SectionPicture]] = {each: [] for each in (*STAGES, BACKFILL)}
    for each in drawn:
        # A damaged record may hold counts of anything; no section is about those.
        found.setdefault(each.about, []).append(each)
    return found


def describe(name: str) -> str:
    """A line for a file that goes with the documents, such as phase4-report.html."""
    stage, _, kind = name.partition("-")
    return {
        "decision.json": f"the record of {stage}, for programs",
        "decision.md": f"the decision of {stage}, on one page",
        "report.html": f"the report of {stage}, for people",
        "summary.json": f"the last run of the {stage}, date by date",
    }[kind]
