"""Fill a warehouse from generated seasons: that is its first state."""

import json
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import requests
from google.api_core.exceptions import GoogleAPIError
from google.cloud import bigquery
from tqdm import tqdm

import season
from gates.config.schema import Target
from gates.files import ROOT
from local.client import LOAD_S, RETRY, connect
from local.home import EmbeddedError, Home
from local.warehouse import made_before, server
from local.warehouse.first_state import discard_unfinished, origin, origin_file, publish

SCHEMAS = ROOT / "schemas"
TITLE = "Filling the embedded warehouse"


class Progress:
    """Two steps a table, generated and loaded: a bar in a terminal, lines elsewhere (stderr)."""

    def __init__(self, tables: int) -> None:
        self._bar: tqdm[Any] = tqdm(
            desc=TITLE,
            total=2 * tables,
            bar_format="{l_bar}{bar}| [{elapsed}{postfix}]",
            disable=not sys.stderr.isatty(),
        )

    def generated(self, table: str, done: int, total: int) -> None:
        """A table's Parquet file is written."""
        self._step("generated", table, done, total)

    def loaded(self, table: str, done: int, total: int) -> None:
        """A table is in the warehouse, all of its rows."""
        self._step("loaded", table, done, total)

    def close(self) -> None:
        """Leave the terminal's line."""
        self._bar.close()

    def _step(self, verb: str, table: str, done: int, total: int) -> None:
        if self._bar.disable:
            print(f"{TITLE}: {verb} {table} ({done} of {total})", file=sys.stderr)
        else:
            self._bar.set_postfix_str(f"{verb} {table}", refresh=False)
            self._bar.update()


def fill(
    home: Home, target: Target, calendar: Path | None, until: date, before: Path | None
) -> None:
    """Make a first state from `calendar`, or without one of seasons up to `until`.

    It appears whole or not at all; a copy is kept in the folder `before`.

    Raises CalendarError, EmbeddedError.
    """
    discard_unfinished(home)
    made, made_from = home.filling, origin(calendar, until)
    try:
        _make(made, target, calendar, until)
        origin_file(made).write_text(made_from, encoding="utf-8")
        if before:
            made_before.keep(before, target, made_from, made)
        publish(made, home.pristine)
    finally:
        discard_unfinished(home)


def _make(made: Home, target: Target, calendar: Path | None, until: date) -> None:
    """Generate all tables, and load each while the next ones are generated."""
    parquet = made.folder / "parquet"
    progress = Progress(len(list(SCHEMAS.glob("*.json"))))
    loading = _Loading(made, target, progress)
    try:
        season.generate(
            parquet,
            made.logs,
            schemas=SCHEMAS,
            calendar=calendar,
            until=until,
            progress=lambda table, done, total: loading.add(parquet, table, done, total),
        )
        loading.finish()
    finally:
        loading.end()
        progress.close()


class _Loading:
    """A server on the empty warehouse of `home`, and in a thread beside it one load at a time."""

    def __init__(self, home: Home, target: Target, progress: Progress) -> None:
        self._home, self._target, self._progress = home, target, progress
        home.folder.mkdir(parents=True, exist_ok=True)
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._client = self._thread.submit(self._connect)
        self._loads: list[Future[None]] = []

    def add(self, parquet: Path, table: str, done: int, total: int) -> None:
        """Load a table whose Parquet file has just been written, number `done` of `total`."""
        self._progress.generated(table, done, total)
        file = parquet / f"{table}.parquet"
        self._loads.append(self._thread.submit(self._load, file, done, total))

    def finish(self) -> None:
        """Wait until all are loaded, and stop the server.

        Raises EmbeddedError.
        """
        try:
            for load in self._loads:
                load.result()
        except (GoogleAPIError, requests.RequestException) as error:
            raise EmbeddedError(
                "The embedded warehouse could not be filled "
                f"({' '.join(str(error).split())[:300]}); try again."
            ) from error
        self.end()

    def end(self) -> None:
        """Load no more, and stop the server."""
        self._thread.shutdown(cancel_futures=True)
        server.of(self._home).stop()

    def _connect(self) -> bigquery.Client:
        started = server.start(self._home, self._target.project, kept=False)
        return connect(started.address, self._target.project, self._target.location)

    def _load(self, file: Path, done: int, total: int) -> None:
        _load_table(self._client.result(), _table(self._target, file.stem), file)
        file.unlink()
        self._progress.loaded(file.stem, done, total)


def _table(target: Target, name: str) -> bigquery.Table:
    """The table of schemas/NAME.json in the target's project."""
    schema = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    fields = [bigquery.SchemaField.from_api_repr(column) for column in schema["schema"]]
    table = bigquery.Table(f"{target.project}.{schema['table']}", fields)
    table.time_partitioning = bigquery.TimePartitioning(field=schema["partition_column"])
    table.clustering_fields = schema["clustering"]
    table.require_partition_filter = schema["require_partition_filter"]
    return table


def _load_table(client: bigquery.Client, table: bigquery.Table, file: Path) -> None:
    found = pq.read_schema(file).names
    if found != [field.name for field in table.schema]:
        # BigQuery goes by name; bqemulator by position, and would not say a word.
        raise EmbeddedError(
            f"{file.name} has other columns, or in another order, than schemas/{file.stem}.json; "
            "correct the generator."
        )
    dataset = bigquery.Dataset(f"{table.project}.{table.dataset_id}")
    dataset.location = client.location
    client.create_dataset(dataset, exists_ok=True, retry=RETRY)
    client.create_table(table, retry=RETRY)
    config = bigquery.LoadJobConfig(
        source_format=bigquery.SourceFormat.PARQUET, write_disposition="WRITE_APPEND"
    )
    with file.open("rb") as content:
        job = client.load_table_from_file(
            content, table, job_config=config, num_retries=1, timeout=LOAD_S
        )
    job.result(retry=RETRY, timeout=LOAD_S)
    expected = pq.read_metadata(file).num_rows
    counted = client.query(f"SELECT COUNT(*) FROM `{table.reference}`", retry=RETRY)  # noqa: S608
    (found,) = next(iter(counted.result(retry=RETRY, timeout=LOAD_S)))
    if found != expected:
        raise EmbeddedError(
            f"{table.table_id} holds {found:,} rows after loading, expected {expected:,}; "
            "run `make warehouse-reset`."
        )
