"""The server process of the embedded warehouse: bqemulator on 127.0.0.1, keeping no past.

    python -m local.warehouse.emulator --data-dir DIR --port-file FILE --project NAME [--port N]

writes the port that it listens on into FILE when it is ready. bqemulator copies a whole table on
every write, for time travel; this one only notes when each table was last written to
(docs/decisions/0004-the-embedded-warehouse-keeps-no-past.md).
"""

import argparse
import gc
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bqemulator
import bqemulator.api.app
import bqemulator.api.routes.jobs
import bqemulator.api.routes.tables
import bqemulator.server
import duckdb_extensions
from bqemulator.catalog.models import TableMeta
from bqemulator.config import LogLevel, PersistenceMode, Settings
from bqemulator.domain.errors import OutOfRangeError
from bqemulator.domain.events import TableDataChanged
from bqemulator.server import EmulatorServer
from bqemulator.storage.sql_identifiers import schema_name
from bqemulator.versioning.snapshots import SnapshotManager

from local.background import write_port
from local.home import HOST
from local.warehouse.aside import Aside
from local.warehouse.engine import DRY, NotingEngine
from local.warehouse.translation import remember

# The replaced classes are no public interface, so another version has to be looked at first.
KNOWN_VERSION = "1.4.0"
# bqemulator gives its own listening ten seconds, which a busy machine may need to import alone.
START_S = 600


class PresentOnly(SnapshotManager):
    """Answers a query as of a time from the live table if that has not changed since.

    Otherwise it refuses: never an answer from another state than the one asked for.
    """

    def __init__(self, engine: NotingEngine, **rest: Any) -> None:
        super().__init__(engine, **rest)
        self._notes = engine

    def record_change(self, project_id: str, dataset_id: str, table_id: str) -> None:
        """Copy nothing; subscribers are told as ever."""
        self._events.publish(TableDataChanged(project_id, dataset_id, table_id))

    def resolve_time_travel(
        self, project_id: str, dataset_id: str, table_id: str, target: datetime
    ) -> None:
        """None: read the live table. OutOfRangeError: that state is gone, or not yet there."""
        moment = target if target.tzinfo else target.replace(tzinfo=UTC)
        asked = f"{dataset_id}.{table_id} FOR SYSTEM_TIME AS OF {moment.isoformat()}"
        found = self._catalog.get_table(project_id, dataset_id, table_id)
        if found is not None and found.table_type != "TABLE":
            raise OutOfRangeError(
                f"{asked} was asked for, but it is not a table; name the tables below it."
            )
        if moment > self._clock.now():
            raise OutOfRangeError(f"{asked} was asked for, which is in the future; ask for now.")
        since = self._notes.last_written(schema_name(project_id, dataset_id), table_id)
        if moment < since:
            raise OutOfRangeError(
                f"{asked} was asked for, but the embedded warehouse keeps no past and knows this "
                f"table from {since.isoformat()} on only; ask for a later time."
            )


class Server(EmulatorServer):
    """Says where it listens as soon as it does, and has all the time that a slow machine needs."""

    def __init__(self, settings: Settings, port_file: Path) -> None:
        super().__init__(settings)
        self._port_file = port_file

    async def start(self) -> None:
        """Start, then write the port."""
        await super().start()
        # Parsing and copying statements makes many objects, none of them garbage so soon; looking
        # for some took a sixth of a query.
        gc.freeze()
        gc.set_threshold(100_000)
        write_port(self._port_file, self.rest_port)

    async def stop(self) -> None:
        """Stop; no query is waited for."""
        assert isinstance(self._engine, NotingEngine)  # noqa: S101
        self._engine.stop_work()
        await super().stop()

    async def _wait_for_uvicorn_started(self, *, timeout: float) -> None:
        # Whoever started this process sees whether it gets on.
        await super()._wait_for_uvicorn_started(timeout=max(timeout, START_S))


def create_app(context: Any) -> Aside:
    """bqemulator's application, aside; of a table and of a failure it says what BigQuery says."""
    described = bqemulator.api.routes.tables._table_to_rest

    def with_last_write(table: TableMeta) -> dict[str, Any]:
        # bqemulator knows the time of its making alone.
        schema = schema_name(table.project_id, table.dataset_id)
        written = context.engine.last_written(schema, table.table_id)
        return described(table) | {"lastModifiedTime": str(int(written.timestamp() * 1000))}

    bqemulator.api.routes.tables._table_to_rest = with_last_write  # type: ignore[assignment]
    answered = bqemulator.api.routes.jobs._dry_run_response

    async def dry(**given: Any) -> dict[str, Any]:
        # bqemulator runs the whole query to learn its columns; BigQuery reads nothing.
        DRY.set(True)
        return await answered(**given)

    bqemulator.api.routes.jobs._dry_run_response = dry
    # A query that fails is an error of HTTP; bqemulator answers jobs.query with 200 and no rows.
    bqemulator.api.routes.jobs._SQL_EXECUTION_DOMAIN_ERRORS = ()  # type: ignore[assignment]
    return Aside(bqemulator.api.app.create_app(context), context.engine.stop_work)


def main(data: Path, port_file: Path, project: str, port: int) -> None:
    """Serve until SIGTERM."""
    if bqemulator.__version__ != KNOWN_VERSION:
        raise SystemExit(
            f"bqemulator {bqemulator.__version__} was found, {KNOWN_VERSION} is needed; install "
            "requirements/local.txt."
        )
    os.umask(0o077)
    # DuckDB looks for the extension below $HOME; the caller gives this process one of its own.
    duckdb_extensions.import_extension("spatial")
    remember()
    bqemulator.server.DuckDBEngine = NotingEngine  # type: ignore[attr-defined]
    bqemulator.server.create_app = create_app  # type: ignore[attr-defined,assignment]
    bqemulator.server.SnapshotManager = PresentOnly  # type: ignore[attr-defined,assignment]
    settings = Settings(
        rest_host=HOST,
        rest_port=port,
        grpc_host=HOST,
        grpc_port=0,
        persistence_mode=PersistenceMode.PERSISTENT,
        data_dir=data,
        upload_staging_dir=data.parent / "uploads",
        default_project_id=project,
        log_level=LogLevel.ERROR,
        # Avro would be downloaded.
        enable_format_extensions=False,
    )
    Server(settings, port_file).run_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m local.warehouse.emulator")
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--port-file", type=Path, required=True)
    parser.add_argument("--project", required=True)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    main(given.data_dir, given.port_file, given.project, given.port)
