"""What the operator sees: a line per gate as it is judged, then the decision, as in the runbook."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Self, TextIO

from gates.config import next_command
from gates.config.settings import Settings
from gates.config.stages import stages_of
from gates.decide import history
from gates.decide.changes import changes
from gates.decide.decision import Decision
from gates.decide.history import History, PastRun
from gates.decide.record import Record
from gates.decide.sentence import margin_text, threshold_text, value_text
from gates.decide.status import Status
from gates.decide.verdict import Verdict
from gates.report import since
from gates.report.provenance import snapshot
from gates.report.text_table import Table, tables

RULE = "═" * 56
NONE = History()
ROWS = 20
# An ink of the report -> the terminal's colour: red, yellow; what is good stays as it is.
_PAINT = {"bad": "31", "none": "31", "warn": "33", "GO": "1;32", "NO-GO": "1;31"}


class Line(str):
    """A line with the colour that a terminal gives it."""

    paint: str | None

    def __new__(cls, text: str, ink: str) -> Self:
        """`ink` is that of a status, or a decision."""
        line = str.__new__(cls, text)
        line.paint = _PAINT.get(ink)
        return line


def heading(text: str) -> list[str]:
    """The runbook's three-line heading."""
    return [RULE, f"  {text}", RULE]


def source_heading(settings: Settings, stage: str, source: str) -> list[str]:
    """The heading over the gates of one source, with the window that they read."""
    window = settings.windows.get(stage)
    days = f"  {window[0]} to {window[1]}" if window and source != "backfill_log" else ""
    name = source.upper().replace("_", " ") if "_game_" not in source else source.upper()
    return ["", *heading(f"{stage.upper()}: {name}{days}")]


def gate_line(verdict: Verdict) -> Line:
    """✅ Game count: 5,793 (threshold: >= 5,600, margin +193)."""
    outcome = verdict.outcome
    return Line(f"{outcome.sign} {verdict.gate.title}: {_came_to(verdict)}", outcome.ink)


def _came_to(verdict: Verdict) -> str:
    gate = verdict.gate
    if verdict.measured is None or verdict.margin is None:
        return verdict.said
    value, bound = value_text(gate, verdict.measured), threshold_text(gate)
    waived = ", waived" if verdict.status is Status.WAIVED else ""
    return f"{value} (threshold: {bound}, margin {margin_text(gate, verdict.margin)}){waived}"


def decision_lines(
    decision: Decision, record: Record, files: Sequence[Path], past: History = NONE
) -> Iterator[str]:
    """The summary at the end: per stage, then GO or NO-GO with blockers and remedies.

    `files` are where the record and the report lie, `past` the runs before this one.
    """
    yield from ("", *heading("VALIDATION SUMMARY"))
    for stage in stages_of(decision.stage):
        yield stage_line(decision, stage)
    yield from not_passed_lines(decision)
    for table in tables(decision.verdicts):
        yield from ("", table.title, *table.lines())
    yield ""
    yield decision_line(decision)
    yield f"CONFIDENCE: {decision.confidence}"
    yield from profile_lines(decision)
    yield from waiver_lines(decision)
    yield f"REASONS: {' '.join(decision.reasons)}"
    yield from blocker_lines(decision)
    yield from past_lines(past, history.of(record))
    yield f"Target: {record.target.name} ({record.target.project})"
    yield f"Snapshot: {snapshot(record)}"
    titles = ("Record", "Report")
    yield " · ".join(f"{title}: {file}" for title, file in zip(titles, files, strict=False))
    yield next_command.line(decision.next_command)
    yield ""


def decision_line(decision: Decision) -> Line:
    """DECISION: GO."""
    return Line(f"DECISION: {decision.decision}", decision.decision)


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
        if cause.owners:
            yield f"    Owner: {cause.owners}"
        yield f"    Remedy: {cause.remedy}"
        if cause.command:
            yield f"    Rows: {cause.command}"
    if decision.warnings:
        yield "WARNINGS:"
        for verdict in decision.warnings:
            yield f"  - {verdict.detail}"
            if verdict.gate.owner:
                yield f"    Owner: {verdict.gate.owner}"


def not_passed_lines(decision: Decision) -> Iterator[str]:
    """The gates that did not pass, by source, as a table that fits into 80 columns."""
    others = [verdict for verdict in decision.verdicts if verdict.status is not Status.PASS]
    if not others:
        return
    rows = [row for _, group in groupby(others[:ROWS], key=_source) for row in _rows(list(group))]
    yield from ("", *Table("", ("not passed", "measured", "threshold"), rows).lines())
    if len(others) > ROWS:
        yield f"and {len(others) - ROWS:,} more, all of them in the record"


def _source(verdict: Verdict) -> str:
    return f"{verdict.gate.stage}.{verdict.gate.source}"


def _rows(verdicts: list[Verdict]) -> Iterator[list[str]]:
    yield [_source(verdicts[0]), "", ""]
    for verdict in verdicts:
        gate = verdict.gate
        measured = "" if verdict.measured is None else value_text(gate, verdict.measured)
        name = gate.id.removeprefix(f"{_source(verdict)}.")
        yield [f"{verdict.outcome.sign.strip()} {name}", measured, threshold_text(gate)]


def past_lines(past: History, run: PastRun) -> Iterator[str]:
    """What has changed since the last run, in a line or two; or why that is not known."""
    if past.problem:
        yield f"HISTORY: {past.problem}"
    elif past.runs:
        changed = changes(past.runs[-1], run)
        yield f"SINCE THE LAST RUN: {since.summary(changed, run.decision)}"


def has_colour(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether lines may be coloured: on a terminal, unless NO_COLOR is set."""
    return stream.isatty() and not environ.get("NO_COLOR")


def painted(line: str, colour: bool) -> str:
    """The line in the colour of its outcome, which its sign or word says too."""
    paint = getattr(line, "paint", None)
    return f"\x1b[{paint}m{line}\x1b[0m" if colour and paint else line


def stage_line(decision: Decision, stage: str) -> Line:
    """✅ phase1: 22 of 22 gates passed, and what became of the others."""
    verdicts = [verdict for verdict in decision.verdicts if verdict.gate.stage == stage]
    passed = sum(verdict.status is Status.PASS for verdict in verdicts)
    left_out = len(decision.profile.of([stage]).left_out) if decision.profile else 0
    whole = passed == len(verdicts) and not left_out
    status = Status.PASS if whole else Status.WARNING
    if any(verdict.blocks for verdict in verdicts):
        status = Status.FAIL
    said = [f"{passed} of {len(verdicts)} gates passed"]
    said += counted(verdict.outcome for verdict in verdicts)
    said += [f"{left_out} left out"] if left_out else []
    return Line(f"{status.sign} {stage}: {', '.join(said)}", status.ink)


def counted(outcomes: Iterable[Status]) -> list[str]:
    """2 failed; 1 not evaluated: what became of those that did not pass, the worst first."""
    found = Counter(outcomes)
    return [
        f"{found[each]} {each.counted}"
        for each in Status
        if found[each] and each is not Status.PASS
    ]
