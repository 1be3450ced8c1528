"""A server that works is waited for, and holds nobody up."""

import json
import socket
import subprocess
import time
from collections.abc import Callable
from threading import Thread

import psutil
import pytest
from harness import PROJECT
from warehouse_harness import GAMES, Home, count, until

from local import waiting

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
