"""The generator as a program: the same seasons every time, and what it says of a bad calendar."""

import hashlib
import os
import subprocess
from pathlib import Path

import pytest
from harness import ROOT

HEADER = "game_date,season,league_games,all_star_games"
GOOD = "2024-10-22,2024-25,2,0"


def season(
    python: Path, out: Path, *words: object, seed: str = "random"
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(python), "-m", "season", "--out", str(out), *map(str, words)],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        timeout=60,
    )


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of each file below `folder`."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def test_two_runs_write_the_same_bytes(
    local_python: Path, tmp_path: Path, complete_home: Path
) -> None:
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder, seed in zip(folders, "12", strict=True):
        done = season(local_python, folder, seed=seed)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    one, two = map(digests, folders)
    assert len([name for name in one if name.endswith(".parquet")]) == 11
    assert len([name for name in one if name.startswith("logs/")]) == 3
    assert one == two
    # And the warehouse is filled with no others.
    assert digests(complete_home / "logs") == digests(folders[0] / "logs")


@pytest.mark.parametrize("day", ["2023-02-20", "2025-11-20", "2026-11-20"])
def test_untidy_seasons_are_the_same_every_time_and_made_from_any_calendar(
    local_python: Path, tmp_path: Path, day: str
) -> None:
    calendar = tmp_path / "calendar.csv"
    year = int(day[:4]) - (day[5:7] < "10")
    calendar.write_text(f"{HEADER}\n{day},{year}-{year % 100 + 1},5,0\n", encoding="utf-8")
    for name, seed in (("one", "1"), ("two", "2")):
        script = (
            "from pathlib import Path; from season import generate; "
            f"out = Path({str(tmp_path / name)!r}); generate(out, out / 'logs', "
            f"schemas=Path('schemas'), calendar=Path({str(calendar)!r}), tidy=False)"
        )
        environ = os.environ | {"PYTHONHASHSEED": seed}
        subprocess.run([str(local_python), "-c", script], cwd=ROOT, env=environ, check=True)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    assert len(digests(tmp_path / "one")) == 14


def test_a_calendar_of_ones_own_in_any_order_is_taken(local_python: Path, tmp_path: Path) -> None:
    days = [GOOD, "2024-10-23,2024-25,3,0", "2024-11-20,2024-25,2,0"]
    for name, lines in (("up", days), ("down", days[::-1])):
        (tmp_path / f"{name}.csv").write_text("\n".join([HEADER, *lines]), encoding="utf-8")
        done = season(local_python, tmp_path / name, "--calendar", tmp_path / f"{name}.csv")
        assert (done.returncode, done.stderr) == (0, "")
    assert digests(tmp_path / "up") == digests(tmp_path / "down")
    assert len(digests(tmp_path / "up")) == 14


@pytest.mark.parametrize(
    ("lines", "number", "words"),
    [
        ([GOOD, "2024-10-32,2024-25,2,0"], 3, "game_date '2024-10-32'"),
        ([GOOD, "23.10.2024,2024-25,2,0"], 3, "game_date '23.10.2024'"),
        ([GOOD, ",2024-25,2,0"], 3, "game_date ''"),
        (["2024-10-22,2024-25,two,0"], 2, "league_games 'two'"),
        (["2024-10-22,2024-25,-1,0"], 2, "league_games '-1'"),
        (["2024-10-22,2024-25,2.5,0"], 2, "league_games '2.5'"),
        (["2024-10-22,2024-25,16,0"], 2, "league_games '16'"),
        (["2024-10-22,2024-25,,0"], 2, "league_games ''"),
        (["2024-10-22,2024-25,2"], 2, "all_star_games ''"),
        (["2024-10-22,2023-24,2,0"], 2, "season '2023-24', expected 2024-25"),
        (["2024-10-22"], 2, "season"),
        ([GOOD, "2024-10-23,2024-25,3,0", GOOD], 4, "2024-10-22 stands in line 2 already"),
    ],
)
def test_a_line_that_cannot_be_used_is_named_in_one_sentence(
    local_python: Path, tmp_path: Path, lines: list[str], number: int, words: str
) -> None:
    file = tmp_path / "calendar.csv"
    file.write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    done = season(local_python, tmp_path / "out", "--calendar", file)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{file} line {number}: ")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty, expected the header"),
        (b"game_date,season,league_games\n", "line 1: no column all_star_games"),
        (f"{HEADER}\n".encode(), "has no league game"),
        (f"{HEADER}\n2025-02-16,2024-25,0,1\n".encode(), "has no league game"),
        (b"\xff\xfe\x00", "cannot be read as CSV"),
        (None, "cannot be read as CSV"),
    ],
)
def test_a_file_that_is_no_calendar_is_refused_in_one_sentence(
    local_python: Path, tmp_path: Path, content: bytes | None, words: str
) -> None:
    file = tmp_path / "calendar.csv"
    if content is not None:
        file.write_bytes(content)
    done = season(local_python, tmp_path / "out", "--calendar", file)
    assert (done.returncode, done.stdout) == (1, "")
    assert str(file) in done.stderr
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
