"""What the operator sees: a line per gate as it is judged, then the decision, as in the runbook."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gates.config import Settings
from gates.decision import Decision
from gates.stages import stages_of
from gates.tables import tables
from gates.verdict import Verdict, margin_text, threshold_text, value_text

RULE = "═" * 56


def heading(text: str) -> list[str]:
    """The runbook's three-line heading."""
    return [RULE, f"  {text}", RULE]


def source_heading(settings: Settings, stage: str, source: str) -> list[str]:
    """The heading over the gates of one source, with the window that they read."""
    window = settings.windows.get(stage)
    days = f"  {window[0]} to {window[1]}" if window and source != "backfill_log" else ""
    name = source.upper().replace("_", " ") if "_game_" not in source else source.upper()
    return ["", *heading(f"{stage.upper()}: {name}{days}")]


def gate_line(verdict: Verdict) -> str:
    """✅ Game count: 5,793 (threshold: >= 5,600, margin +193)."""
    gate = verdict.gate
    if verdict.measured is None or verdict.margin is None:
        return f"{verdict.sign} {gate.title}: not evaluated, {verdict.why}"
    value, bound = value_text(gate, verdict.measured), threshold_text(gate)
    waived = ", waived" if verdict.status == "waived" else ""
    return (
        f"{verdict.sign} {gate.title}: {value} "
        f"(threshold: {bound}, margin {margin_text(gate, verdict.margin)}){waived}"
    )


def decision_lines(
    decision: Decision, record: Mapping[str, Any], files: Sequence[Path]
) -> Iterator[str]:
    """The summary at the end: per stage, then GO or NO-GO with blockers and remedies.

    `record` is the content of decision.json, `files` where it and the report lie.
    """
    yield from ("", *heading("VALIDATION SUMMARY"))
    for stage in stages_of(decision.stage):
        yield _stage_line(decision, stage)
    for table in tables(decision.verdicts):
        yield from ("", table.title, *table.lines())
    yield ""
    yield f"DECISION: {decision.decision}"
    yield f"CONFIDENCE: {decision.confidence}"
    yield from profile_lines(decision)
    yield from waiver_lines(decision)
    yield f"REASONS: {' '.join(decision.reasons)}"
    yield from blocker_lines(decision)
    yield f"Target: {record['target']['name']} ({record['target']['project']})"
    yield f"Snapshot: {record['snapshot_at'] or 'none, no table was read'}"
    titles = ("Record", "Report")
    yield " · ".join(f"{title}: {file}" for title, file in zip(titles, files, strict=False))
    yield ""


def profile_lines(decision: Decision) -> Iterator[str]:
    """The profile and what it leaves out of the decision."""
    if decision.profile:
        yield f"PROFILE: {decision.profile.name}, which leaves {decision.profile.number} out"
        yield from (f"  - {out.text}" for out in decision.profile.left_out)


def waiver_lines(decision: Decision) -> Iterator[str]:
    """The waivers of the decision's gates, used or not."""
    if decision.waivers:
        yield "WAIVERS:"
        yield from (f"  - {applied.text}" for applied in decision.waivers)


def blocker_lines(decision: Decision) -> Iterator[str]:
    """What keeps from GO, each with its remedy and what shows the rows behind it; then warnings."""
    if decision.blockers:
        yield "BLOCKERS:"
    for cause in decision.causes:
        yield f"  - {cause.text}"
        yield f"    Remedy: {cause.remedy}"
        if cause.command:
            yield f"    Rows: {cause.command}"
    if decision.warnings:
        yield "WARNINGS:"
        yield from (f"  - {verdict.detail}" for verdict in decision.warnings)


def _stage_line(decision: Decision, stage: str) -> str:
    verdicts = [verdict for verdict in decision.verdicts if verdict.gate.stage == stage]
    left_out = len(decision.profile.of([stage]).left_out) if decision.profile else 0
    passed = sum(verdict.status == "pass" for verdict in verdicts)
    blocked = any(verdict.blocks for verdict in verdicts)
    whole = passed == len(verdicts) and not left_out
    sign = "❌" if blocked else "✅" if whole else "⚠️ "
    waived = sum(verdict.status == "waived" for verdict in verdicts)
    also = f", {waived} waived" if waived else ""
    also += f", {left_out} left out" if left_out else ""
    return f"{sign} {stage}: {passed} of {len(verdicts)} gates passed{also}"
