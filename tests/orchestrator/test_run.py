from gates.measure.orchestrator_log import OrchestratorLog
from gates.measure.processes import Processes
from gates.plugin.hooks import Judge


def test_stopped(processes: Processes, gate: Judge) -> None:
    assert gate(processes.stopped)


def test_phases_complete(newest_log: OrchestratorLog, gate: Judge) -> None:
    assert gate(newest_log.phases_complete)


def test_validations_passed(newest_log: OrchestratorLog, gate: Judge) -> None:
    assert gate(newest_log.validations_passed)
