"""The part of the plugin that is in one process of a run: verdicts in, decision and report out."""

import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gates import console, execution, history, markdown_summary, report
from gates.config import Settings
from gates.decision import (
    EXIT_NOT_EVALUATED,
    Decision,
    Run,
    decide,
    record,
    record_file,
)
from gates.files import write_json, write_text
from gates.history import Past
from gates.measure import Measures
from gates.outcomes import Outcomes
from gates.series import series
from gates.verdict import Verdict

# What a worker is told: the folder that this run's processes share, and when the run started.
SHARED = "gates_shared"
STARTED = "gates_started"


class Controller:
    """Collects the verdicts of all workers, prints them, decides, records, reports."""

    def __init__(
        self,
        config: pytest.Config,
        settings: Settings,
        measures: Measures,
        shared: Path,
        started: datetime,
    ) -> None:
        self._config = config
        self._settings = settings
        self._measures = measures
        self._shared = shared
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
        self.decision = decide(settings, stage, self._outcomes.verdicts())
        outcomes = self._measures.outcomes()
        queries = [outcome.query for outcome in outcomes if outcome.query]
        counts = series(settings, stage, outcomes)
        run = Run(self._started, datetime.now(UTC), self._measures.snapshot(), queries, counts)
        self._record = record(settings, self.decision, run)
        file = record_file(settings.reports, stage)
        write_json(file, self._record)
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
