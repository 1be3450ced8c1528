"""Which gates a record is of: a hash of all that decides, and of nothing that does not."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from harness import ROOT, copy_gates

from gates.config.fingerprint import of_the_gates
from gates.config.settings import load

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    copy_gates(tmp_path)
    return tmp_path


def test_a_copy_outside_git_has_the_same_gates(copied: Path) -> None:
    found = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, NOW).gates_sha256
    assert of_the_gates(copied) == of_the_gates(ROOT) == found


@pytest.mark.parametrize(
    "file",
    [
        "sql/phase2/player_games.sql",
        "schemas/nba_raw.nbac_schedule.json",
        "tests/phase4/test_factors.py",
        "conftest.py",
        "gates/decide/verdict.py",
        "gates/report/pictures/canvas.py",
        "pytest.ini",
    ],
)
def test_what_decides_is_in_it(file: str, copied: Path) -> None:
    before = of_the_gates(copied)
    with (copied / file).open("a", encoding="utf-8") as content:
        content.write("\n")
    assert of_the_gates(copied) != before


@pytest.mark.parametrize(
    "change",
    [
        ("tests/phase1/test_team_offense_games.py", None),
        ("tests/phase1/test_team_offense_games.py", "tests/phase1/test_another.py"),
        (None, "tests/phase1/test_another.py"),
        (None, "tests/conftest.py"),
        (None, "tests/phase2/conftest.py"),
    ],
    ids=["gone", "renamed", "new", "above the tests", "above all"],
)
def test_so_is_which_files_there_are(change: tuple[str | None, str | None], copied: Path) -> None:
    before = of_the_gates(copied)
    old, new = change
    text = (copied / old).read_text(encoding="utf-8") if old else ""
    if old:
        (copied / old).unlink()
    if new:
        (copied / new).write_text(text, encoding="utf-8")
    assert of_the_gates(copied) != before


def test_what_does_not_decide_is_not_in_it(copied: Path) -> None:
    before = of_the_gates(copied)
    for file in ("README.md", "backfill/plan.py", "tests/suite/test_x.py", "sql/notes.txt"):
        (copied / file).parent.mkdir(parents=True, exist_ok=True)
        (copied / file).write_text("something else", encoding="utf-8")
    shutil.rmtree(copied / "gates/__pycache__", ignore_errors=True)
    assert of_the_gates(copied) == before


@pytest.mark.parametrize(
    ("environ", "server"),
    [
        ({}, None),
        ({"BIGQUERY_EMULATOR_HOST": "h:1"}, "h:1"),
        ({"BIGQUERY_EMULATOR_HOST": "h:1", "GATES_WAREHOUSE": "h:1=embedded-a"}, "embedded-a"),
        ({"BIGQUERY_EMULATOR_HOST": "h:2", "GATES_WAREHOUSE": "h:1=embedded-a"}, "h:2"),
        ({"BIGQUERY_EMULATOR_HOST": "h:1", "GATES_WAREHOUSE": "h:1="}, "h:1"),
        ({"GATES_WAREHOUSE": "h:1=embedded-a"}, None),
        (
            {"GATES_TARGET": "bigquery", "BIGQUERY_EMULATOR_HOST": "h:1"},
            "https://bigquery.googleapis.com",
        ),
    ],
)
def test_a_server_is_known_by_its_identity_or_its_address(
    environ: dict[str, str], server: str | None
) -> None:
    found = load({"GATES_CONFIG": str(ROOT / "gates.toml"), **environ}, NOW)
    assert found.server == server
