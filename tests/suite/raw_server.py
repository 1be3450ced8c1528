"""A real HTTP server on this machine that answers with exactly the bytes that a test gives it."""

import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

# What is sent, piece by piece, each after so many seconds.
Answer = Sequence[tuple[float, bytes]]


def whole(status: str, body: bytes = b"", *headers: str) -> Answer:
    """An answer at once."""
    head = "\r\n".join([f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "", ""])
    return [(0, head.encode() + body)]


def slowly(answer: Answer, seconds: float) -> Answer:
    """The same byte by byte, `seconds` apart."""
    return [(seconds, bytes([byte])) for _, piece in answer for byte in piece]


@dataclass
class RawServer:
    """What was asked of it, and how it answers: the next answer to each request, the last again."""

    url: str
    answers: list[Answer] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    # Set when a connection has been served to its end, or its client has gone.
    idle: threading.Event = field(default_factory=threading.Event)

    def header(self, name: str) -> list[str | None]:
        """A header of each request; None where there was none."""
        return [_header(request, name) for request in self.requests]

    def serve(self, connection: socket.socket) -> None:
        """One connection with one request."""
        with connection, suppress(OSError):
            self.requests.append(_read(connection))
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            for seconds, piece in answer:
                time.sleep(seconds)
                connection.sendall(piece)
        self.idle.set()


def _read(connection: socket.socket) -> str:
    text = b""
    while b"\r\n\r\n" not in text:
        text += (piece := connection.recv(65_536))
        if not piece or text.startswith(b"\x16"):
            return ""  # the client has gone, or speaks TLS
    head, _, body = text.partition(b"\r\n\r\n")
    length = int(_header(head.decode(), "content-length") or 0)
    while len(body) < length:
        body += connection.recv(65_536)
    return (head + b"\r\n\r\n" + body).decode()


def _header(request: str, name: str) -> str | None:
    for line in request.partition("\r\n\r\n")[0].split("\r\n")[1:]:
        key, _, value = line.partition(":")
        if key.lower() == name.lower():
            return value.strip()
    return None


@contextmanager
def serving(*answers: Answer, host: str = "127.0.0.1") -> Iterator[RawServer]:
    """A server on a free port of this machine."""
    with socket.create_server((host, 0)) as listener:
        server = RawServer(f"http://{host}:{listener.getsockname()[1]}", list(answers))

        def accept() -> None:
            with suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=server.serve, args=[connection], daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield server
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
