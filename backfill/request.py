"""One POST that ends by its deadline, however slowly its answer comes, with a body of bounded size.

requests has a limit for each read only: an answer that comes byte by byte would never end. So the
request has a thread of its own, and at the deadline its connection is shut.
"""

import socket
from collections.abc import Mapping
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import NewConnectionError

from backfill.tokens import is_loopback
from gates.files import in_background

CONNECT_S = 10
MOST_BYTES = 1_000_000
_CHUNK = 65_536


@dataclass(frozen=True)
class Reply:
    """What came back: a `status`, or `why` there is none.

    `body` is at most MOST_BYTES of it, or None where it broke off. `sent` unless it is certain that
    no request went out.
    """

    status: int | None = None
    retry_after: str | None = None
    body: bytes | None = None
    why: str = ""
    sent: bool = True


class _Exchange(HTTPAdapter):
    """One request under way, which can be ended from another thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._over = False
        self._opened: list[socket.socket] = []
        self.head: Reply | None = None
        super().__init__(max_retries=0)

    @property
    def connected(self) -> bool:
        """Whether a connection was made."""
        return bool(self._opened)

    def get_connection_with_tls_context(self, *words: Any, **named: Any) -> Any:
        """The pool that requests asks for; its connections are noted as they are opened."""
        pool: Any = super().get_connection_with_tls_context(*words, **named)
        exchange, known = self, pool.ConnectionCls

        class Connection(known):  # type: ignore[valid-type, misc]
            def _new_conn(self) -> socket.socket:
                opened: socket.socket = super()._new_conn()
                exchange.note(opened)
                return opened

        pool.ConnectionCls = Connection
        return pool

    def note(self, opened: socket.socket) -> None:
        """A connection, before anything is sent over it."""
        with self._lock:
            if self._over:
                opened.shutdown(socket.SHUT_RDWR)
            else:
                # A second handle on it: TLS takes the first one over.
                self._opened.append(opened.dup())

    def end(self) -> None:
        """Shut what is open, also while it is being read from, and what will be opened."""
        with self._lock:
            self._over = True
            for each in self._opened:
                with suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)
                each.close()


def post(url: str, content: Mapping[str, Any], auth: AuthBase, timeout_s: float) -> Reply:
    """What came back for a POST of JSON within `timeout_s` seconds.

    A redirect is not followed, so that the token goes nowhere else.
    """
    exchange = _Exchange()
    sending = in_background(partial(_send, exchange, url, content, auth, timeout_s))
    try:
        return sending.result(timeout=timeout_s)
    except (FutureTimeout, requests.Timeout) as error:
        if exchange.head:
            return exchange.head
        if isinstance(error, requests.ConnectTimeout) or not exchange.connected:
            return Reply(why="no connection could be made in time", sent=False)
        return Reply(why=f"no answer within {timeout_s:g} s")
    except requests.RequestException as error:
        why = f"the connection failed ({type(error).__name__})"
        return Reply(why=why, sent=not _never_sent(error))
    finally:
        exchange.end()


def _send(
    exchange: _Exchange, url: str, content: Mapping[str, Any], auth: AuthBase, timeout_s: float
) -> Reply:
    with requests.Session() as session:
        # A proxy of the environment would carry in plain text what must not leave this machine.
        session.trust_env = not is_loopback(url)
        session.mount("http://", exchange)
        session.mount("https://", exchange)
        response = session.post(
            url,
            json=content,
            auth=auth,
            timeout=(min(CONNECT_S, timeout_s), timeout_s),
            allow_redirects=False,
            stream=True,
        )
        head = Reply(response.status_code, response.headers.get("Retry-After"))
        exchange.head = head
        return replace(head, body=_body(response))


def _body(response: requests.Response) -> bytes | None:
    body = b""
    try:
        for chunk in response.iter_content(_CHUNK):
            body += chunk
            if len(body) >= MOST_BYTES:
                break
    except requests.RequestException:
        return None
    return body[:MOST_BYTES]


def _never_sent(error: requests.RequestException) -> bool:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    # A ValueError: a URL or a header of which no request could be made.
    return isinstance(error, ValueError) or isinstance(reason, NewConnectionError)
