"""A first state is made once on a machine, and believed only if it is the one that is asked for."""

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from harness import ROOT, TestWarehouse
from warehouse_harness import DAYS, GAMES, Home, calendar_file, count

from gates.config.settings import load
from local import home as files
from local.warehouse import made_before

COPIED = "was filled with a copy of an earlier fill"
GENERATED = "generated nba_raw.nbac_schedule"


class Machine:
    """Homes on one machine, which keeps first states in one folder."""

    def __init__(self, folder: Path, python: Path) -> None:
        self.kept = folder / "cache/nba-gates"
        self._folder, self._python = folder, python
        self._homes: list[Home] = []

    def fill(self, calendar: Path) -> tuple[str, int]:
        """What filling another home says, and the rows that come of it."""
        home = Home(self._folder / f"home-{len(self._homes)}", self._python)
        self._homes.append(home)
        done = home.run("up", "--calendar", calendar, "--made-before", self.kept)
        assert done.returncode == 0, done.stderr
        return done.stderr, count(TestWarehouse(done.stdout.strip()))

    def first_states(self) -> list[Path]:
        return sorted(self.kept.iterdir())

    def pristine(self, number: int) -> dict[str, bytes]:
        """The files of a home's first state by name."""
        folder = self._homes[number].folder / "pristine"
        files = (file for file in folder.rglob("*") if file.is_file())
        return {file.relative_to(folder).as_posix(): file.read_bytes() for file in files}

    def end(self) -> None:
        for home in self._homes:
            home.run("down")


@pytest.fixture
def machine(tmp_path: Path, local_python: Path) -> Iterator[Machine]:
    found = Machine(tmp_path, local_python)
    yield found
    found.end()


def test_the_second_home_has_a_copy_of_what_the_first_one_made(
    machine: Machine, tmp_path: Path
) -> None:
    calendar = calendar_file(tmp_path)
    said, rows = machine.fill(calendar)
    assert GENERATED in said
    assert COPIED not in said
    assert rows == 2 * GAMES
    said, rows = machine.fill(calendar)
    assert GENERATED not in said
    assert COPIED in said
    assert rows == 2 * GAMES
    assert machine.pristine(0) == machine.pristine(1)
    assert {"warehouse/bqemulator.duckdb", "warehouse/filled-from"} <= set(machine.pristine(1))
    for path in [machine.kept, *machine.kept.rglob("*")]:
        assert not path.stat().st_mode & 0o077, path


def test_another_calendar_is_made_anew(machine: Machine, tmp_path: Path) -> None:
    machine.fill(calendar_file(tmp_path))
    said, rows = machine.fill(calendar_file(tmp_path, DAYS[:2]))
    assert GENERATED in said
    assert rows == 2 * (GAMES - 2)
    assert len(machine.first_states()) == 2


@pytest.mark.parametrize("file", ["warehouse/bqemulator.duckdb", "warehouse/filled-from", "sha256"])
def test_one_that_is_not_whole_is_made_anew_and_put_right(
    file: str, machine: Machine, tmp_path: Path
) -> None:
    calendar = calendar_file(tmp_path)
    machine.fill(calendar)
    (kept,) = machine.first_states()
    whole = (kept / file).read_bytes()
    (kept / file).write_bytes(whole[:-1])
    said, rows = machine.fill(calendar)
    assert GENERATED in said
    assert rows == 2 * GAMES
    said, rows = machine.fill(calendar)
    assert COPIED in said
    assert rows == 2 * GAMES


def test_a_folder_that_cannot_be_used_is_no_matter(machine: Machine, tmp_path: Path) -> None:
    machine.kept.parent.mkdir()
    machine.kept.write_text("a file", encoding="utf-8")
    said, rows = machine.fill(calendar_file(tmp_path))
    assert GENERATED in said
    assert "Traceback" not in said
    assert rows == 2 * GAMES


@pytest.fixture
def made(tmp_path: Path) -> files.Home:
    """What a fill would have made, in small."""
    found = files.Home(tmp_path / "made")
    for place in (found.data, found.logs):
        place.mkdir(parents=True)
        (place / "file").write_text(place.name, encoding="utf-8")
    return found


TARGET = load({"GATES_TARGET": "local"}, datetime.now(UTC)).target


def test_the_ones_asked_for_last_are_kept(made: files.Home, tmp_path: Path) -> None:
    kept = tmp_path / "kept"

    def is_there(origin: str, home: str) -> bool:
        return made_before.take(kept, TARGET, origin, files.Home(tmp_path / home))

    origins = [f"own 2026-01-0{n}" for n in range(1, made_before.MOST + 2)]
    for n, origin in enumerate(origins[:-1]):
        before = set(kept.iterdir()) if kept.exists() else set()
        made_before.keep(kept, TARGET, origin, made)
        (new,) = set(kept.iterdir()) - before
        os.utime(new, (n, n))
    assert is_there(origins[0], "asked")
    made_before.keep(kept, TARGET, origins[-1], made)
    assert [is_there(each, each) for each in origins] == [True, False, True, True]
    assert len(list(kept.iterdir())) == made_before.MOST


def test_what_was_killed_while_it_was_kept_is_cleared_away(
    made: files.Home, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    (kept / "partial/warehouse").mkdir(parents=True)
    (kept / "partial/warehouse/other").write_text("half", encoding="utf-8")
    made_before.keep(kept, TARGET, "own", made)
    assert made_before.take(kept, TARGET, "own", files.Home(tmp_path / "home"))
    assert len(list(kept.iterdir())) == 1


@pytest.mark.parametrize(
    "file",
    [
        "season/rates.py",
        "local/warehouse/fill.py",
        "requirements/local.txt",
        "gates/config/gate.py",
    ],
)
def test_other_code_or_packages_make_another(
    file: str, made: files.Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, kept = tmp_path / "project", tmp_path / "kept"
    for folder in ("season", "local", "gates/config", "schemas", "requirements"):
        shutil.copytree(ROOT / folder, project / folder)
    monkeypatch.setattr(made_before, "ROOT", project)
    made_before.keep(kept, TARGET, "own", made)
    assert made_before.take(kept, TARGET, "own", files.Home(tmp_path / "same"))
    with (project / file).open("a", encoding="utf-8") as changed:
        changed.write("\n")
    assert not made_before.take(kept, TARGET, "own", files.Home(tmp_path / "other"))


def test_another_project_makes_another(made: files.Home, tmp_path: Path) -> None:
    kept, other = tmp_path / "kept", TARGET.model_copy(update={"project": "another"})
    made_before.keep(kept, TARGET, "own", made)
    assert not made_before.take(kept, other, "own", files.Home(tmp_path / "home"))
