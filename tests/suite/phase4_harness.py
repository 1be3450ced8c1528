"""What the tests of the embedded Phase 4 service share."""

import json
import subprocess
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import psutil
import requests
from harness import GATES_PYTHON, LOCAL_PYTHON, ROOT, GatesProject, TestWarehouse

PROCESSORS = {
    "TeamDefenseZoneAnalysisProcessor": "nba_precompute.team_defense_zone_analysis",
    "PlayerShotZoneAnalysisProcessor": "nba_precompute.player_shot_zone_analysis",
    "PlayerDailyCacheProcessor": "nba_precompute.player_daily_cache",
    "PlayerCompositeFactorsProcessor": "nba_precompute.player_composite_factors",
    "MLFeatureStoreProcessor": "nba_predictions.ml_feature_store_v2",
}
NAMES = list(PROCESSORS)
SUCCESS = dict.fromkeys(NAMES, "success")
NOTHING = dict.fromkeys(PROCESSORS.values(), 0)
TDZA, PSZA, PDC, PCF, MLFS = PROCESSORS.values()
KEYS = {
    TDZA: ("analysis_date", "team_abbr"),
    PSZA: ("analysis_date", "player_lookup"),
    PDC: ("cache_date", "player_lookup"),
    PCF: ("game_date", "game_id", "player_lookup"),
    MLFS: ("game_date", "player_lookup"),
}

# The reason for which the tests start without the two decisions.
WHY = "a drill"
Order = Callable[[object, list[dict[str, Any]]], None]


@dataclass(frozen=True)
class ServiceHome:
    """A service's folder, its warehouse, and the program that a user calls for it."""

    folder: Path
    host: str | None

    def begin(
        self, do: str, *options: object, command: Sequence[str] = (), **rest: Any
    ) -> "subprocess.Popen[str]":
        """Start the program."""
        own = ["--home", str(self.folder), *map(str, options)]
        words = [str(LOCAL_PYTHON), "-m", "local.phase4_service", do, *own]
        return subprocess.Popen(
            [*words, "--", *command] if command else words,
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin"}
            | ({} if self.host is None else {"BIGQUERY_EMULATOR_HOST": self.host}),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **rest,
        )

    def run(
        self, do: str, *options: object, command: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Run the program to its end."""
        with self.begin(do, *options, command=command) as process:
            out, err = process.communicate(timeout=90)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def up(self, *options: object) -> "TestService":
        """The service, running."""
        done = self.run("up", *options)
        assert done.returncode == 0, done.stderr
        return TestService(done.stdout.strip(), self.folder)

    def servers(self) -> list[int]:
        """Processes that serve this folder."""
        word = str(self.folder.resolve() / "phase4-service.port")
        return [
            process.pid
            for process in psutil.process_iter(["cmdline"])
            if word in (process.info["cmdline"] or ())
        ]


@dataclass(frozen=True)
class TestService:
    """A running service."""

    __test__ = False

    url: str
    folder: Path

    def post(self, day: object, timeout: float = 60, **rest: Any) -> requests.Response:
        """The answer to a request for all processors, or what `rest` puts in its place."""
        body = {"analysis_date": str(day), "backfill_mode": True, "processors": []} | rest
        return requests.post(f"{self.url}/process-date", json=body, timeout=timeout)

    def post_with_token(self, token: str | None) -> requests.Response:
        """The answer to a request with an identity token."""
        headers = {} if token is None else {"Authorization": f"Bearer {token}"}
        body = {"analysis_date": "2024-12-01"}
        return requests.post(f"{self.url}/process-date", json=body, headers=headers, timeout=60)

    def at_once(self, days: Sequence[object]) -> list[requests.Response]:
        """The answers to requests that are sent together."""
        with ThreadPoolExecutor(len(days)) as pool:
            return list(pool.map(self.post, days))

    def statuses(self, day: object, **rest: Any) -> dict[str, str]:
        """Processor -> status of a request that is answered with 200."""
        answer = self.post(day, **rest)
        assert answer.status_code == 200, answer.text
        return {each["processor"]: each["status"] for each in answer.json()["results"]}

    def log(self, day: object) -> list[dict[str, Any]]:
        """The lines of the requests log for a date."""
        file = self.folder / "phase4-requests.jsonl"
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        return [line for line in map(json.loads, text.splitlines()) if line["date"] == str(day)]


class Phase4:
    """What a warehouse holds of Phase 4."""

    def __init__(self, warehouse: TestWarehouse) -> None:
        self.warehouse = warehouse
        rows = warehouse.rows(
            "SELECT DISTINCT game_date FROM nba_analytics.player_game_summary "
            "WHERE game_date BETWEEN '2024-11-05' AND '2025-06-30' AND game_date NOT IN "
            f"(SELECT game_date FROM {PCF} WHERE game_date BETWEEN '2024-11-05' AND '2025-06-30') "
            "ORDER BY game_date"
        )
        self._fresh: list[date] = [row["game_date"] for row in rows]

    def fresh(self, first: str = "2024-12-01") -> date:
        """An eligible date from `first` on that has no rows yet and has not been given before."""
        day = next(day for day in self._fresh if day >= date.fromisoformat(first))
        self._fresh.remove(day)
        return day

    def counts(self, day: object) -> dict[str, int]:
        """Table -> rows of a date."""
        counts = ", ".join(
            f"(SELECT COUNT(*) FROM {table} WHERE {key[0]} = DATE '{day}') AS n{place}"
            for place, (table, key) in enumerate(KEYS.items())
        )
        return dict(zip(KEYS, self.warehouse.rows(f"SELECT {counts}")[0].values(), strict=True))

    def duplicates(self, day: object) -> int:
        """Rows of a date whose key another row has too, in all tables."""
        parts = (
            f"(SELECT COUNT(*) - COUNT(DISTINCT CONCAT('', {', '.join(key[1:])})) "
            f"FROM {table} WHERE {key[0]} = DATE '{day}')"
            for table, key in KEYS.items()
        )
        return int(self.warehouse.value(f"SELECT {' + '.join(parts)}"))

    def games(self, day: object, table: str = "nba_analytics.player_game_summary") -> int:
        """Games of a date in a table."""
        return int(
            self.warehouse.value(
                f"SELECT COUNT(DISTINCT game_id) FROM {table} WHERE game_date = DATE '{day}'"
            )
        )

    def content(self, table: str, day: object) -> list[dict[str, Any]]:
        """A date's rows in order of their key, less the times at which they were made."""
        key = KEYS[table]
        rows = self.warehouse.rows(
            f"SELECT * FROM {table} WHERE {key[0]} = DATE '{day}' ORDER BY {', '.join(key)}"
        )
        made = ("created_at", "processed_at", "updated_at")
        return [{name: row[name] for name in row if name not in made} for row in rows]


@dataclass
class Backfill:
    """The backfill of a project's copy, on a service."""

    project: GatesProject
    service: TestService

    def environ(self) -> dict[str, str]:
        return self.project.environ() | {"PHASE4_URL": self.service.url}

    def begin(self, *words: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            # As in a terminal, also where whoever runs the tests ignores Ctrl-C.
            ["env", "--default-signal=INT", str(GATES_PYTHON), "-m", "backfill", *words],
            cwd=self.project.folder,
            env=self.environ(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return self.project.python("-m", "backfill", *words, environ=self.environ())

    def send(self, *days: date, words: tuple[str, ...] = ()) -> "subprocess.CompletedProcess[str]":
        """Run over `days`, without the two decisions."""
        return self.run("run", *self.words(*days), *words)

    def words(self, *days: date) -> list[str]:
        file = self.project.folder / "dates.csv"
        file.write_text("\n".join(["date", *map(str, days)]) + "\n", encoding="utf-8")
        return ["--dates-file", str(file), "--override", "--reason", WHY]

    def summary(self) -> dict[str, Any]:
        file = self.project.folder / "reports/backfill/summary.json"
        return dict(json.loads(file.read_text(encoding="utf-8")))

    def entry(self) -> dict[str, Any]:
        (entry,) = self.summary()["dates"]
        return dict(entry)
