"""What the final decision comes to, in the runbook's words: checklists, 8.2, 8.3."""

from collections.abc import Iterator, Mapping

from gates.config.settings import Settings
from gates.config.stages import COMMANDS, DECISIONS, FINAL
from gates.decide.decision import Decision
from gates.decide.record import Record
from gates.decide.status import Status
from gates.report import checklist
from gates.report.console import (
    Line,
    blocker_lines,
    decision_line,
    heading,
    not_passed_lines,
    profile_lines,
    waiver_lines,
)
from gates.report.provenance import moment
from gates.report.text_table import Table


def next_action(settings: Settings, decision: Decision) -> str:
    """What the operator does now."""
    session = (
        f"Session {settings.handoff.session + 1} ({settings.handoff.next_title.replace('-', ' ')})"
    )
    if decision.decision == "GO":
        return f"Proceed to {session}."
    return f"Do not start {session}; remove the blockers, then run `{COMMANDS[FINAL]}` again."


def conclusion(settings: Settings, decision: Decision) -> list[str]:
    """The runbook's 8.2 or 8.3."""
    session = f"Session {settings.handoff.session + 1}"
    if decision.decision == "GO":
        return [
            Line(f"{Status.PASS.sign} ML TRAINING: GO DECISION", Status.PASS.ink),
            f"Ready to proceed to {session}",
            *(f"Expected, not measured: {each}" for each in settings.handoff.expected),
        ]
    return [
        Line(f"{Status.FAIL.sign} ML TRAINING: NO-GO DECISION", Status.FAIL.ink),
        f"Blockers identified: {len(decision.blockers)}",
        f"DO NOT start {session} until resolved",
    ]


def stages_table(records: Mapping[str, Record]) -> Table:
    """What was decided of each stage, and when, from the records that count."""
    heads = ["stage", "decision", "confidence", "finished", "snapshot"]
    return Table("Stages", heads, [_stage(stage, records.get(stage)) for stage in DECISIONS])


def _stage(stage: str, record: Record | None) -> list[str]:
    if record is None:
        return [stage, "no valid record", "", "", ""]
    times = [moment(record.finished_at), moment(record.snapshot_at)]
    return [stage, record.decision, record.confidence, *times]


def screen(settings: Settings, decision: Decision, records: Mapping[str, Record]) -> Iterator[str]:
    """What `make decide` prints."""
    yield from ("", *heading("ML TRAINING GO/NO-GO DECISION"))
    for block in checklist.of(decision):
        yield from ("", f"{block.title}:")
        yield from (Line(f"{i.status.sign} {i.text}", i.status.ink) for i in block.items)
    yield from ("", *stages_table(records).lines())
    yield from (*not_passed_lines(decision), "")
    yield decision_line(decision)
    yield f"CONFIDENCE: {decision.confidence}"
    yield from profile_lines(decision)
    yield from waiver_lines(decision)
    yield f"REASONING: {' '.join(decision.reasons)}"
    yield f"NEXT ACTION: {next_action(settings, decision)}"
    yield from blocker_lines(decision)
    yield from ("", *conclusion(settings, decision))
