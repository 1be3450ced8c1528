"""The Phase 4 service as a client sees it: one POST per date, and what its answer is worth.

The service answers 200 and "completed" whatever happened, so its words are read processor by
processor; that a date is in the tables is never concluded from them (gates/readback.py).
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import NewConnectionError
from urllib3.util import Retry

from backfill.tokens import Tokens

PATH = "/process-date"
CONNECT_S = 10
# Not 504: whoever stands before the service gave up, the service itself goes on.
RETRIED = (429, 500, 502, 503)
ERROR_CHARACTERS = 300
# "answered": the service has said all; "refused": asking again is of no use; "unknown": it may
# still be at work, or have written without saying so.
Outcome = Literal["answered", "refused", "unknown"]


@dataclass(frozen=True)
class Answer:
    """What came back for one date; `error` is None only if every required processor succeeded."""

    outcome: Outcome
    http_status: int | None = None
    processors: Mapping[str, str] = field(default_factory=dict)
    error: str | None = None
    warning: str | None = None


@dataclass(frozen=True)
class Manners:
    """How the service is asked: seconds to wait for an answer, repeats of a passing failure."""

    timeout_s: float
    repeats: int
    backoff_s: float


class Service:
    """A client for many workers; connections are reused, one session per thread."""

    def __init__(
        self,
        url: str,
        tokens: Tokens,
        manners: Manners,
        required: Sequence[str],
        also: Sequence[str],
    ) -> None:
        self._url = url.rstrip("/") + PATH
        self._tokens = tokens
        self._manners = manners
        self._required = tuple(required)
        self._also = tuple(also)
        self._local = threading.local()

    def process(self, day: date) -> Answer:
        """Ask for all processors of `day`. Raises TokenError; everything else is an Answer."""
        try:
            response = self._post(day)
        except requests.RequestException as error:
            outcome: Outcome = "answered" if _never_sent(error) else "unknown"
            return Answer(outcome, error=_no_answer(error, self._manners.timeout_s))
        if response.status_code != requests.codes.ok:
            return _not_ok(response)
        return self._read(response)

    def _post(self, day: date) -> requests.Response:
        header = self._tokens.header()
        response = self._send(day, header)
        if response.status_code == requests.codes.unauthorized and header:
            self._tokens.refused(header)
            response = self._send(day, self._tokens.header())
        return response

    def _send(self, day: date, header: dict[str, str]) -> requests.Response:
        return self._session().post(
            self._url,
            json={"analysis_date": day.isoformat(), "backfill_mode": True, "processors": []},
            headers=header,
            timeout=(CONNECT_S, self._manners.timeout_s),
            allow_redirects=False,
        )

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            session = requests.Session()
            # An answer that was lost (read) may stand for work that was done: not for the adapter.
            retry = Retry(
                total=self._manners.repeats,
                read=False,
                allowed_methods=None,
                status_forcelist=RETRIED,
                backoff_factor=self._manners.backoff_s,
                backoff_jitter=self._manners.backoff_s,
                raise_on_status=False,
            )
            session.mount("http://", HTTPAdapter(max_retries=retry))
            session.mount("https://", HTTPAdapter(max_retries=retry))
            self._local.session = session
        session_: requests.Session = self._local.session
        return session_

    def _read(self, response: requests.Response) -> Answer:
        try:
            processors, errors = _results(response.json())
        except (ValueError, KeyError, TypeError) as error:
            said = f"the answer is not of the expected shape ({type(error).__name__})"
            return Answer("answered", response.status_code, error=said)
        unknown = sorted(processors.keys() - {*self._required, *self._also})
        problems = [
            *(_problem(name, processors, errors) for name in self._required),
            *(f"{name} is no known processor" for name in unknown),
        ]
        warnings = [_problem(name, processors, errors) for name in self._also]
        return Answer(
            "answered",
            response.status_code,
            processors,
            error="; ".join(filter(None, problems)) or None,
            warning="; ".join(filter(None, warnings)) or None,
        )


def _results(body: Any) -> tuple[dict[str, str], dict[str, str]]:
    """Processor -> status and processor -> error text. Raises for a body of another shape."""
    results = body["results"]
    if not isinstance(results, list):
        raise TypeError("results is no list")
    statuses = {str(each["processor"]): str(each["status"]) for each in results}
    errors = {str(each["processor"]): str(each["error"]) for each in results if "error" in each}
    return statuses, errors


def _problem(name: str, processors: Mapping[str, str], errors: Mapping[str, str]) -> str:
    status = processors.get(name)
    if status == "success":
        return ""
    if status is None:
        return f"{name} is missing from the answer"
    text = f": {errors[name][:ERROR_CHARACTERS]}" if name in errors else ""
    return f"{name} reported {status}{text}"


def _not_ok(response: requests.Response) -> Answer:
    status = response.status_code
    outcome: Outcome = "answered" if status in RETRIED else "refused"
    if status == requests.codes.gateway_timeout:
        outcome = "unknown"
    return Answer(outcome, status, error=f"HTTP {status}{_said(response)}")


def _said(response: requests.Response) -> str:
    """The text of the service's own error; what comes from in front of it is no JSON."""
    try:
        return f": {str(response.json()['error'])[:ERROR_CHARACTERS]}"
    except (ValueError, KeyError, TypeError):
        return ""


def _never_sent(error: requests.RequestException) -> bool:
    reason = getattr(error.args[0], "reason", None) if error.args else None
    # A ValueError: a URL or a header of which no request could be made.
    return isinstance(error, (requests.ConnectTimeout, ValueError)) or isinstance(
        reason, NewConnectionError
    )


def _no_answer(error: requests.RequestException, timeout_s: float) -> str:
    if isinstance(error, requests.ReadTimeout):
        return f"no answer within {timeout_s:g} s"
    return f"the connection failed ({type(error).__name__})"
