"""The part of the plugin that is in one process of a run: verdicts in, decision and report out."""

import os
from collections.abc import Callable, Generator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gates.config.settings import Settings, load
from gates.config.stages import stages_of
from gates.decide import drift, execution, history
from gates.decide.collector import VerdictCollector
from gates.decide.decision import EXIT_NOT_EVALUATED, Decision, decide
from gates.decide.history import History
from gates.decide.record import Record, record_file
from gates.decide.recording import Run, record
from gates.decide.records import problem
from gates.decide.verdict import Verdict
from gates.files import json_text, reason, remove, show
from gates.measure.runner import MeasurementRun
from gates.measure.seasons import with_starts
from gates.measure.series import series
from gates.report import console, ctrf, html_page, junit, markdown_summary, open_lineage

# What a worker is told: the folder that this run's processes share, and when the run started.
SHARED = "gates_shared"
STARTED = "gates_started"


def lists(config: pytest.Config) -> bool:
    """Whether this run shows what there is, and runs nothing: nothing is asked or decided."""
    listing = ("collectonly", "showfixtures", "show_fixtures_per_test")
    return any(config.getoption(name, False) for name in listing)


class Controller:
    """Collects the verdicts of all workers, prints them, decides, records, reports."""

    def __init__(
        self,
        config: pytest.Config,
        settings: Settings,
        measures: MeasurementRun,
        shared: Path,
        started: datetime,
        run_id: str,
    ) -> None:
        self._config = config
        self._settings = settings
        self._measures = measures
        self._shared = shared
        self._started = started
        self._run_id = run_id
        self._outcomes = VerdictCollector(self._settings)
        self._printed: tuple[str, str] | None = None
        self._interrupted = False
        self.decision: Decision | None = None
        # Source -> the bytes that its job was expected to read, where that was asked.
        self.estimated: Mapping[str, int] = {}
        self._record: Record | None = None
        self._past = History()
        # What was not written, a sentence each.
        self._unwritten: list[str] = []

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: Any) -> None:
        """Tell an xdist worker where this run's processes share their measurements, and when."""
        node.workerinput |= {SHARED: str(self._shared), STARTED: self._started.isoformat()}

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str]:
        """No dots: each gate has a line of its own. pytest still counts the outcomes."""
        if report.when == "call":
            return "warned" if self._outcomes.warns(report) else report.outcome, "", ""
        return "" if report.passed else "error", "", ""

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A gate file that cannot be imported costs all gates of that file."""
        if report.failed:
            self._outcomes.collection_failed(report.nodeid, str(report.longrepr))

    # Before pytest's own, which asks for the status.
    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note the outcome of a gate and print its line."""
        verdict = self._outcomes.add(report)
        if verdict is not None:
            self._print(verdict)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Ctrl-C keeps pytest's own exit status; -x and collection errors are decided on."""
        # pytest and pytest-xdist stop themselves with subclasses of KeyboardInterrupt.
        self._interrupted = type(excinfo.value) in (KeyboardInterrupt, pytest.exit.Exception)

    # The last of the wrappers: the page is there when the terminal's, around it, names it.
    @pytest.hookimpl(wrapper=True, trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> Generator[None]:
        """Decide, write the record, let the exit status say what was decided; then the page."""
        if not lists(session.config):
            self._decide(session)
        try:
            yield
        except OSError as error:
            self._lost_of_pytest(error)
        if html := self._config.getoption("htmlpath", None):
            self._write_page(Path(html))
        if xml := self._config.getoption("xmlpath", None):
            self._write_junit(Path(xml))

    def _decide(self, session: pytest.Session) -> None:
        settings, stage = self._settings, self._config.getoption("stage")
        now = datetime.now(UTC)
        of_now = history.without_record(settings, stage, now)
        past = history.before(settings.state, of_now)
        verdicts = drift.noted(self._outcomes.verdicts(), past.runs, of_now)
        decision = decide(settings, stage, verdicts, self._other_windows(stage))
        outcomes = self._measures.outcomes()
        queries = [
            outcome.query | {"bytes_estimated": self.estimated.get(outcome.source)}
            for outcome in outcomes
            if outcome.query
        ]
        seasons = self._measures.seasons()
        counts = series(with_starts(settings, seasons), stage, outcomes)
        run = Run(self._started, now, self._measures.snapshot(), queries, counts, seasons)
        file = record_file(settings.reports, stage)
        try:
            made = self._record = record(settings, decision, run, run_id=self._run_id)
            made.write(file)
        except ValidationError as error:
            why = f"what was measured fits in no record ({problem(error)}), so nothing was decided"
            self._undecided(session, f"{file}: {why}; look at what the warehouse answers.")
            return
        except OSError as error:
            why = f"{file} cannot be written ({reason(error)}), so nothing was decided"
            self._undecided(session, f"{why}; make room, or correct GATES_REPORTS, and run again.")
            return
        self.decision = decision
        self._past = history.record_run(settings.state, history.of(made), past)
        self._show(
            file.with_suffix(".md"),
            lambda: markdown_summary.page(decision, made, self._past),
        )
        self._write_for_programs(file, decision, made)
        own = {pytest.ExitCode.INTERNAL_ERROR, pytest.ExitCode.USAGE_ERROR}
        interrupted = self._interrupted and session.exitstatus != pytest.ExitCode.OK
        if session.exitstatus not in own and not interrupted:
            session.exitstatus = decision.exit_status

    def _other_windows(self, stage: str) -> list[str]:
        """What asked for other windows of the stage than those of gates.toml."""
        asked: list[str] = self._config.getoption("window")
        if not asked:
            return []
        own, now = load(os.environ, self._settings.now).windows, self._settings.windows
        other = any(own[each] != now[each] for each in own.keys() & {*stages_of(stage)})
        return asked if other else []

    def _write_for_programs(self, file: Path, decision: Decision, made: Record) -> None:
        settings, run_id = self._settings, self._run_id
        self._show(
            file.with_name("ctrf.json"), lambda: json_text(ctrf.content(decision, made, run_id))
        )
        self._show(
            file.with_name("openlineage.json"),
            lambda: json_text(open_lineage.content(settings, decision, made, run_id)),
        )

    def _undecided(self, session: pytest.Session, sentence: str) -> None:
        self._unwritten.append(sentence)
        session.exitstatus = EXIT_NOT_EVALUATED

    def _lost_of_pytest(self, error: OSError) -> None:
        """What pytest and its plugins write is not part of the decision; half of it is nothing."""
        self._unwritten.append(f"pytest's own reports were not written ({reason(error)}).")
        if xml := self._config.getoption("xmlpath", None):
            remove(Path(xml))

    def _write_page(self, html: Path) -> None:
        decision, made = self.decision, self._record
        if decision is None or made is None:
            # pytest-html's, which counts by pytest's outcomes.
            remove(html)
            return
        backfill = execution.pictured(self._settings)
        where = self._settings.console_location
        self._show(html, lambda: html_page.page(decision, made, self._past, backfill, where))

    def _write_junit(self, xml: Path) -> None:
        decision, made = self.decision, self._record
        if decision is None or made is None:
            # pytest's, in which gates of no decision have passed.
            remove(xml)
            return
        self._show(xml, lambda: junit.document(decision, made))

    def _show(self, file: Path, text: Callable[[], str]) -> None:
        if problem := show(file, text):
            self._unwritten.append(problem)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The decision, last."""
        for line in (*self._decision_lines(), *self._unwritten):
            terminalreporter.write_line(console.painted(line, terminalreporter.hasmarkup))

    def _decision_lines(self) -> list[str]:
        if self.decision is None or self._record is None:
            return []
        shown = [record_file(self._settings.reports, self.decision.stage)]
        html = self._config.getoption("htmlpath", None)
        if html and Path(html).exists():
            shown.append(Path(html))
        return [*console.decision_lines(self.decision, self._record, shown, self._past)]

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
