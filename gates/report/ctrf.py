"""The decision of a stage in the Common Test Report Format (https://ctrf.io): ctrf.json."""

from collections import Counter
from datetime import datetime
from typing import Any
from uuid import UUID

from gates.decide.decision import Decision
from gates.decide.record import Record
from gates.decide.sentence import threshold_text
from gates.decide.status import Status
from gates.decide.verdict import Verdict
from gates.numbers import plain

SPEC_VERSION = "0.0.0"
# CTRF has no word for what ran and gave no answer.
_STATUS = {
    Status.FAIL: "failed",
    Status.MARGINAL: "failed",
    Status.NOT_EVALUATED: "other",
    Status.WARNING: "passed",
    Status.WAIVED: "passed",
    Status.PASS: "passed",
}
STATUSES = ("passed", "failed", "skipped", "pending", "other")


def content(decision: Decision, record: Record, run_id: str) -> dict[str, Any]:
    """The report as JSON has it, a test for each gate; `run_id` is a UUID."""
    left_out = record.profile.left_out if record.profile else []
    tests = [_test(verdict) for verdict in decision.verdicts]
    tests += [_named(each.gate, "skipped", message=each.reason) for each in left_out]
    counts = Counter(test["status"] for test in tests)
    return {
        "reportFormat": "CTRF",
        "specVersion": SPEC_VERSION,
        "reportId": str(UUID(run_id)),
        "timestamp": record.finished_at.isoformat(),
        "generatedBy": "nba-gates",
        "results": {
            "tool": {"name": "nba-gates"},
            "summary": {
                "tests": len(tests),
                **{status: counts[status] for status in STATUSES},
                "start": _milliseconds(record.started_at),
                "stop": _milliseconds(record.finished_at),
                "extra": {"decision": record.decision, "confidence": record.confidence},
            },
            "tests": tests,
        },
    }


def _test(verdict: Verdict) -> dict[str, Any]:
    gate, outcome = verdict.gate, verdict.outcome
    numbers = {"measured": verdict.measured, "margin": verdict.margin}
    known = {name: plain(value) for name, value in numbers.items() if value is not None}
    others = {"threshold": threshold_text(gate), "unit": gate.unit, "remedy": verdict.remedy}
    # What passed and has nothing to say needs no message.
    silent = verdict.status is Status.PASS and not verdict.warns
    return _named(
        gate.id,
        _STATUS[outcome],
        rawStatus=outcome.value,
        tags=[gate.kind, gate.severity],
        **({} if silent else {"message": verdict.said}),
        extra=known | others,
    )


def _named(gate: str, status: str, **others: Any) -> dict[str, Any]:
    stage, source, _ = gate.split(".", 2)
    # A gate takes no time of its own: many are judged from one job.
    return {"name": gate, "status": status, "duration": 0, "suite": [stage, source], **others}


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
