"""The service's HTTP side: the contract, at most five requests at a time, a log of requests."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from local.home import EmbeddedError
from local.phase4_service import answers
from local.phase4_service.faults import FAULTS
from local.phase4_service.orders import Orders
from local.phase4_service.processing import Plan, Processing, Result
from local.phase4_service.tokens import Tokens

INSTANCES = 5  # each takes one request at a time; further requests wait


@dataclass
class Asked:
    """A request as the log names it, filled in as far as it has been understood."""

    date: str | None = None
    fault: str | None = None


class Service:
    """What a running service remembers."""

    def __init__(
        self,
        processing: Processing,
        orders: Orders,
        tokens: Tokens,
        log: Path,
        drop: Callable[[Request], None],
    ) -> None:
        self._processing = processing
        self._orders = orders
        self._tokens = tokens
        self._log = log
        self._drop = drop
        self._instances = asyncio.Semaphore(INSTANCES)

    def app(self) -> Starlette:
        """POST /process-date and GET /healthz."""
        return Starlette(
            routes=[
                Route("/process-date", self._process_date, methods=["POST"]),
                Route("/healthz", _healthz),
            ]
        )

    async def _process_date(self, request: Request) -> Response:
        received, asked = datetime.now(UTC), Asked()
        try:
            body = await request.body()
        except ClientDisconnect:
            body = b""
        async with self._instances:
            answer = await self._answer(request.headers.get("Authorization"), body, asked)
        self._note(received, asked, answer)
        if answer is None:
            self._drop(request)
            # The server must see that the connection is gone; what is returned reaches nobody.
            await asyncio.sleep(0.01)
        return answer or Response()

    async def _answer(
        self, authorization: str | None, body: bytes, asked: Asked
    ) -> Response | None:
        try:
            given = json.loads(body)
            text = given.get("analysis_date")
            asked.date = text if isinstance(text, str) else None
        except (ValueError, AttributeError):
            given = text = None
        if refused := self._tokens.refuse(authorization):
            return answers.platform(refused)
        if given is None:
            return answers.error(
                HTTPStatus.INTERNAL_SERVER_ERROR, "The body is not a JSON object; send one."
            )
        if not text:
            return answers.error(HTTPStatus.BAD_REQUEST, "analysis_date required")
        try:
            plan = Plan(date.fromisoformat(text), _processors(given))
            return await self._carried_out(plan, asked)
        except (EmbeddedError, TypeError, ValueError) as problem:
            return answers.error(HTTPStatus.INTERNAL_SERVER_ERROR, str(problem))

    async def _carried_out(self, plan: Plan, asked: Asked) -> Response | None:
        order = self._orders.next(plan.day)
        if order is None:
            return answers.completed(plan.day, await self._run(plan))
        asked.fault = order.fault
        return await FAULTS[order.fault].act(order, plan, self._run)

    async def _run(self, plan: Plan) -> list[Result]:
        return await asyncio.to_thread(self._processing.run, plan)

    def _note(self, received: datetime, asked: Asked, answer: Response | None) -> None:
        """A line for each request when it is answered; `status` is null for a dropped one."""
        line = json.dumps(
            {
                "date": asked.date,
                "time": received.isoformat(),
                "status": None if answer is None else answer.status_code,
                "fault": asked.fault,
            }
        )
        with self._log.open("a", encoding="utf-8") as log:
            log.write(f"{line}\n")


def _processors(given: dict[str, Any]) -> list[str]:
    names = given.get("processors") or []
    if not isinstance(names, list):
        raise TypeError(f"processors is {names!r}, expected a list of names.")
    return names


async def _healthz(_request: Request) -> Response:
    return PlainTextResponse("ok")
