"""Whose credentials a run on Google would use: their kind and account, never the token."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import google.auth
import google.auth.exceptions

from doctor.finding import Finding
from gates.config.settings import Settings
from gates.measure.refusals import CONNECT_S
from gates.measure.transport import request, within
from gates.measure.warehouse import SCOPE
from gates.text import one_line

# A stage with its queries is over by then.
MINUTES = 5
_LOGIN = "Run `gcloud auth application-default login`, or set GOOGLE_APPLICATION_CREDENTIALS."


def credentials(settings: Settings) -> Iterator[Finding]:
    """Kind, account, project, and the minutes that a token lives; nothing for target local."""
    if settings.target_name == "local":
        yield Finding("Credentials", "target local needs none")
        return
    try:
        found, project = google.auth.default(scopes=[SCOPE], request=request())
        with within(CONNECT_S):
            found.refresh(request())  # type: ignore[no-untyped-call]
    except google.auth.exceptions.GoogleAuthError as error:
        # What Google's library says of an error may hold what it was given.
        yield Finding("Credentials", f"none can be used ({type(error).__name__})", _LOGIN)
        return
    yield Finding("Credentials", f"{_kind(found)}, {_account(found)}")
    yield from _project(project, settings)
    minutes = _minutes_left(found, settings.now)
    if minutes is not None:
        remedy = "" if minutes >= MINUTES else _LOGIN
        yield Finding("Token", f"it is valid for {minutes:,} minutes more", remedy)


def _kind(found: Any) -> str:
    """user, service account, external account (workload identity), ..., by Google's own class."""
    module = type(found).__module__.rpartition(".")[2].lstrip("_")
    return {"credentials": "user", "service_account": "service account"}.get(
        module, module.replace("_", " ")
    )


def _account(found: Any) -> str:
    email = getattr(found, "service_account_email", None) or getattr(found, "account", None)
    return f"account {one_line(email)}" if email else "the account is not named in them"


def _project(project: str | None, settings: Settings) -> Iterator[Finding]:
    of_target = settings.target.project
    if project and project != of_target:
        yield Finding(
            "Project",
            f"the credentials are of {one_line(project)}, jobs run in {of_target}",
            "If that is not meant, correct project in gates.toml.",
            is_note=True,
        )


def _minutes_left(found: Any, now: datetime) -> int | None:
    expiry = getattr(found, "expiry", None)
    if not isinstance(expiry, datetime):
        return None
    # google-auth's times have no zone and are of UTC.
    return int((expiry.replace(tzinfo=UTC) - now).total_seconds() // 60)
