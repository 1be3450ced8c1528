"""A web server whose answers a test chooses: alone, or in front of a real one.

    with serving(forward_to(host)) as (address, requests): ...

An answerer takes a Request and gives an Answer; `but(answer, fault)` lets a fault go first.
"""

import json
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass(frozen=True)
class Request:
    """What a client sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def sql(self) -> str:
        """The text of the query that it starts; empty where it starts none."""
        if self.method != "POST":
            return ""
        asked = json.loads(self.body)
        if "configuration" in asked:
            # A dry run.
            return str(asked["configuration"]["query"]["query"])
        return str(asked["query"])


@dataclass(frozen=True)
class Answer:
    """What is sent back; with `drip_s`, a byte every so many seconds, from the status line on.

    `date`: of its head, that of now unless another is given; none where it is empty.
    """

    status: int = 200
    body: bytes = b"{}"
    drip_s: float | None = None
    date: str | None = None

    def whole(self) -> bytes:
        date = formatdate(usegmt=True) if self.date is None else self.date
        head = f"HTTP/1.1 {self.status} x\r\nContent-Type: application/json\r\n"
        head += f"Date: {date}\r\n" if date else ""
        return f"{head}Content-Length: {len(self.body)}\r\n\r\n".encode() + self.body


# How often a server looks whether it is to end: whoever stops one waits for that.
POLL_S = 0.02
Answerer = Callable[[Request], Answer]
Fault = Callable[[Request], Answer | None]


def as_json(content: Any, status: int = 200) -> Answer:
    """An answer of JSON."""
    return Answer(status, json.dumps(content).encode())


def but(answer: Answerer, fault: Fault) -> Answerer:
    """`fault` answers what it has an answer for, and `answer` the rest."""
    return lambda request: fault(request) or answer(request)


def forward_to(host: str) -> Answerer:
    """What the server at host:port answers."""

    def forward(request: Request) -> Answer:
        url, body = f"http://{host}{request.path}", request.body or None
        headers = {"Content-Type": "application/json"}
        sent = urllib.request.Request(url, body, headers, method=request.method)
        try:
            with urllib.request.urlopen(sent) as answer:  # noqa: S310 (a server of this test)
                return Answer(answer.status, answer.read(), date=answer.headers["Date"])
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.read(), date=error.headers["Date"])

    return forward


@dataclass
class BigQuery:
    """As much of BigQuery as a query needs: every one is done at once and gives these rows."""

    rows: list[list[Any]] = field(default_factory=lambda: [["1"]])
    columns: tuple[tuple[str, str], ...] = (("x", "INTEGER"),)
    # Popped by one query after another: the reason that it fails for.
    failures: list[str] = field(default_factory=list)
    next_page: str | None = None

    def __call__(self, request: Request) -> Answer:
        if request.method == "POST" and self.failures:
            return self._failed(self.failures.pop(0))
        if "/jobs/" in request.path:
            return as_json(_job(request.path.split("/jobs/")[1].split("?")[0]))
        return as_json(self._results("j") if "/queries" in request.path else {})

    def _failed(self, reason: str) -> Answer:
        message = "it was not meant to be"
        error = {"message": message, "errors": [{"reason": reason, "message": message}]}
        return as_json({"error": error}, 400)

    def _results(self, job: str) -> dict[str, Any]:
        fields = [{"name": name, "type": kind, "mode": "NULLABLE"} for name, kind in self.columns]
        rows = [{"f": [{"v": value} for value in row]} for row in self.rows]
        token = {"pageToken": self.next_page} if self.next_page else {}
        return {
            "jobComplete": True,
            "jobReference": {"projectId": "p", "jobId": job},
            "schema": {"fields": fields},
            "totalRows": str(len(rows)),
            "rows": rows,
            **token,
        }


def _job(job: str) -> dict[str, Any]:
    """A job that is done, as one is asked for whose rows come in pages."""
    table = {"projectId": "p", "datasetId": "d", "tableId": "t"}
    return {
        "jobReference": {"projectId": "p", "jobId": job},
        "configuration": {"jobType": "QUERY", "query": {"query": "", "destinationTable": table}},
        "status": {"state": "DONE"},
        "statistics": {"query": {"totalBytesProcessed": "0", "statementType": "SELECT"}},
    }


@dataclass(frozen=True)
class Exchange:
    """A request, and from when to when it was answered, in seconds of a clock."""

    request: Request
    began: float
    ended: float


@dataclass
class Recording:
    """An answerer that holds each request for so many seconds, and notes when it was there."""

    answer: Answerer
    held_s: Callable[[Request], float]
    seen: list[Exchange] = field(default_factory=list)

    def __call__(self, request: Request) -> Answer:
        began = time.monotonic()
        time.sleep(self.held_s(request))
        found = self.answer(request)
        self.seen.append(Exchange(request, began, time.monotonic()))
        return found


def in_sequence(seen: Iterable[Exchange]) -> int:
    """How many were sent one after another: the most of which each began when one had ended."""
    number, last = 0, float("-inf")
    for each in sorted(seen, key=lambda each: each.ended):
        if each.began >= last:
            number, last = number + 1, each.ended
    return number


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Of more that come at once than wait, some would be a second late.
    request_queue_size = 64


def _handler(answer: Answerer, requests: list[Request]) -> type[BaseHTTPRequestHandler]:
    """Notes each request among `requests`, and answers it."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            request = Request(self.command, self.path, dict(self.headers), body)
            requests.append(request)
            self.answer(answer(request))

        def do_POST(self) -> None:
            self.do_GET()

        def answer(self, found: Answer) -> None:
            # A client that does not wait for the end is what some of the tests are about.
            self.close_connection = True
            try:
                if found.drip_s is None:
                    self.wfile.write(found.whole())
                    return
                for byte in found.whole():
                    self.wfile.write(bytes([byte]))
                    time.sleep(found.drip_s)
            except OSError:
                return

        def log_message(self, format: str, *args: object) -> None:
            pass

    return Handler


@contextmanager
def serving(
    answer: Answerer, tls: ssl.SSLContext | None = None
) -> Iterator[tuple[str, list[Request]]]:
    """A server on 127.0.0.1 as host:port, and the requests that came so far."""
    requests: list[Request] = []
    with _Server(("127.0.0.1", 0), _handler(answer, requests)) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        accepting = Thread(target=server.serve_forever, args=[POLL_S], daemon=True)
        accepting.start()
        try:
            yield f"127.0.0.1:{server.server_port}", requests
        finally:
            # Also where the block is left by an error, as most are: on a socket that was closed
            # below it, this loop has no end and takes a core.
            server.shutdown()
            accepting.join()
