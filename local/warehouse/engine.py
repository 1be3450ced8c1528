"""The embedded warehouse's DuckDB: it knows when each table was written to, and can be stopped."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from threading import Lock
from typing import Any

import sqlglot
from bqemulator.config import Settings
from bqemulator.storage.engine import DuckDBEngine

from local.warehouse.answers import Answers
from local.warehouse.aside import WORK

_WRITES = {"ALTER", "COPY", "CREATE", "DELETE", "DROP", "INSERT", "MERGE", "TRUNCATE", "UPDATE"}
_READS = {"SELECT", "WITH"}
_FIRST_WORD = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(\w+)", re.DOTALL)
_Name = tuple[str, str]
# Whether the running code works for a dry run, which is to read nothing.
DRY: ContextVar[bool] = ContextVar("dry", default=False)


class NotingEngine(DuckDBEngine):
    """Notes when each table was last written to.

    Here and not in the snapshot manager, whose `record_change` is not told of CREATE OR REPLACE,
    of scripts, EXECUTE IMMEDIATE and renamings; whatever is written passes `execute`.
    """

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        # What was written before the start is unknown, so no earlier state can be vouched for.
        self._opened = datetime.now(UTC)
        self._written: dict[_Name, datetime] = {}
        self._began: datetime | None = None
        self._answers = Answers()
        self._lock = Lock()
        self._at_work: list[object] = []

    async def start(self) -> None:
        """Open the database."""
        await super().start()
        # Tables as small as these take more of the processor on more threads, and no less time.
        super().execute("SET threads=1")

    def fetch_arrow(self, sql: str, parameters: list[Any] | None = None) -> Any:
        """Run `sql` (DuckDB's dialect) and fetch all of its result, or take the remembered one.

        Of a dry run the columns alone, for which DuckDB plans the query and runs nothing of it.
        """
        fetch = super().fetch_arrow
        if DRY.get() and _first_word(sql) in _READS:
            sql = f"SELECT * FROM ({sql}\n) LIMIT 0"  # noqa: S608
        with self._stoppable():
            return self._answers.of(sql, parameters, lambda: fetch(sql, parameters))

    def execute(self, sql: str, parameters: list[Any] | None = None) -> Any:
        """Run `sql` (DuckDB's dialect) and note the table that it wrote to."""
        with self._stoppable():
            return self._execute(sql, parameters)

    def stop_work(self, work: object = None) -> None:
        """Break off what is running for a request, or for any."""
        with self._lock:
            # Of two at once DuckDB could not be told which one is meant.
            if self._at_work and all(each is work or work is None for each in self._at_work):
                self.connection.interrupt()

    @contextmanager
    def _stoppable(self) -> Iterator[None]:
        work = WORK.get()
        with self._lock:
            self._at_work.append(work)
        try:
            yield
        finally:
            with self._lock:
                self._at_work.remove(work)

    def _execute(self, sql: str, parameters: list[Any] | None) -> Any:
        word = _first_word(sql)
        targets = _targets(sql) if word in _WRITES else []
        result = super().execute(sql, parameters)
        self._written.update(dict.fromkeys(targets, self._began or datetime.now(UTC)))
        if word in _WRITES:
            self._answers.written(sql, targets)
        if word == "BEGIN":
            self._answers.begun()
            # From here on CURRENT_TIMESTAMP stands still, and its writes are seen as of then.
            self._began = self.connection.sql("SELECT current_timestamp").fetchall()[0][0]
        elif word in ("COMMIT", "ROLLBACK") and self._began:
            if word == "ROLLBACK":
                self._answers.rolled_back()
            changed = [table for table, when in self._written.items() if when == self._began]
            self._written.update(dict.fromkeys(changed, datetime.now(UTC)))
            self._began = None
        return result

    def last_written(self, schema: str, table: str) -> datetime:
        """When the table last changed, or when this server started if that is later."""
        return self._written.get((schema.lower(), table.lower()), self._opened)


def _first_word(sql: str) -> str:
    """In upper case; it tells a write from a query, which may take long to tokenize."""
    found = _FIRST_WORD.match(sql)
    return found[1].upper() if found else ""


def _targets(sql: str) -> list[_Name]:
    """The table that a statement writes to, in lower case; two for a renaming."""
    tokens = sqlglot.tokenize(sql, read="duckdb")
    words = [token.text.lower() for token in tokens]
    dots = (at for at, token in enumerate(tokens) if token.token_type.name == "DOT")
    dot = next(dots, None)
    if dot is None:
        return []
    schema, table = words[dot - 1], words[dot + 1]
    renamed = [(schema, words[-1])] if words[0] == "alter" and words[-2] == "to" else []
    return [(schema, table), *renamed]
