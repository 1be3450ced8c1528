"""The environments that make sets up: made once, made anew when the set-up was broken off."""

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from harness import ROOT

TARGET = ".venv/ready"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A project whose environment needs nothing, so that it is quick to make."""
    folder = tmp_path / "clone"
    (folder / "requirements").mkdir(parents=True)
    for name in ("Makefile", "requirements/install.py"):
        shutil.copy(ROOT / name, folder / name)
    (folder / "requirements/gates.txt").write_text("", encoding="utf-8")
    return folder


def make(folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        ["make", TARGET],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def test_two_makes_at_once_set_up_one_environment(clone: Path) -> None:
    both = [make(clone) for _ in range(2)]
    outputs = [process.communicate(timeout=300)[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert "".join(outputs).count("Installing") == 1
    subprocess.run([clone / ".venv/bin/python", "-c", "import pip"], check=True)


@pytest.mark.soak
def test_a_set_up_that_was_killed_is_begun_anew(clone: Path) -> None:
    first = make(clone)
    deadline = time.monotonic() + 120
    while not (clone / ".venv/bin/python").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    assert not (clone / TARGET).exists()
    again = make(clone)
    output = again.communicate(timeout=300)[0]
    assert (again.returncode, output.count("Installing")) == (0, 1), output
    subprocess.run([clone / ".venv/bin/python", "-c", "import pip"], check=True)


@pytest.mark.soak
def test_a_requirement_that_cannot_be_installed_leaves_no_environment(clone: Path) -> None:
    requirements = clone / "requirements/gates.txt"
    requirements.write_text("not a requirement\n", encoding="utf-8")
    process = make(clone)
    output = process.communicate(timeout=300)[0]
    assert process.returncode == 2
    assert "Traceback" not in output
    assert not (clone / TARGET).exists()
