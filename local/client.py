"""A BigQuery client of an embedded warehouse."""

from typing import Any

from google.api_core.client_options import ClientOptions
from google.api_core.retry import Retry
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

# The client's own default is to try a server that has died for ten minutes.
RETRY = bigquery.DEFAULT_RETRY.with_timeout(20)
NO_RETRY = bigquery.DEFAULT_RETRY.with_predicate(lambda _: False)
LOAD_S = 60


def connect(address: str, project: str, location: str) -> bigquery.Client:
    """A client of the server at host:port."""
    return bigquery.Client(
        project,
        AnonymousCredentials(),  # type: ignore[no-untyped-call]
        location=location,
        client_options=ClientOptions(api_endpoint=f"http://{address}"),
    )


def query(client: bigquery.Client, sql: str, *parameters: Any, retry: Retry = RETRY) -> Any:
    """The rows that `sql` gives. Raises GoogleAPIError.

    As a job: asked for with `query_and_wait`, bqemulator 1.4.0 passes over FOR SYSTEM_TIME and
    answers a query that failed with no rows and no error.
    """
    config = bigquery.QueryJobConfig(query_parameters=parameters)
    job = client.query(sql, job_config=config, retry=retry, job_retry=None)
    return job.result(retry=retry, timeout=LOAD_S)
