import pytest

from gates.config.settings import Settings
from gates.measure.orchestrator_log import OrchestratorLog, orchestrator_log
from gates.measure.processes import Processes, running


@pytest.fixture(scope="session")
def processes(settings: Settings) -> Processes:
    return running(settings.processes["orchestrator"])


@pytest.fixture(scope="session")
def newest_log(settings: Settings) -> OrchestratorLog:
    return orchestrator_log(settings)
