"""pytest's reports -> one verdict per gate. Only a measured pass of a test that ran is a pass."""

import json
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

import pytest

from gates.config.settings import Settings
from gates.decide.reason import Code, Reason, reason
from gates.decide.status import Status
from gates.decide.verdict import Verdict, judge, not_evaluated
from gates.measure.result import Measurement
from gates.numbers import exact
from gates.text import one_line

MEASUREMENT = "measurement"
REPAIR = "Repair the test or what it needs, then run the stage again."
_NODE = re.compile(
    r"tests/(?P<stage>\w+)/test_(?P<source>\w+)\.py::test_(?P<measure>\w+)(?P<which>\[.+\])?"
)


def gate_id(nodeid: str) -> str:
    """tests/<stage>/test_<source>.py::test_<measure> -> <stage>.<source>.<measure>, else ''."""
    found = _NODE.fullmatch(nodeid)
    if found is None:
        return ""
    return f"{found['stage']}.{found['source']}.{found['measure']}{found['which'] or ''}"


class VerdictCollector:
    """The verdicts of a run so far; a gate that had a bad outcome once never becomes a pass."""

    def __init__(self, settings: Settings) -> None:
        self._gates, self._waivers = settings.gates, settings.waivers
        self._verdicts: dict[str, Verdict] = {}

    def verdicts(self) -> Mapping[str, Verdict]:
        """Gate id -> verdict; a gate that is not in here did not run."""
        return self._verdicts

    def add(self, report: pytest.TestReport) -> Verdict | None:
        """Take in one report; the gate's verdict if this report is what decides it."""
        gate = self._gates.get(gate_id(report.nodeid))
        if gate is None or (report.when != "call" and report.passed):
            return None
        known = self._verdicts.get(gate.id)
        if known is not None and not known:
            return None
        measurement = _measurement(report)
        why = _not_ran(report, measurement)
        if why is None and measurement is not None:
            verdict = judge(gate, measurement, self._waivers)
            if report.failed and verdict:
                why = _because(Code.FAILED_AFTERWARDS, error=_line(report.longrepr))
        if why is not None:
            verdict = not_evaluated(gate, why)
        if known and known.status is Status.WAIVED and verdict.status is Status.PASS:
            return None
        self._verdicts[gate.id] = verdict
        return verdict

    def warns(self, report: pytest.TestReport) -> bool:
        """Whether a test that pytest has as failed leaves a warning and nothing more."""
        verdict = self._verdicts.get(gate_id(report.nodeid))
        return report.failed and verdict is not None and verdict.warns

    def collection_failed(self, nodeid: str, error: str) -> None:
        """A file or folder of gates that cannot be imported: none of its gates can be judged."""
        place = PurePosixPath(nodeid)
        why = _because(Code.NOT_IMPORTED, place=nodeid or "the tests", error=_line(error))
        prefix = ".".join(place.parts[1:]).removesuffix(".py").replace(".test_", ".")
        for gate in self._gates.values():
            if f"{gate.id}.".startswith(f"{prefix}.") or not prefix:
                self._verdicts[gate.id] = not_evaluated(gate, why)


def to_text(measurement: Measurement) -> str:
    """A measurement on its way from a worker to the controller, and in junit.xml.

    Text, because anything else (a Fraction, a Decimal) ends an xdist worker.
    """
    known = {name: value for name, value in vars(measurement).items() if value is not None}
    return json.dumps(known, default=str, ensure_ascii=False)


def from_text(text: str) -> Measurement:
    """The measurement that `to_text` made into text."""
    known = json.loads(text)
    for name in known.keys() & {"numerator", "denominator", "scheduled"}:
        known[name] = exact(known[name])
    return Measurement(**known)


def _measurement(report: pytest.TestReport) -> Measurement | None:
    texts = [str(value) for name, value in report.user_properties if name == MEASUREMENT]
    return from_text(texts[-1]) if texts else None


def _not_ran(report: pytest.TestReport, measurement: Measurement | None) -> Reason | None:
    """Why `report` is not evidence at all; None when a measurement stands behind it."""
    error = _line(report.longrepr)
    if hasattr(report, "wasxfail"):
        return _because(Code.EXPECTED_FAILURE)
    if report.skipped:
        return _because(Code.SKIPPED, error=error)
    if report.when == "call":
        if measurement is not None:
            return None
        failed = report.failed
        return _because(Code.CRASHED, error=error) if failed else _because(Code.NOTHING_MEASURED)
    if report.when in ("setup", "teardown"):
        return _because(Code.FIXTURE_FAILED, phase=report.when, error=error)
    return _because(Code.WORKER_CRASHED, error=error)


def _because(code: Code, **parameters: str) -> Reason:
    return reason(code, REPAIR, **parameters)


def _line(error: object) -> str:
    """The line of a traceback that says what happened."""
    text = str(error[2] if isinstance(error, tuple) else error or "").strip()
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["no reason was given"]
    marked = [line[1:].strip() for line in lines if line.startswith("E ")]
    return one_line((marked or lines[-1:])[0]).rstrip(".")
