"""The faults that can be ordered, each with what it may be told.

An order is `{"fault": NAME, ...}`. A fault is called with its order, the plan of the request and a
function that carries a plan out; what it returns is answered, and None drops the connection.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from http import HTTPStatus

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from starlette.responses import JSONResponse, Response

from local.phase4_service import answers
from local.phase4_service.orders import Order
from local.phase4_service.processing import Plan, Result, result

Run = Callable[[Plan], Awaitable[list[Result]]]
Act = Callable[[Order, Plan, Run], Awaitable[Response | None]]


@dataclass(frozen=True)
class Fault:
    """What happens, and the options that an order may carry."""

    act: Act
    options: frozenset[str] = frozenset()


async def processor_failed(order: Order, plan: Plan, run: Run) -> Response:
    """`processor`, or all, ends with `status` (exception) and does not write."""
    status = order.status or "exception"
    # Only an exception comes with a text.
    text = (order.error or "ValueError: ordered") if status == "exception" else order.error
    failing = {name: result(name, status, text) for name in order.names}
    return answers.completed(plan.day, await run(replace(plan, failing=failing)))


async def zero_rows(order: Order, plan: Plan, run: Run) -> Response:
    """`processor`, or all, says success and has written nothing."""
    return await _changed(order, plan, run, lambda rows: rows.slice(0, 0))


async def partial_players(order: Order, plan: Plan, run: Run) -> Response:
    """`processor`, or all, says success and has written every nth row (`share`, half of them)."""

    def some(rows: pa.Table) -> pa.Table:
        count = int(rows.num_rows * order.share)
        return rows.take(pa.array(np.linspace(0, rows.num_rows - 1, count).astype(np.int64)))

    return await _changed(order, plan, run, some)


async def partial_games(order: Order, plan: Plan, run: Run) -> Response:
    """`processor`, or all, says success and has written `games` (1) of the games."""

    def some(rows: pa.Table) -> pa.Table:
        if "game_id" not in rows.column_names:
            return rows
        first = pc.unique(rows["game_id"]).slice(0, order.games)
        return rows.filter(pc.is_in(rows["game_id"], first))

    return await _changed(order, plan, run, some)


async def _changed(
    order: Order, plan: Plan, run: Run, change: Callable[[pa.Table], pa.Table]
) -> Response:
    def chosen(processor: str, rows: pa.Table) -> pa.Table:
        return change(rows) if processor in order.names else rows

    return answers.completed(plan.day, await run(replace(plan, change=chosen)))


def _platform(status: HTTPStatus) -> Act:
    async def act(order: Order, plan: Plan, run: Run) -> Response:
        if order.after_write:
            await run(plan)
        return answers.platform(status, order.retry_after)

    return act


async def server_error(order: Order, plan: Plan, run: Run) -> Response:
    """500 with `error`; with `after_write` the rows are there all the same."""
    if order.after_write:
        await run(plan)
    return answers.error(HTTPStatus.INTERNAL_SERVER_ERROR, order.error or "ordered")


async def hang(order: Order, plan: Plan, run: Run) -> Response:
    """Wait `seconds` (600), then write and answer; with `after_write` write, then wait."""
    if not order.after_write:
        await asyncio.sleep(order.seconds)
    results = await run(plan)
    if order.after_write:
        await asyncio.sleep(order.seconds)
    return answers.completed(plan.day, results)


async def dropped(order: Order, plan: Plan, run: Run) -> None:
    """The connection ends without an answer; with `after_write` the rows are there all the same."""
    if order.after_write:
        await run(plan)


async def html(_order: Order, _plan: Plan, _run: Run) -> Response:
    """200 with a web page."""
    return answers.page(HTTPStatus.OK)


async def empty_results(_order: Order, plan: Plan, _run: Run) -> Response:
    """200 and completed, without results; nothing is written."""
    return answers.completed(plan.day, [])


async def missing_processor(order: Order, plan: Plan, run: Run) -> Response:
    """`processor` has not run and is not in the results."""
    left = [name for name in plan.names if name not in order.names]
    results = await run(replace(plan, processors=left)) if left else []
    return answers.completed(plan.day, results)


async def other_shape(order: Order, _plan: Plan, _run: Run) -> Response:
    """200 with JSON of another shape: `body`, or a list."""
    return JSONResponse(["completed"] if order.body is None else order.body)


async def nested(_order: Order, _plan: Plan, _run: Run) -> Response:
    """200 with JSON that is nested more deeply than a reader can follow."""
    return Response("[" * 100_000 + "]" * 100_000, media_type="application/json")


def _fault(act: Act, *options: str) -> Fault:
    return Fault(act, frozenset(options))


FAULTS: dict[str, Fault] = {
    "processor_failed": _fault(processor_failed, "processor", "status", "error"),
    "zero_rows": _fault(zero_rows, "processor"),
    "partial_players": _fault(partial_players, "processor", "share"),
    "partial_games": _fault(partial_games, "processor", "games"),
    "401": _fault(_platform(HTTPStatus.UNAUTHORIZED)),
    "403": _fault(_platform(HTTPStatus.FORBIDDEN)),
    "429": _fault(_platform(HTTPStatus.TOO_MANY_REQUESTS), "retry_after"),
    "500": _fault(server_error, "error", "after_write"),
    "503": _fault(_platform(HTTPStatus.SERVICE_UNAVAILABLE), "retry_after", "after_write"),
    "504": _fault(_platform(HTTPStatus.GATEWAY_TIMEOUT), "after_write"),
    "hang": _fault(hang, "seconds", "after_write"),
    "dropped": _fault(dropped, "after_write"),
    "html": _fault(html),
    "empty_results": _fault(empty_results),
    "missing_processor": _fault(missing_processor, "processor"),
    "other_shape": _fault(other_shape, "body"),
    "nested": _fault(nested),
}
OPTIONS = {name: fault.options for name, fault in FAULTS.items()}
