"""A chat that takes messages on 127.0.0.1, and a desk where runs end and are announced."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from builders import Outcome, recorded

from gates.commands import announce
from gates.config.settings import Settings, load
from gates.decide import history, records
from gates.decide.record import record_file

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
LINK = "https://ci.example/runs/7?a=1&b=2"
NOTHING = "slack GATES_WEBHOOK: nothing is new."
SECRET = "T0KEN-of-the-webhook"  # noqa: S105


@dataclass
class Chat:
    """A chat's webhook: what was posted to it, and the status that it answers with."""

    port: int
    posts: list[tuple[str, Any]] = field(default_factory=list)
    status: int = 200

    @property
    def webhook(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook/{SECRET}"


@contextmanager
def listening() -> Iterator[Chat]:
    """A chat that listens until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.posts.append((self.path, json.loads(body)))
            self.send_response(found.status)
            self.send_header("Location", f"/hook/{SECRET}/again")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        found = Chat(server.server_port)
        thread = threading.Thread(target=server.serve_forever, args=[0.02])
        thread.start()
        yield found
        server.shutdown()
        thread.join()


@dataclass
class Desk:
    """A place where runs end one after another and each is announced."""

    environ: dict[str, str]
    capsys: pytest.CaptureFixture[str]
    now: datetime = NOW

    @property
    def settings(self) -> Settings:
        return load(self.environ, self.now)

    def run(
        self,
        others: dict[str, Outcome] | None = None,
        stage: str = "phase12",
        lost: bool = False,
        after: timedelta = timedelta(hours=1),
        status: int = 0,
    ) -> str:
        """A run of the gates, taken into the history, and what is said when it is announced."""
        self.now += after
        now, settings = self.now, self.settings
        file = record_file(settings.reports, stage)
        file.unlink(missing_ok=True)
        if not lost:
            recorded(settings, stage, now, others)
            left = records.load(settings, stage)
            history.append(settings.state, history.of(left))
        return self.say(now, stage, status=status)

    def say(self, now: datetime, *stages: str, status: int = 0) -> str:
        assert announce.main([*stages, "--link", LINK], self.environ, now) == status
        captured = self.capsys.readouterr()
        assert SECRET not in captured.out + captured.err
        assert captured.err == ""
        said, _, command = captured.out.strip().rpartition("\n")
        assert command == "Next: make history"
        return said
