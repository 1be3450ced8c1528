"""What the handoff's documents say: every figure in them stands in a record. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from gates.config.profiles import LeftOut
from gates.config.settings import Settings
from gates.config.stages import COMMANDS, DECISIONS, FINAL
from gates.config.waivers import Applied
from gates.decide import records
from gates.decide.decision import Cause, Decision, decide
from gates.decide.execution import Execution
from gates.decide.record import Record
from gates.decide.sentence import margin_text, value_text
from gates.decide.status import Status
from gates.decide.verdict import Verdict
from gates.report import checklist
from gates.report.conclusion import conclusion, next_action
from gates.report.markdown import render
from gates.report.provenance import moment
from gates.report.text_table import Table, of_gates, tables

CLOSEST = 3
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

    @property
    def gates(self) -> Table:
        """Every gate with what was measured."""
        return of_gates(self.verdicts)

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
    def warnings(self) -> list[Verdict]:
        """The gates that left a warning."""
        return [verdict for verdict in self.verdicts if verdict.warns]

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

    @property
    def closest(self) -> list[str]:
        """The percentages that hold with the least to spare."""
        shares = [
            v
            for v in self.verdicts
            if v.status is Status.PASS and v.gate.unit == "%" and v.margin is not None
        ]
        shares.sort(key=lambda verdict: verdict.margin or 0)
        return [
            f"{v.gate.id}: {value_text(v.gate, v.measured)}, margin {margin_text(v.gate, v.margin)}"
            for v in shares[:CLOSEST]
            if v.measured is not None and v.margin is not None
        ]


def _value(verdict: Verdict) -> list[str]:
    counts = [verdict.numerator, verdict.denominator]
    if verdict.denominator is None:
        counts = [None, None]
    value = "" if verdict.measured is None else value_text(verdict.gate, verdict.measured)
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
    """File name -> text: the session's document, the next session's, and a list of all files."""
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
        "phase12": checklist.phase12(phase12) if phase12 else None,
        "training": checklist.training(final) if final else [],
        "conclusion": conclusion(shown.settings, final) if final else [],
        "next_action": next_action(shown.settings, final) if final else None,
        "session_file": session,
        "next_file": following,
        "beside": {name: describe(name) for name in beside},
    }
    return {
        session: render("session.md", **values),
        following: render("next_session.md", **values),
        "README.md": render("handoff.md", **values),
    }


def describe(name: str) -> str:
    """A line for a file that goes with the documents, such as phase4-report.html."""
    stage, _, kind = name.partition("-")
    return {
        "decision.json": f"the record of {stage}, for programs",
        "decision.md": f"the decision of {stage}, on one page",
        "report.html": f"the report of {stage}, for people",
        "summary.json": f"the last run of the {stage}, date by date",
    }[kind]
