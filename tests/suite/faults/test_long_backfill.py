"""A backfill of 2,000 dates of which each fifth request fails, in one way or another.

The warehouse is the embedded one, with a schedule of a game a date. The service is as small as one
can be: it appends a date's rows in one statement and never looks whether they are there already,
so a date that is sent without need is seen in its rows.
"""

import json
import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import psutil
import pytest
from faults import kinds
from faults.page import Teller
from faults.proxy import Exchange, Proxy, passed_on
from harness import LOCAL_PYTHON, GatesProject, TestWarehouse
from phase4_harness import PCF, PDC, SUCCESS, WHY, Backfill, TestService
from warehouse_harness import Home, calendar_file

DATES = 2_000
FIRST, LAST = "2016-10-01", "2022-03-31"
SHARE = 0.2
PLAYERS = 2
MOST_RUNS = 5
MEGABYTE = 1 << 20
DAYS = f"UNNEST(GENERATE_DATE_ARRAY('{FIRST}', '{LAST}')) AS day"
TABLES = {
    "nba_raw.nbac_schedule": (
        "SELECT day AS game_date, CONCAT('0020', FORMAT_DATE('%y%m%d', day)) AS game_id, "
        "3 AS game_status, 'BOS' AS away_team_tricode, 'LAL' AS home_team_tricode "
        f"FROM {DAYS}"
    ),
    "nba_analytics.player_game_summary": (
        "SELECT day AS game_date, CONCAT(FORMAT_DATE('%Y%m%d', day), '_BOS_LAL') AS game_id, "
        f"player AS player_lookup, 10 AS points FROM {DAYS}, UNNEST(['one', 'two']) AS player"
    ),
    PDC: (
        "SELECT day AS cache_date, player AS player_lookup "
        f"FROM {DAYS}, UNNEST(['one', 'two']) AS player"
    ),
    PCF: (
        "SELECT game_date, game_id, player_lookup FROM nba_analytics.player_game_summary "
        "WHERE game_date < '1900-01-01'"
    ),
}
SETTINGS = (
    ("preflight = [2024-10-01, 2026-01-02]", f"preflight = [{FIRST}, {LAST}]"),
    (
        "season_starts = [2021-10-19, 2022-10-18, 2023-10-24, 2024-10-22, 2025-10-21]",
        f"season_starts = [{', '.join(f'{year}-10-01' for year in range(2016, 2022))}]",
    ),
    ("bootstrap_days = 14", "bootstrap_days = 1"),
    ("cached_players_per_game = 16", f"cached_players_per_game = {PLAYERS}"),
    ("team_games = 15", "team_games = 9_999"),
    ("player_games = 10 ", "player_games = 9_999 "),
    ("service_timeout_s = 5 ", "service_timeout_s = 1 "),
    ("settle_s = 1 ", "settle_s = 0.2 "),
)


class Appends(ThreadingHTTPServer):
    """The service: POST a date, and its rows are appended."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, warehouse: TestWarehouse) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.warehouse = warehouse
        self.done = 0

    def process(self, day: str) -> dict[str, Any]:
        self.warehouse.rows(
            f"INSERT INTO {PCF} SELECT game_date, game_id, player_lookup "
            f"FROM nba_analytics.player_game_summary WHERE game_date = '{day}'"
        )
        self.done += 1
        results = [{"processor": name, "status": status} for name, status in SUCCESS.items()]
        return {"status": "completed", "results": results}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Appends

    def do_POST(self) -> None:
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        body = json.dumps(self.server.process(order["analysis_date"])).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Thousands of lines that nobody reads."""


def nothing_written(exchange: Exchange) -> None:
    """Every processor reports an exception."""
    results = [{"processor": name, "status": "exception", "error": "ordered"} for name in SUCCESS]
    kinds.json_reply(exchange, {"status": "completed", "results": results})


@dataclass
class Fifth:
    """Breaks each fifth request, by chance; the same ones for the same seed and order."""

    chance: random.Random = field(default_factory=lambda: random.Random(2_000))  # noqa: S311
    broken: int = 0
    acts: tuple[Any, ...] = (
        kinds.reset,
        kinds.garbage,
        kinds.half_a_page,
        kinds.answer_lost,
        kinds.status(429),
        kinds.status(500),
        kinds.status(503),
        kinds.status(504),
        kinds.retry_after(503, "0"),
        nothing_written,
    )

    def __call__(self, exchange: Exchange) -> None:
        act = passed_on
        if self.chance.random() < SHARE:
            self.broken += 1
            act = self.chance.choice(self.acts)
        act(exchange)


@pytest.fixture
def season_of_years(tmp_path: Path) -> Iterator[TestWarehouse]:
    """A warehouse with a game on each date of five and a half years, and no Phase 4."""
    home = Home(tmp_path / "years", LOCAL_PYTHON)
    assert home.run("up", "--calendar", calendar_file(tmp_path)).returncode == 0
    warehouse = home.up()
    for table, rows in TABLES.items():
        warehouse.rows(f"CREATE OR REPLACE TABLE {table} AS {rows}")
    yield warehouse
    home.run("down")


@pytest.fixture
def years(compiled_gates: Path, season_of_years: TestWarehouse, tmp_path: Path) -> GatesProject:
    folder = tmp_path / "project"
    shutil.copytree(compiled_gates, folder, symlinks=True)
    project = GatesProject(folder, tmp_path, season_of_years.host)
    for old, new in SETTINGS:
        project.edit("gates.toml", old, new)
    return project


def memory_of(process: "subprocess.Popen[str]", service: Appends) -> list[int]:
    """What the process holds after each quarter of the dates, in megabytes, while it runs."""
    found: list[int] = []
    while process.poll() is None:
        if len(found) < 4 and service.done >= (len(found) + 1) * DATES // 4 - 1:
            try:
                found.append(psutil.Process(process.pid).memory_info().rss // MEGABYTE)
            except psutil.NoSuchProcess:
                break
        time.sleep(0.05)
    return found


@pytest.mark.soak
def test_a_backfill_of_2000_dates_with_a_fifth_of_the_requests_broken(
    years: GatesProject, season_of_years: TestWarehouse, tell: Teller
) -> None:
    words = ["run", "--limit", str(DATES), "--override", "--reason", WHY]
    statuses: list[int] = []
    memory: list[int] = []
    fault = Fifth()
    with Appends(season_of_years) as service:
        Thread(target=service.serve_forever, args=(0.05,), daemon=True).start()
        with Proxy(f"127.0.0.1:{service.server_address[1]}") as proxy:
            backfill = Backfill(years, TestService(f"http://{proxy.host}", years.folder))
            tell.start()
            with proxy.breaks(fault, times=float("inf")):
                while not statuses or (statuses[-1] != 0 and len(statuses) < MOST_RUNS):
                    process = backfill.begin(*words)
                    reader = Thread(target=process.communicate, daemon=True)
                    reader.start()
                    memory += memory_of(process, service)
                    reader.join()
                    statuses.append(process.returncode)
                    # What was left of the first dates.
                    words[2] = str(max(1, DATES - dates_held(season_of_years)))
        service.shutdown()
    held, rows = dates_held(season_of_years), rows_held(season_of_years)
    tell(
        "A long backfill",
        f"{DATES:,} dates, {fault.broken:,} of {len(proxy.requests):,} requests broken",
        f"exit {', '.join(map(str, statuses))}; {held:,} dates held, {rows:,} rows; memory after "
        f"each quarter {', '.join(map(str, memory))} MB",
    )
    assert statuses[-1] == 0
    assert held == DATES, "a date was lost"
    assert rows == PLAYERS * DATES, "a date was sent without need"
    assert len(memory) >= 2
    assert max(memory) < memory[0] + 30


def dates_held(warehouse: TestWarehouse) -> int:
    return int(warehouse.value(f"SELECT COUNT(DISTINCT game_date) FROM {PCF}"))


def rows_held(warehouse: TestWarehouse) -> int:
    return int(warehouse.value(f"SELECT COUNT(*) FROM {PCF}"))
