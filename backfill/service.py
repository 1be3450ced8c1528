"""The Phase 4 service as a client sees it: one POST per date, and what its answer is worth.

The service answers 200 and "completed" whatever happened, so its words are read processor by
processor; that a date is in the tables is never concluded from them (gates/measure/readback.py).
"""

import json
import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from threading import Event
from typing import Any, Literal

import requests

from backfill.request import Reply, post
from backfill.tokens import Bearer, Tokens
from gates.measure.failure import Failure, FailureCode, failure
from gates.text import one_line

PATH = "/process-date"
# Not 504: whoever stands before the service gave up, the service itself goes on.
RETRIED = (429, 500, 502, 503)
MOST_RESULTS = 100
# Of a text of the service so much is searched for tokens and shown.
LOOKED_AT = 10_000
MOST_FAILURES = 20
# "answered": the service has said all; "refused": asking again is of no use; "unknown": it may
# still be at work, or have written without saying so.
Outcome = Literal["answered", "refused", "unknown"]


@dataclass(frozen=True)
class Answer:
    """What came back for one date; without failures only if every required processor succeeded."""

    outcome: Outcome
    http_status: int | None = None
    processors: Mapping[str, str] = field(default_factory=dict)
    failures: Sequence[Failure] = ()
    warnings: Sequence[Failure] = ()


@dataclass(frozen=True)
class RetryPolicy:
    """How the service is asked: seconds for a whole request, retries of a passing failure.

    The first retry comes after `backoff_s`, each further one after twice as long; a pause that the
    service asks for (Retry-After) is kept up to `retry_after_max_s`.
    """

    timeout_s: float
    max_retries: int
    backoff_s: float
    retry_after_max_s: float

    def pauses(self) -> Iterator[float]:
        """Seconds before each retry, a little different for each worker."""
        for number in range(self.max_retries):
            yield self.backoff_s * (2**number + random.random())  # noqa: S311 - no secret


class Service:
    """A client for many workers; `say` is told what they wait for."""

    def __init__(
        self,
        url: str,
        tokens: Tokens,
        policy: RetryPolicy,
        required: Sequence[str],
        optional: Sequence[str],
        say: Callable[[str], None],
    ) -> None:
        self._url = url.rstrip("/") + PATH
        self._tokens = tokens
        self._policy = policy
        self._required = tuple(required)
        self._optional = tuple(optional)
        self._say = say
        self._given_up = Event()

    def process(self, day: date) -> Answer:
        """Ask for all processors of `day`. Raises TokenError; everything else is an Answer."""
        reply = self._asked(day)
        if reply.status is None:
            failures = [reply.failure] if reply.failure else []
            return Answer("unknown" if reply.sent else "answered", failures=failures)
        if reply.status != requests.codes.ok:
            return self._not_ok(reply.status, reply.body)
        if reply.body is None:
            return Answer("unknown", reply.status, failures=[failure(FailureCode.CUT_OFF)])
        return self._read(reply.status, reply.body)

    def give_up(self) -> None:
        """Repeat nothing from now on, and wait no longer for a time to do so."""
        self._given_up.set()

    def text(self, said: object) -> str:
        """What the service, or an error about it, says: as one line without a token."""
        return one_line(self._tokens.blank(str(said)[:LOOKED_AT]))

    def _asked(self, day: date) -> Reply:
        """What came back for `day`, after retries while the failure may pass."""
        for pause in self._policy.pauses():
            reply = self._post(day)
            # An answer that was lost may stand for work that was done: that is for the tables.
            passing = reply.status in RETRIED or not reply.sent
            if not passing or self._given_up.wait(self._pause(day, reply, pause)):
                return reply
        return self._post(day)

    def _pause(self, day: date, reply: Reply, pause: float) -> float:
        """Seconds before the next request: as the service asks, else `pause`."""
        asked_for = seconds_of(reply.retry_after, datetime.now(UTC))
        if asked_for is None:
            return pause
        wait = min(asked_for, self._policy.retry_after_max_s)
        self._say(f"   {day}: HTTP {reply.status}, asked to wait; next request in {wait:g} s")
        return wait

    def _post(self, day: date) -> Reply:
        bearer = self._tokens.bearer()
        reply = self._send(day, bearer)
        if reply.status == requests.codes.unauthorized and bearer.token:
            self._tokens.refused(bearer)
            reply = self._send(day, self._tokens.bearer())
        return reply

    def _send(self, day: date, bearer: Bearer) -> Reply:
        content = {"analysis_date": day.isoformat(), "backfill_mode": True, "processors": []}
        return post(self._url, content, bearer, self._policy.timeout_s)

    def _word(self, said: Any, *known: str) -> str:
        """A name or a status; what only looks like a known one is told apart from it."""
        if said in known:
            return str(said)
        text = self.text(said)
        return repr(text) if text in known else text

    def _read(self, status: int, body: bytes) -> Answer:
        try:
            processors, errors = self._results(json.loads(body))
        # RecursionError: nested a thousand times.
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            shape = failure(FailureCode.UNEXPECTED_SHAPE, error=type(error).__name__)
            return Answer("answered", status, failures=[shape])
        unknown = sorted(processors.keys() - {*self._required, *self._optional})
        failures = [
            *_failures(self._required, processors, errors),
            *(failure(FailureCode.PROCESSOR_UNKNOWN, processor=name) for name in unknown),
        ]
        warnings = [*_failures(self._optional, processors, errors)]
        return Answer("answered", status, processors, failures[:MOST_FAILURES], warnings)

    def _results(self, body: Any) -> tuple[dict[str, str], dict[str, str]]:
        """Processor -> status and processor -> error text. Raises for a body of another shape."""
        results = body["results"]
        if not isinstance(results, list) or len(results) > MOST_RESULTS:
            raise TypeError("results is not a list, or one without an end")
        known = (*self._required, *self._optional)
        names = [self._word(each["processor"], *known) for each in results]
        statuses: dict[str, str] = {}
        for name, each in zip(names, results, strict=True):
            # Of a processor that is named twice, the worse counts.
            if statuses.get(name, "success") == "success":
                statuses[name] = self._word(each["status"], "success")
        errors = {
            name: self.text(each["error"])
            for name, each in zip(names, results, strict=True)
            if "error" in each
        }
        return statuses, errors

    def _not_ok(self, status: int, body: bytes | None) -> Answer:
        outcome: Outcome = "answered" if status in RETRIED else "refused"
        if status == requests.codes.gateway_timeout:
            outcome = "unknown"
        said = failure(FailureCode.HTTP, status=status, said=self._said(body))
        return Answer(outcome, status, failures=[said])

    def _said(self, body: bytes | None) -> str:
        """The text of the service's own error; what comes from in front of it is no JSON."""
        try:
            return self.text(json.loads(body or b"")["error"])
        except (ValueError, KeyError, TypeError, RecursionError):
            return ""


def seconds_of(retry_after: str | None, now: datetime) -> float | None:
    """How long a Retry-After header asks to wait: whole seconds, or until a date.

    None without one, and for what it cannot be: a fraction, a word, a negative number, the past.
    """
    text = (retry_after or "").strip()
    if re.fullmatch("[0-9]+", text):
        return float(text) or None
    try:
        until = parsedate_to_datetime(text)
        # A date without a zone is of none, and may be hours away.
        seconds = (until - now).total_seconds() if until.tzinfo else 0.0
    except (ValueError, TypeError, OverflowError):
        return None
    return seconds if seconds > 0 else None


def _failures(
    names: Sequence[str], processors: Mapping[str, str], errors: Mapping[str, str]
) -> Iterator[Failure]:
    """What is wrong with each of the processors that should have succeeded."""
    for name in names:
        status = processors.get(name)
        if status is None:
            yield failure(FailureCode.PROCESSOR_MISSING, processor=name)
        elif status != "success":
            said = errors.get(name, "")
            yield failure(FailureCode.PROCESSOR_FAILED, processor=name, status=status, said=said)
