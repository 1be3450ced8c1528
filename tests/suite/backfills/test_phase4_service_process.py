"""The embedded Phase 4 service as a process: tokens, start and stop, the command that it is for."""

import os
import signal
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from harness import TestWarehouse, until_signal
from phase4_harness import ServiceHome


@pytest.fixture
def home(warehouse: TestWarehouse, tmp_path: Path) -> Iterator[ServiceHome]:
    home = ServiceHome(tmp_path / "home", warehouse.host)
    yield home
    if home.servers():
        home.run("down")
    assert not home.servers()


def waits_for(there: Callable[[], object]) -> None:
    end = time.monotonic() + 60
    while not there():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.fixture
def quick(tmp_path: Path) -> Path:
    """Orders under which every request is answered without any work."""
    file = tmp_path / "quick.json"
    file.write_text('{"*": [{"fault": "empty_results", "times": "always"}]}')
    return file


def test_a_token_is_good_for_so_many_requests(home: ServiceHome, quick: Path) -> None:
    service = home.up("--faults", quick, "--token-requests", 2)
    first = [service.post_with_token("first-secret") for _ in range(3)]
    assert [answer.status_code for answer in first] == [200, 200, 401]
    assert service.post_with_token("second-secret").status_code == 200
    assert service.post_with_token(None).status_code == 403
    with pytest.raises(requests.JSONDecodeError):
        first[2].json()
    assert [line["status"] for line in service.log("2024-12-01")] == [200, 200, 401, 200, 403]
    kept = [path.read_text() for path in home.folder.rglob("*") if path.is_file()]
    assert not [text for text in kept if "secret" in text]


def test_a_token_is_good_for_so_long(home: ServiceHome, quick: Path) -> None:
    service = home.up("--faults", quick, "--token-seconds", 1.5)
    assert service.post_with_token("t").status_code == 200
    assert service.post_with_token("t").status_code == 200
    time.sleep(1.6)
    assert service.post_with_token("t").status_code == 401
    assert service.post_with_token("u").status_code == 200


def test_up_prints_the_url_and_the_same_again_and_its_files_are_private(
    home: ServiceHome, quick: Path
) -> None:
    service = home.up("--faults", quick)
    assert service.url.startswith("http://127.0.0.1:")
    assert home.up("--faults", quick) == service
    assert len(home.servers()) == 1
    service.post("2024-12-01")
    for path in [home.folder, *home.folder.rglob("*")]:
        assert not stat.S_IMODE(path.lstat().st_mode) & 0o077, path


def test_up_with_other_options_restarts_the_service_at_the_same_url(
    home: ServiceHome, quick: Path
) -> None:
    service = home.up("--faults", quick)
    assert home.up("--faults", quick, "--token-requests", 1) == service
    assert service.post("2024-12-01").status_code == 403


def test_down_stops_it_and_is_no_error_where_nothing_runs(home: ServiceHome, quick: Path) -> None:
    home.up("--faults", quick)
    assert "is stopped" in home.run("down").stderr
    done = home.run("down")
    assert (done.returncode, done.stdout) == (0, "")
    assert "was not running" in done.stderr


def test_a_hanging_request_does_not_keep_the_service_from_stopping(
    home: ServiceHome, tmp_path: Path
) -> None:
    file = tmp_path / "hang.json"
    file.write_text('{"*": [{"fault": "hang"}]}')
    service = home.up("--faults", file)
    with pytest.raises(requests.ReadTimeout):
        service.post("2024-12-01", timeout=0.5)
    started = time.monotonic()
    assert home.run("down").returncode == 0
    assert time.monotonic() - started < 10


def test_exec_starts_a_service_for_its_command_and_hands_its_status_on(home: ServiceHome) -> None:
    done = home.run("exec", command=["bash", "-c", "echo $PHASE4_URL; exit 6"])
    assert (done.returncode, done.stderr) == (6, "")
    assert done.stdout.startswith("http://127.0.0.1:")
    assert not home.servers()
    assert home.run("exec", command=["no-such-program"]).returncode == 127
    assert not home.servers()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_exec_stops_its_service_when_a_signal_has_ended_the_command(
    home: ServiceHome, number: signal.Signals
) -> None:
    # In a session of its own there is no terminal, so that SIGINT does not come from Ctrl-C.
    with home.begin("exec", command=until_signal(number), start_new_session=True) as running:
        assert running.stdout
        assert running.stdout.readline() == "ready\n"
        running.send_signal(number)
        assert running.wait(30) == 7
    assert not home.servers()


def test_exec_uses_a_service_that_is_up_and_leaves_it(home: ServiceHome, quick: Path) -> None:
    service = home.up("--faults", quick)
    done = home.run("exec", command=["bash", "-c", "echo $PHASE4_URL"])
    assert done.stdout == f"{service.url}\n"
    assert service.post("2024-12-01").status_code == 200


def test_exec_refuses_a_service_with_other_options_or_another_warehouse(
    home: ServiceHome, quick: Path
) -> None:
    home.up("--faults", quick)
    elsewhere = ServiceHome(home.folder, "127.0.0.1:1")
    for done in (
        home.run("exec", "--token-requests", 3, command=["true"]),
        elsewhere.run("exec", command=["true"]),
    ):
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (125, "", 1)
        assert "make service-down" in done.stderr


def test_exec_replaces_a_service_that_a_killed_exec_has_left(home: ServiceHome) -> None:
    with home.begin("exec", command=["sleep", "60"], start_new_session=True) as running:
        waits_for(lambda: home.servers() and (home.folder / "phase4-service.json").exists())
        os.killpg(running.pid, signal.SIGKILL)
    assert home.servers()
    elsewhere = ServiceHome(home.folder, "127.0.0.1:1")
    done = elsewhere.run("exec", command=["echo", "hello"])
    assert (done.returncode, done.stdout, done.stderr) == (0, "hello\n", "")
    assert not home.servers()


def test_exec_does_not_replace_a_service_that_another_exec_uses(home: ServiceHome) -> None:
    with home.begin("exec", command=["sleep", "60"]) as running:
        waits_for(lambda: home.servers() and (home.folder / "phase4-service.json").exists())
        done = ServiceHome(home.folder, "127.0.0.1:1").run("exec", command=["true"])
        assert (done.returncode, "make service-down" in done.stderr) == (125, True)
        assert home.servers()
        running.terminate()
    assert not home.servers()


@pytest.mark.usefixtures("local_python")
def test_without_a_warehouse_it_says_what_to_do(tmp_path: Path) -> None:
    home = ServiceHome(tmp_path / "home", None)
    for do, status, command in (("up", 1, []), ("exec", 125, ["true"])):
        done = home.run(do, command=command)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (status, "", 1)
        assert "make service-up" in done.stderr
