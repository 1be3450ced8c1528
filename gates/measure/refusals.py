"""What BigQuery's refusals mean: which pass, which are of one query alone, and what to do.

https://cloud.google.com/bigquery/docs/error-messages lists the reasons.
"""

from collections.abc import Callable
from time import monotonic
from typing import Any

import requests
from google.api_core import exceptions as api
from google.auth import exceptions as auth

from gates.measure.transport import left
from gates.program import OperatorError
from gates.text import one_line

# An endpoint that answers nothing at all is given up after so long, whatever a query may take.
CONNECT_S = 10
_WAIT = "Wait a minute, then run the same command again."
_NARROW = "narrow the window in gates.toml or with --window"
_STATUS = "look at https://status.cloud.google.com for BigQuery and the location of gates.toml"
_AGAIN = "Run the same command again; if it stays so,"
REMEDIES = {
    "bytesBilledLimitExceeded": "Raise maximum_bytes_billed in gates.toml, or narrow the window.",
    "quotaExceeded": "Wait, or ask for more quota for the project that runs the queries.",
    "rateLimitExceeded": _WAIT,
    "jobRateLimitExceeded": "Too many jobs of the project start at once. " + _WAIT,
    "billingNotEnabled": "Enable billing for the project that gates.toml names.",
    "stopped": "If nobody stopped the job, raise query_timeout_s in gates.toml.",
    "timeout": f"BigQuery ended the query for its time: raise query_timeout_s, or {_NARROW}.",
    "resourcesExceeded": f"The query needs more memory or stages than BigQuery allows: {_NARROW}.",
    "responseTooLarge": f"The answer is larger than BigQuery returns: {_NARROW}.",
    "tableUnavailable": "A table is being moved by BigQuery. " + _WAIT,
    "backendError": f"{_AGAIN} {_STATUS}.",
    "badGateway": f"{_AGAIN} look at the proxies on the way to Google, then {_STATUS}.",
    "internalError": f"{_AGAIN} ask Google's support with the time of the request.",
    "jobBackendError": f"The job failed in BigQuery. {_AGAIN} {_STATUS}.",
    "jobInternalError": f"The job failed in BigQuery. {_AGAIN} ask Google's support with its id.",
    "blocked": "Ask Google's support why the project is blocked.",
}
_TRANSIENT = {
    "backendError",
    "badGateway",
    "internalError",
    "jobBackendError",
    "jobInternalError",
    "jobRateLimitExceeded",
    "rateLimitExceeded",
    "tableUnavailable",
}
_TOO_LARGE = {"bytesBilledLimitExceeded", "resourcesExceeded", "responseTooLarge"}
_ENTITY_TOO_LARGE = 413
_NO_ANSWER = (requests.ConnectionError, requests.exceptions.ChunkedEncodingError, ConnectionError)
# How BigQuery names what keeps a table's past from a reader, in lower case.
_ROW_POLICIES = "row access polic"
_FAILED_THERE = (api.ServerError, api.TooManyRequests, auth.TransportError)


class WarehouseError(OperatorError):
    """Why something could not be measured (`why`) and what the operator does about it.

    `joint`: it may be for what was asked together, so that each part is worth asking alone.
    """

    def __init__(self, why: str, remedy: str, *, joint: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.remedy = remedy
        self.joint = joint

    @property
    def sentence(self) -> str:
        """What is wrong and what to do."""
        return f"{self.why}. {self.remedy}"


class Patience:
    """Which errors are worth another try: `Retry(predicate=Patience(answered))`.

    What BigQuery itself says will pass, for as long as the deadline allows; an endpoint that does
    not answer at all, for CONNECT_S seconds. `answered` says when it last did, by `monotonic`: of a
    long answer in many pages two may be lost that are minutes apart.
    """

    def __init__(self, answered: Callable[[], float | None]) -> None:
        self._answered = answered
        self._silent_since: float | None = None

    def __call__(self, error: Exception) -> bool:
        """Whether to try again."""
        if left() <= 0:
            return False
        if not _no_answer(error):
            self._silent_since = None
            return _passing(error)
        answered = self._answered()
        if self._silent_since is None or (answered is not None and answered > self._silent_since):
            self._silent_since = monotonic()
        return monotonic() - self._silent_since < CONNECT_S

    def with_a_request(self, error: Exception) -> bool:
        """Whether to send the same request again, which gives a job that failed no second try."""
        return not _reason(error).startswith("job") and self(error)


def _no_answer(error: Exception) -> bool:
    """Whether nothing came back, or only the beginning of an answer."""
    return isinstance(error, _NO_ANSWER) and not isinstance(error, requests.exceptions.SSLError)


def _passing(error: Exception) -> bool:
    """Whether the same request may well succeed a little later."""
    # The reason goes first: some that never pass arrive with a status that does.
    reason = _reason(error)
    return reason in _TRANSIENT if reason else isinstance(error, _FAILED_THERE)


def refused(error: api.GoogleAPICallError, what: str, project: str) -> WarehouseError:
    """What the server said, by its reason first: some reasons share a status with others."""
    said, reason = _first_line(error), _reason(error)
    joint = reason in _TOO_LARGE or error.code in (400, _ENTITY_TOO_LARGE)
    if reason in REMEDIES:
        why = f"the query of {what} was stopped ({reason}): {said}"
        return WarehouseError(why, REMEDIES[reason], joint=joint)
    if isinstance(error, api.Unauthorized):
        return WarehouseError(
            f"the token that asked for {what} was refused: {said}",
            "Run `gcloud auth application-default login` again. Of ~/.netrc nothing is sent; other "
            "programs may send what its `default` entry says instead of a token.",
        )
    if isinstance(error, api.Forbidden) and _ROW_POLICIES in said.lower():
        # The rows of now may be read: https://docs.cloud.google.com/bigquery/docs/time-travel
        return WarehouseError(
            f"a past state of {what} was refused: {said}",
            "A table that has or had row access policies may be read as of a time only with the "
            "permission bigquery.rowAccessPolicies.overrideTimeTravelRestrictions, which "
            "roles/bigquery.dataViewer does not hold; ask for a custom role with it on the table.",
        )
    if isinstance(error, api.Forbidden):
        return WarehouseError(
            f"access to {what} was refused: {said}",
            f"Ask for roles/bigquery.dataViewer on the dataset and roles/bigquery.jobUser on "
            f"project {project}.",
        )
    if isinstance(error, api.NotFound):
        return WarehouseError(
            f"{what} was not found: {said}",
            "Correct the project, dataset or table name in gates.toml, or create the table.",
        )
    return WarehouseError(
        f"the query of {what} was refused: {said}",
        "Correct the setting or the file that the message names.",
        joint=joint,
    )


def _first_line(error: api.GoogleAPICallError) -> str:
    """What the server said, in one line."""
    said = str(error.message or type(error).__name__).strip() or type(error).__name__
    return one_line(said.splitlines()[0]).rstrip(".")


def has_reason(error: api.GoogleAPICallError) -> bool:
    """Whether BigQuery itself said why, rather than something on the way to it."""
    return bool(_reason(error))


def _reason(error: Any) -> str:
    errors = getattr(error, "errors", None)
    first = errors[0] if isinstance(errors, list | tuple) and errors else None
    return str(first.get("reason") or "") if isinstance(first, dict) else ""
