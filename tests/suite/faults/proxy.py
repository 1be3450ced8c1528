"""A proxy on 127.0.0.1 that passes requests on to a server, and breaks those that it is told to.

    with Proxy(host) as proxy, proxy.breaks(status(503), path="/jobs"):
        ...

A fault gets the exchange and does what it likes instead of passing the request on.
"""

import http.client
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

UPSTREAM_S = 120
HOST = "127.0.0.1"
# What belongs to one connection and not to the answer.
_OWN_HEADERS = {"connection", "content-length", "keep-alive", "transfer-encoding"}


@dataclass(frozen=True)
class Reply:
    """A server's whole answer."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()

    def header(self, name: str) -> str:
        """A header's value, empty without it."""
        return next((value for key, value in self.headers if key.lower() == name), "")


class GoneError(Exception):
    """The server behind the proxy does not answer."""


class Exchange:
    """One request, and the means to answer it well or badly."""

    def __init__(self, handler: BaseHTTPRequestHandler, upstream: str, stop: threading.Event):
        self._handler = handler
        self._upstream = upstream
        self.method = handler.command
        self.path = handler.path
        self.body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        self.stopped = stop

    def forward(self) -> Reply:
        """What the server behind the proxy answers. Raises GoneError."""
        connection = http.client.HTTPConnection(self._upstream, timeout=UPSTREAM_S)
        headers = {
            name: value
            for name, value in self._handler.headers.items()
            # Not compressed, so that a fault can change what the answer says.
            if name.lower() not in _OWN_HEADERS | {"accept-encoding"}
        }
        try:
            connection.request(self.method, self.path, self.body or None, headers)
            answer = connection.getresponse()
            return Reply(answer.status, answer.read(), tuple(answer.getheaders()))
        except (OSError, http.client.HTTPException) as error:
            raise GoneError(str(error)) from error
        finally:
            connection.close()

    def answer(self, reply: Reply, *, length: int | None = None) -> None:
        """Send `reply`; a `length` of the body other than its own ends the connection after it."""
        handler = self._handler
        handler.send_response(reply.status)
        for name, value in reply.headers:
            if name.lower() not in _OWN_HEADERS:
                handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(reply.body) if length is None else length))
        handler.end_headers()
        handler.wfile.write(reply.body)
        handler.close_connection = length is not None

    def raw(self, content: bytes) -> None:
        """Send bytes that need be no HTTP, and end the connection."""
        self._handler.wfile.write(content)
        self._handler.close_connection = True

    def reset(self) -> None:
        """End the connection with a RST."""
        linger = struct.pack("ii", 1, 0)
        self._handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._handler.connection.close()
        self._handler.close_connection = True


Act = Callable[[Exchange], None]


@dataclass
class Rule:
    """Which requests a fault takes: those that match, from the `at`-th on, `times` of them."""

    act: Act
    path: str = ""
    method: str = ""
    at: int = 1
    times: float = 1
    seen: int = 0
    taken: int = 0

    def takes(self, exchange: Exchange) -> bool:
        """Whether this request is broken; counts it."""
        if not re.search(self.path, exchange.path) or self.method not in ("", exchange.method):
            return False
        self.seen += 1
        wanted = self.seen >= self.at and self.taken < self.times
        self.taken += wanted
        return wanted


@dataclass
class Proxy:
    """Listens on a port of its own from the start of the block to its end."""

    upstream: str
    requests: list[tuple[str, str]] = field(default_factory=list)
    _rules: list[Rule] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _port: int = 0
    _server: ThreadingHTTPServer | None = None
    _stop: threading.Event = field(default_factory=threading.Event)

    @property
    def host(self) -> str:
        """host:port."""
        return f"{HOST}:{self._port}"

    def __enter__(self) -> "Proxy":
        self.listen()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.refuse()

    def listen(self) -> None:
        """Take connections, always on the same port."""
        self._stop.clear()
        self._server = _Server((HOST, self._port), _handler(self))
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def refuse(self) -> None:
        """Close the port, and let go of whoever is kept waiting."""
        self._stop.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @contextmanager
    def breaks(self, act: Act, **which: Any) -> Iterator[Rule]:
        """Break what a Rule with `which` takes, for the length of a block."""
        rule = Rule(act, **which)
        with self._lock:
            self._rules.append(rule)
        try:
            yield rule
        finally:
            self._stop.set()
            with self._lock:
                self._rules.remove(rule)
            self._stop = threading.Event()

    @contextmanager
    def refuses(self, seconds: float | None = None) -> Iterator[None]:
        """A closed port for a block, or for its first `seconds`."""
        self.refuse()
        timer = threading.Timer(seconds, self.listen) if seconds is not None else None
        if timer:
            timer.start()
        try:
            yield
        finally:
            if timer:
                timer.join()
            else:
                self.listen()

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        with self._lock:
            exchange = Exchange(handler, self.upstream, self._stop)
            self.requests.append((exchange.method, exchange.path))
            rule = next((rule for rule in self._rules if rule.takes(exchange)), None)
        (rule.act if rule else passed_on)(exchange)


class _Server(ThreadingHTTPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that has gone is no news."""


def _handler(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            # Any method: what the client asks for is the server's affair.
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            proxy.handle(self)
            if not self.wfile.closed:
                self.wfile.flush()

        def log_message(self, format: str, *args: Any) -> None:
            """The tests say what they need to."""

    return Handler


def passed_on(exchange: Exchange) -> None:
    """No fault."""
    try:
        exchange.answer(exchange.forward())
    except GoneError:
        exchange.reset()


def pause(exchange: Exchange, seconds: float) -> bool:
    """Wait; False when the block of the fault has ended meanwhile."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if exchange.stopped.wait(0.02):
            return False
    return True
