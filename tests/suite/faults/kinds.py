"""The ways in which a server, or what stands before it, can fail."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from faults.proxy import Act, Exchange, GoneError, Reply, pause

FOR_EVER = 3600.0
JSON = ("Content-Type", "application/json")
HTML = ("Content-Type", "text/html")
PAGE = b"<html><head><title>Error</title></head><body><h1>Server Error</h1>\x1b[2J</body></html>"
# https://cloud.google.com/bigquery/docs/error-messages
REASONS = {
    400: "invalidQuery",
    401: "authError",
    403: "accessDenied",
    404: "notFound",
    409: "duplicate",
    413: "tooLarge",
    429: "rateLimitExceeded",
    500: "internalError",
    503: "backendError",
    504: "backendError",
}


def reset(exchange: Exchange) -> None:
    """The connection is cut before an answer."""
    exchange.reset()


def stall(exchange: Exchange) -> None:
    """The request is taken and never answered."""
    pause(exchange, FOR_EVER)
    exchange.reset()


def trickle(exchange: Exchange) -> None:
    """The right answer, a byte each fifth of a second."""
    reply = exchange.forward()
    exchange.raw(f"HTTP/1.1 {reply.status} OK\r\nContent-Type: application/json\r\n".encode())
    exchange.raw(f"Content-Length: {len(reply.body)}\r\n\r\n".encode())
    # A client that has given up is what is hoped for.
    with suppress(OSError):
        for byte in reply.body:
            if not pause(exchange, 0.2):
                break
            exchange.raw(bytes([byte]))
    exchange.reset()


def bigquery_error(code: int, reason: str | None = None) -> Act:
    """An error as BigQuery writes it."""
    named = reason or REASONS[code]
    error = {"reason": named, "message": f"Ordered: {named}", "domain": "global"}
    body = {"error": {"code": code, "message": error["message"], "errors": [error]}}
    return status(code, json.dumps(body).encode(), JSON)


def status(code: int, body: bytes = PAGE, *headers: tuple[str, str]) -> Act:
    """An answer that never came from the server: by default a proxy's page."""
    return lambda exchange: exchange.answer(Reply(code, body, headers or (HTML,)))


def retry_after(code: int, value: str) -> Act:
    """An error that says when to come back."""
    return status(code, b'{"error": "ordered"}', JSON, ("Retry-After", value))


def redirect(exchange: Exchange) -> None:
    """The answer is said to be elsewhere."""
    exchange.answer(Reply(302, b"", (("Location", "http://127.0.0.1:9/elsewhere"),)))


def garbage(exchange: Exchange) -> None:
    """200, and bytes that are no JSON."""
    exchange.answer(Reply(200, bytes(range(256)) * 4, (JSON,)))


def not_http(exchange: Exchange) -> None:
    """Bytes that are no answer at all."""
    exchange.raw(b"\x15\x03\x01\x00\x02\x02\x28 no HTTP here\r\n\r\n")


def empty(exchange: Exchange) -> None:
    """200 and nothing."""
    exchange.answer(Reply(200, b"", (JSON,)))


def nested(exchange: Exchange) -> None:
    """200, and JSON that is nested a hundred thousand times."""
    exchange.answer(Reply(200, b"[" * 100_000 + b"]" * 100_000, (JSON,)))


def half_a_page(exchange: Exchange) -> None:
    """The first half of the right answer, then the connection ends."""
    reply = exchange.forward()
    half = reply.body[: len(reply.body) // 2]
    exchange.answer(Reply(reply.status, half, reply.headers), length=len(reply.body))


def answer_lost(exchange: Exchange) -> None:
    """The server has done its work, and the connection is cut before it can say so."""
    with suppress(GoneError):
        exchange.forward()
    exchange.reset()


def changed(change: Callable[[Any], Any]) -> Act:
    """The server's own answer, with its JSON changed."""

    def act(exchange: Exchange) -> None:
        reply = exchange.forward()
        body = json.dumps(change(json.loads(reply.body))).encode()
        exchange.answer(Reply(reply.status, body, reply.headers))

    return act


def _rows(change: Callable[[list[Any]], list[Any]]) -> Act:
    def whole(body: Any) -> Any:
        if not body.get("rows"):
            return body
        rows = change(body["rows"])
        return {**body, "rows": rows, "totalRows": str(len(rows))}

    return changed(whole)


def _each_value(value: object) -> Callable[[list[Any]], list[Any]]:
    return lambda rows: [{"f": [{"v": value} for _ in row["f"]]} for row in rows]


def _each_count(value: str) -> Callable[[list[Any]], list[Any]]:
    """Another value for each whole number, in structs too; arrays and texts stay."""

    def row(fields: Any) -> Any:
        return {"f": [{"v": one(cell["v"])} for cell in fields["f"]]}

    def one(found: Any) -> Any:
        if isinstance(found, dict):
            return row(found)
        return value if isinstance(found, str) and found.isdecimal() else found

    return lambda rows: [row(each) for each in rows]


page_loop = changed(
    lambda body: {**body, "pageToken": "again", "totalRows": "9"} if "rows" in body else body
)
rows_twice = _rows(lambda rows: rows * 2)
rows_gone = _rows(lambda rows: [])
rows_null = _rows(_each_value(None))
rows_text = _rows(_each_count("\x1b[31mno number\n✅ forged"))
rows_negative = _rows(_each_count("-1"))
rows_huge = _rows(_each_count("9" * 400))
rows_short = _rows(lambda rows: [{"f": row["f"][:-1]} for row in rows])
rows_flat = _rows(lambda rows: ["none", 7, None])
no_schema = changed(lambda body: {key: body[key] for key in body if key != "schema"})
never_done = changed(
    lambda body: {**body, "jobComplete": False, "rows": [], "status": {"state": "RUNNING"}}
)


def json_reply(exchange: Exchange, body: object) -> None:
    """200, and a body that the server never wrote."""
    exchange.answer(Reply(200, json.dumps(body).encode(), (JSON,)))
