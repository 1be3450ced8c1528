"""`python -m gates COMMAND`: which commands there are, and what each takes to begin."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from harness import GATES_PYTHON, ROOT

from gates.__main__ import COMMANDS
from gates.config.stages import DECISIONS

# Where a command stands as it is typed.
WRITTEN = ["Makefile", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", ".ci/run"]
WITHOUT_WORDS = ["decide", "handoff", "adopt", "watch", "docs"]
OF_A_STAGE = ["validate", "delete-previous"]


def gates(*words: str, reports: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """`python -m gates WORDS` with nothing but Python's own library."""
    script = (
        f"import runpy, sys; sys.path.insert(0, {str(ROOT)!r}); sys.argv[0] = '-m'; "
        "runpy.run_module('gates', run_name='__main__', alter_sys=True)"
    )
    return subprocess.run(
        [sys.executable, "-I", "-S", "-c", script, *words],
        env={"GATES_REPORTS": str(reports)} if reports else {},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def test_each_command_is_the_module_of_its_name() -> None:
    modules = {file.stem for file in (ROOT / "gates/commands").glob("[!_]*.py")}
    assert {name.replace("-", "_") for name in COMMANDS} == modules


@pytest.mark.parametrize("words", [(), ("final",), ("--help",), ("",), ("__init__",)])
def test_without_a_known_command_all_are_listed(words: tuple[str, ...]) -> None:
    done = gates(*words)
    assert (done.returncode, done.stdout) == (4, "")
    first, *lines = done.stderr.splitlines()
    assert first.startswith("python -m gates COMMAND")
    assert [line.split(maxsplit=1) for line in lines] == [[*each] for each in COMMANDS.items()]


@pytest.mark.parametrize("name", WITHOUT_WORDS)
def test_words_that_a_command_does_not_take_are_refused(name: str) -> None:
    done = subprocess.run(
        [GATES_PYTHON, "-m", "gates", name, "a b"], cwd=ROOT, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == "This command takes no words, and was given 'a b'; leave them out.\n"


@pytest.mark.parametrize("name", OF_A_STAGE)
@pytest.mark.parametrize("words", [(), ("phase3",), ("../phase12",)])
def test_what_is_not_a_stage_is_refused(name: str, words: tuple[str, ...], tmp_path: Path) -> None:
    done = gates(name, *words, reports=tmp_path / "reports")
    assert (done.returncode, done.stdout) == (4, "")
    stages = ", ".join(DECISIONS)
    said = rf"'(\S*)' is not a stage, expected one of {stages}(, final)?\.\n"
    found = re.fullmatch(said, done.stderr)
    assert found is not None, done.stderr
    assert found[1] == "".join(words)
    assert [*tmp_path.iterdir()] == []


def test_what_a_run_left_is_deleted_before_anything_is_installed(tmp_path: Path) -> None:
    for stage in ("phase12", "final", "preflight"):
        (tmp_path / stage).mkdir()
        (tmp_path / stage / "decision.json").write_text("{}", encoding="utf-8")
    done = gates("delete-previous", "phase12", reports=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    left = [file.parent.name for file in tmp_path.glob("*/decision.json")]
    assert left == ["preflight"]


def test_what_is_written_down_is_a_command() -> None:
    files = [ROOT / name for name in WRITTEN]
    files += [*(ROOT / ".github/workflows").iterdir(), *(ROOT / "docs").rglob("*.md")]
    text = "\n".join(file.read_text(encoding="utf-8") for file in files)
    found = set(re.findall(r"-m gates ([^\s`]+)", text))
    assert found - {"COMMAND"} == {*COMMANDS}
    assert "-m gates.commands" not in text
