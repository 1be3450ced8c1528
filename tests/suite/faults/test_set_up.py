"""The environments that make sets up: made once, made anew when the set-up was broken off."""

import os
import shutil
import signal
import subprocess
import sys
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
    for name in ("Makefile", "requirements/install.py", "requirements/uv.txt"):
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
    subprocess.run([clone / ".venv/bin/python", "-c", "import sys"], check=True)


def test_where_uv_fails_pip_installs_the_same(clone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uv = clone / "bin/uv"
    uv.parent.mkdir()
    uv.write_text("#!/bin/sh\necho no index >&2\nexit 2\n", encoding="utf-8")
    uv.chmod(0o755)
    monkeypatch.setenv("PATH", str(uv.parent), prepend=os.pathsep)
    process = make(clone)
    output = process.communicate(timeout=300)[0]
    assert process.returncode == 0, output
    assert "no index\nuv could not make .venv; pip tries" in output
    assert "uv = " not in (clone / ".venv/pyvenv.cfg").read_text(encoding="utf-8")
    subprocess.run([clone / ".venv/bin/python", "-c", "import sys"], check=True)


def test_uv_looks_for_packages_where_pip_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tmp_path / "pip.conf"
    settings.write_text(
        "[global]\nindex-url = https://a.example/simple\n"
        "extra-index-url = https://b.example/simple\n  https://c.example/simple\n"
        "find-links = /d /e\ntrusted-host = a.example\n",
        encoding="utf-8",
    )
    for name in [name for name in os.environ if name.startswith(("PIP_", "UV_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(settings))
    uv = tmp_path / "uv"
    uv.write_text('#!/bin/sh\nenv > "$0.told"\n', encoding="utf-8")
    uv.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("UV_INDEX", "https://mine.example/simple")
    requirements = tmp_path / "nothing.txt"
    requirements.write_text("", encoding="utf-8")
    # The Python that makes environments has pip; one that uv has made has none.
    python = Path(sys.base_prefix) / "bin/python3"
    script = [str(python), str(ROOT / "requirements/install.py")]
    # No environment has come of it, which is where `ready` would stand.
    subprocess.run([*script, tmp_path / "environment", requirements], check=False)
    told = (tmp_path / "uv.told").read_text(encoding="utf-8").splitlines()
    assert {
        "UV_DEFAULT_INDEX=https://a.example/simple",
        # What the operator has told uv stays.
        "UV_INDEX=https://mine.example/simple",
        "UV_FIND_LINKS=/d,/e",
        "UV_INSECURE_HOST=a.example",
        "UV_PYTHON_DOWNLOADS=never",
    } <= set(told)


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
    subprocess.run([clone / ".venv/bin/python", "-c", "import sys"], check=True)


@pytest.mark.soak
def test_a_requirement_that_cannot_be_installed_leaves_no_environment(clone: Path) -> None:
    requirements = clone / "requirements/gates.txt"
    requirements.write_text("not a requirement\n", encoding="utf-8")
    process = make(clone)
    output = process.communicate(timeout=300)[0]
    assert process.returncode == 2
    assert "Traceback" not in output
    assert not (clone / TARGET).exists()
