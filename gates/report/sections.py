"""The page's table of gates: what did not pass first, then a section for each stage."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gates.config.stages import STAGES
from gates.decide.decision import Decision
from gates.decide.history import PastRun
from gates.decide.record import Record
from gates.decide.status import Status
from gates.report import worst
from gates.report.console import counted
from gates.report.rows import Asked, Row, rows
from gates.report.text_table import Table

# Of what keeps from GO, as many as one reads.
MOST_CAUSES = 30
# Of all gates together; the others are behind the commands that the page names.
MOST_KEYS = 200
STAGE_TITLES = {
    "orchestrator": "Orchestrator",
    "phase1": "Phase 1",
    "phase2": "Phase 2",
    "preflight": "Pre-flight",
    "phase4": "Phase 4",
}
COLUMNS = {
    "Step": "The step of the runbook that asks for it.",
    "Gate": "Its title and its id, which gates.toml, sql/ and tests/ have it under.",
    "Measured": "What was counted over the stage's window. A percentage is a share of rows, games "
    "or dates: its counts stand in the gate's sentence, and here when one points at the number.",
    "Unit": "What is counted; nothing for a percentage, which says it itself.",
    "Threshold": "What gates.toml asks for.",
    "Margin": "What the measured number has to spare up to its threshold, in the same unit "
    "(percentage points for a percentage); below 0 it is outside by so much.",
    "Severity": "A required gate that does not pass is a NO-GO; one that warns only is not.",
    "Outcome": "Not evaluated is what could not be measured, which is never a pass; waived is what "
    "waivers.toml lets pass, until a day.",
    "Last runs": "The measured number in up to 20 runs, the newest on the right; a mark is a run "
    "in which it did not pass.",
}


@dataclass(frozen=True)
class Section:
    """The gates of one stage, those that passed and the others."""

    title: str
    window: str
    passed: Sequence[Row]
    others: Sequence[Row]

    @property
    def gates(self) -> int:
        """How many it has."""
        return len(self.passed) + len(self.others)

    @property
    def outcomes(self) -> str:
        """2 failed, 1 not evaluated: what became of those that did not pass."""
        return ", ".join(counted(row.outcome for row in self.others))


def table(
    decision: Decision, record: Record, queries: Sequence[Asked], runs: Sequence[PastRun]
) -> dict[str, Any]:
    """What the template asks for of gates; `runs` are the last ones, this one included."""
    tables = _worst(decision, record)
    # Of those that the page names above the table, the table need not repeat them.
    blockers = [v for cause in decision.causes[:MOST_CAUSES] for v in cause.blockers]
    above = {verdict.gate.id for verdict in (*blockers, *decision.warnings)}
    below = {gate: found for gate, found in tables.items() if gate not in above}
    sections = list(_sections(decision, record, queries, runs, below))
    not_passed = [row for section in sections for row in section.others]
    return {
        "columns": COLUMNS,
        "most_causes": MOST_CAUSES,
        "worst": tables,
        "sections": sections,
        # Of the same outcome in the order of the runbook's steps.
        "not_passed": sorted(not_passed, key=lambda row: row.outcome.rank),
    }


def _sections(
    decision: Decision,
    record: Record,
    queries: Sequence[Asked],
    runs: Sequence[PastRun],
    shown: Mapping[str, Table],
) -> Iterator[Section]:
    for stage in STAGES:
        verdicts = [verdict for verdict in decision.verdicts if verdict.gate.stage == stage]
        if verdicts:
            found = rows(decision, verdicts, queries, runs, shown)
            yield Section(
                title=STAGE_TITLES[stage],
                window=" to ".join(record.windows.get(stage, ())),
                passed=[row for row in found if row.outcome is Status.PASS],
                others=[row for row in found if row.outcome is not Status.PASS],
            )


def _worst(decision: Decision, record: Record) -> dict[str, Table]:
    """Gate id -> its worst dates or first keys, of those that do not hold and have some.

    The worst outcomes first, and no more keys than the page has room for.
    """
    found, keys = dict[str, Table](), 0
    not_held = sorted((v for v in decision.verdicts if not v), key=lambda v: v.outcome.rank)
    for verdict in not_held:
        parts = worst.worst(verdict, record.series)
        if parts and keys + len(parts.rows) <= MOST_KEYS:
            found[verdict.gate.id] = parts
            keys += len(parts.rows)
    return found
