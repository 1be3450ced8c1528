"""`gate(measurement)` inside a test."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest

from gates.config.gate import Gate
from gates.config.waivers import Waivers
from gates.decide.collector import MEASUREMENT, to_text
from gates.decide.verdict import Verdict, judge
from gates.measure.result import Measurement


class Judge:
    """The judge of one gate: a verdict, true when the gate holds or is waived."""

    def __init__(
        self,
        gate: Gate,
        waivers: Waivers,
        item: pytest.Item,
        scheduled: Callable[[], Measurement],
        judged_from: date | None,
    ) -> None:
        self._gate, self._waivers, self._item = gate, waivers, item
        self._scheduled = scheduled
        self._judged_from = judged_from.isoformat() if judged_from else None
        self.verdict: Verdict | None = None

    def __call__(self, measurement: Measurement) -> Verdict:
        """Compare with the gate's bound in gates.toml."""
        if self.verdict is not None:
            raise RuntimeError(f"{self._gate.id} is judged twice in one test; a test has one gate.")
        if self._gate.per_game is not None and measurement.why is None:
            measurement = self._with_games(measurement)
        measurement = replace(measurement, judged_from=self._judged_from)
        self.verdict = judge(self._gate, measurement, self._waivers)
        self._item.user_properties.append((MEASUREMENT, to_text(measurement)))
        return self.verdict

    def _with_games(self, counted: Measurement) -> Measurement:
        """The same with the games of the window; without a schedule there is nothing to judge."""
        games = self._scheduled()
        if games.why is not None:
            return replace(games, query=counted.query)
        return replace(counted, scheduled=games.numerator)
