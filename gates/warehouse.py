"""The BigQuery endpoint: connect, look up columns, run a query. Google's and the embedded alike.

Whatever goes wrong is a WarehouseError: what was found and what to do, one sentence each.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, TypeVar

import google.auth
import requests
from google.api_core import exceptions as api
from google.api_core.client_options import ClientOptions
from google.auth import exceptions as auth
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from gates.config import Settings
from gates.files import in_background
from gates.sql import column_type
from gates.text import one_line

# The client's own default is to retry an endpoint that does not answer for ten minutes.
CONNECT_S = 10
SCOPE = "https://www.googleapis.com/auth/bigquery"
RETRY = bigquery.DEFAULT_RETRY.with_timeout(CONNECT_S)
# https://cloud.google.com/bigquery/docs/error-messages: reason -> what the operator does.
_REMEDIES = {
    "bytesBilledLimitExceeded": "Raise maximum_bytes_billed in gates.toml, or narrow the window.",
    "quotaExceeded": "Wait, or ask for more quota for the project that runs the queries.",
    "rateLimitExceeded": "Wait a minute, then run the same command again.",
    "billingNotEnabled": "Enable billing for the project that gates.toml names.",
    "stopped": "Raise query_timeout_s in gates.toml, or narrow the window.",
}
T = TypeVar("T")


class WarehouseError(Exception):
    """Why something could not be measured (`why`) and what the operator does about it."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.why = why
        self.remedy = remedy


@dataclass(frozen=True)
class Query:
    """A query that was run: file under sql/, job id, seconds, bytes and rows returned."""

    file: str
    job_id: str
    elapsed_s: float
    bytes_processed: int | None
    rows: int
    sql: str

    def record(self) -> dict[str, Any]:
        """As decision.json lists it: without the text of the SQL."""
        return {key: value for key, value in asdict(self).items() if key != "sql"}


class Warehouse:
    """A connection to the target's BigQuery endpoint; opened by the first `now()`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._target = settings.target
        self._opened: bigquery.Client | None = None

    def now(self) -> str:
        """The server's clock, RFC 3339 UTC, within CONNECT_S seconds or not at all."""
        try:
            return in_background(self._server_time).result(timeout=CONNECT_S)
        except FutureTimeout as error:
            if self._opened is None:
                # Off Google's machines the look-up waits for a metadata server that is not there.
                raise _no_credentials() from error
            raise self._unreachable(f"no answer in {CONNECT_S} s") from error

    def columns(self, table: str) -> Mapping[str, str]:
        """Column -> type of `table` (dataset.table as schemas/ names it) in the warehouse."""
        dataset, name = table.split(".")
        called = self._target.tables.get(table)
        full = ".".join(
            (
                self._target.project,
                self._target.datasets.get(dataset, dataset),
                (called and called.name) or name,
            )
        )
        found = self._call(
            lambda client: client.get_table(full, retry=RETRY, timeout=CONNECT_S), table
        )
        if found.table_type != "TABLE":
            raise WarehouseError(
                f"{full} is a {found.table_type}, and only a table has a past state to read",
                f'Name the table behind it in gates.toml, under [targets.<name>.tables."{table}"].',
            )
        return {c.name: column_type(c.field_type, c.mode) for c in found.schema}

    def run(
        self, file: str, sql: str, parameters: Mapping[str, Any]
    ) -> tuple[list[dict[str, Any]], Query]:
        """Run `sql` with named parameters; rows of plain JSON values, and what the job cost."""
        limit = self._target.query_timeout_s
        config = bigquery.QueryJobConfig(
            query_parameters=[_parameter(name, value) for name, value in parameters.items()],
            maximum_bytes_billed=self._target.maximum_bytes_billed,
            labels=dict(self._target.labels),
            # The server gives up when the client does, so that nothing is billed for no answer.
            job_timeout_ms=1000 * limit,
        )
        started = time.perf_counter()

        def query(client: bigquery.Client) -> tuple[list[dict[str, Any]], bigquery.QueryJob]:
            job = client.query(
                sql,
                config,
                location=self._target.location,
                retry=RETRY,
                timeout=CONNECT_S,
                # A job that failed is not started anew: the limit is one for all that a query does.
                job_retry=None,
            )
            result = job.result(timeout=limit, retry=RETRY.with_timeout(limit), job_retry=None)
            return [json_safe(dict(row.items())) for row in result], job

        rows, job = self._call(query, file)
        elapsed = round(time.perf_counter() - started, 3)
        size = job.total_bytes_processed
        return rows, Query(file, str(job.job_id), elapsed, size, len(rows), sql)

    def _server_time(self) -> str:
        rows, _ = self.run("the server's clock", "SELECT CURRENT_TIMESTAMP() AS server_time", {})
        return str(rows[0]["server_time"])

    def _client(self) -> bigquery.Client:
        if self._opened is None:
            self._opened = self._open()
        return self._opened

    def _open(self) -> bigquery.Client:
        target, host = self._target, self._settings.emulator_host
        if self._settings.target_name == "local":
            if host is None:
                raise WarehouseError(
                    "no embedded warehouse is named (BIGQUERY_EMULATOR_HOST is not set)",
                    "Run `make validate-phase12`, which starts one.",
                )
            endpoint = host if "://" in host else f"http://{host}"
            credentials: Any = AnonymousCredentials()  # type: ignore[no-untyped-call]
        else:
            endpoint = "https://bigquery.googleapis.com"
            credentials, _ = google.auth.default(scopes=[SCOPE])
        return bigquery.Client(
            target.project,
            credentials,
            location=target.location,
            client_options=ClientOptions(api_endpoint=endpoint),
        )

    def _call(self, work: Callable[[bigquery.Client], T], what: str) -> T:
        try:
            return work(self._client())
        except auth.DefaultCredentialsError as error:
            raise _no_credentials() from error
        except auth.RefreshError as error:
            raise WarehouseError(
                "Google refused the credentials of this machine",
                "Run `gcloud auth application-default login` again.",
            ) from error
        except api.GoogleAPICallError as error:
            raise self._refused(error, what) from error
        except (
            api.RetryError,
            auth.TransportError,
            requests.RequestException,
            TimeoutError,
            FutureTimeout,
        ) as error:
            raise self._unreachable(type(error).__name__) from error

    def _refused(self, error: api.GoogleAPICallError, what: str) -> WarehouseError:
        """What the server said, by its reason first: some reasons share a status with others."""
        said = _first_line(error)
        reason = str(error.errors[0].get("reason")) if error.errors else ""
        if reason in _REMEDIES:
            return WarehouseError(f"the query of {what} was stopped: {said}", _REMEDIES[reason])
        if isinstance(error, api.Forbidden | api.Unauthorized):
            return WarehouseError(
                f"access to {what} was refused: {said}",
                f"Ask for roles/bigquery.dataViewer on the dataset and roles/bigquery.jobUser on "
                f"project {self._target.project}.",
            )
        if isinstance(error, api.NotFound):
            return WarehouseError(
                f"{what} was not found: {said}",
                "Correct the project, dataset or table name in gates.toml, or create the table.",
            )
        if isinstance(error, api.ServerError):
            return self._unreachable(type(error).__name__)
        return WarehouseError(
            f"the query of {what} was refused: {said}",
            "Correct the setting or the file that the message names.",
        )

    def _unreachable(self, how: str) -> WarehouseError:
        if self._settings.target_name == "local":
            return WarehouseError(
                f"the embedded warehouse at {self._settings.emulator_host} does not answer ({how})",
                "Run `make warehouse-down`, then the same command again without "
                "BIGQUERY_EMULATOR_HOST, so that a new one is started.",
            )
        return WarehouseError(
            f"BigQuery does not answer ({how})",
            "Check this machine's network and proxy settings, then run the same command again.",
        )


def _no_credentials() -> WarehouseError:
    return WarehouseError(
        "no Google credentials were found on this machine",
        "Run `gcloud auth application-default login`, or name a service account's key file in "
        "GOOGLE_APPLICATION_CREDENTIALS.",
    )


def json_safe(value: Any) -> Any:
    """Plain JSON values, exact: integral Decimals become int, other Decimals text.

    A Decimal or date that reaches pytest-xdist ends the worker, so none leaves this module.
    """
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else format(value, "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): json_safe(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_safe(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"{type(value).__name__} has no plain form; add one to json_safe.")


def _parameter(
    name: str, value: Any
) -> bigquery.ScalarQueryParameter | bigquery.ArrayQueryParameter:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return bigquery.ArrayQueryParameter(name, _kind(value[0]), list(value))
    return bigquery.ScalarQueryParameter(name, _kind(value), value)


def _kind(value: Any) -> str:
    return "DATE" if isinstance(value, date) else "INT64" if isinstance(value, int) else "STRING"


def _first_line(error: api.GoogleAPICallError) -> str:
    said = str(error.message or type(error).__name__).strip()
    return one_line(said.splitlines()[0]).rstrip(".")
