"""What the tests of the embedded warehouse share: its folder and the program for it."""

import json
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
from harness import ROOT, TestWarehouse

TABLE = "nba_analytics.team_offense_game_summary"
DAYS = ("2024-10-22,2024-25,2,0", "2024-10-23,2024-25,3,0", "2024-11-20,2024-25,2,0")
GAMES = 7


@dataclass(frozen=True)
class Home:
    """A warehouse's folder, and the program that a user calls for it."""

    folder: Path
    python: Path

    def words(self, do: str, *options: object, command: Sequence[str] = ()) -> list[str]:
        given = ["--home", str(self.folder), *map(str, options)]
        own = [str(self.python), "-m", "local.warehouse", do, *given]
        return [*own, "--", *command] if command else own

    def run(
        self, do: str, *options: object, command: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.words(do, *options, command=command),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=90,
        )

    def begin(
        self, do: str, *options: object, command: Sequence[str] = ()
    ) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            self.words(do, *options, command=command),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def up(self) -> TestWarehouse:
        done = self.run("up")
        assert done.returncode == 0, done.stderr
        return TestWarehouse(done.stdout.strip())

    def record(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / "warehouse.json").read_text())
        return found

    def servers(self) -> list[int]:
        """Processes that serve this folder, also one that no record names."""
        return [
            process.pid
            for process in psutil.process_iter(["cmdline"])
            if any(
                word.startswith(f"{self.folder.resolve()}/")
                for word in process.info["cmdline"] or ()
            )
        ]


def calendar_file(folder: Path, days: Sequence[str] = DAYS) -> Path:
    """A calendar of these game dates."""
    file = folder / f"{len(days)}-days.csv"
    header = "game_date,season,league_games,all_star_games"
    file.write_text("\n".join([header, *days]) + "\n", encoding="utf-8")
    return file


def until(holds: Callable[[], object], seconds: float = 60) -> None:
    """Wait, but not for ever."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"waited {seconds} s in vain"
        time.sleep(0.02)


def count(warehouse: TestWarehouse) -> int:
    """How many rows the team table holds."""
    return int(warehouse.value(f"SELECT COUNT(*) FROM {TABLE}"))
