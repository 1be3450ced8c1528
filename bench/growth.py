"""Larger tables: what the gates' process and the engine take for more rows and for more seasons.

A player's rows are copied under other names, ten and a hundred times. Twenty seasons come from the
generator: those of a later calendar, set before its own five. The engine's time is that of the
longest job, with what waits before it in the embedded server, which runs one at a time; beside it
stands one scan of the columns that this job reads.
"""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from measuring import RESULTS, ROOT, RUNS, Row, cost, environ, packed, warehouse, write

sys.path.insert(0, str(ROOT / "tests/suite"))
sys.path.insert(0, str(ROOT))

from http_faults import Answer, Request, forward_to, serving

TABLE = "nba_analytics.player_game_summary"
TIMES = (1, 10, 100)
# A calendar file with a later twenty years' whole seasons before the five; their first days.
CALENDAR = """
import csv, sys
from datetime import date, timedelta
from season.calendar import season_label, season_starts, Day
from season.league import SEED, generator
from season.own_calendar import later_calendar, own_calendar
back = timedelta(weeks=1044)
later = later_calendar(generator(SEED, "later calendar"), date(2041, 6, 30))
days = [Day(d.date - back, d.league, d.all_star) for d in later if d.season > 2025]
days += own_calendar(generator(SEED, "calendar"))
with open(sys.argv[1], "w", newline="") as file:
    lines = csv.writer(file)
    lines.writerow(["game_date", "season", "league_games", "all_star_games"])
    lines.writerows([d.date, season_label(d.season), d.league, d.all_star] for d in days)
print(*season_starts(days).values())
"""


@dataclass(frozen=True)
class Found:
    """What runs of phase12 over the same tables took."""

    statements: int
    peaks_mb: Sequence[float]
    answered: Sequence[float]  # bytes
    longest_s: float
    scans_s: Sequence[float]


def grow(host: str, times: int) -> None:
    """Make `times` as many player rows of those that there are."""
    text = (
        f"INSERT INTO {TABLE} SELECT held.* REPLACE (CONCAT(player_lookup, CAST(copy AS STRING)) "
        f"AS player_lookup) FROM {TABLE} AS held, UNNEST(GENERATE_ARRAY(2, {times})) AS copy"
    )
    asked(host, ["ask", text])


def asked(host: str, words: Sequence[str | Path]) -> list[float]:
    """What bench/asking.py says, in a process of its own so that this one stays small."""
    command = [ROOT / ".venv/bin/python", ROOT / "bench/asking.py", host, *words]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    return [float(word) for word in done.stdout.split()]


def measured(project: Path, host: str, home: Path) -> Found:
    """A run that waits for the engine, then some that find its answers remembered."""
    peaks, sizes, statements = list[float](), list[float](), list[int]()
    forward, longest = forward_to(host), 0.0
    for _ in range(1 + RUNS):
        seen = list[tuple[Request, int]]()

        def answer(request: Request, seen: list[tuple[Request, int]] = seen) -> Answer:
            found = forward(request)
            seen.append((request, len(found.body)))
            return found

        with serving(answer) as (address, _):
            words = [ROOT / ".venv/bin/python", "-m", "gates", "validate", "phase12"]
            done = cost(words, project, environ(home, address))
        record = json.loads((home / "reports/phase12/decision.json").read_text(encoding="utf-8"))
        longest = max(longest, *(each["elapsed_s"] for each in record["queries"]))
        peaks.append(done.peak_bytes / 10**6)
        sizes.append(float(sum(size for _, size in seen)))
        statements.append(sum(request.method == "POST" for request, _ in seen))
    scans = asked(host, ["scan", home / "reports/phase12/decision.json"])
    assert len({*statements}) == 1, statements
    return Found(statements[0], peaks[1:], sizes[1:], longest, scans)


def rows_of(name: str, found: Found, once: Found) -> list[Row]:
    """What was found beside what the five seasons' own rows took."""
    middle = sorted(once.peaks_mb)[len(once.peaks_mb) // 2]
    longer = [found.longest_s / scan for scan in found.scans_s]
    return [
        Row(f"{name}: statements", "queries", [found.statements], once.statements),
        Row(
            f"{name}: peak memory beyond that of once",
            "MB",
            [p - middle for p in found.peaks_mb],
            5,
        ),
        Row(
            f"{name}: bytes of answers, of once",
            "ratio",
            [one / other for one, other in zip(found.answered, once.answered, strict=True)],
            1.1,
        ),
        Row(f"{name}: the longest job", "s", [found.longest_s]),
        Row(f"{name}: the longest job, to one scan of its columns", "ratio", longer, 1.2),
    ]


def edited(name: str, *edits: tuple[str, str]) -> Path:
    """The project with other settings, and with patience for an engine on one thread."""
    folder = RESULTS / name
    packed("HEAD", folder)
    settings = folder / "gates.toml"
    text = settings.read_text(encoding="utf-8")
    for found, wanted in ((r"(?m)^query_timeout_s = .*", "query_timeout_s = 1800"), *edits):
        text, times = re.subn(found, wanted, text)
        assert times, found
    settings.write_text(text, encoding="utf-8")
    return folder


def twenty_seasons() -> tuple[Path, Path]:
    """The project with windows of twenty seasons, and the calendar file of these."""
    calendar = RESULTS / "twenty.csv"
    python = ROOT / ".venv-local/bin/python"
    done = subprocess.run(
        [python, "-c", CALENDAR, calendar], cwd=ROOT, check=True, capture_output=True, text=True
    )
    starts = done.stdout.split()
    windows = r"(?m)^(phase[124]|preflight) = \[\S+,", rf"\1 = [{starts[0]},"
    seasons = r"(?m)^season_starts = .*", f"season_starts = [{', '.join(starts)}]"
    return edited("project-twenty", windows, seasons), calendar


def in_a_home(
    name: str, measure: Callable[[str, Path], None], calendar: Path | None = None
) -> None:
    """`measure` on a warehouse of its own, which is thrown away."""
    home = RESULTS / f"home-{name}"
    shutil.rmtree(home, ignore_errors=True)
    with warehouse(ROOT, home, calendar) as host:
        measure(host, home)
    shutil.rmtree(home)


def main() -> None:
    """Measure and write."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    found: dict[str, Found] = {}
    larger = edited("project-larger")

    def more_rows(host: str, home: Path) -> None:
        for before, times in pairwise((1, *TIMES)):
            if times > before:
                grow(host, times // before)
            found[f"{times} times the player rows"] = measured(larger, host, home)

    in_a_home("growth", more_rows)
    project, calendar = twenty_seasons()

    def more_seasons(host: str, home: Path) -> None:
        found["twenty seasons"] = measured(project, host, home)

    in_a_home("twenty", more_seasons, calendar)
    once = next(iter(found.values()))
    rows = [
        row for name, each in found.items() for row in rows_of(f"phase12 over {name}", each, once)
    ]
    write("growth", rows)


if __name__ == "__main__":
    main()
