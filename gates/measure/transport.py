"""HTTP: a deadline for all that is done within it, and nobody's password but the token.

A timeout of `requests` starts anew with every byte that comes; a deadline does not. It holds for
the thread that set it, over connecting, sending and every byte of every answer; only the look-up of
a host's name cannot be cut short.
"""

import email.utils
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import requests
from google.auth.credentials import Credentials
from google.auth.transport.requests import AuthorizedSession, Request
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.ssl_ import create_urllib3_context

_END: ContextVar[float] = ContextVar("end", default=float("inf"))


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """What this thread does in the block ends after `seconds`, or with a block around it.

    From then on every request is a requests.Timeout or a TimeoutError.
    """
    before = _END.set(min(_END.get(), monotonic() + seconds))
    try:
        yield
    finally:
        _END.reset(before)


def left() -> float:
    """Seconds to this thread's deadline; negative behind it, infinite without one."""
    return _END.get() - monotonic()


def request() -> Request:
    """What google-auth asks for tokens with."""
    return Request(PlainSession())


class PlainSession(requests.Session):
    """A session that keeps the deadline, follows no redirect and looks into no ~/.netrc."""

    def __init__(self, *words: Any, **named: Any) -> None:
        super().__init__(*words, **named)
        for scheme in ("http://", "https://"):
            self.mount(scheme, _Adapter())
        # An entry of ~/.netrc would replace the token; `trust_env = False` loses the proxies too.
        self.auth = _as_it_is

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Nothing: Google's services never redirect; what does is somebody else, and gets no token.

        `allow_redirects=False` reads the whole body of a redirect, whatever its size.
        """


class Session(PlainSession, AuthorizedSession):
    """The same, whose requests carry the token of `credentials`.

    `date` is the latest time that an answer's head has said, `answered` when the last answer came,
    by `monotonic`; None before the first.
    """

    def __init__(self, credentials: Credentials) -> None:
        super().__init__(credentials, auth_request=request())
        self.date: datetime | None = None
        self.answered: float | None = None

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """Send it and note the time of the answer."""
        answer = super().send(request, **kwargs)
        self.answered = monotonic()
        if (date := _date_of(answer)) and (self.date is None or date > self.date):
            self.date = date
        return answer


def _date_of(answer: requests.Response) -> datetime | None:
    """The Date of an answer's head, if it has one that is understood."""
    try:
        return email.utils.parsedate_to_datetime(answer.headers["Date"]).astimezone(UTC)
    except (LookupError, ValueError, OverflowError):
        return None


def _as_it_is(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
    return prepared


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=_tls())
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs, ssl_context=_tls())
        manager.pool_classes_by_scheme = _POOLS
        return manager

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        if left() <= 0:
            raise requests.Timeout("the deadline has passed", request=request)
        given = kwargs.get("timeout")
        limits = [each for each in (given if isinstance(given, tuple) else (given,)) if each]
        limit = min([*limits, left()])
        kwargs["timeout"] = None if limit == float("inf") else limit
        return super().send(request, *args, **kwargs)


def _tls() -> ssl.SSLContext:
    context = create_urllib3_context()
    context.sslsocket_class = _TLSSocket
    return context


def _keep(connection: socket.socket) -> None:
    """Let the next operation of a socket end with the deadline."""
    seconds = left()
    if seconds <= 0:
        raise TimeoutError("the deadline has passed")
    if seconds != float("inf"):
        connection.settimeout(seconds)


class _Socket(socket.socket):
    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        _keep(self)
        return super().recv_into(*args, **kwargs)


class _TLSSocket(ssl.SSLSocket):
    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        _keep(self)
        return super().recv_into(*args, **kwargs)

    def send(self, *args: Any, **kwargs: Any) -> int:
        # Of plain sockets `sendall` has one limit for all that it sends; here it is a loop of this.
        _keep(self)
        return super().send(*args, **kwargs)


def _watched(plain: socket.socket) -> _Socket:
    timeout = plain.gettimeout()
    found = _Socket(plain.family, plain.type, plain.proto, fileno=plain.detach())
    found.settimeout(timeout)
    return found


# `_new_conn` is what urllib3 2 itself gives SOCKS proxies by; a test holds that it is called.
class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        return _watched(super()._new_conn())


class _TLSConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        return _watched(super()._new_conn())


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _TLSConnection


_POOLS = {"http": _Pool, "https": _TLSPool}
