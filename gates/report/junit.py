"""The decision of a stage as JUnit's XML, for a CI system: junit.xml.

It takes the place of the file that pytest writes, for which a gate that could not be evaluated has
failed like any other and a warning is a failure.
"""

from xml.etree import ElementTree

from gates.decide.decision import Decision
from gates.decide.record import Record
from gates.decide.sentence import threshold_text
from gates.decide.status import Status
from gates.decide.verdict import Verdict
from gates.numbers import plain


def document(decision: Decision, record: Record) -> str:
    """One suite: what was not evaluated is an error, what only warns or is waived has passed.

    What the profile leaves out is skipped.
    """
    verdicts, left_out = decision.verdicts, record.profile.left_out if record.profile else []
    took = (record.finished_at - record.started_at).total_seconds()
    counts = {
        "tests": len(verdicts) + len(left_out),
        "failures": sum(_fails(verdict) for verdict in verdicts),
        "errors": sum(_errs(verdict) for verdict in verdicts),
        "skipped": len(left_out),
    }
    shared = {name: str(count) for name, count in counts.items()} | {"time": f"{took:.3f}"}
    root = ElementTree.Element("testsuites", {"name": "nba-gates"} | shared)
    started = record.started_at.isoformat(timespec="seconds")
    named = {"name": record.stage, "timestamp": started}
    suite = ElementTree.SubElement(root, "testsuite", named | shared)
    _properties(suite, {"decision": record.decision, "confidence": record.confidence})
    for verdict in verdicts:
        _add(suite, verdict)
    for each in left_out:
        ElementTree.SubElement(_case(suite, each.gate), "skipped", message=each.reason)
    ElementTree.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ElementTree.tostring(root, "unicode")}\n'


def _add(suite: ElementTree.Element, verdict: Verdict) -> None:
    gate, case = verdict.gate, _case(suite, verdict.gate.id)
    known = {"measured": verdict.measured, "margin": verdict.margin}
    _properties(
        case,
        {name: str(plain(value)) for name, value in known.items() if value is not None}
        | {"threshold": threshold_text(gate), "unit": gate.unit, "severity": gate.severity}
        | {"status": verdict.outcome.word},
    )
    if _errs(verdict) or _fails(verdict):
        kind = "error" if _errs(verdict) else "failure"
        words = {"message": verdict.said, "type": verdict.outcome.word}
        ElementTree.SubElement(case, kind, words).text = verdict.remedy
    elif verdict.warns or verdict.status is Status.WAIVED:
        ElementTree.SubElement(case, "system-out").text = verdict.detail


def _case(suite: ElementTree.Element, gate: str) -> ElementTree.Element:
    stage, source, measure = gate.split(".", 2)
    return ElementTree.SubElement(suite, "testcase", classname=f"{stage}.{source}", name=measure)


def _properties(of: ElementTree.Element, values: dict[str, str]) -> None:
    properties = ElementTree.SubElement(of, "properties")
    for name, value in values.items():
        ElementTree.SubElement(properties, "property", name=name, value=value)


def _errs(verdict: Verdict) -> bool:
    return verdict.status is Status.NOT_EVALUATED


def _fails(verdict: Verdict) -> bool:
    return verdict.blocks and not _errs(verdict)
