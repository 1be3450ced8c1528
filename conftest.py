"""The fixtures of the gates' tests, all of them: `python -m pytest --fixtures` lists them.

Which row, table or log a test is given follows from its own place, as the id of its gate does.
"""

import pytest

from gates.config.gate import Gate
from gates.config.settings import Settings
from gates.decide.collector import gate_id
from gates.measure.job_log import BackfillLog
from gates.measure.job_log import backfill_log as read_backfill_log
from gates.measure.orchestrator_log import OrchestratorLog, orchestrator_log
from gates.measure.processes import Processes, running
from gates.measure.queries import schedule_of, source_of
from gates.measure.readback import SOURCE, Processors
from gates.measure.result import Measurement, Row
from gates.measure.runner import MeasurementRun
from gates.plugin.hooks import measures_key, settings_key
from gates.plugin.judge import Judge


@pytest.fixture(scope="session")
def settings(pytestconfig: pytest.Config) -> Settings:
    """The checked settings of this run: windows, thresholds, waivers, target."""
    return pytestconfig.stash[settings_key]


@pytest.fixture(scope="session")
def measures(pytestconfig: pytest.Config) -> MeasurementRun:
    """The measurements of this run, made in BigQuery before the first test."""
    return pytestconfig.stash[measures_key]


@pytest.fixture
def entry(request: pytest.FixtureRequest, settings: Settings) -> Gate:
    """The gate that this test is the test of, as gates.toml has it."""
    return settings.gates[gate_id(request.node.nodeid)]


@pytest.fixture
def gate(
    request: pytest.FixtureRequest, entry: Gate, settings: Settings, measures: MeasurementRun
) -> Judge:
    """The judge of this test's gate: `assert gate(measurement)`."""

    def scheduled() -> Measurement:
        found: Measurement = measures.of(schedule_of(entry.stage)).scheduled_games
        return found

    window = settings.windows.get(entry.stage)
    judged_from = window and measures.calendar.judged_from(*window, entry.from_day)
    return Judge(entry, settings.waivers, request.node, scheduled, judged_from)


@pytest.fixture
def row(entry: Gate, measures: MeasurementRun) -> Row:
    """What sql/<stage>/<source>.sql has counted, an attribute for each measure."""
    source = source_of(entry)
    if source is None:
        raise LookupError(f"no file under sql/ measures {entry.id}; add it")
    return measures.of(source)


@pytest.fixture
def processors(measures: MeasurementRun, settings: Settings) -> Processors:
    """What Phase 4's tables hold of each date of the schedule."""
    return Processors(measures.outcome_of(SOURCE), settings.backfill)


@pytest.fixture(scope="module")
def backfill_log(request: pytest.FixtureRequest, settings: Settings) -> BackfillLog:
    """The log of the job that has filled the stage's table."""
    return read_backfill_log(settings, request.path.parent.name)


@pytest.fixture(scope="module")
def orchestrator(settings: Settings) -> OrchestratorLog:
    """The orchestrator's newest log."""
    return orchestrator_log(settings)


@pytest.fixture(scope="module")
def processes(settings: Settings) -> Processes:
    """The orchestrator's processes that still run."""
    return running(settings.processes["orchestrator"])
