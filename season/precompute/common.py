"""Columns that all tables of Phase 4 share."""

from datetime import datetime

import numpy as np
import pyarrow as pa

from season.arrays import Floats, Ints
from season.columns import Column, Columns, hashes
from season.precompute.inputs import latest


def status(games: Ints, needed: int, now: datetime) -> dict[str, Column]:
    """Completeness and processing columns of rows that rest on `games` games so far."""
    return {
        "early_season_flag": games < needed,
        "expected_games_count": games,
        "actual_games_count": games,
        "completeness_percentage": 100.0,
        "missing_games_count": 0,
        "is_production_ready": True,
        "reprocess_attempt_count": 0,
        "circuit_breaker_active": False,
        "manual_override_required": False,
        "season_boundary_detected": False,
        "backfill_bootstrap_mode": False,
        "processing_decision_reason": "processed_successfully",
        "created_at": now,
        "processed_at": now,
    }


def source(name: str, rows: pa.Table, found: Ints, today: int) -> dict[str, Column]:
    """The four columns of a source; `found` counts the rows behind each row."""
    digest = hashes(found, np.full(len(found), today), np.full(len(found), sum(name.encode())))
    return {
        f"source_{name}_last_updated": latest(rows),
        f"source_{name}_rows_found": found,
        f"source_{name}_completeness_pct": np.where(found > 0, 100.0, 0.0),
        f"source_{name}_hash": digest,
    }


def content(columns: Columns) -> pa.Array:
    """A hash of each row's numbers."""
    values = [v for v in columns.values() if isinstance(v, np.ndarray)]
    return hashes(*(np.nan_to_num(value.astype(float) * 1_000, nan=-1.0) for value in values))


def percent(part: Floats, whole: Floats) -> Floats:
    """Per cent; NaN where there is no whole."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(whole > 0, 100 * part / whole, np.nan))
