"""The pytest plugin: wiring only. Which hook does what:

load_initial_conftests  the stage's lock; delete the old record, so that none survives a usage error
configure               settings; a folder that all workers of this run share; the stage's own tests
generate_tests          one test for each column that a gate is named for
modifyitems             test -> gate; markers; a test without a gate is a usage error; one decision
collection_finish       ask every query that the selected gates need
cmdline_main            no exit status 0 but over a recorded GO, also of what runs no gates (--help)
metadata                what pytest-html says of this machine
makereport              a failure reads as the verdict's sentence

in gates/plugin/controller.py, in the one process that decides:

logreport               collect verdicts, of all workers where there are some
sessionfinish           decide, write decision.json, remember the run, set the exit status; then
                        write report.html over what pytest-html has left

Known limits of pytest-xdist and pytest-html that shape it: docs/explanation/known-limits.md.
"""

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from gates import program
from gates.config.schema import ConfigError
from gates.config.settings import Settings, load
from gates.config.stages import DECISIONS
from gates.decide.collector import gate_id
from gates.decide.only_run import RUN_ID, RefusedError, agreed, only_run
from gates.decide.only_run import SHARED as SHARED_PREFIX
from gates.files import reason, reports_folder
from gates.measure import queries
from gates.measure.runner import MeasurementRun
from gates.measure.warehouse import WarehouseError
from gates.plugin.controller import SHARED, STARTED, Controller, lists
from gates.plugin.judge import Judge

if "PYTEST_XDIST_WORKER" not in os.environ:
    # Closed, or with a reader that leaves, pytest would end with an error after everything else.
    program.keep_the_streams()

settings_key = pytest.StashKey[Settings]()
measures_key = pytest.StashKey[MeasurementRun]()
run_id_key = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """--stage and --window."""
    group = parser.getgroup("gates")
    group.addoption(
        "--stage",
        choices=sorted(DECISIONS),
        default="phase12",
        help="the decision that this run makes (default: phase12)",
    )
    group.addoption(
        "--window",
        action="append",
        default=[],
        metavar="[STAGE=]FIRST..LAST",
        help="read this window instead of that of gates.toml, of one stage or of all, e.g. "
        "phase1=2021-10-19..yesterday; or a season, e.g. 2023-24",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Before anything can go wrong: yesterday's GO must not be found after today's run."""
    # pytest-xdist says so before anything else of a worker is known.
    if "PYTEST_XDIST_WORKER" not in os.environ:
        _begin(early_config, getattr(early_config.known_args_namespace, "stage", "phase12"))


def _begin(config: pytest.Config, stage: str) -> None:
    """Hold the stage's lock until this configuration is given up."""
    held = ExitStack()
    try:
        held.enter_context(only_run(reports_folder(os.environ), stage))
    except RefusedError as problem:
        raise pytest.UsageError(str(problem)) from problem
    config.add_cleanup(held.close)
    config.stash[run_id_key] = os.environ.pop(RUN_ID, "") or uuid4().hex


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> Generator[None, int, int]:
    """What pytest says of a run, of gates or of anything else, has to agree with its record."""
    if run_id_key not in config.stash:
        return (yield)
    status = int(pytest.ExitCode.INTERNAL_ERROR)
    try:
        status = int((yield))
    finally:
        stage = config.getoption("stage")
        status = agreed(reports_folder(os.environ), stage, config.stash[run_id_key], status)
    return status


def pytest_configure(config: pytest.Config) -> None:
    """Settings, checked as a whole, before anything is collected or queried."""
    worker: dict[str, Any] | None = getattr(config, "workerinput", None)
    # One clock for all workers: midnight must not fall between what two of them ask for.
    now = datetime.fromisoformat(worker[STARTED]) if worker else datetime.now(UTC)
    try:
        settings = load(os.environ, now, config.getoption("window"))
    except ConfigError as error:
        raise pytest.UsageError(str(error)) from error
    if config.args_source is pytest.Config.ArgsSource.TESTPATHS:
        # No paths were given: those of the stages that this run decides over.
        config.args = [f"tests/{stage}" for stage in DECISIONS[config.getoption("stage")]]
    shared = Path(worker[SHARED]) if worker else _shared_folder(config, settings)
    config.stash[settings_key] = settings
    measures = config.stash[measures_key] = MeasurementRun(settings, shared)
    if worker is None:
        run_id = config.stash[run_id_key]
        controller = Controller(config, settings, measures, shared, now, run_id)
        if settings.target.budget_bytes is not None and not lists(config):
            controller.estimated = _within_budget(settings, config.getoption("stage"))
        # Without a name, which `-p no:NAME` would keep out.
        config.pluginmanager.register(controller)


def _within_budget(settings: Settings, stage: str) -> dict[str, int]:
    """Source -> the bytes that its job will read; a run above its budget does not start."""
    from gates.measure.cost import costs, over_budget

    try:
        found = costs(settings.gates_of(DECISIONS[stage]), settings)
    except WarehouseError:
        # What keeps the warehouse from saying it keeps it from answering the gates too.
        return {}
    if why := over_budget(found, settings):
        raise pytest.UsageError(why)
    return {source: job.bytes_read for job in found for source in job.sources}


def _shared_folder(config: pytest.Config, settings: Settings) -> Path:
    """For this run's processes alone, whatever a killed run's may still write into its own."""
    stage = config.getoption("stage")
    if run_id_key not in config.stash:
        _begin(config, stage)
    try:
        shared = tempfile.mkdtemp(prefix=SHARED_PREFIX, dir=settings.reports / stage)
    except OSError as error:
        raise pytest.UsageError(
            f"{settings.reports / stage} cannot be used ({reason(error)}); make room or make it "
            "writable, or correct GATES_REPORTS."
        ) from error
    config.add_cleanup(lambda: shutil.rmtree(shared, ignore_errors=True))
    # pytest's own, which it makes for workers and leaves behind.
    config.option.basetemp = config.option.basetemp or str(Path(shared, "temporary"))
    return Path(shared)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A gate with `each` in gates.toml has a test for each of its columns."""
    gates = metafunc.config.stash[settings_key].every_gate()
    name = gate_id(metafunc.definition.nodeid)
    if columns := [gate.which for gate in gates if gate.id == f"{name}[{gate.which}]"]:
        if "which" not in metafunc.fixturenames:
            # A test need not name it where its row is of the table already.
            metafunc.fixturenames.append("which")
        metafunc.parametrize("which", columns)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Bind every test to its gate, once, mark it, and keep those that this run decides over."""
    settings, seen = config.stash[settings_key], set[str]()
    every = {gate.id: gate for gate in settings.every_gate()}
    for item in items:
        name = gate_id(item.nodeid)
        gate = every.get(name)
        if gate is None:
            raise pytest.UsageError(
                f"{item.nodeid} is not a gate of gates.toml; add [{name}] there or move the test."
            )
        if name in seen:
            raise pytest.UsageError(f"{item.nodeid} is a second test of gate {name}; remove one.")
        seen.add(name)
        item.add_marker(gate.stage)
        item.add_marker(gate.kind)
    stages = DECISIONS[config.getoption("stage")]
    others = [
        item
        for item in items
        if item.path.parent.name not in stages or gate_id(item.nodeid) not in settings.gates
    ]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = [item for item in items if item not in others]


def pytest_collection_finish(session: pytest.Session) -> None:
    """All queries at once, only those that a selected gate asks for, and over before any test.

    pytest's logging plugin walks the table of loggers around every phase of a test, and breaks off
    where a thread that imports or logs adds one meanwhile.
    """
    config = session.config
    gates = config.stash[settings_key].gates
    # pytest comes here after a usage error too, with tests that are no gates.
    selected = [gates[name] for item in session.items if (name := gate_id(item.nodeid)) in gates]
    needed = {source for gate in selected for source in queries.sources_of(gate)}
    if not lists(config):
        measures = config.stash[measures_key]
        try:
            measures.start(sorted(needed))
        except ConfigError as error:
            # A file of sql/ or schemas/ that cannot be used.
            raise pytest.UsageError(str(error)) from error
        measures.wait()


@pytest.hookimpl(optionalhook=True)
def pytest_metadata(metadata: dict[str, Any]) -> None:
    """The report shows the interpreter, not a CI's environment, which may hold a token."""
    for name in metadata.keys() - {"Python", "Platform"}:
        del metadata[name]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A gate that does not hold is reported as its sentence, not as a traceback."""
    result = yield
    judge_of_item = getattr(item, "funcargs", {}).get("gate")
    if result.when == "call" and result.failed and isinstance(judge_of_item, Judge):
        verdict = judge_of_item.verdict
        if verdict is not None and not verdict:
            result.longrepr = verdict.detail
    return result
