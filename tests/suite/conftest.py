import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from harness import (
    LOCAL_PYTHON,
    ROOT,
    GatesProject,
    TestWarehouse,
    copy_gates,
    warehouse_command,
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        item.add_marker("suite")


@pytest.fixture(scope="session")
def local_python() -> Path:
    return LOCAL_PYTHON


@pytest.fixture(scope="session")
def filled_home(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A warehouse's home, filled once for all workers of this run."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    home = shared / "filled"
    with FileLock(shared / "filled.lock"):
        if not home.exists():
            partial = shared / "filling"
            subprocess.run(warehouse_command(partial, "up"), cwd=ROOT, check=True)
            subprocess.run(warehouse_command(partial, "down"), cwd=ROOT, check=True)
            partial.rename(home)
    return home


@pytest.fixture(scope="session")
def warehouse(
    filled_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestWarehouse]:
    """This worker's own running warehouse."""
    home = tmp_path_factory.mktemp("warehouse") / "home"
    shutil.copytree(filled_home, home)
    up = subprocess.run(
        warehouse_command(home, "up"), cwd=ROOT, check=True, capture_output=True, text=True
    )
    try:
        yield TestWarehouse(up.stdout.strip())
    finally:
        subprocess.run(warehouse_command(home, "down"), cwd=ROOT, check=True)


@pytest.fixture
def project(tmp_path: Path, warehouse: TestWarehouse, filled_home: Path) -> GatesProject:
    """A copy of the gates, aimed at this worker's warehouse."""
    folder = tmp_path / "project"
    folder.mkdir()
    copy_gates(folder)
    logs = tmp_path / "logs"
    shutil.copytree(filled_home / "logs", logs)
    return GatesProject(folder, logs, warehouse.host)
