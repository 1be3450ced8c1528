"""Identity tokens for the Phase 4 service: none, from Google's library, or from gcloud.

A token is kept in memory only; it is never printed, logged, stored or put on a command line.
"""

import re
import subprocess
import threading
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import google.auth.exceptions
import google.auth.transport.requests
from google.oauth2 import id_token

from gates.config import Auth

# Google's identity tokens live for an hour.
RENEW_AFTER_S = 50 * 60
GCLOUD = ["gcloud", "auth", "print-identity-token"]
GCLOUD_S = 60


class TokenError(Exception):
    """No token could be had; the message is one sentence with what to do, and never the token."""


def default_auth(url: str) -> Auth:
    """None for a service on this machine, else Google's."""
    return "none" if urlsplit(url).hostname in ("127.0.0.1", "localhost", "::1") else "google"


class Tokens:
    """A token for all workers of a run, renewed before it is an hour old."""

    def __init__(self, auth: Auth, audience: str, clock: Callable[[], float] = time.monotonic):
        self._fetch = {"none": lambda: None, "google": self._google, "gcloud": _gcloud}[auth]
        self.auth = auth
        self._audience = audience
        self._clock = clock
        self._lock = threading.Lock()
        self._token: str | None = None
        self._fetched: float | None = None

    def header(self) -> dict[str, str]:
        """The Authorization header, empty without authentication. Raises TokenError."""
        with self._lock:
            if self._fetched is None or self._clock() - self._fetched >= RENEW_AFTER_S:
                self._token, self._fetched = self._fetch(), self._clock()
            return {"Authorization": f"Bearer {self._token}"} if self._token else {}

    def refused(self, header: dict[str, str]) -> None:
        """The service answered 401 to `header`: the next one is a new token."""
        with self._lock:
            if header.get("Authorization") == f"Bearer {self._token}":
                self._fetched = None

    def _google(self) -> str:
        request = google.auth.transport.requests.Request()
        try:
            return str(id_token.fetch_id_token(request, self._audience))  # type: ignore[no-untyped-call]
        except google.auth.exceptions.GoogleAuthError as error:
            raise TokenError(
                "Google gave no identity token; use a service account's credentials, or set "
                "PHASE4_AUTH=gcloud."
            ) from error


def _gcloud() -> str:
    try:
        done = subprocess.run(  # noqa: S603
            GCLOUD, capture_output=True, text=True, timeout=GCLOUD_S, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        # What gcloud printed may hold a token, so it is not repeated.
        raise TokenError(
            f"`{' '.join(GCLOUD)}` failed ({type(error).__name__}); run `gcloud auth login`."
        ) from error
    token = done.stdout.strip()
    # Anything else could not go into a header, and the error about it would show it.
    if not re.fullmatch(r"[!-~]+", token):
        raise TokenError(f"`{' '.join(GCLOUD)}` printed no token; run `gcloud auth login`.")
    return token
