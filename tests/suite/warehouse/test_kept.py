"""What is made of sql/ is kept in files, which are believed only if they are what they say."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import GatesProject, GatesRun

from gates import kept


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder in the place of sql/__pycache__/."""
    monkeypatch.setattr(kept, "FOLDER", tmp_path / "kept")
    return tmp_path / "kept"


def made(content: Any) -> tuple[Callable[[], Any], list[None]]:
    """What makes `content`, and one entry for each time that it was asked to."""
    times: list[None] = []

    def make() -> Any:
        times.append(None)
        return content

    return make, times


def test_the_second_time_nothing_is_made(folder: Path) -> None:
    make, times = made({"text": "SELECT 1", "measures": ["a", "b"]})
    first = kept.kept("phase1/team", ("a",), make)
    assert kept.kept("phase1/team", ("a",), make) == first == make()
    assert len(times) == 2
    (file,) = folder.iterdir()
    assert file.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("name", "question"), [("phase1/team", ("b",)), ("phase1/player", ("a",))])
def test_another_question_or_name_has_its_own(folder: Path, name: str, question: object) -> None:
    kept.kept("phase1/team", ("a",), lambda: 1)
    assert kept.kept(name, question, lambda: 2) == 2
    assert kept.kept("phase1/team", ("a",), lambda: 3) == 1


def test_other_sql_is_another_question(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept.kept("phase1/team", (), lambda: 1)
    monkeypatch.setattr(kept, "_made_of", lambda: "another fingerprint")
    assert kept.kept("phase1/team", (), lambda: 2) == 2


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: text.replace("SELECT 1", "SELECT 2"),
        lambda text: "[]",
        lambda text: '{"sha256": 1}',
        lambda text: json.dumps({"sha256": None, "content": "SELECT 2"}),
        lambda text: "[" * 100_000,
        lambda text: text + " " * kept.MOST_BYTES,
    ],
    ids=["empty", "cut", "altered", "a list", "no content", "no sum", "deep", "large"],
)
def test_a_damaged_file_is_made_anew(folder: Path, damage: Callable[[str], str]) -> None:
    kept.kept("phase1/team", (), lambda: "SELECT 1")
    (file,) = folder.iterdir()
    whole = file.read_text()
    file.write_text(damage(whole))
    assert kept.kept("phase1/team", (), lambda: "SELECT 1") == "SELECT 1"
    assert file.read_text() == whole


def test_a_file_of_another_question_is_not_believed(folder: Path) -> None:
    kept.kept("phase1/team", ("a",), lambda: 1)
    (file,) = folder.iterdir()
    kept.kept("phase1/team", ("b",), lambda: 2)
    (other,) = (each for each in folder.iterdir() if each != file)
    file.write_text(other.read_text())
    assert kept.kept("phase1/team", ("a",), lambda: 1) == 1


def test_only_the_newest_of_a_name_stay(folder: Path) -> None:
    for number in range(2 * kept.MOST_FILES):
        kept.kept("phase1/team", number, lambda: 1)
        for file in folder.glob("phase1.team-*"):
            # A clock that is coarse must not decide which of them is older.
            os.utime(file, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns - 10**9))
    kept.kept("phase1/player", 0, lambda: 1)
    assert len([*folder.glob("phase1.team-*")]) == kept.MOST_FILES
    make, times = made(1)
    kept.kept("phase1/team", 2 * kept.MOST_FILES - 1, make)
    assert times == []


def test_a_folder_that_cannot_be_written_costs_time_alone(folder: Path) -> None:
    folder.write_text("a file in its place")
    make, times = made("SELECT 1")
    assert [kept.kept("phase1/team", (), make) for _ in range(2)] == ["SELECT 1"] * 2
    assert len(times) == 2


def test_a_run_of_what_is_kept_sends_the_same_and_parses_nothing(project: GatesProject) -> None:
    def texts(run: GatesRun) -> dict[str, str]:
        assert run.record is not None
        return {
            query["source"]: query["sql"].replace(run.record["snapshot_at"], "")
            for query in run.record["queries"]
        }

    # A folder of its own, so that the first run has nothing.
    folder = project.folder / "sql" / "__pycache__"
    folder.unlink()
    first = project.run()
    assert len([*folder.iterdir()]) > len(texts(first)) > 0
    script = (
        "import sys, pytest\n"
        "before = {name for name in sys.modules if name.startswith('sqlglot')}\n"
        "for name in before: sys.modules[name] = None\n"
        "status = pytest.main(['--stage', 'phase12'])\n"
        "sys.exit(int(status))"
    )
    project.record_file().unlink()
    done = project.python("-c", script)
    assert done.returncode == 0, done.stdout + done.stderr
    record = json.loads(project.record_file().read_text())
    second = GatesRun(0, done.stdout, record)
    assert second.decision == first.decision == "GO"
    assert texts(second) == texts(first)
    assert not any("9999" in text for text in texts(second).values())
