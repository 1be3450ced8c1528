import io
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import psutil
import pytest
from google.api_core.exceptions import GoogleAPIError
from google.cloud import bigquery
from harness import GATES_PYTHON, PROJECT, ROOT, TestWarehouse, until_signal

from local import waiting

TABLE = "nba_analytics.team_offense_game_summary"
DAYS = ("2024-10-22,2024-25,2,0", "2024-10-23,2024-25,3,0", "2024-11-20,2024-25,2,0")
GAMES = 7


@dataclass(frozen=True)
class Home:
    """A warehouse's folder, and the program that a user calls for it."""

    folder: Path
    python: Path

    def words(self, do: str, *options: object, command: Sequence[str] = ()) -> list[str]:
        given = ["--home", str(self.folder), *map(str, options)]
        own = [str(self.python), "-m", "local.warehouse", do, *given]
        return [*own, "--", *command] if command else own

    def run(
        self, do: str, *options: object, command: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.words(do, *options, command=command),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=90,
        )

    def begin(
        self, do: str, *options: object, command: Sequence[str] = ()
    ) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            self.words(do, *options, command=command),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def up(self) -> TestWarehouse:
        done = self.run("up")
        assert done.returncode == 0, done.stderr
        return TestWarehouse(done.stdout.strip())

    def record(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "warehouse.json").read_text())
        return found

    def servers(self) -> list[int]:
        """Processes that serve this folder, also one that no record names."""
        return [
            process.pid
            for process in psutil.process_iter(["cmdline"])
            if any(
                word.startswith(f"{self.folder.resolve()}/")
                for word in process.info["cmdline"] or ()
            )
        ]


def calendar_file(folder: Path, days: Sequence[str] = DAYS) -> Path:
    file = folder / f"{len(days)}-days.csv"
    header = "game_date,season,league_games,all_star_games"
    file.write_text("\n".join([header, *days]) + "\n", encoding="utf-8")
    return file


def until(holds: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain"
        time.sleep(0.02)


@pytest.fixture(scope="module")
def filled(local_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    home = Home(folder / "home", local_python)
    done = home.run("reset", "--calendar", calendar_file(folder))
    assert done.returncode == 0, done.stderr
    return home.folder


@pytest.fixture
def home(filled: Path, local_python: Path, tmp_path: Path) -> Iterator[Home]:
    """A warehouse of a few game dates, in its first state, down."""
    home = Home(tmp_path / "home", local_python)
    shutil.copytree(filled, home.folder)
    yield home
    if home.servers():
        home.run("down")
    assert not home.servers()


def count(warehouse: TestWarehouse) -> int:
    return int(warehouse.value(f"SELECT COUNT(*) FROM {TABLE}"))


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


def test_exec_ends_with_the_status_of_its_command_and_leaves_a_server_that_was_up(
    home: Home,
) -> None:
    warehouse = home.up()
    for command, status in (
        (["bash", "-c", "exit 0"], 0),
        (["bash", "-c", "exit 6"], 6),
        (["bash", "-c", "kill -KILL $$"], 128 + signal.SIGKILL),
        (["no-such-program"], 127),
        (["/etc/passwd"], 126),
    ):
        assert home.run("exec", command=command).returncode == status
    assert count(warehouse) == 2 * GAMES


def test_exec_starts_a_server_for_its_command_and_stops_it(home: Home) -> None:
    done = home.run("exec", command=["bash", "-c", "echo $BIGQUERY_EMULATOR_HOST; exit 6"])
    assert done.returncode == 6
    assert done.stdout.startswith("127.0.0.1:")
    assert not home.servers()


# Many minutes of work.
ENDLESS = (
    "SELECT COUNTIF(MOD(a * b, 7) = 3) FROM UNNEST(GENERATE_ARRAY(1, 1000000)) AS a, "
    "UNNEST(GENERATE_ARRAY(1, 1000000)) AS b"
)


def begin_query(host: str) -> socket.socket:
    """A client that has asked for an endless query."""
    configuration = {"query": {"query": ENDLESS, "useLegacySql": False}}
    body = json.dumps({"configuration": configuration}).encode()
    address, port = host.split(":")
    client = socket.create_connection((address, int(port)))
    path = f"/bigquery/v2/projects/{PROJECT}/jobs"
    head = f"POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
    client.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
    return client


def at_work(pid: int) -> Callable[[], bool]:
    """Whether the process has used the processor for a second from now on."""
    began = sum(psutil.Process(pid).cpu_times()[:2])
    return lambda: sum(psutil.Process(pid).cpu_times()[:2]) > began + 1


def test_the_server_answers_while_it_works_and_an_abandoned_query_holds_nobody_up(
    home: Home,
) -> None:
    warehouse = home.up()
    with begin_query(warehouse.host):
        until(at_work(home.record()["pid"]))
        # It says that it lives, to whoever shares it.
        assert home.up().host == warehouse.host
    assert count(warehouse) == 2 * GAMES


def test_what_waits_behind_a_query_that_is_abandoned_gets_its_own_answer(home: Home) -> None:
    warehouse = home.up()
    answers: list[int] = []
    others = [Thread(target=lambda: answers.append(count(warehouse))) for _ in range(4)]
    with begin_query(warehouse.host):
        until(at_work(home.record()["pid"]))
        for each in others:
            each.start()
    for each in others:
        each.join(60)
    assert answers == [2 * GAMES] * 4


def test_a_server_is_stopped_in_the_middle_of_a_query(home: Home) -> None:
    warehouse = home.up()
    with begin_query(warehouse.host):
        until(at_work(home.record()["pid"]))
        assert home.run("down").returncode == 0
    assert count(home.up()) == 2 * GAMES


@pytest.mark.parametrize(
    ("does", "gets_there"),
    [
        # Three times as long as it may stand still.
        ("import time; end = time.time() + 3\nwhile time.time() < end: pass", True),
        ("import time; time.sleep(60)", False),
        ("pass", False),
    ],
    ids=["works", "stands still", "ends"],
)
def test_a_server_is_waited_for_while_it_lives_and_works(
    does: str, gets_there: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "START_S", 1)
    began = time.monotonic()
    with subprocess.Popen(["python3", "-c", does]) as process:
        found = waiting.gets_there(process.pid, lambda: time.monotonic() > began + 3, "A server")
        assert found == gets_there
        process.kill()


def test_a_warehouse_keeps_its_identity_under_another_port(home: Home, tmp_path: Path) -> None:
    # As the backfill and the gates are told which warehouse it is.
    script = "import os; from gates.config.settings import load; from datetime import *; "
    script += "found = load(os.environ, datetime.now(UTC)); "
    script += "print(found.emulator_host, found.server)"
    command = [str(GATES_PYTHON), "-c", script]
    address, identity = home.run("exec", command=command).stdout.split()
    with socket.create_server(("127.0.0.1", int(address.partition(":")[2]))):
        other, same = home.run("exec", command=command).stdout.split()
    assert (other != address, same) == (True, identity)
    elsewhere = replace(home, folder=tmp_path / "elsewhere")
    shutil.copytree(home.folder, elsewhere.folder)
    assert elsewhere.run("exec", command=command).stdout.split()[1] != identity


def test_up_during_an_exec_keeps_its_server(home: Home) -> None:
    with home.begin("exec", command=["bash", "-c", "echo ready; sleep 3"]) as running:
        assert running.stdout
        running.stdout.readline()
        warehouse = home.up()
    assert count(warehouse) == 2 * GAMES


def test_two_execs_share_a_server_and_the_last_one_out_stops_it(home: Home, tmp_path: Path) -> None:
    go = {name: tmp_path / name for name in "ab"}
    script = 'echo "$BIGQUERY_EMULATOR_HOST"; until [ -e "$0" ]; do sleep 0.05; done'
    both = {
        name: home.begin("exec", command=["bash", "-c", script, str(file)])
        for name, file in go.items()
    }
    hosts = {process.stdout.readline().strip() for process in both.values() if process.stdout}
    assert len(hosts) == 1
    go["a"].touch()
    assert both["a"].wait(30) == 0
    assert count(TestWarehouse(hosts.pop())) == 2 * GAMES
    go["b"].touch()
    assert both["b"].wait(30) == 0
    assert not home.servers()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_reaches_the_command_and_the_server_is_stopped(
    home: Home, number: signal.Signals
) -> None:
    # In a session of its own there is no terminal, so that SIGINT does not come from Ctrl-C.
    with subprocess.Popen(
        home.words("exec", command=until_signal(number)),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        assert running.stdout
        assert running.stdout.readline() == "ready\n"
        running.send_signal(number)
        assert running.wait(30) == 7
        assert running.stdout.read() == "heard\n"
    assert not home.servers()


def as_of(warehouse: TestWarehouse, moment: datetime, table: str = TABLE) -> int:
    return int(
        warehouse.value(
            f"SELECT COUNT(*) FROM {table} FOR SYSTEM_TIME AS OF TIMESTAMP '{moment.isoformat()}'"
        )
    )


def server_time(warehouse: TestWarehouse) -> datetime:
    now: datetime = warehouse.value("SELECT CURRENT_TIMESTAMP()")
    return now


def load(warehouse: TestWarehouse) -> None:
    """Append a row with a load job."""
    config = bigquery.LoadJobConfig(
        source_format=bigquery.SourceFormat.NEWLINE_DELIMITED_JSON,
        write_disposition=bigquery.WriteDisposition.WRITE_APPEND,
    )
    row = io.BytesIO(b'{"game_id": "j", "game_date": "2024-10-24"}\n')
    table = f"{PROJECT}.scratch.t"
    warehouse.client.load_table_from_file(row, table, job_config=config).result()


def test_a_past_state_is_answered_only_while_it_is_the_present_one(home: Home) -> None:
    warehouse = home.up()
    warehouse.client.create_dataset("scratch")
    row = "SELECT 'g' AS game_id, DATE '2024-10-22' AS game_date"
    writes: list[Callable[[], object]] = [
        lambda: warehouse.rows("UPDATE scratch.t SET game_id = 'h' WHERE TRUE"),
        lambda: warehouse.rows("INSERT INTO scratch.t VALUES ('i', DATE '2024-10-23')"),
        lambda: warehouse.rows("DELETE FROM scratch.t WHERE TRUE"),
        lambda: warehouse.rows("TRUNCATE TABLE scratch.t"),
        lambda: warehouse.rows("SELECT 1; DELETE FROM scratch.t WHERE TRUE"),
        lambda: warehouse.rows("EXECUTE IMMEDIATE 'DELETE FROM scratch.t WHERE TRUE'"),
        lambda: warehouse.rows("/* of b.c */ DELETE FROM scratch.t WHERE TRUE"),
        lambda: warehouse.rows("CREATE OR REPLACE TABLE scratch.t AS SELECT 2 AS x"),
        lambda: load(warehouse),
        lambda: (
            warehouse.rows("ALTER TABLE scratch.t RENAME TO old"),
            warehouse.rows("CREATE TABLE scratch.new AS SELECT 3 AS x"),
            warehouse.rows("ALTER TABLE scratch.new RENAME TO t"),
        ),
    ]
    for write in writes:
        warehouse.rows("DROP TABLE IF EXISTS scratch.old")
        warehouse.rows(f"CREATE OR REPLACE TABLE scratch.t AS {row}")
        moment = server_time(warehouse)
        assert as_of(warehouse, moment, "scratch.t") == 1
        write()
        with pytest.raises(GoogleAPIError, match="keeps no past"):
            as_of(warehouse, moment, "scratch.t")
        # Other tables have not changed, so their state of then is known.
        assert as_of(warehouse, moment) == 2 * GAMES


@pytest.mark.parametrize(("end", "left"), [("ROLLBACK", 1), ("COMMIT", 0)])
def test_a_transaction_sees_what_it_wrote_as_of_its_start(home: Home, end: str, left: int) -> None:
    warehouse = home.up()
    warehouse.client.create_dataset("scratch")
    warehouse.rows("CREATE TABLE scratch.t AS SELECT 1 AS x")
    warehouse.rows("BEGIN TRANSACTION")
    warehouse.rows("DELETE FROM scratch.t WHERE TRUE")
    moment = server_time(warehouse)
    assert as_of(warehouse, moment, "scratch.t") == 0
    warehouse.rows(f"{end} TRANSACTION")
    with pytest.raises(GoogleAPIError, match="keeps no past"):
        as_of(warehouse, moment, "scratch.t")
    assert as_of(warehouse, server_time(warehouse), "scratch.t") == left


def test_reading_a_table_is_no_change(home: Home) -> None:
    warehouse = home.up()
    moment = server_time(warehouse)
    warehouse.client.create_dataset("scratch")
    warehouse.rows(f"-- rows\nSELECT COUNT(*) FROM {TABLE}")
    warehouse.rows(f"CREATE TABLE scratch.copy AS SELECT * FROM {TABLE}")
    warehouse.client.get_table(f"{PROJECT}.{TABLE}")
    assert as_of(warehouse, moment) == 2 * GAMES


def test_no_state_is_vouched_for_in_the_future_before_the_start_or_of_a_view(home: Home) -> None:
    warehouse = home.up()
    now = server_time(warehouse)
    with pytest.raises(GoogleAPIError, match="in the future"):
        as_of(warehouse, now + timedelta(minutes=1))
    with pytest.raises(GoogleAPIError, match="keeps no past"):
        as_of(warehouse, now - timedelta(hours=1))
    warehouse.client.create_dataset("scratch")
    warehouse.rows(f"CREATE VIEW scratch.v AS SELECT * FROM {TABLE}")
    with pytest.raises(GoogleAPIError, match="is not a table"):
        as_of(warehouse, server_time(warehouse), "scratch.v")
    home.run("down")
    with pytest.raises(GoogleAPIError, match="keeps no past"):
        as_of(home.up(), now)
