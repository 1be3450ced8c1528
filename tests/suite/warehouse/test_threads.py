"""While pytest runs tests, nothing of the project runs in another thread.

pytest's logging plugin walks the table of loggers around every phase of a test; a thread that
imports a library meanwhile can end a gate with "dictionary changed size during iteration".
"""

from harness import ALONE_OR_WITH_A_WORKER, GatesProject

# Notes the threads that were not there when the collection began, in every phase of every test.
PLUGIN = """
import os
import threading

import pytest

BEFORE = set()


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session):
    BEFORE.update(threading.enumerate())


def note(phase, item):
    others = [thread.name for thread in threading.enumerate() if thread not in BEFORE]
    with open("threads.txt", "a") as file:
        file.write(f"{phase} {item.nodeid} {others}\\n")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    note("setup", item)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item):
    note("call", item)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item):
    note("teardown", item)
"""


@ALONE_OR_WITH_A_WORKER
def test_no_thread_of_ours_is_there_in_any_phase_of_a_test(
    project: GatesProject, workers: str
) -> None:
    (project.folder / "noting_threads.py").write_text(PLUGIN)
    run = project.run("-p", "noting_threads", "-n", workers, "--html=reports/report.html")
    assert run.decision == "GO", run.output
    lines = (project.folder / "threads.txt").read_text().splitlines()
    assert len(lines) == 3 * len(run.statuses)
    assert [line for line in lines if not line.endswith(" []")] == []
