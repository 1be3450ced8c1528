"""The answers that the service gives, and those that the platform gives in its place."""

from datetime import date
from http import HTTPStatus

from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from local.phase4_service.processing import Result


def completed(day: date, results: list[Result]) -> Response:
    """200 and "completed", also when every processor failed."""
    return JSONResponse(
        {"status": "completed", "analysis_date": day.isoformat(), "results": results}
    )


def error(status: int, text: str) -> Response:
    """The service's own error."""
    return JSONResponse({"error": text}, status)


def platform(status: HTTPStatus, retry_after: int | str | None = None) -> Response:
    """An error that comes from in front of the service and is no JSON."""
    headers = None if retry_after is None else {"Retry-After": str(retry_after)}
    if status == HTTPStatus.GATEWAY_TIMEOUT:
        return PlainTextResponse("upstream request timeout", status, headers)
    return page(status, headers)


def page(status: HTTPStatus, headers: dict[str, str] | None = None) -> Response:
    """A web page."""
    title = f"{status.value} {status.phrase}"
    text = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
    return HTMLResponse(text, status, headers)
