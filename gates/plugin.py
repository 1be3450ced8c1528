"""The pytest plugin: wiring only. Which hook does what:

load_initial_conftests  delete the old record, so that none survives even a usage error
configure               settings; a folder that all workers of this run share
generate_tests          one test for each column that a gate is named for
modifyitems             test -> gate; markers; a test without a gate is a usage error; one decision
collection_finish       start every query that the selected gates need
metadata                what pytest-html says of this machine
makereport              a failure reads as the verdict's sentence
logreport               collect verdicts (in the controller, when there are workers)
sessionfinish           decide, write decision.json, remember the run, set the exit status
unconfigure             write report.html over what pytest-html has left

Known limits of pytest-xdist and pytest-html that shape it: docs/known-limits.md.
"""

import os
import shutil
import tempfile
from collections.abc import Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gates import console, execution, history, markdown_summary, pictures, report, sql
from gates.config import Settings, load, reports_folder
from gates.decision import (
    EXIT_NOT_EVALUATED,
    Decision,
    Run,
    decide,
    forget,
    record,
    record_file,
    write,
    write_text,
)
from gates.history import Past
from gates.measure import Measures
from gates.measurement import Measurement
from gates.outcomes import MEASUREMENT, Outcomes, gate_id, to_text
from gates.series import series
from gates.stages import DECISIONS
from gates.toml_file import ConfigError
from gates.verdict import Verdict, judge
from gates.warehouse import in_background

SHARED = "gates_shared"
STARTED = "gates_started"
settings_key = pytest.StashKey[Settings]()
measures_key = pytest.StashKey[Measures]()


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
        metavar="STAGE=FIRST..LAST",
        help="read this window instead of that of gates.toml, e.g. phase1=2021-10-19..yesterday",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Before anything can go wrong: yesterday's GO must not be found after today's run."""
    stage = getattr(early_config.known_args_namespace, "stage", "phase12")
    forget(reports_folder(os.environ), stage)


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
    shared = Path(worker[SHARED] if worker else tempfile.mkdtemp(prefix="gates-"))
    if config.getoption("showfixtures") or config.getoption("show_fixtures_per_test"):
        raise pytest.UsageError("A run of the gates decides; --fixtures would end as a GO does.")
    config.stash[settings_key] = settings
    config.stash[measures_key] = Measures(settings, shared)
    if worker is None:
        config.pluginmanager.register(Controller(config, shared, now), "gates-controller")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A gate with `each` in gates.toml has a test for each of its columns."""
    if "which" in metafunc.fixturenames:
        gates = metafunc.config.stash[settings_key].every_gate()
        name = gate_id(metafunc.definition.nodeid)
        columns = [gate.which for gate in gates if gate.id == f"{name}[{gate.which}]"]
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
                f"{item.nodeid} is no gate of gates.toml; add [{name}] there or move the test."
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
    """All queries at once, and only those that a selected gate asks for."""
    config = session.config
    gates = config.stash[settings_key].gates
    # pytest comes here after a usage error too, with tests that are no gates.
    selected = [gates[name] for item in session.items if (name := gate_id(item.nodeid)) in gates]
    needed = {sql.source_of(gate) for gate in selected}
    if not config.getoption("collectonly"):
        config.stash[measures_key].start(sorted(source for source in needed if source))
        if config.getoption("htmlpath", None) and not hasattr(config, "workerinput"):
            in_background(pictures.prepare)


@pytest.hookimpl(optionalhook=True)
def pytest_metadata(metadata: dict[str, Any]) -> None:
    """The report shows the interpreter, not a CI's environment, which may hold a token."""
    for name in metadata.keys() - {"Python", "Platform"}:
        del metadata[name]


@pytest.fixture(scope="session")
def settings(pytestconfig: pytest.Config) -> Settings:
    """The checked settings of this run."""
    return pytestconfig.stash[settings_key]


@pytest.fixture(scope="session")
def measures(pytestconfig: pytest.Config) -> Measures:
    """The measurements of this run."""
    return pytestconfig.stash[measures_key]


class Judge:
    """`gate(measurement)` inside a test: a verdict, true when the gate holds or is waived."""

    def __init__(self, settings: Settings, item: pytest.Item) -> None:
        self._gate, self._waivers = settings.gates[gate_id(item.nodeid)], settings.waivers
        self._item = item
        self.verdict: Verdict | None = None

    def __call__(self, measurement: Measurement) -> Verdict:
        """Compare with this test's bound in gates.toml."""
        if self.verdict is not None:
            raise RuntimeError(f"{self._gate.id} is judged twice in one test; a test has one gate.")
        self.verdict = judge(self._gate, measurement, self._waivers)
        self._item.user_properties.append((MEASUREMENT, to_text(measurement)))
        return self.verdict


@pytest.fixture
def gate(request: pytest.FixtureRequest, settings: Settings) -> Judge:
    """The judge of this test's gate."""
    return Judge(settings, request.node)


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


class Controller:
    """The one process that collects verdicts, prints them and decides."""

    def __init__(self, config: pytest.Config, shared: Path, started: datetime) -> None:
        self._config = config
        self._shared = shared
        self._settings = config.stash[settings_key]
        self._started = started
        self._outcomes = Outcomes(self._settings)
        self._printed: tuple[str, str] | None = None
        self._interrupted = False
        self.decision: Decision | None = None
        self._record: dict[str, Any] = {}
        self._past = Past()

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell an xdist worker where this run's processes share their measurements, and when."""
        node.workerinput |= {SHARED: str(self._shared), STARTED: self._started.isoformat()}

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str]:
        """No dots: each gate has a line of its own. pytest still counts the outcomes."""
        if report.when == "call" or not report.passed:
            return report.outcome if report.when == "call" else "error", "", ""
        return "", "", ""

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A gate file that cannot be imported costs all gates of that file."""
        if report.failed:
            self._outcomes.collection_failed(report.nodeid, str(report.longrepr))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note the outcome of a gate and print its line."""
        verdict = self._outcomes.add(report)
        if verdict is not None:
            self._print(verdict)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Ctrl-C keeps pytest's own exit status; -x and collection errors are decided on."""
        # pytest and pytest-xdist stop themselves with subclasses of KeyboardInterrupt.
        self._interrupted = type(excinfo.value) in (KeyboardInterrupt, pytest.exit.Exception)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Decide, write the record, and let the exit status say what was decided."""
        if session.config.getoption("collectonly"):
            # What collects tests and judges none must not end as a GO does.
            if session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = EXIT_NOT_EVALUATED
            return
        settings, stage = self._settings, self._config.getoption("stage")
        measures = self._config.stash[measures_key]
        self.decision = decide(settings, stage, self._outcomes.verdicts())
        outcomes = measures.outcomes()
        queries = [outcome.query for outcome in outcomes if outcome.query]
        counts = series(settings, stage, outcomes)
        run = Run(self._started, datetime.now(UTC), measures.snapshot(), queries, counts)
        self._record = record(settings, self.decision, run)
        file = record_file(settings.reports, stage)
        write(file, self._record)
        self._past = history.remember(settings.state, self._record)
        text = markdown_summary.page(self.decision, self._record, self._past)
        write_text(file.with_suffix(".md"), text)
        own = {pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR}
        interrupted = self._interrupted and session.exitstatus != pytest.ExitCode.OK
        if session.exitstatus not in own and not interrupted:
            session.exitstatus = self.decision.exit_status

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The decision, last."""
        if self.decision is None:
            return
        folder = record_file(self._settings.reports, self.decision.stage).parent
        shown = [folder / "decision.json"]
        if html := self._config.getoption("htmlpath", None):
            shown.append(Path(html))
        lines = console.decision_lines(self.decision, self._record, shown, self._past)
        for line in lines:
            terminalreporter.write_line(console.painted(line, terminalreporter.hasmarkup))

    def pytest_unconfigure(self) -> None:
        """The page, over pytest-html's; what the processes of this run shared goes."""
        html = self._config.getoption("htmlpath", None)
        if html and self.decision is not None:
            backfill = execution.pictured(self._settings)
            page = report.page(self.decision, self._record, self._past, backfill)
            write_text(Path(html), page)
        shutil.rmtree(self._shared, ignore_errors=True)

    def _print(self, verdict: Verdict) -> None:
        terminal = self._config.pluginmanager.get_plugin("terminalreporter")
        if terminal is None:
            return
        place = (verdict.gate.stage, verdict.gate.source)
        lines = [] if place == self._printed else console.source_heading(self._settings, *place)
        self._printed = place
        terminal.ensure_newline()
        for line in (*lines, console.gate_line(verdict)):
            terminal.write_line(console.painted(line, terminal.hasmarkup))
