"""The embedded warehouse begins, ends, is filled and brought back as a user orders it."""

import json
import os
import signal
import socket
import stat
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from harness import TestWarehouse
from warehouse_harness import DAYS, GAMES, TABLE, Home, calendar_file, count, until

from gates.config.calendar import yesterday


def test_up_prints_the_address_and_nothing_else_and_the_same_again(home: Home) -> None:
    first, second = home.run("up"), home.run("up")
    assert first.stdout == second.stdout
    assert first.stdout == "127.0.0.1:{port}\n".format(**home.record())
    assert count(TestWarehouse(first.stdout.strip())) == 2 * GAMES


def test_two_ups_at_once_start_one_server(home: Home) -> None:
    both = [home.begin("up") for _ in range(2)]
    assert len({process.communicate()[0] for process in both}) == 1
    assert home.servers() == [home.record()["pid"]]


def test_it_listens_on_loopback_only_and_its_files_are_private(home: Home) -> None:
    home.up()
    sockets = psutil.Process(home.record()["pid"]).net_connections("inet")
    listening = {s.laddr[0] for s in sockets if s.status == psutil.CONN_LISTEN}
    assert listening <= {"127.0.0.1", "::ffff:127.0.0.1"}
    assert listening
    for path in [home.folder, *home.folder.rglob("*")]:
        assert not stat.S_IMODE(path.lstat().st_mode) & 0o077, path


def test_a_killed_server_leaves_a_stale_record_that_is_cleared(home: Home) -> None:
    home.up()
    killed = home.record()["pid"]
    os.kill(killed, signal.SIGKILL)
    until(lambda: not home.servers())
    assert count(home.up()) == 2 * GAMES
    assert home.record()["pid"] != killed


def test_a_record_whose_process_id_is_somebody_elses_is_stale(home: Home) -> None:
    with subprocess.Popen(["sleep", "60"]) as other, socket.create_server(("", 0)) as taken:
        record = {"pid": other.pid, "host": "127.0.0.1", "port": taken.getsockname()[1]}
        (home.folder / "warehouse.json").write_text(json.dumps({**record, "kept": True}))
        assert count(home.up()) == 2 * GAMES
        home.run("down")
        assert other.poll() is None
        other.kill()


def test_down_where_nothing_runs_is_no_error(home: Home) -> None:
    done = home.run("down")
    assert (done.returncode, done.stdout) == (0, "")
    assert "was not running" in done.stderr


def test_a_start_that_fails_says_why_in_one_sentence(home: Home) -> None:
    (home.folder / "warehouse/bqemulator.duckdb").write_bytes(b"no database" * 1000)
    done = home.run("up")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert "not a valid DuckDB database file" in done.stderr
    assert "make warehouse-reset" in done.stderr
    assert not (home.folder / "warehouse.json").exists()


def test_a_broken_off_fill_is_not_taken_for_a_filled_warehouse(
    local_python: Path, tmp_path: Path
) -> None:
    home = Home(tmp_path / "home", local_python)
    calendar = calendar_file(tmp_path)
    with home.begin("up", "--calendar", calendar) as filling:
        database = home.folder / "filling/warehouse/bqemulator.duckdb"
        until(database.exists)
        filling.kill()
    assert home.servers()
    done = home.run("up", "--calendar", calendar)
    try:
        assert count(TestWarehouse(done.stdout.strip())) == 2 * GAMES
        assert home.servers() == [home.record()["pid"]]
        assert not (home.folder / "filling").exists()
    finally:
        home.run("down")


def test_ctrl_c_during_a_fill_leaves_nothing_behind(local_python: Path, tmp_path: Path) -> None:
    home = Home(tmp_path / "home", local_python)
    with home.begin("up", "--calendar", calendar_file(tmp_path)) as filling:
        until((home.folder / "filling/warehouse.json").exists)
        filling.send_signal(signal.SIGINT)
        assert filling.wait(30) == 130
    assert not home.servers()
    assert [path.name for path in home.folder.iterdir()] == ["warehouse.lock"]


def test_another_calendar_is_refused_until_a_reset(home: Home, tmp_path: Path) -> None:
    other = calendar_file(tmp_path, DAYS[:2])
    for words in (("up", 1, ()), ("exec", 125, ("true",))):
        do, status, command = words
        done = home.run(do, "--calendar", other, command=command)
        assert (done.returncode, done.stdout) == (status, "")
        assert f"make warehouse-reset CALENDAR={other}" in done.stderr
        assert done.stderr.count("\n") == 1
    assert home.run("reset", "--calendar", other).returncode == 0
    assert count(home.up()) == 2 * (GAMES - 2)


@pytest.mark.parametrize(
    ("reaches", "words", "is_said"),
    [
        ("own 2026-01-02", (), True),
        ("own 2026-01-02", ("--until", "2026-01-03"), False),
        ("own {yesterday}", (), False),
        (None, (), False),
    ],
    ids=["behind", "until was asked for", "yesterday", "a calendar's"],
)
def test_seasons_that_end_before_yesterday_are_told_in_one_line(
    reaches: str | None, words: tuple[str, ...], is_said: bool, home: Home
) -> None:
    if reaches:
        # Not when the tests were collected, which may be a day before.
        last = reaches.format(yesterday=yesterday(datetime.now(UTC)))
        (home.folder / "warehouse/filled-from").write_text(last, encoding="utf-8")
    said = (
        "The embedded seasons reach to 2026-01-02; `make warehouse-reset` fills them to yesterday, "
        "and discards what a backfill wrote.\n"
    )
    for do, command in (("exec", ("true",)), ("up", ())):
        done = home.run(do, *words, command=command)
        assert done.returncode == 0
        assert done.stderr == (said if is_said else "")
    assert home.run("up", *words).stdout == "127.0.0.1:{port}\n".format(**home.record())


def test_reset_brings_the_first_state_back_on_the_same_port(home: Home) -> None:
    warehouse = home.up()
    log = next(home.folder.glob("logs/orchestrator_*.log"))
    written = log.read_bytes()
    log.unlink()
    warehouse.rows(f"DELETE FROM {TABLE} WHERE TRUE")
    assert count(warehouse) == 0
    started = time.monotonic()
    assert home.run("reset").returncode == 0
    assert time.monotonic() - started < 10
    assert home.up().host == warehouse.host
    assert count(TestWarehouse(warehouse.host)) == 2 * GAMES
    assert log.read_bytes() == written


def test_reset_of_a_stopped_warehouse_leaves_it_stopped(home: Home) -> None:
    assert home.run("reset").returncode == 0
    assert not home.servers()
