"""`exec`: a command with a warehouse around it, and how both end."""

import shutil
import signal
import socket
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from harness import GATES_PYTHON, ROOT, TestWarehouse, until_signal
from warehouse_harness import GAMES, Home, count


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
