"""However a run ends, and whatever else runs: its record and its exit status agree, nothing is
left behind, and the operator gets a sentence in place of a traceback."""

import json
import os
import re
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from harness import GATES_PYTHON, MEASURED, GatesProject

# What a run leaves that is asked for no page.
WRITTEN = {"decision.json", "decision.md", "ctrf.json", "openlineage.json"}
REPORTS = "reports/phase12"
# A gate that says that it has begun and then waits for a word.
WAITING = """
    import pathlib, time
    pathlib.Path("begun").touch()
    while not pathlib.Path("go").exists():
        time.sleep(0.02)
"""
# Where Ctrl-C may come: while a plugin is imported, or in one of pytest's hooks.
EARLY = {
    "import": "raise KeyboardInterrupt",
    "addoption": "def pytest_addoption(parser): raise KeyboardInterrupt",
    "configure": "def pytest_configure(config): raise KeyboardInterrupt",
    "collection": "def pytest_collection(session): raise KeyboardInterrupt",
    "queries": "def pytest_collection_finish(session): raise KeyboardInterrupt",
    "test": "def pytest_runtest_call(item): raise KeyboardInterrupt",
    "record": "def pytest_sessionfinish(session): raise KeyboardInterrupt",
    "summary": "def pytest_terminal_summary(terminalreporter): raise KeyboardInterrupt",
    "end": "def pytest_unconfigure(config): raise KeyboardInterrupt",
}
PROGRAMS = {
    "validate": ["gates", "validate", "phase12"],
    "pytest": ["pytest", "-p", "gates.plugin.hooks"],
    "delete-previous": ["gates", "delete-previous", "phase12"],
    "decide": ["gates", "decide"],
    "handoff": ["gates", "handoff"],
    "diagnose": ["gates", "diagnose", "phase1.backfill_log.success_rate"],
    "adopt": ["gates", "adopt"],
    "columns": ["gates", "columns"],
    "compare": ["gates", "compare", "one.json", "other.json"],
    "announce": ["gates", "announce", "phase12", "--link", "x"],
    "watch": ["gates", "watch"],
    "status": ["backfill", "status"],
    "plan": ["backfill", "plan"],
}
# Those that need Python's own library alone.
PLAIN = ("delete-previous", "watch")
each_program = pytest.mark.parametrize("name", PROGRAMS)


class Started:
    """A run in a process group of its own, with a folder for temporary files of its own."""

    def __init__(
        self, project: GatesProject, *words: str, environ: dict[str, str] | None = None
    ) -> None:
        self._project = project
        self.temporary = project.folder.parent / "temporary"
        self.temporary.mkdir(exist_ok=True)
        self.process = subprocess.Popen(
            [GATES_PYTHON, "-m", *words],
            cwd=project.folder,
            env={**(environ or project.environ()), "TMPDIR": str(self.temporary)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def wait_until_begun(self) -> int:
        """Until a gate waits; the process that holds the lock, which is pytest's."""
        until(lambda: (self._project.folder / "begun").exists())
        text = (self._project.folder / REPORTS / ".lock").read_text(encoding="utf-8")
        return int(text.split()[1])

    def end(self) -> tuple[int, str]:
        """The exit status and all that was printed."""
        printed, errors = self.process.communicate(timeout=120)
        return self.process.returncode, printed + errors


def unmeasured(project: GatesProject) -> dict[str, str]:
    """Without coverage, which imports and writes what is its own in a program that it measures."""
    return {name: each for name, each in project.environ().items() if name not in MEASURED}


def until(holds: Callable[[], bool]) -> None:
    """Wait, but not for ever."""
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def left(project: GatesProject) -> set[str]:
    """What lies in the stage's folder."""
    return {path.name for path in (project.folder / REPORTS).iterdir()}


@pytest.fixture
def waiting(logs_alone: GatesProject) -> Iterator[GatesProject]:
    """A project in which a gate waits."""
    file = logs_alone.folder / "tests/phase1/test_backfill_log.py"
    text = file.read_text(encoding="utf-8")
    head, name, rest = text.partition("def test_success_rate(")
    assert name
    signature, colon, body = rest.partition(":\n")
    file.write_text(head + name + signature + colon + WAITING + body, encoding="utf-8")
    yield logs_alone
    (logs_alone.folder / "go").touch()


def test_a_second_run_is_refused_with_the_first_ones_process(waiting: GatesProject) -> None:
    first = Started(waiting, "gates", "validate", "phase12")
    process = first.wait_until_begun()
    os.kill(process, 0)
    for words, status in (
        (("gates", "validate", "phase12"), 6),
        (("gates", "delete-previous", "phase12"), 6),
        (("pytest",), 4),
        (("gates", "decide"), 6),
    ):
        done = waiting.python("-m", *words)
        assert done.returncode == status
        assert f"A run of phase12 is under way, process {process} on " in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    # Another stage is not a second run.
    other = waiting.run(stage="preflight", environ={"BIGQUERY_EMULATOR_HOST": "127.0.0.1:9"})
    assert other.record is not None
    (waiting.folder / "go").touch()
    status, printed = first.end()
    assert (status, "DECISION: GO" in printed) == (0, True)
    assert json.loads(waiting.record_file().read_text())["decision"] == "GO"


@pytest.mark.parametrize("workers", ["0", "1"])
def test_a_killed_run_holds_nothing_and_the_next_one_tidies_up(
    waiting: GatesProject, workers: str
) -> None:
    first = Started(waiting, "gates", "validate", "phase12", "-n", workers)
    first.wait_until_begun()
    (waiting.folder / REPORTS / ".partial-decision.json-x").write_text("{", encoding="utf-8")
    os.killpg(first.process.pid, signal.SIGKILL)
    first.end()
    assert not waiting.record_file().exists()
    (waiting.folder / "go").touch()
    assert waiting.run().status == 0
    assert left(waiting) == {".lock", *WRITTEN}
    assert list(first.temporary.iterdir()) == []


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 2)]
)
def test_a_signal_to_the_program_that_make_runs_is_pytests(
    waiting: GatesProject, number: signal.Signals, status: int
) -> None:
    run = Started(waiting, "gates", "validate", "phase12")
    run.wait_until_begun()
    os.kill(run.process.pid, number)
    ended, printed = run.end()
    assert ended == status
    assert "Traceback" not in printed
    # After Ctrl-C there is a record: what was not judged is not evaluated.
    record = WRITTEN if number == signal.SIGINT else set()
    assert left(waiting) == {".lock", *record}
    assert list(run.temporary.iterdir()) == []


def test_a_killed_pytest_is_said_and_tidied_up_after(waiting: GatesProject) -> None:
    run = Started(waiting, "gates", "validate", "phase12")
    os.kill(run.wait_until_begun(), signal.SIGKILL)
    status, printed = run.end()
    assert status == 137
    assert "pytest was ended by signal 9, so it left no record; run `make validate-" in printed
    assert left(waiting) == {".lock"}


@pytest.mark.parametrize("moment", EARLY)
def test_ctrl_c_at_any_moment_is_no_go_and_no_traceback(
    logs_alone: GatesProject, moment: str
) -> None:
    (logs_alone.folder / "breaking.py").write_text(EARLY[moment], encoding="utf-8")
    run = logs_alone.run("-p", "breaking")
    assert run.status in (2, 130)
    assert run.decision != "GO"
    assert "Traceback" not in run.output
    assert "nterrupt" in run.output
    assert left(logs_alone) <= {".lock", *WRITTEN}


@pytest.mark.parametrize(
    ("name", "module"),
    [
        *(
            ("validate", module)
            for module in ("pytest", "gates/plugin/hooks", "gates/files", "json")
        ),
        *((name, "json") for name in PLAIN),
        *((name, "pydantic") for name in PROGRAMS if name not in ("validate", "pytest", *PLAIN)),
        ("pytest", "gates/plugin/controller"),
    ],
)
def test_ctrl_c_while_a_program_is_imported(
    logs_alone: GatesProject, name: str, module: str
) -> None:
    file = logs_alone.folder / f"{module}.py"
    file.write_text("raise KeyboardInterrupt\n", encoding="utf-8")
    status, printed = Started(logs_alone, *PROGRAMS[name], environ=unmeasured(logs_alone)).end()
    # Python ends itself by the signal where nothing else has.
    assert status in (130, -signal.SIGINT)
    assert printed == "Interrupted.\n"


DRAWING_FAILS = """
from gates.report import html_page, markdown_summary
def fail(*words): raise RuntimeError("no colours\\nleft")
html_page.page = markdown_summary.page = fail
"""


def test_a_page_that_cannot_be_drawn_changes_no_verdict(logs_alone: GatesProject) -> None:
    (logs_alone.folder / "breaking.py").write_text(DRAWING_FAILS, encoding="utf-8")
    html = logs_alone.folder / REPORTS / "report.html"
    run = logs_alone.run("-p", "breaking", f"--html={html}", "--self-contained-html")
    assert (run.status, run.decision) == (0, "GO")
    assert "Traceback" not in run.output
    assert "report.html was not written (RuntimeError: no colours left); the record" in run.output
    assert left(logs_alone) == {".lock", *WRITTEN} - {"decision.md"}


def test_what_pytest_itself_cannot_write_changes_no_verdict(logs_alone: GatesProject) -> None:
    run = logs_alone.run("--junitxml=gates.toml/junit.xml")
    assert (run.status, run.decision) == (0, "GO")
    assert "Traceback" not in run.output
    assert "pytest's own reports were not written (File exists)." in run.output


# Bytes that a file may have, as where a disk is full: at the first file, or at the record, or ...
@pytest.mark.parametrize("size", [0, 100, 1_000, 5_000, 20_000, 60_000])
def test_a_full_disk_leaves_whole_files_and_a_sentence(logs_alone: GatesProject, size: int) -> None:
    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    folder = logs_alone.folder / REPORTS
    folder.mkdir(parents=True)
    logs_alone.record_file().write_text('{"decision": "GO", "gates": []}', encoding="utf-8")
    files = [f"--html={folder}/report.html", f"--junitxml={folder}/junit.xml"]
    done = subprocess.run(
        [GATES_PYTHON, "-m", "gates", "validate", "phase12", *files, "--self-contained-html"],
        cwd=logs_alone.folder,
        env=unmeasured(logs_alone),
        capture_output=True,
        text=True,
        preexec_fn=limited,
    )
    printed = done.stdout + done.stderr
    assert "Traceback" not in printed
    file = logs_alone.record_file()
    decision = json.loads(file.read_text(encoding="utf-8"))["decision"] if file.exists() else None
    assert (done.returncode == 0) == (decision == "GO")
    assert done.returncode in (0, 6)
    ends = {"decision.json": "}", "decision.md": "", "report.html": "</html>", "junit.xml": "s>"}
    ends |= {"ctrf.json": "}", "openlineage.json": "}"}
    assert left(logs_alone) <= {".lock", *ends}
    for name in left(logs_alone) - {".lock"}:
        text = (folder / name).read_text(encoding="utf-8")
        assert text.strip()
        assert text.rstrip().endswith(ends[name])
    if not ends.keys() <= left(logs_alone):
        # Without room for anything pytest does not even begin.
        assert ("File too large" if size else "cannot be used (") in printed


def test_reports_that_cannot_be_written_are_a_sentence(logs_alone: GatesProject) -> None:
    (logs_alone.folder / "file").write_text("", encoding="utf-8")
    for reports in ("file", "file/below", "/proc/reports"):
        for words, status in ((["gates", "validate", "phase12"], 6), (["pytest"], 4)):
            done = logs_alone.python("-m", *words, environ={"GATES_REPORTS": reports})
            assert done.returncode == status
            # The folder that could not be made: the stage's, or the one it stands in.
            assert re.search(rf"{reports}(/phase12)? cannot be used \(", done.stderr), done.stderr
            assert len(done.stderr.strip().splitlines()) == 1
        done = logs_alone.python("-m", "gates", "decide", environ={"GATES_REPORTS": reports})
        assert (done.returncode, len(done.stderr.strip().splitlines())) == (6, 1)


@pytest.mark.parametrize("name", ["decision.md", "junit.xml", "openlineage.json"])
def test_no_go_is_left_over_where_the_rest_cannot_be_deleted(
    logs_alone: GatesProject, name: str
) -> None:
    reports = logs_alone.folder / "reports"
    for stage in ("phase12", "final"):
        (reports / stage).mkdir(parents=True)
        (reports / stage / "decision.json").write_text('{"decision": "GO"}', encoding="utf-8")
    (reports / "phase12" / name / "x").mkdir(parents=True)
    run = logs_alone.run()
    assert run.status == 6
    assert f"{name} cannot be used (Is a directory); make room" in run.output
    assert [*reports.glob("*/decision.json")] == []


def test_a_state_that_cannot_be_written_costs_the_history_alone(logs_alone: GatesProject) -> None:
    (logs_alone.folder / "state").write_text("", encoding="utf-8")
    run = logs_alone.run()
    assert (run.status, run.decision) == (0, "GO")
    assert "HISTORY: The history state/history.sqlite cannot be used (" in run.output
    for name in ("status", "plan", "announce", "decide", "handoff"):
        done = logs_alone.python("-m", *PROGRAMS[name])
        assert "Traceback" not in done.stdout + done.stderr


@each_program
@pytest.mark.parametrize("how", [">&-", ">&- 2>&-", "<&-", "| head -n 1", "2>&1 | head -c 1"])
def test_a_closed_output_changes_no_exit_status(
    logs_alone: GatesProject, name: str, how: str
) -> None:
    def ended(how: str) -> tuple[int, str]:
        words = " ".join([str(GATES_PYTHON), "-m", *PROGRAMS[name]])
        command = f"{words} {how}; exit ${{PIPESTATUS[0]}}"
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=logs_alone.folder,
            env=logs_alone.environ(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout + done.stderr

    status, printed = ended(how)
    assert status == ended("")[0]
    assert "Traceback" not in printed
    assert "Exception" not in printed
    if name == "validate":
        assert status == 0


def test_what_a_program_could_not_print_is_an_error_of_its_own(logs_alone: GatesProject) -> None:
    words = [str(GATES_PYTHON), "-m", *PROGRAMS["diagnose"]]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            words, cwd=logs_alone.folder, env=logs_alone.environ(), stdout=full,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == (
        "The standard output cannot be used (No space left on device); correct it.\n"
    )
