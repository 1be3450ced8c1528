"""A POST that ends by its deadline, however slowly its answer comes, and a body of bounded size."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from requests.auth import AuthBase
from urllib3.exceptions import NewConnectionError

from backfill.tokens import is_loopback
from gates.measure.failure import Failure, FailureCode, failure
from gates.measure.transport import PlainSession, within

CONNECT_S = 10
MOST_BYTES = 1_000_000
_CHUNK = 65_536


@dataclass(frozen=True)
class Reply:
    """What came back: a `status`, or the `failure` that left none.

    `body` is at most MOST_BYTES of it, or None where it broke off. `sent` unless it is certain that
    no request went out.
    """

    status: int | None = None
    retry_after: str | None = None
    body: bytes | None = None
    failure: Failure | None = None
    sent: bool = True


def post(url: str, content: Mapping[str, Any], auth: AuthBase, timeout_s: float) -> Reply:
    """What came back for a POST of JSON within `timeout_s` seconds.

    A redirect is not followed, so that the token goes nowhere else.
    """
    with within(timeout_s), PlainSession() as session:
        # A proxy of the environment would carry in plain text what must not leave this machine.
        session.trust_env = not is_loopback(url)
        try:
            response = session.post(url, json=content, auth=auth, timeout=CONNECT_S, stream=True)
        except requests.ConnectTimeout:
            return Reply(failure=failure(FailureCode.NO_CONNECTION), sent=False)
        except requests.Timeout:
            return Reply(failure=failure(FailureCode.NO_ANSWER, seconds=timeout_s))
        except requests.RequestException as error:
            why = failure(FailureCode.CONNECTION_FAILED, error=type(error).__name__)
            return Reply(failure=why, sent=not _never_sent(error))
        after = response.headers.get("Retry-After")
        return Reply(response.status_code, after, _body(response))


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
