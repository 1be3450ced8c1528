from gates.plugin import Judge
from gates.readback import Processors


def test_incomplete_dates(processors: Processors, gate: Judge) -> None:
    assert gate(processors.incomplete_dates)
