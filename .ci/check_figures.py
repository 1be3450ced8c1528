"""Compare seasons like the platform's, on the real calendar, with what its papers count.

    .venv-dev/bin/python .ci/check_figures.py games_by_date.csv row_counts_2024_25.csv

The figures of 2025-26 are in figures_2025_26.csv: the least and the most of each between two dates,
and the share of the dates that must lie between them. Those that end in "_in_all" are one value.
Not among them: 197 rows of player zones on 2025-11-10, since the platform never read most games of
the opening week, which the generator has. Exit status 1 when one is missed, or the season before
has other rows per date than the real one.
"""

import csv
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from check_real_calendar import agrees, client_of
from google.cloud import bigquery

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/suite")]

from harness import complete_warehouse_command  # noqa: E402

FIGURES = Path(__file__).with_name("figures_2025_26.csv")
PLAYERS = "nba_analytics.player_game_summary"
CONTEXT = "nba_analytics.upcoming_player_game_context"
FACTORS = "nba_precompute.player_composite_factors"
CACHE = "nba_precompute.player_daily_cache"
PLAYED = "points IS NOT NULL AND is_dnp IS NOT TRUE"
PER_GAME = "COUNT(*) / COUNT(DISTINCT game_id)"
# Figure -> table, its date column, what is measured.
MEASURES = {
    "player_rows_per_game": (PLAYERS, "game_date", PER_GAME),
    "did_not_play": (PLAYERS, "game_date", f"COUNTIF(NOT ({PLAYED})) / COUNT(*)"),
    "has_usage": (PLAYERS, "game_date", f"COUNT(usage_rate) / COUNTIF({PLAYED})"),
    "has_shot_zones": (PLAYERS, "game_date", f"COUNT(paint_attempts) / COUNTIF({PLAYED})"),
    "quality": (PLAYERS, "game_date", "AVG(quality_score)"),
    "team_attempts": (
        "nba_analytics.team_offense_game_summary",
        "game_date",
        "IF(MIN(fg_attempts) < 72, MIN(fg_attempts), MAX(fg_attempts))",
    ),
    "context_rows_per_game": (CONTEXT, "game_date", PER_GAME),
    "factor_rows_per_game": (FACTORS, "game_date", PER_GAME),
    "cache_rows": (CACHE, "cache_date", "COUNT(*)"),
    "cache_rows_per_game": (
        CACHE,
        "cache_date",
        f"COUNT(*) / (SELECT COUNT(DISTINCT game_id) FROM {CONTEXT} "  # noqa: S608
        "WHERE game_date BETWEEN @first AND @last)",
    ),
    "player_zone_rows": (
        "nba_precompute.player_shot_zone_analysis",
        "analysis_date",
        "COUNT(*)",
    ),
    "team_zone_rows": ("nba_precompute.team_defense_zone_analysis", "analysis_date", "COUNT(*)"),
}


def values(client: bigquery.Client, line: dict[str, str]) -> list[float]:
    """The figure of each date of the line, or the one of all."""
    table, column, measure = MEASURES[line["figure"].removesuffix("_in_all")]
    by_date = "" if line["figure"].endswith("_in_all") else f"GROUP BY {column}"
    config = bigquery.QueryJobConfig(
        query_parameters=[
            bigquery.ScalarQueryParameter(name, "DATE", line[name]) for name in ("first", "last")
        ]
    )
    rows = client.query(
        f"SELECT {measure} FROM {table} "  # noqa: S608 - from MEASURES
        f"WHERE {column} BETWEEN @first AND @last {by_date}",
        job_config=config,
    ).result()
    return [float(value) for (value,) in rows]


def holds(client: bigquery.Client, line: dict[str, str]) -> bool:
    """Whether the figure lies where the line says; a line of its own."""
    least, most = float(line["least"]), float(line["most"])
    found = values(client, line)
    inside = sum(least <= value <= most for value in found)
    good = bool(found) and inside / len(found) >= float(line["share_of_dates"])
    span = f"{min(found):g} to {max(found):g}" if found else "nothing"
    print(
        f"{'ok' if good else 'MISSED'}: {line['figure']} {line['first']}..{line['last']}: {span}, "
        f"expected {least:g} to {most:g} ({inside} of {len(found)})"
    )
    return good


def main() -> int:
    """Fill a warehouse, compare, and stop it."""
    calendar, counts = map(Path, sys.argv[1:])
    with FIGURES.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    with tempfile.TemporaryDirectory() as name:
        home = Path(name) / "home"
        up = subprocess.run(  # noqa: S603
            complete_warehouse_command(home, "up", "--calendar", str(calendar.resolve())),
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            client = client_of(up.stdout.strip())
            good = [agrees(client, counts), *(holds(client, line) for line in lines)]
        finally:
            down = complete_warehouse_command(home, "down")
            subprocess.run(down, cwd=ROOT, check=True, stderr=subprocess.DEVNULL)  # noqa: S603
            shutil.rmtree(home, ignore_errors=True)
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
