"""Which BigQuery server a run asks: that of the environment, or Google's."""

from collections.abc import Mapping

GOOGLE = "https://bigquery.googleapis.com"
# What `local.warehouse exec` says of the server that it has started: HOST:PORT=IDENTITY.
WAREHOUSE = "GATES_WAREHOUSE"


def servers(environ: Mapping[str, str], target_name: str) -> tuple[str | None, str | None]:
    """The emulator's host, if it is that, and what a record calls the server.

    That is the embedded warehouse's identity where it is the one at the host, else the host.
    """
    if target_name != "local":
        # Google's endpoint never gives way to an emulator that happens to be in the environment.
        return None, GOOGLE
    host = environ.get("BIGQUERY_EMULATOR_HOST") or None
    of, _, identity = environ.get(WAREHOUSE, "").partition("=")
    return host, identity if host and of == host and identity else host
