"""Identity tokens for the Phase 4 service: none, from Google's library, or from gcloud.

A token is kept in memory only; it is never printed, logged, stored or put on a command line, and
goes nowhere but over https or to this machine.
"""

import ipaddress
import re
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import google.auth.exceptions
import requests
from google.auth import external_account
from google.oauth2 import id_token
from requests.auth import AuthBase
from urllib3.exceptions import LocationParseError
from urllib3.util import parse_url

from backfill.blank import Blank
from gates.config.settings import Auth
from gates.measure.transport import Session, request, within
from gates.text import one_line

# Google's identity tokens live for an hour.
RENEW_AFTER_S = 50 * 60
GCLOUD = ["gcloud", "auth", "print-identity-token"]
TOKEN_S = 60
CLOUD = "https://www.googleapis.com/auth/cloud-platform"
IAM = "https://iamcredentials.googleapis.com"
# What of a workload identity file turns its own token into a service account's.
IMPERSONATED = "service_account_impersonation_url"


class TokenError(Exception):
    """No token could be had; the message is one sentence with what to do, and never the token."""


class Bearer(AuthBase):
    """A token in a request's header, or none.

    requests looks into ~/.netrc where a request has no authentication object of its own, and puts
    what it finds there in the token's place.
    """

    def __init__(self, token: str | None) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request with the token."""
        if self.token:
            request.headers["Authorization"] = f"Bearer {self.token}"
        return request


def is_loopback(url: str) -> bool:
    """Whether `url` leads to this machine: 127.0.0.0/8, ::1 or localhost, and nothing like it."""
    try:
        # The parser that decides where a request is sent, so that both see one host.
        host = (parse_url(url).host or "").lower()
        address = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except LocationParseError:
        return False
    except ValueError:
        return host == "localhost"
    return "%" not in host and address.is_loopback


def default_auth(url: str) -> Auth:
    """None for a service on this machine, else Google's."""
    return "none" if is_loopback(url) else "google"


def _is_https(url: str) -> bool:
    try:
        return parse_url(url).scheme == "https"
    except LocationParseError:
        return False


class Tokens:
    """A token for all workers of a run, renewed before it is an hour old.

    Raises TokenError for a `url` to which a token would go in plain text.
    """

    def __init__(self, auth: Auth, url: str, clock: Callable[[], float] = time.monotonic):
        if auth != "none" and not _is_https(url) and not is_loopback(url):
            raise TokenError(
                "PHASE4_URL is neither https nor on this machine, and a token would be readable on "
                "the way; name an https address, or set PHASE4_AUTH=none for a service without one."
            )
        self._fetch = {"none": lambda: None, "google": self._google, "gcloud": _gcloud}[auth]
        self.auth = auth
        self._audience = url
        self._clock = clock
        self._lock = threading.Lock()
        self._token: str | None = None
        self._fetched: float | None = None
        self.blank = Blank()

    def bearer(self) -> Bearer:
        """What puts the token into a request. Raises TokenError."""
        with self._lock:
            if self._fetched is None or self._clock() - self._fetched >= RENEW_AFTER_S:
                self._token, self._fetched = self._fetch(), self._clock()
                self.blank.learn(self._token or "")
            return Bearer(self._token)

    def refused(self, bearer: Bearer) -> None:
        """The service answered 401 to `bearer`: the next one is a new token."""
        with self._lock:
            if bearer.token == self._token:
                self._fetched = None

    def _google(self) -> str:
        with within(TOKEN_S):
            try:
                found, _ = google.auth.default(scopes=[CLOUD], request=request())
                if isinstance(found, external_account.Credentials):
                    return _minted(found, self._audience)
                return str(id_token.fetch_id_token(request(), self._audience))  # type: ignore[no-untyped-call]
            except (google.auth.exceptions.GoogleAuthError, requests.RequestException) as error:
                raise TokenError(
                    "Google gave no identity token; use a service account's credentials, or set "
                    "PHASE4_AUTH=gcloud."
                ) from error


def _minted(found: Any, audience: str) -> str:
    """An identity token of the service account that a workload identity file names.

    google-auth's own `fetch_id_token` passes such files over. The workload itself asks, so that the
    account needs no role on itself.
    https://cloud.google.com/iam/docs/create-short-lived-credentials-direct#sa-credentials-oidc
    """
    account = found.service_account_email
    if account is None:
        raise TokenError(
            "The workload identity file names no service account, and only one has identity "
            "tokens; make the file anew with --service-account."
        )
    info = {key: each for key, each in found.info.items() if key != IMPERSONATED}
    workload = type(found).from_info(info, scopes=[CLOUD])
    url = f"{IAM}/v1/projects/-/serviceAccounts/{quote(account, safe='@')}:generateIdToken"
    asked = {"audience": audience, "includeEmail": True}
    answer = Session(workload).post(url, json=asked, timeout=TOKEN_S)
    token = _token_of(answer)
    if token is None:
        raise TokenError(
            f"Google gave no identity token of {one_line(account)} (HTTP {answer.status_code}); "
            "give the workload roles/iam.workloadIdentityUser on that account."
        )
    return token


def _token_of(answer: requests.Response) -> str | None:
    try:
        token = answer.json()["token"] if answer.ok else None
    except (ValueError, LookupError, TypeError):
        return None
    # Anything else could not go into a header.
    return token if isinstance(token, str) and re.fullmatch(r"[!-~]+", token) else None


def _gcloud() -> str:
    try:
        done = subprocess.run(  # noqa: S603
            GCLOUD, capture_output=True, timeout=TOKEN_S, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        # What gcloud printed may hold a token, so it is not repeated.
        raise TokenError(
            f"`{' '.join(GCLOUD)}` failed ({type(error).__name__}); run `gcloud auth login`."
        ) from error
    token = done.stdout.decode(errors="replace").strip()
    # Anything else could not go into a header, and the error about it would show it.
    if not re.fullmatch(r"[!-~]+", token):
        raise TokenError(f"`{' '.join(GCLOUD)}` printed no token; run `gcloud auth login`.")
    return token
