"""The twelve thresholds as steps of Pointblank over two tables of a DuckDB file, read into Polars.

python by_pointblank.py FILE
"""

import sys
from datetime import date

import duckdb
import pointblank as pb
import polars as pl

ISSUES = ("all_sources_failed", "missing_required", "placeholder_created")
LAST = date(2026, 1, 2)


def rows_of(table: str, first: date, columns: str) -> pl.DataFrame:
    """The rows of a window."""
    text = f"SELECT {columns} FROM {table} WHERE game_date BETWEEN ? AND ?"
    return duckdb.connect(sys.argv[1], read_only=True).execute(text, [first, LAST]).pl()


def no_issue(rows: pl.DataFrame) -> bool:
    """Whether no row has an issue that blocks."""
    found = rows["quality_issues"].list.set_intersection(list(ISSUES)).list.len()
    return not (found > 0).any()


teams = rows_of(
    "team_offense_game_summary",
    date(2021, 10, 19),
    "game_id, quality_score, is_production_ready, quality_issues",
)
players = rows_of(
    "player_game_summary",
    date(2024, 5, 1),
    "points, is_dnp, minutes_played, usage_rate, paint_attempts, quality_score, "
    "is_production_ready, quality_issues",
)


def those_who_played(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with points that do not say otherwise."""
    return rows.filter(pl.col("points").is_not_null() & pl.col("is_dnp").ne_missing(True))


def failing(percent: int) -> pb.Thresholds:
    """An error where more than so many per cent of the rows fail."""
    return pb.Thresholds(error=percent / 100)


found = [
    pb.Validate(teams)
    .specially(lambda rows: rows["game_id"].n_unique() >= 5600)
    .specially(lambda rows: 1.95 <= len(rows) / rows["game_id"].n_unique() <= 2.05)
    .specially(lambda rows: rows["quality_score"].mean() >= 75)
    .col_vals_eq("is_production_ready", True, thresholds=failing(20))
    .specially(no_issue)
    .interrogate(),
    pb.Validate(players)
    .specially(lambda rows: len(those_who_played(rows)) >= 35_000)
    .col_vals_not_null("minutes_played", pre=those_who_played, thresholds=failing(1))
    .col_vals_not_null("usage_rate", pre=those_who_played, thresholds=failing(5))
    .col_vals_not_null("paint_attempts", pre=those_who_played, thresholds=failing(60))
    .specially(lambda rows: rows["quality_score"].mean() >= 75)
    .col_vals_eq("is_production_ready", True, thresholds=failing(5))
    .specially(no_issue)
    .interrogate(),
]
good = [
    not step.error if step.thresholds.error is not None else step.all_passed
    for each in found
    for step in each.validation_info
]
if good != [True] * 12:
    sys.exit(f"{good.count(True)} of {len(good)} thresholds hold")
