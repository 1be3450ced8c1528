"""The decision of a stage as Markdown, for a CI job's summary page: decision.md."""

from gates.config.stages import stages_of
from gates.decide import history
from gates.decide.changes import changes
from gates.decide.decision import Decision
from gates.decide.history import History
from gates.decide.record import Record
from gates.decide.status import Status
from gates.report import since
from gates.report.console import stage_line
from gates.report.markdown import render
from gates.report.provenance import facts
from gates.report.text_table import of_gates


def page(decision: Decision, record: Record, past: History) -> str:
    """decision.md of a stage; `past` are the runs before this one."""
    changed = changes(past.runs[-1], history.of(record)) if past.runs else None
    verdicts = {verdict.gate.id: verdict for verdict in decision.verdicts}
    return render(
        "summary.md",
        decision=decision,
        profile=record.profile,
        stages=[stage_line(decision, stage) for stage in stages_of(decision.stage)],
        problem=past.problem,
        since=changed and since.summary(changed, decision.decision),
        outcomes=[
            (change.gate, since.change_text(change, verdicts))
            for change in (changed.outcomes if changed else ())
        ],
        not_passed=of_gates([v for v in decision.verdicts if v.status is not Status.PASS]),
        provenance=facts(record),
    )
