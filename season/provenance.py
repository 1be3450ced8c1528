"""Where a row comes from and when it was made: quality, source and time columns."""

import numpy as np
import pyarrow as pa

from season.arrays import Bools, Ints
from season.columns import Column, fractions, hashes, lists, stamps, take, where

# Each table's rows are made on the morning after the games, one table after the other: the second
# of that day, in UTC, at which the first of them is.
MADE_AT = {
    "nba_raw.nbac_schedule": 7 * 3600,
    "nba_analytics.team_offense_game_summary": 8 * 3600,
    "nba_analytics.team_defense_game_summary": 8 * 3600 + 600,
    "nba_analytics.player_game_summary": 8 * 3600 + 1_800,
    "nba_analytics.upcoming_team_game_context": 9 * 3600,
    "nba_analytics.upcoming_player_game_context": 9 * 3600 + 1_200,
}
FETCHED_BEFORE = 1_500  # seconds from fetching a source to making the row
SECONDS_A_GAME = 11
SILVER = 0.008  # share of rows from the second source
SILVER_SCORES = (80, 94)
RECONSTRUCTED_SCORE = 85.0
ISSUES = ("backup_source_used", "reconstructed_from_players")
BEFORE_THE_GAMES = 15 * 3600  # of the games' day, in UTC
LATE, LATE_BY = 1 / 8, 60  # share of dates whose contexts are written again late; by days at most
RUN_AGAIN, RUN_AGAIN_AFTER = 1 / 30, 90  # share of dates, days


def made(table: str, days: Ints, nth: Ints) -> tuple[Ints, Ints]:
    """Day and second at which the rows of the `nth` game of each day were made."""
    return days + 1, MADE_AT[table] + SECONDS_A_GAME * nth


def times(table: str, days: Ints, nth: Ints) -> dict[str, Column]:
    """created_at and processed_at."""
    stamp = stamps(*made(table, days, nth))
    return {"created_at": stamp, "processed_at": stamp}


def written_twice(table: str, days: Ints, nth: Ints) -> dict[str, Column]:
    """The same of rows that are written before the games and again after them, with one content.

    Most are written again on the next morning, those of some dates weeks later.
    """
    late = np.floor(LATE_BY * fractions(days + 1)).astype(np.int64)
    again = _not_beyond(days, np.where(fractions(days) < LATE, 1 + late, 1))
    _, second = made(table, days, nth)
    return {
        "created_at": stamps(days, BEFORE_THE_GAMES + SECONDS_A_GAME * nth),
        "processed_at": stamps(again, second),
    }


def run_again(table: str, days: Ints, nth: Ints) -> dict[str, Column]:
    """The same of a table of which a few dates were run again later and came out the same."""
    _, second = made(table, days, nth)
    again = _not_beyond(days, np.where(fractions(days) < RUN_AGAIN, 1 + RUN_AGAIN_AFTER, 1))
    return {**times(table, days, nth), "processed_at": stamps(again, second)}


def _not_beyond(days: Ints, later: Ints) -> Ints:
    """Days so much later, but none after the morning on which all tables were done."""
    return np.asarray(np.minimum(days + later, days.max(initial=0) + 1))


def is_silver(rng: np.random.Generator, rows: int) -> Bools:
    """Which rows were made from the second source."""
    return np.asarray(rng.random(rows) < SILVER)


def quality(
    table: str,
    silver: Bools,
    days: Ints,
    nth: Ints,
    sources: tuple[str, str],
    sample: Ints,
    reconstructed: Bools | bool = False,
) -> dict[str, Column]:
    """The quality columns of an analytics table; `sources` are the usual and the second one.

    Rows of the second one are silver, and so are those `reconstructed` from other tables.
    """
    place = fractions(days, nth, np.arange(len(days)))
    low, high = SILVER_SCORES
    names = take(sources, silver.astype(np.int64))
    text = take(
        ['{"fallback": false, "tier_reason": null}', '{"fallback": true, "tier_reason": "source"}'],
        silver.astype(np.int64),
    )
    score = np.where(silver, np.floor(low + place * (high + 1 - low)), 100.0)
    return {
        "quality_tier": take(["gold", "silver"], (silver | reconstructed).astype(np.int64)),
        "quality_score": np.where(reconstructed, RECONSTRUCTED_SCORE, score),
        "quality_issues": lists(ISSUES, np.where(reconstructed, 1, np.where(silver, 0, -1))),
        "data_sources": _each(names),
        "quality_sample_size": sample,
        "quality_used_fallback": silver,
        "quality_reconstructed": reconstructed,
        "quality_calculated_at": stamps(*made(table, days, nth)),
        "quality_metadata": text,
        "is_production_ready": True,
    }


def _each(texts: pa.Array) -> pa.Array:
    """Lists of one text each."""
    offsets = pa.array(np.arange(len(texts) + 1, dtype=np.int32))
    return pa.ListArray.from_arrays(offsets, texts)


def source(
    name: str, table: str, days: Ints, nth: Ints, found: Ints, present: Bools | None = None
) -> dict[str, Column]:
    """The four columns of a source: when fetched, rows found, completeness, hash."""
    day, second = made(table, days, nth)
    columns: dict[str, Column] = {
        f"source_{name}_last_updated": stamps(day, second - FETCHED_BEFORE),
        f"source_{name}_rows_found": found,
        f"source_{name}_completeness_pct": np.full(len(days), 100.0),
        f"source_{name}_hash": hashes(days, nth, found, np.full(len(days), sum(name.encode()))),
    }
    if present is None:
        return columns
    return {column: where(present, values) for column, values in columns.items()}
