"""Whether the workers of a backfill wait for the read-back, and how many queries it takes.

    python bench/backfill.py

Requests, threads and the ledger are real. The service and the tables take as long as they are told.
"""

import json
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from measuring import repeated, write  # noqa: E402

from backfill.ledger import opened  # noqa: E402
from backfill.run import Run  # noqa: E402
from backfill.service import RetryPolicy, Service  # noqa: E402
from backfill.tokens import Tokens  # noqa: E402
from gates.config.settings import Window, load  # noqa: E402
from gates.measure import readback  # noqa: E402
from gates.measure.readback import DateCoverage  # noqa: E402
from gates.measure.warehouse import Warehouse  # noqa: E402

WORKERS = 3
FIRST = date(2024, 11, 5)
SETTINGS = load({}, datetime.now(UTC))


class Slow(BaseHTTPRequestHandler):
    """A Phase 4 service that says after `seconds` that all went well."""

    protocol_version = "HTTP/1.1"
    seconds = 1.0

    def do_POST(self) -> None:
        """Answer."""
        self.rfile.read(int(self.headers["Content-Length"]))
        time.sleep(self.seconds)
        names = SETTINGS.backfill.required_processors
        results = [{"processor": name, "status": "success"} for name in names]
        body = json.dumps({"results": results}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing."""


class Tables:
    """Every date is complete; it takes `seconds` to say so."""

    def __init__(self, seconds: float, days: Sequence[date]) -> None:
        self._seconds = seconds
        self._days = days
        self.queries = 0

    def read(self, _settings: object, _warehouse: object, days: Window) -> list[DateCoverage]:
        """In the place of readback.read."""
        self.queries += 1
        time.sleep(self._seconds)
        found = (day for day in self._days if days[0] <= day <= days[1])
        return [
            DateCoverage(day, False, 8, 8, 160, 160, 160, 160, 30, 30, 300, 300) for day in found
        ]


def backfill(dates: int, seconds: float) -> tuple[float, int]:
    """Seconds and queries of a run over `dates`; service and read-back take `seconds` each."""
    days = [FIRST + timedelta(days=n) for n in range(dates)]
    tables, complete = Tables(seconds, days), []
    readback.read = tables.read
    Slow.seconds = seconds
    window = SETTINGS.windows["preflight"]
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server,
        tempfile.TemporaryDirectory() as name,
        opened(Path(name) / "backfill.sqlite", "local", window) as ledger,
    ):
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        required = SETTINGS.backfill.required_processors
        service = Service(url, Tokens("none", url), RetryPolicy(60, 0, 1, 1), required, (), print)
        ledger.plan(days)

        def tell(_attempt: object, _answer: object, done: bool) -> None:
            complete.append(done)

        run = Run(SETTINGS, service, Warehouse(SETTINGS), ledger, tell, WORKERS, 0)
        started = time.monotonic()
        run.send(days)
        took = time.monotonic() - started
        server.shutdown()
    assert complete == [True] * dates
    return took, tables.queries


def main() -> None:
    """A row for the time and one for the queries."""
    rows = []
    dates, second = 40, 1.0
    rows.append(
        repeated(
            f"a backfill of {dates} dates, {WORKERS} at once, that each take the service 1 s and "
            "the tables 1 s, to the service's own time",
            "ratio",
            1.15,
            lambda: backfill(dates, second)[0] / (dates / WORKERS * second),
        )
    )
    many = 207
    rows.append(
        repeated(
            f"read-back queries of {many} dates, to one for each",
            "ratio",
            0.3333,
            lambda: backfill(many, 0.05)[1] / many,
        )
    )
    write("backfill", rows)


if __name__ == "__main__":
    main()
