from gates.measure.orchestrator_log import OrchestratorLog
from gates.measure.processes import Processes
from gates.plugin.judge import Judge


def test_stopped(processes: Processes, gate: Judge) -> None:
    assert gate(processes.stopped)


def test_phases_complete(orchestrator: OrchestratorLog, gate: Judge) -> None:
    assert gate(orchestrator.phases_complete)


def test_validations_passed(orchestrator: OrchestratorLog, gate: Judge) -> None:
    assert gate(orchestrator.validations_passed)
