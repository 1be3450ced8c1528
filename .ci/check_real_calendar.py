"""Compare a warehouse that was filled from the real calendar with production's real row counts.

usage: BIGQUERY_EMULATOR_HOST=host:port python check_real_calendar.py row_counts_2024_25.csv
"""

import csv
import os
import sys
from pathlib import Path

from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

LEAGUE_GAMES = 5_793
WITHIN = 0.15
OF_THE_DATES = 0.90
# The Phase 4 tables hold 50 dates before the backfill, so only Phase 3 can be compared in full.
TABLES = (
    "player_game_summary",
    "team_defense_game_summary",
    "upcoming_player_game_context",
)


def client_of(host: str) -> bigquery.Client:
    """A client of the embedded warehouse at host:port."""
    return bigquery.Client(
        "nba-props-platform",
        AnonymousCredentials(),
        client_options=ClientOptions(api_endpoint=f"http://{host}"),
    )


def agrees(client: bigquery.Client, counts: Path) -> bool:
    """Whether games and rows per date agree with the real ones; a line per comparison."""
    with counts.open(encoding="utf-8", newline="") as file:
        real = {row["game_date"]: row for row in csv.DictReader(file)}
    (games,) = next(
        iter(
            client.query(
                "SELECT COUNT(DISTINCT game_id) FROM nba_analytics.team_offense_game_summary "
                "WHERE game_date BETWEEN '2021-10-19' AND '2026-01-02'"
            ).result()
        )
    )
    print(f"league games: {games:,}, expected {LEAGUE_GAMES:,}")
    right = games == LEAGUE_GAMES
    for table in TABLES:
        rows = client.query(
            f"SELECT game_date, COUNT(*) FROM nba_analytics.{table} "  # noqa: S608 - from TABLES
            "WHERE game_date BETWEEN '2024-10-01' AND '2025-09-30' GROUP BY game_date"
        ).result()
        found = {day.isoformat(): count for day, count in rows}
        wanted = {day: int(row[table]) for day, row in real.items()}
        near = sum(abs(found.get(d, 0) - n) <= WITHIN * n for d, n in wanted.items())
        share = near / len(wanted)
        print(f"{table}: {near} of {len(wanted)} dates within {WITHIN:.0%} ({share:.1%})")
        right = right and share >= OF_THE_DATES and found.keys() == wanted.keys()
    return right


def main() -> int:
    """0 when the warehouse agrees with the file."""
    return 0 if agrees(client_of(os.environ["BIGQUERY_EMULATOR_HOST"]), Path(sys.argv[1])) else 1


if __name__ == "__main__":
    sys.exit(main())
