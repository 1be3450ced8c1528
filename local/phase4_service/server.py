"""The server process of the embedded Phase 4 service.

    python -m local.phase4_service.server --port-file FILE --port N --warehouse HOST:PORT ...

writes the port that it listens on into FILE and serves until SIGTERM.
"""

import argparse
import asyncio
import os
import socket
from pathlib import Path

import uvicorn
from starlette.requests import Request
from uvicorn.protocols.http.h11_impl import H11Protocol

from local.background import write_port
from local.client import connect
from local.home import HOST, EmbeddedError
from local.phase4_service.app import Service
from local.phase4_service.faults import OPTIONS
from local.phase4_service.orders import Orders
from local.phase4_service.processing import Processing
from local.phase4_service.tokens import Tokens

_connections: dict[tuple[str, int], asyncio.Transport] = {}


class Protocol(H11Protocol):
    """Knows the open connections, because an application cannot end one without an answer."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Note the connection under its client's address."""
        super().connection_made(transport)
        self._peer = transport.get_extra_info("peername")[:2]
        _connections[self._peer] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        super().connection_lost(exc)
        _connections.pop(self._peer, None)


def drop(request: Request) -> None:
    """End the request's connection without an answer."""
    client = request.client
    if client and (transport := _connections.get((client.host, client.port))):
        transport.abort()


def main(given: argparse.Namespace) -> None:
    """Serve until SIGTERM."""
    os.umask(0o077)
    orders = Orders(given.faults, OPTIONS)
    try:
        orders.check()
    except EmbeddedError as problem:
        raise SystemExit(str(problem)) from None
    service = Service(
        Processing(connect(given.warehouse, given.project, given.location)),
        orders,
        Tokens(given.token_requests, given.token_seconds),
        given.log,
        drop,
    )
    with socket.socket() as listener:
        # A restart on the same port need not wait for the old connections to be forgotten.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, given.port))
        listener.listen()
        write_port(given.port_file, listener.getsockname()[1])
        config = uvicorn.Config(
            service.app(),
            http=Protocol,
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m local.phase4_service.server")
    parser.add_argument("--port-file", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--warehouse", required=True)
    parser.add_argument("--project", required=True)
    parser.add_argument("--location", required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--faults", type=Path)
    parser.add_argument("--token-requests", type=int)
    parser.add_argument("--token-seconds", type=float)
    main(parser.parse_args())
