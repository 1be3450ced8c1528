"""Start, find and stop a warehouse's server process; what is known of it is one small file."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass

import psutil
import requests

from gates.config import ROOT
from local.home import HOST, EmbeddedWarehouseError, Home

START_S = 60
STOP_S = 20


@dataclass(frozen=True)
class Running:
    """A server process; `kept` when it outlives the commands that use it (`up`)."""

    pid: int
    host: str
    port: int
    kept: bool

    @property
    def address(self) -> str:
        """What BIGQUERY_EMULATOR_HOST is set to."""
        return f"{self.host}:{self.port}"


def recorded(home: Home) -> Running | None:
    """The server that the state file names; a stale file is removed."""
    try:
        found = Running(**json.loads(home.state.read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        found = None
    if found is None or found.pid not in [process.pid for process in _processes(home)]:
        home.state.unlink(missing_ok=True)
        return None
    return found


def wait(found: Running) -> Running:
    """Wait until the server answers: while it runs a long query it answers nothing else."""
    if not _within(START_S, lambda: _answers(found.address)):
        raise EmbeddedWarehouseError(
            f"The embedded warehouse at {found.address} runs but has not answered for {START_S} s; "
            "run `make warehouse-down` and try again."
        )
    return found


def start(home: Home, project: str, *, kept: bool, port: int = 0) -> Running:
    """Start a server on the home's data and wait until it answers, at most START_S seconds.

    The caller knows that none is running and that nobody else starts one.
    """
    # A server without a state file was left by a caller that was killed while it started.
    stop(home)
    home.port_file.unlink(missing_ok=True)
    private = home.folder / "home"
    private.mkdir(parents=True, exist_ok=True)
    words = ["--data-dir", home.data, "--port-file", home.port_file, "--project", project]
    # The server's settings are those given here, not BQEMU_... of the caller's environment.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("BQEMU_")}
    with home.server_log.open("wb") as log:
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "local.emulator", *map(str, words), "--port", str(port)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={**environ, "HOME": str(private)},
            # Ctrl-C is for the command that uses the server; the server is stopped afterwards.
            start_new_session=True,
        )
    try:
        found = _wait_for(home, process, kept)
    except BaseException:
        process.kill()
        process.wait()
        raise
    keep(home, found)
    return found


def keep(home: Home, found: Running) -> None:
    """Note the server in the state file, whole or not at all."""
    partial = home.state.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(found)), encoding="utf-8")
    partial.rename(home.state)


def stop(home: Home) -> bool:
    """Stop the server; False when none was running."""
    found = _processes(home)
    for send in (psutil.Process.terminate, psutil.Process.kill):
        for process in _processes(home):
            with suppress(psutil.NoSuchProcess):
                send(process)
        if _within(STOP_S, lambda: not _processes(home)):
            break
    home.state.unlink(missing_ok=True)
    return bool(found)


def _processes(home: Home) -> list[psutil.Process]:
    """The live server processes of this home.

    Known by what they were started with: a process id alone may be somebody else's by now.
    """
    ours = {"local.emulator", str(home.port_file)}
    return [
        process
        for process in psutil.process_iter(["cmdline"])
        if ours <= set(process.info["cmdline"] or ())
    ]


def _wait_for(home: Home, process: "subprocess.Popen[bytes]", kept: bool) -> Running:
    def ready() -> bool:
        return process.poll() is not None or home.port_file.exists()

    if not _within(START_S, ready) or process.poll() is not None:
        raise EmbeddedWarehouseError(_why_not(home, process.poll()))
    port = int(home.port_file.read_text(encoding="utf-8"))
    found = Running(process.pid, HOST, port, kept)
    if not _within(START_S, lambda: _answers(found.address)):
        raise EmbeddedWarehouseError(_why_not(home, process.poll()))
    return found


def _within(seconds: float, holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _answers(address: str) -> bool:
    try:
        return requests.get(f"http://{address}/healthz", timeout=5).ok
    except requests.RequestException:
        return False


def _why_not(home: Home, status: int | None) -> str:
    lines = home.server_log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    what = f"did not answer within {START_S} s" if status is None else f"ended with status {status}"
    said = f'; its last line was "{lines[-1].strip()[:300]}"' if lines else ""
    return (
        f"The embedded warehouse was started and {what}{said}; "
        f"see {home.server_log}, then run `make warehouse-reset`."
    )
