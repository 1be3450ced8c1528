import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
from phase4_harness import Order, Phase4, ServiceHome, TestService


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


@pytest.fixture(scope="module")
def phase4(filled_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Phase4]:
    """A warehouse of this module's own: its Phase 4 is written to."""
    home = tmp_path_factory.mktemp("phase4") / "home"
    shutil.copytree(filled_home, home)
    up = subprocess.run(
        warehouse_command(home, "up"), cwd=ROOT, check=True, capture_output=True, text=True
    )
    yield Phase4(TestWarehouse(up.stdout.strip()))
    subprocess.run(warehouse_command(home, "down"), cwd=ROOT, check=True)


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
