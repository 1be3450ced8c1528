"""The BigQuery endpoint: connect, look up columns, run a query. Google's and the embedded alike.

Whatever goes wrong is a WarehouseError: what was found and what to do, one sentence each.
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from io import BytesIO
from typing import Any, TypeVar

import google.auth
import requests
from google.api_core import exceptions as api
from google.api_core.client_options import ClientOptions
from google.api_core.retry import Retry
from google.auth import exceptions as auth
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from gates.config.settings import Settings
from gates.files import in_thread
from gates.measure import refusals, transport
from gates.measure.catalog import TableInfo, info, policies_of
from gates.measure.refusals import CONNECT_S, Patience, WarehouseError
from gates.measure.transport import left, within
from gates.measure.values import json_safe, parameter

__all__ = ["CONNECT_S", "Query", "Warehouse", "WarehouseError"]

GOOGLE = "https://bigquery.googleapis.com"
SCOPE = "https://www.googleapis.com/auth/bigquery"
T = TypeVar("T")


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
    """A connection to the target's BigQuery endpoint; opened by the first use."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._target = settings.target
        host = settings.emulator_host or ""
        self._endpoint = GOOGLE
        if settings.target_name == "local":
            self._endpoint = host if "://" in host else f"http://{host}"
        self._opened: tuple[bigquery.Client, transport.Session] | None = None
        self._tables: dict[str, TableInfo] = {}
        self._policies: dict[str, tuple[str, ...] | None] = {}

    def now(self) -> datetime:
        """The server's clock, which stands in whole seconds in the head of each of its answers.

        It is never ahead. The first sign of life comes within CONNECT_S seconds.
        """
        with within(CONNECT_S):
            self._call(self._sign_of_life, "the server", f"no answer in {CONNECT_S} s")
        return self._clock()

    def snapshot(self, tables: Iterable[str]) -> str:
        """As of when to read `tables`, RFC 3339 UTC: a moment that is over, with all that is there.

        They are looked up all at once. A table that was written to within the second of the
        server's clock says when; one that cannot be looked up says so when it is asked for.
        """
        self.now()
        lookups = [in_thread(partial(self._last_write, table)) for table in tables]
        for _, thread in lookups:
            thread.join()
        writes = [write for found, _ in lookups if (write := found.result())]
        return max([self._clock(), *writes]).isoformat()

    def _clock(self) -> datetime:
        _, session = self._open()
        if session.date is None:
            raise _not_understood("the server's clock", "no answer says its time")
        return session.date

    def _last_write(self, table: str) -> datetime | None:
        """The first whole millisecond that has all that was written to the table."""
        try:
            modified = self.table(table).modified
        except WarehouseError:
            return None
        return modified + timedelta(milliseconds=1) if modified else None

    def columns(self, table: str) -> Mapping[str, str]:
        """Column -> type of `table` (dataset.table as schemas/ names it) in the warehouse."""
        found = self.table(table)
        if found.kind != "TABLE":
            raise WarehouseError(
                f"{found.full_name} is a {found.kind}, and only a table has a past state to read",
                f'Name the table behind it in gates.toml, under [targets.<name>.tables."{table}"].',
            )
        return found.columns

    def table(self, table: str) -> TableInfo:
        """What the warehouse says of `table`, as `columns` names it.

        Looked up once: a backfill reads the same tables back a thousand times.
        """
        if table not in self._tables:
            full = self._full_name(table)
            self._tables[table] = self._limited(
                lambda client, retry: info(client.get_table(full, retry=retry, timeout=left())),
                table,
            )
        return self._tables[table]

    def policies(self, table: str) -> tuple[str, ...] | None:
        """The ids of the row access policies of `table`; None where this account may not know them.

        Looked up once. https://cloud.google.com/bigquery/docs/reference/rest/v2/rowAccessPolicies
        """
        if table not in self._policies:
            project, dataset, name = self._full_name(table).split(".")
            path = f"projects/{project}/datasets/{dataset}/tables/{name}/rowAccessPolicies"

            def ask(client: bigquery.Client, retry: Retry) -> tuple[str, ...] | None:
                _, session = self._open()
                answer = session.get(f"{self._endpoint}/bigquery/v2/{path}", timeout=left())
                return policies_of(answer.json()) if answer.status_code == HTTPStatus.OK else None

            self._policies[table] = self._limited(ask, f"the row access policies of {table}")
        return self._policies[table]

    def _full_name(self, table: str) -> str:
        dataset, name = table.split(".")
        called = self._target.tables.get(table)
        return ".".join(
            (
                self._target.project,
                self._target.datasets.get(dataset, dataset),
                (called and called.name) or name,
            )
        )

    def run(
        self, file: str, sql: str, parameters: Mapping[str, Any]
    ) -> tuple[list[dict[str, Any]], Query]:
        """Run `sql` with named parameters; rows of plain JSON values, and what the job cost."""
        config = self._config(parameters)
        started = time.perf_counter()

        def query(client: bigquery.Client, retry: Retry) -> tuple[list[dict[str, Any]], Any]:
            # One request, which is answered with the rows; a long query is asked after.
            result = client.query_and_wait(
                sql,
                job_config=config,
                location=self._target.location,
                retry=retry,
                api_timeout=left(),
                wait_timeout=left(),
                # Its own word is that None disables it.
                job_retry=None,  # type: ignore[arg-type]
            )
            if not result.schema:
                raise ValueError("no columns")
            return [json_safe(dict(row.items())) for row in result], result

        rows, result = self._limited(query, file)
        elapsed = round(time.perf_counter() - started, 3)
        size = result.total_bytes_processed
        return rows, Query(file, str(result.job_id), elapsed, size, len(rows), sql)

    def dry_run(self, file: str, sql: str, parameters: Mapping[str, Any]) -> int:
        """The bytes that BigQuery says the query would read; the embedded warehouse says 0."""
        config = self._config(parameters)
        config.dry_run, config.use_query_cache = True, False

        def query(client: bigquery.Client, retry: Retry) -> int:
            location, timeout = self._target.location, left()
            job = client.query(
                sql, config, location=location, retry=retry, timeout=timeout, job_retry=None
            )
            return int(job.total_bytes_processed or 0)

        return self._limited(query, file)

    def has_table(self, table: str) -> bool:
        """Whether there is a table of the project, DATASET.TABLE as the warehouse calls it."""
        full = f"{self._target.project}.{table}"

        def look(client: bigquery.Client, retry: Retry) -> bool:
            try:
                client.get_table(full, retry=retry, timeout=left())
            except api.NotFound:
                return False
            return True

        return self._limited(look, table)

    def append(self, table: str, rows: Sequence[dict[str, Any]], schema: Any, job: str) -> None:
        """Add rows to a table of the operator's own, which the first ones make.

        `schema` is BigQuery's list of fields, whose first TIMESTAMP is the partition. All rows come
        in or none, and once only: another call with the same `job` is the same job.
        """
        fields = [bigquery.SchemaField.from_api_repr(each) for each in schema]
        moment = next(each.name for each in fields if each.field_type == "TIMESTAMP")
        config = bigquery.LoadJobConfig(
            schema=fields,
            time_partitioning=bigquery.TimePartitioning(field=moment),
            source_format=bigquery.SourceFormat.NEWLINE_DELIMITED_JSON,
            write_disposition=bigquery.WriteDisposition.WRITE_APPEND,
            labels=dict(self._target.labels),
        )
        full, location = f"{self._target.project}.{table}", self._target.location
        lines = "\n".join(map(json.dumps, rows)).encode()

        def load(client: bigquery.Client, retry: Retry) -> None:
            begun: Any
            try:
                # Without a size it is sent in parts, which any server takes; load_table_from_json's
                # one request calls its rows */*, which the embedded one refuses.
                begun = client.load_table_from_file(
                    BytesIO(lines), full, job_id=job, location=location, job_config=config
                )
            except api.Conflict:
                begun = client.get_job(job, location=location, retry=retry, timeout=left())
            begun.result(retry=retry, timeout=left())

        self._limited(load, table)

    def _config(self, parameters: Mapping[str, Any]) -> bigquery.QueryJobConfig:
        return bigquery.QueryJobConfig(
            query_parameters=[parameter(name, value) for name, value in parameters.items()],
            maximum_bytes_billed=self._target.maximum_bytes_billed,
            labels=dict(self._target.labels),
            # The server gives up when the client does, so that nothing is billed for no answer.
            job_timeout_ms=1000 * self._target.query_timeout_s,
        )

    def _limited(self, work: Callable[[bigquery.Client, Retry], T], what: str) -> T:
        """`work` within the query's limit, anew for as long as it fails by something that passes.

        A job that failed so may be started anew, because what is asked here only reads.
        """
        limit = self._target.query_timeout_s

        def persist() -> T:
            client, session = self._open()
            patience = Patience(lambda: session.answered)
            anew = Retry(predicate=patience, initial=0.5, maximum=10, timeout=left())
            found: T = anew(work)(client, anew.with_predicate(patience.with_a_request))
            return found

        with within(limit):
            return self._call(persist, what, f"took longer than query_timeout_s ({limit} s)")

    def _sign_of_life(self) -> None:
        """Any answer will do, so that the clock's query has the limit of a query."""
        _, session = self._open()
        patience = Patience(lambda: session.answered)
        retry = Retry(predicate=patience, initial=0.5, timeout=left())
        retry(session.get)(f"{self._endpoint}/healthz", timeout=left())

    def _open(self) -> tuple[bigquery.Client, transport.Session]:
        if self._opened is None:
            session = transport.Session(self._credentials())
            client = bigquery.Client(
                self._target.project,
                session.credentials,
                _http=session,
                location=self._target.location,
                client_options=ClientOptions(api_endpoint=self._endpoint),
            )
            self._opened = client, session
        return self._opened

    def _credentials(self) -> Any:
        if self._settings.target_name != "local":
            return google.auth.default(scopes=[SCOPE], request=transport.request())[0]
        if self._settings.emulator_host is None:
            raise WarehouseError(
                "no embedded warehouse is named (BIGQUERY_EMULATOR_HOST is not set)",
                "Run `make validate-phase12`, which starts one.",
            )
        return AnonymousCredentials()  # type: ignore[no-untyped-call]

    def _call(self, work: Callable[[], T], what: str, late: str) -> T:
        """`work`, whose every failure is a WarehouseError; `late`: what to say at its deadline."""
        try:
            return work()
        except WarehouseError:
            raise
        except auth.DefaultCredentialsError as error:
            raise _no_credentials() from error
        except Exception as error:
            # What a damaged answer does to the client's code has no end of types.
            raise self._said(error, what, late) from error

    def _said(self, error: Exception, what: str, late: str) -> WarehouseError:
        cause = error.cause if isinstance(error, api.RetryError) else error
        if isinstance(cause, api.GoogleAPICallError) and (
            refusals.has_reason(cause) or not isinstance(cause, api.ServerError)
        ):
            return refusals.refused(cause, what, self._target.project)
        if left() <= 0:
            return self._late(what, late)
        if isinstance(cause, auth.RefreshError):
            return WarehouseError(
                "Google refused the credentials of this machine",
                "Run `gcloud auth application-default login` again.",
            )
        if isinstance(cause, FutureTimeout | requests.Timeout):
            return self._late(what, late)
        if isinstance(cause, requests.exceptions.JSONDecodeError) or not isinstance(
            cause, api.ServerError | auth.TransportError | requests.RequestException | OSError
        ):
            return _not_understood(what, type(cause).__name__)
        return self._unreachable(type(cause).__name__)

    def _late(self, what: str, late: str) -> WarehouseError:
        if what == "the server":
            return self._unreachable(late)
        return WarehouseError(
            f"the query of {what} {late}",
            "Raise query_timeout_s of the target in gates.toml, narrow the window, or wait until "
            "whatever else keeps this machine or the warehouse busy is over.",
        )

    def _unreachable(self, how: str) -> WarehouseError:
        settings = self._settings
        if settings.target_name != "local":
            return WarehouseError(
                f"BigQuery does not answer ({how})",
                "Check this machine's network and proxy settings, then run the same command again.",
            )
        without = "" if settings.emulator_by_make else " without BIGQUERY_EMULATOR_HOST"
        return WarehouseError(
            f"the embedded warehouse at {settings.emulator_host} does not answer ({how})",
            f"Run `make warehouse-down`, then the same command again{without}, so that a new one "
            "is started.",
        )


def _not_understood(what: str, how: str) -> WarehouseError:
    return WarehouseError(
        f"the answer to the query of {what} cannot be understood ({how})",
        "Run the same command again; if it stays so, look at what stands between this machine and "
        "the warehouse, such as a proxy.",
    )


def _no_credentials() -> WarehouseError:
    return WarehouseError(
        "no Google credentials were found on this machine",
        "Run `gcloud auth application-default login`, or name a service account's key file in "
        "GOOGLE_APPLICATION_CREDENTIALS.",
    )
