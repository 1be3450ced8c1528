"""The embedded warehouse's folder: half filled, damaged, filled by two at once, its fill killed."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from faults.page import Teller
from faults.test_killed import MOMENTS, moments
from harness import LOCAL_PYTHON, ROOT, TestWarehouse
from warehouse_harness import GAMES, Home, calendar_file, count

WHERE = "The embedded warehouse's folder"
DATABASE = "warehouse/bqemulator.duckdb"
Damage = Callable[[Path], object]


def _cut(file: str, size: int) -> Damage:
    return lambda home: os.truncate(home / file, size)


def _gone(*names: str) -> Damage:
    def damage(home: Path) -> None:
        for name in names:
            path = home / name
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    return damage


def _says(file: str, text: str) -> Damage:
    return lambda home: (home / file).write_text(text, encoding="utf-8")


# What `up` makes of it without being told what to do.
HEALS: dict[str, Damage] = {
    "no first state": _gone("pristine"),
    "no data": _gone("warehouse"),
    "no data and no logs": _gone("warehouse", "logs"),
    "half a first state": _gone("warehouse", "logs", "pristine/warehouse/filled-from"),
    "a copy that was broken off": lambda home: shutil.copytree(
        home / "pristine/logs", home / "copying/logs"
    ),
    "a fill that was broken off": lambda home: shutil.copytree(home / "pristine", home / "filling"),
    "an empty state file": _says("warehouse.json", ""),
    "a state file of another shape": _says("warehouse.json", '{"pid": "x", "kept": []}'),
    "a list for a state file": _says("warehouse.json", "[1, 2]"),
    "a state file of no process": _says(
        "warehouse.json", '{"pid": 4194304, "host": "127.0.0.1", "port": 9, "kept": true}'
    ),
    "a port file with words": _says("warehouse.port", "no port"),
}
# What `up` refuses in one sentence that names `make warehouse-reset`, which then helps.
REFUSED: dict[str, Damage] = {
    "half a database": _cut(DATABASE, 300_000),
    "an empty database": _cut(DATABASE, 5),
    "a text for a database": _says(DATABASE, "no database " * 9999),
}


def one_sentence(text: str) -> bool:
    lines = text.strip().splitlines()
    return len(lines) == 1 and lines[0].endswith(".")


@pytest.mark.soak
@pytest.mark.parametrize("name", HEALS)
def test_a_folder_that_heals(name: str, home: Home, tmp_path: Path, tell: Teller) -> None:
    HEALS[name](home.folder)
    # As it was filled, in case it has to be once more.
    done = home.run("up", "--calendar", calendar_file(tmp_path))
    tell(WHERE, name, f"exit {done.returncode}, its rows are there")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    assert count(TestWarehouse(done.stdout.strip())) == 2 * GAMES
    assert home.servers() == [home.record()["pid"]]


@pytest.mark.soak
@pytest.mark.parametrize("name", REFUSED)
def test_a_folder_that_is_refused(name: str, home: Home, tell: Teller) -> None:
    REFUSED[name](home.folder)
    done = home.run("up")
    tell(WHERE, name, f"exit {done.returncode}: {done.stderr}".replace(f"{home.folder}/", ""))
    assert (done.returncode, done.stdout) == (1, "")
    assert one_sentence(done.stderr)
    assert "make warehouse-reset" in done.stderr
    assert home.run("reset").returncode == 0
    assert count(home.up()) == 2 * GAMES


def test_two_who_find_nothing_fill_one_warehouse(
    local_python: Path, tmp_path: Path, tell: Teller
) -> None:
    home = Home(tmp_path / "home", local_python)
    calendar = calendar_file(tmp_path)
    both = [home.begin("up", "--calendar", calendar) for _ in range(2)]
    addresses = {process.communicate(timeout=300)[0] for process in both}
    try:
        tell("Two at once", "two first `make warehouse-up`", "one of them fills it, both use it")
        assert [process.returncode for process in both] == [0, 0]
        assert len(addresses) == 1
        assert home.servers() == [home.record()["pid"]]
        assert count(TestWarehouse(addresses.pop().strip())) == 2 * GAMES
    finally:
        home.run("down")


@pytest.mark.soak
def test_a_fill_is_killed(tmp_path: Path, tell: Teller) -> None:
    calendar = calendar_file(tmp_path)
    whole = Home(tmp_path / "whole", LOCAL_PYTHON)
    started = time.monotonic()
    assert whole.run("up", "--calendar", calendar).returncode == 0
    seconds = time.monotonic() - started
    whole.run("down")
    for n, moment in enumerate(moments(seconds)):
        home = Home(tmp_path / f"home-{n}", LOCAL_PYTHON)
        tell.start()
        filling = home.begin("up", "--calendar", calendar)
        time.sleep(moment)
        filling.kill()
        filling.communicate()
        try:
            again = home.run("up", "--calendar", calendar)
            fault = f"kill -9 of the fill, after {moment:.1f} s of {seconds:.1f} s"
            tell(WHERE, fault, "the next `make warehouse-up` fills it")
            assert again.returncode == 0, again.stderr
            assert count(TestWarehouse(again.stdout.strip())) == 2 * GAMES
            assert home.servers() == [home.record()["pid"]]
        finally:
            home.run("down")
        assert not home.servers()
    assert n + 1 == MOMENTS


@pytest.mark.soak
def test_a_port_that_is_taken(home: Home, tell: Teller) -> None:
    script = (
        "import sys; from pathlib import Path; from local.warehouse import server; "
        "from local.home import EmbeddedError, Home\n"
        "try:\n    server.start(Home(Path(sys.argv[1])), 'p', kept=False, port=int(sys.argv[2]))\n"
        "except EmbeddedError as problem:\n    print(problem)\n"
    )
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [str(LOCAL_PYTHON), "-c", script, str(home.folder), port],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=120,
        )
    tell(WHERE, "a taken port", done.stdout.replace(f"{home.folder}/", ""))
    assert done.stderr == ""
    assert one_sentence(done.stdout)
    assert not home.servers()
    assert count(home.up()) == 2 * GAMES


@pytest.mark.soak
def test_a_state_file_with_the_process_of_somebody_else(home: Home, tell: Teller) -> None:
    with subprocess.Popen(["sleep", "600"]) as other:
        record = {"pid": other.pid, "host": "127.0.0.1", "port": 9, "kept": True}
        (home.folder / "warehouse.json").write_text(json.dumps(record), encoding="utf-8")
        assert count(home.up()) == 2 * GAMES
        home.run("down")
        tell(WHERE, "a state file with somebody else's process", "that process is left alone")
        assert other.poll() is None
        other.send_signal(signal.SIGKILL)
