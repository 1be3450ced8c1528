from gates.measure.readback import Processors
from gates.plugin.judge import Judge


def test_incomplete_dates(processors: Processors, gate: Judge) -> None:
    assert gate(processors.incomplete_dates)
