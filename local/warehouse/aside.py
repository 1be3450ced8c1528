"""An ASGI application that works in a thread of its own, so that its server goes on listening.

bqemulator runs a query in the server's event loop: until it is over nothing else is answered, not
even whether the server is alive, and a client that has gone is not noticed. Here the work is still
done one after another, as bqemulator expects, while this server answers GET /healthz, and stops the
query of a client that has gone.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from contextvars import ContextVar
from threading import Thread
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]
HEALTHZ = "/healthz"
# Which request the running code works for.
WORK: ContextVar[object] = ContextVar("work", default=None)


class Aside:
    """`application`, in a thread; `stop(work)` is called for work whose client has gone."""

    def __init__(self, application: Application, stop: Callable[[object], None]) -> None:
        self._application = application
        self._stop = stop
        self._loop = asyncio.new_event_loop()
        Thread(target=self._loop.run_forever, name="work", daemon=True).start()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["path"] == HEALTHZ:
            await _alive(send)
        elif (body := await _body(receive)) is not None:
            await self._serve(scope, body, receive, send)

    async def _serve(self, scope: Message, body: bytes, receive: Receive, send: Send) -> None:
        work = object()
        begun = asyncio.run_coroutine_threadsafe(self._do(work, scope, body), self._loop)
        answer = asyncio.wrap_future(begun)
        gone = asyncio.ensure_future(_gone(receive))
        either: set[asyncio.Future[Any]] = {answer, gone}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        gone.cancel()
        if not answer.done():
            # What has not begun never does.
            answer.cancel()
            self._stop(work)
            return
        for message in answer.result():
            await send(message)

    async def _do(self, work: object, scope: Message, body: bytes) -> list[Message]:
        """What the application answers."""
        WORK.set(work)
        messages: list[Message] = []
        given = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            return given.pop() if given else await asyncio.Future[Message]()

        async def send(message: Message) -> None:
            messages.append(message)

        await self._application(scope, receive, send)
        return messages


async def _alive(send: Send) -> None:
    body = json.dumps({"status": "ok"}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _body(receive: Receive) -> bytes | None:
    """All that the client sends; None when it goes before."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(parts)


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
