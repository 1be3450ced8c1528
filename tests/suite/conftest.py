import gc
import json
import shutil
import signal
import subprocess
from collections.abc import Callable, Generator, Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from harness import (
    LOCAL_PYTHON,
    ROOT,
    GatesProject,
    TestWarehouse,
    compile_gates,
    complete_warehouse_command,
    copy_gates,
    later_warehouse_command,
    running,
    tidy_warehouse_command,
)
from phase4_harness import Backfill, Order, Phase4, ServiceHome, TestService
from warehouse_harness import Home, calendar_file
from xdist.scheduler import LoadScopeScheduling

from gates.config import profiles, settings
from gates.decide import recording

Command = Callable[..., list[str]]
# Most tests are given the project's own gates.toml; what is made of one text serves them all.
pytest.MonkeyPatch().setattr(profiles, "read", lru_cache(maxsize=8)(profiles.read))
# Nobody writes to the gates or commits while their tests run; copies are judged by other processes.
pytest.MonkeyPatch().setattr(settings, "_gates_sha256", cache(settings._gates_sha256))
pytest.MonkeyPatch().setattr(recording, "commit", cache(recording.commit))


# Their tests share what takes seconds to make: a browser, Google's analyzer, a server of theirs.
TOGETHER = {
    *("test_any_day.py", "test_doctor.py", "test_row_policies.py"),
    *("test_untidy.py", "test_untidy_sums.py", "test_untidy_tables.py"),
    *("test_backfill_plan.py", "test_backfill_run.py", "test_phase4_service.py"),
    *("test_phase4_service_faults.py", "test_report_browser.py", "test_service_check.py"),
    *("test_service_faults.py", "test_sql.py"),
}


# Loads Google's engine, as test_sql.py does, which takes a worker most of a minute; those of
# `make oracle` beside it are to have all workers.
GOOGLE = "oracle/test_oracle.py::test_what_measures_gates_agrees"


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Test by test to whichever worker is free, but a module of TOGETHER to one."""

    def _split_scope(self, nodeid: str) -> str:
        file = "warehouse/test_sql.py" if nodeid == GOOGLE else nodeid.split("::")[0]
        return file if Path(file).name in TOGETHER else nodeid


# pytest-xdist 3.8's own xdist_group has no effect with pytest 9.2: a nodeid has become read-only.
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Scheduling:
    return Scheduling(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_xdist_auto_num_workers() -> Generator[None, int, int]:
    """One worker more than there are cores: each waits for servers an eighth of its time."""
    return (yield) + 1


def pytest_configure() -> None:
    # A shell starts what is in its background with SIGINT ignored, and so would everything that the
    # tests start and interrupt.
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


# What starts a server, a browser or Google's analyzer, is filled by one, or takes as long.
STACK = {
    *("long_search", "gates_by_make", "image", "clone"),
    *("later_home", "later_warehouse"),
    *("warehouse", "filled_home", "complete_warehouse", "complete_home", "tidy_warehouse"),
    *("project", "logs_alone", "phase4", "service", "backfill", "browser", "google", "server"),
    *("home", "tiny_home", "local_python", "reports"),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker("suite")
        # By what a test is given, so that nobody has to say it.
        needs = STACK.intersection(getattr(item, "fixturenames", ()))
        item.add_marker("stack" if needs else "fast")


def pytest_collection_finish() -> None:
    # Thousands of tests are no garbage, and looking through them for some takes long.
    gc.freeze()
    gc.set_threshold(100_000)


@pytest.fixture(scope="session")
def gates_by_make() -> None:
    """Of a test in which make runs the gates: it takes seconds although nobody answers them."""


@pytest.fixture(scope="session")
def long_search() -> None:
    """Of a test that goes through so many cases that it takes as long as one with a server."""


@pytest.fixture(scope="session")
def local_python() -> Path:
    return LOCAL_PYTHON


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder of all workers of this run."""
    base = tmp_path_factory.getbasetemp()
    return base if worker_id == "master" else base.parent


def filled(shared: Path, name: str, command: Command) -> Path:
    """A warehouse's home, filled once for all workers."""
    home = shared / name
    with FileLock(shared / f"{name}.lock"):
        if not home.exists():
            partial = shared / f"{name}-partial"
            subprocess.run(command(partial, "up"), cwd=ROOT, check=True)
            subprocess.run(command(partial, "down"), cwd=ROOT, check=True)
            partial.rename(home)
    return home


@pytest.fixture(scope="session")
def filled_home(shared: Path) -> Path:
    """A warehouse of tidy seasons before the backfill: what a test damages is all there is."""
    return filled(shared, "filled", tidy_warehouse_command)


@pytest.fixture(scope="session")
def warehouse(
    filled_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestWarehouse]:
    """This worker's own running warehouse."""
    with running(filled_home, tmp_path_factory.mktemp("warehouse") / "home") as found:
        yield found


@pytest.fixture(scope="session")
def complete_home(shared: Path) -> Path:
    """A warehouse of seasons like the platform's, after the backfill."""
    return filled(shared, "complete", complete_warehouse_command)


@pytest.fixture(scope="session")
def complete_warehouse(
    complete_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestWarehouse]:
    """This worker's own running warehouse in which Phase 4 is complete."""
    with running(complete_home, tmp_path_factory.mktemp("complete") / "home") as found:
        yield found


@pytest.fixture(scope="session")
def later_home(shared: Path) -> Path:
    """A warehouse of seasons that reach to the end of November 2026, before the backfill."""
    return filled(shared, "later", later_warehouse_command)


@pytest.fixture(scope="session")
def later_warehouse(
    later_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestWarehouse]:
    """This worker's own running warehouse of them."""
    with running(later_home, tmp_path_factory.mktemp("later") / "home") as found:
        yield found


@pytest.fixture(scope="session")
def compiled_gates(shared: Path) -> Path:
    """The gates, compiled once for all workers: that is half of what a run takes."""
    folder = shared / "gates"
    with FileLock(shared / "gates.lock"):
        if not folder.exists():
            partial = shared / "gates-partial"
            partial.mkdir()
            copy_gates(partial)
            # What one run has made of the SQL serves every copy.
            (shared / "sql-kept").mkdir()
            (partial / "sql" / "__pycache__").symlink_to(shared / "sql-kept")
            compile_gates(partial)
            partial.rename(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_home(local_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A warehouse's home with a few game dates."""
    folder = tmp_path_factory.mktemp("tiny")
    home = Home(folder / "home", local_python)
    done = home.run("reset", "--calendar", calendar_file(folder))
    assert done.returncode == 0, done.stderr
    return home.folder


@pytest.fixture
def home(tiny_home: Path, local_python: Path, tmp_path: Path) -> Iterator[Home]:
    """A test's own warehouse of a few game dates, in its first state, down."""
    home = Home(tmp_path / "home", local_python)
    shutil.copytree(tiny_home, home.folder)
    yield home
    if home.servers():
        home.run("down")
    assert not home.servers()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the gates.toml of this project."""
    (tmp_path / "gates.toml").write_bytes((ROOT / "gates.toml").read_bytes())
    return tmp_path


@pytest.fixture
def project(
    tmp_path: Path, warehouse: TestWarehouse, filled_home: Path, compiled_gates: Path
) -> GatesProject:
    """A copy of the gates, aimed at this worker's warehouse."""
    folder = tmp_path / "project"
    shutil.copytree(compiled_gates, folder, symlinks=True)
    logs = tmp_path / "logs"
    shutil.copytree(filled_home / "logs", logs)
    return GatesProject(folder, logs, warehouse.host)


# Leaves the gates of processes and logs, which are judged in no time and without a warehouse.
LOGS_ALONE = """
[profile.logs]
leave_out = [
  { gates = "phase1.[!b]*", reason = "They ask a warehouse." },
  { gates = "phase2.[!b]*", reason = "They ask a warehouse." },
]
"""


@pytest.fixture
def logs_alone(tmp_path: Path, filled_home: Path, compiled_gates: Path) -> GatesProject:
    """A copy of the gates that judges five of them, and asks no warehouse."""
    folder = tmp_path / "project"
    shutil.copytree(compiled_gates, folder, symlinks=True)
    with (folder / "gates.toml").open("a", encoding="utf-8") as config:
        config.write(LOGS_ALONE)
    return GatesProject(folder, filled_home / "logs", None, "logs")


@pytest.fixture(scope="module")
def phase4(filled_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phase4]:
    """A warehouse of this module's own: its Phase 4 is written to."""
    with running(filled_home, tmp_path_factory.mktemp("phase4") / "home") as found:
        yield Phase4(found)


@pytest.fixture(scope="module")
def faults(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("faults") / "faults.json"
    file.write_text("{}")
    return file


@pytest.fixture(scope="module")
def service(
    phase4: Phase4, faults: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestService]:
    home = ServiceHome(tmp_path_factory.mktemp("service") / "home", phase4.warehouse.host)
    yield home.up("--faults", faults)
    home.run("down")
    assert not home.servers()


@pytest.fixture
def order(faults: Path) -> Iterator[Order]:
    """Order faults for a date."""

    def write(day: object, orders: list[dict[str, Any]]) -> None:
        faults.write_text(json.dumps({str(day): orders}))

    yield write
    faults.write_text("{}")


@pytest.fixture
def backfill(project: GatesProject, phase4: Phase4, service: TestService) -> Backfill:
    project.host = phase4.warehouse.host
    return Backfill(project, service)
