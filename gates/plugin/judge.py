"""`gate(measurement)` inside a test."""

import pytest

from gates.config.gate import Gate
from gates.config.waivers import Waivers
from gates.decide.collector import MEASUREMENT, to_text
from gates.decide.verdict import Verdict, judge
from gates.measure.result import Measurement


class Judge:
    """The judge of one gate: a verdict, true when the gate holds or is waived."""

    def __init__(self, gate: Gate, waivers: Waivers, item: pytest.Item) -> None:
        self._gate, self._waivers, self._item = gate, waivers, item
        self.verdict: Verdict | None = None

    def __call__(self, measurement: Measurement) -> Verdict:
        """Compare with the gate's bound in gates.toml."""
        if self.verdict is not None:
            raise RuntimeError(f"{self._gate.id} is judged twice in one test; a test has one gate.")
        self.verdict = judge(self._gate, measurement, self._waivers)
        self._item.user_properties.append((MEASUREMENT, to_text(measurement)))
        return self.verdict
