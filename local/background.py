"""Start, find, share and stop a server process; what is known of it is one small file."""

import fcntl
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import asdict, dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import psutil
from filelock import FileLock

from gates.files import ROOT
from local.home import HOST, EmbeddedError
from local.waiting import START_S, gets_there, within

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
        """host:port."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Background:
    """A server of a folder, one at most; its files there are called NAME.json, NAME.log, ..."""

    folder: Path
    name: str
    title: str  # what messages call it
    module: str  # is given --port-file and --port, writes its port there, answers GET /healthz
    restart: str  # the command for a server that hangs
    repair: str  # the command for a server that does not start

    @property
    def state(self) -> Path:
        """Which process serves, and where."""
        return self._file("json")

    @property
    def log(self) -> Path:
        """What the server printed."""
        return self._file("log")

    @property
    def port_file(self) -> Path:
        """Where the server writes its port; its name is also what the process is known by."""
        return self._file("port")

    def recorded(self) -> Running | None:
        """The server that the state file names; a stale file is removed."""
        try:
            found = Running(**json.loads(self.state.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            found = None
        if found is None or found.pid not in [process.pid for process in self._processes()]:
            self.state.unlink(missing_ok=True)
            return None
        return found

    def wait(self, found: Running) -> Running:
        """Wait until the server answers: while it is at work it may answer nothing else."""
        if not gets_there(found.pid, lambda: _answers(found.address), self.title):
            raise EmbeddedError(
                f"{self.title} at {found.address} has neither answered nor done anything for "
                f"{START_S} s; run `{self.restart}` and try again."
            )
        return found

    def start(
        self, words: Sequence[object], environ: Mapping[str, str], *, kept: bool, port: int = 0
    ) -> Running:
        """Start a server and wait until it answers, for as long as it lives and gets on.

        The caller knows that none is running and that nobody else starts one.
        """
        # A server without a state file was left by a caller that was killed while it started.
        self.stop()
        self.port_file.unlink(missing_ok=True)
        own = ["--port-file", self.port_file, "--port", port]
        with self.log.open("wb") as log:
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", self.module, *map(str, own), *map(str, words)],
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=environ,
                # Ctrl-C is for the command that uses the server, which is stopped afterwards.
                start_new_session=True,
            )
        try:
            found = self._wait_for(process, kept)
        except BaseException:
            process.kill()
            process.wait()
            raise
        self.keep(found)
        return found

    def started_with(self, words: Sequence[object], *, more: bool = False) -> bool:
        """Whether the server was given these words when it started and no others (or `more`)."""
        asked = [str(word) for word in words]
        for process in self._processes():
            given = process.info["cmdline"]
            # Before them stand --port-file FILE --port N.
            given = given[given.index(self.module) + 5 :]
            return bool((given[: len(asked)] if more else given) == asked)
        return False

    def keep(self, found: Running) -> None:
        """Note the server in the state file, whole or not at all."""
        partial = self.state.with_suffix(".partial")
        partial.write_text(json.dumps(asdict(found)), encoding="utf-8")
        partial.rename(self.state)

    def stop(self) -> bool:
        """Stop the server; False when none was running."""
        found = self._processes()
        for send in (psutil.Process.terminate, psutil.Process.kill):
            for process in self._processes():
                with suppress(psutil.NoSuchProcess):
                    send(process)
            if within(STOP_S, lambda: not self._processes()):
                break
        self.state.unlink(missing_ok=True)
        return bool(found)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One process at a time starts or stops the server."""
        with FileLock(self._file("lock")):
            yield

    @contextmanager
    def lease(
        self, alone: Callable[[], AbstractContextManager[None]]
    ) -> Iterator[Callable[[], bool]]:
        """Shared by all `exec`s; whoever gives it back last stops a server that nobody keeps.

        Yields whether nobody else has it now; to be asked while `alone`.
        """
        with self._file("lease").open("w") as lease:
            fcntl.flock(lease, fcntl.LOCK_SH)

            def nobody_else() -> bool:
                only = _is_last(lease.fileno())
                fcntl.flock(lease, fcntl.LOCK_SH)
                return only

            try:
                yield nobody_else
            finally:
                with alone():
                    found = self.recorded() if _is_last(lease.fileno()) else None
                    if found and not found.kept:
                        self.stop()

    def _file(self, suffix: str) -> Path:
        return self.folder / f"{self.name}.{suffix}"

    def _processes(self) -> list[psutil.Process]:
        """The live server processes of this folder.

        Known by what they were started with: a process id alone may be somebody else's by now.
        """
        ours = {self.module, str(self.port_file)}
        return [
            process
            for process in psutil.process_iter(["cmdline"])
            if ours <= set(process.info["cmdline"] or ())
        ]

    def _wait_for(self, process: "subprocess.Popen[bytes]", kept: bool) -> Running:
        def ready() -> bool:
            return process.poll() is not None or self.port_file.exists()

        if not gets_there(process.pid, ready, self.title) or process.poll() is not None:
            raise EmbeddedError(self._why_not(process.poll()))
        port = int(self.port_file.read_text(encoding="utf-8"))
        found = Running(process.pid, HOST, port, kept)
        if not gets_there(process.pid, lambda: _answers(found.address), self.title):
            raise EmbeddedError(self._why_not(process.poll()))
        return found

    def _why_not(self, status: int | None) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        ended = f"ended with status {status}"
        stood = f"neither answered nor did anything for {START_S} s"
        what = stood if status is None else ended
        said = f'; its last line was "{lines[-1].strip()[:300]}"' if lines else ""
        return f"{self.title} was started and {what}{said}; see {self.log}, then {self.repair}."


def write_port(file: Path, port: int) -> None:
    """What the server does when it listens: write its port, whole or not at all."""
    partial = file.with_name(f"{file.name}.partial")
    partial.write_text(str(port), encoding="utf-8")
    partial.rename(file)


def _is_last(lease: int) -> bool:
    try:
        fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _answers(address: str) -> bool:
    connection = HTTPConnection(address, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
