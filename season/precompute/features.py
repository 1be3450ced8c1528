"""MLFS: the features of each player of a day's games, or placeholders early in a season."""

from collections.abc import Mapping
from datetime import datetime

import numpy as np
import pyarrow as pa

from season.arrays import Bools, Floats, Ints
from season.columns import Column, take
from season.history import ratio
from season.precompute.cache import rotation
from season.precompute.common import content, percent, source, status
from season.precompute.factors import factors
from season.precompute.inputs import Phase3
from season.precompute.zones import PLAYER_GAMES
from season.teams import TRICODES

# Group -> feature -> what stands in for a figure that is not there.
GROUPS: Mapping[str, Mapping[str, float]] = {
    "player_history": {
        "points_avg_last_5": 10.0,
        "points_avg_last_10": 10.0,
        "points_avg_season": 10.0,
        "points_std_last_10": 5.0,
        "minutes_avg_last_10": 20.0,
        "usage_rate_last_10": 19.0,
        "points_per_minute_last_10": 0.45,
        "pct_paint": 35.0,
        "pct_mid_range": 20.0,
        "pct_three": 40.0,
        "pct_free_throw": 78.0,
        "games_in_last_7_days": 3.0,
    },
    "matchup": {
        "fatigue_score": 90.0,
        "shot_zone_mismatch_score": 0.0,
        "pace_score": 0.0,
        "usage_spike_score": 0.0,
        "opponent_def_rating": 112.0,
        "opponent_pace": 99.0,
    },
    "team_context": {"team_pace": 99.0, "team_off_rating": 112.0, "team_win_pct": 0.5},
    "vegas": {
        "vegas_points_line": 10.0,
        "vegas_opening_line": 10.0,
        "vegas_line_move": 0.0,
        "has_vegas_line": 0.0,
    },
    "game_context": {
        "home_away": 0.0,
        "back_to_back": 0.0,
        "playoff_game": 0.0,
        "rest_advantage": 0.0,
    },
}
NAMES = [name for group in GROUPS.values() for name in group]
PHASE4 = ("fatigue_score", "shot_zone_mismatch_score", "pace_score", "usage_spike_score")
CALCULATED = ("points_per_minute_last_10", "vegas_line_move", "rest_advantage", "has_vegas_line")
OPTIONAL_GROUP = "vegas"  # most players have no line
VERSION = "v2_29features"
GOLD, SILVER = 95, 75
BACKFILLED = "phase4"
PLACEHOLDER = "early_season"


def ml_feature_store(phase3: Phase3, now: datetime) -> tuple[dict[str, Column], int]:
    """Columns of MLFS and the number of rows: the context table's players of the day."""
    due, values = phase3.due, _values(phase3)
    past = phase3.player_history.before(due.player, np.full(len(due), phase3.today))
    matrix = np.stack([values[name] for name in NAMES], axis=1)
    missing = np.isnan(matrix)
    defaults = np.array([group[name] for group in GROUPS.values() for name in group])
    matrix = np.asarray(np.where(missing, defaults, matrix).round(4))
    columns = _identity(phase3, now) | _quality(missing)
    columns |= {
        "features": _rows_of(matrix),
        "feature_names": _repeated(NAMES, len(due)),
        "feature_count": len(NAMES),
        "data_source": BACKFILLED,
        "primary_data_source": BACKFILLED,
        "data_hash": content({name: matrix[:, n] for n, name in enumerate(NAMES)}),
        "has_vegas_line": values["has_vegas_line"] > 0,
        "has_composite_factors": True,
        "has_opponent_defense": ~np.isnan(values["opponent_def_rating"]),
        "historical_completeness": _completeness(phase3, past.games, bootstrap=False),
        **_sources(phase3, past.games),
        **_processing(past.games, now),
    }
    return columns, len(due)


def placeholders(phase3: Phase3, now: datetime) -> tuple[dict[str, Column], int]:
    """Rows of a bootstrap date: no features, not for production."""
    due = phase3.due
    games = np.zeros(len(due), dtype=np.int64)
    columns = _identity(phase3, now)
    columns |= {
        "feature_count": 0,
        "data_source": PLACEHOLDER,
        "early_season_flag": True,
        "insufficient_data_reason": "bootstrap_period",
        "historical_completeness": _completeness(phase3, games, bootstrap=True),
        "quality_tier": "unusable",
        "feature_quality_score": 0.0,
        "is_quality_ready": False,
        "is_training_ready": False,
        "is_production_ready": False,
        "backfill_bootstrap_mode": True,
        "processing_decision_reason": "bootstrap_placeholder",
    }
    return columns, len(due)


def _identity(phase3: Phase3, now: datetime) -> dict[str, Column]:
    due = phase3.due
    return {
        "player_lookup": due.rows["player_lookup"],
        "universal_player_id": due.rows["universal_player_id"],
        "game_date": np.full(len(due), phase3.today),
        "game_id": due.rows["game_id"],
        "feature_version": VERSION,
        "feature_schema_version": VERSION,
        "opponent_team_abbr": take(TRICODES, due.opponent),
        "is_home": due.rows["home_game"],
        "days_rest": due.number("days_rest"),
        "created_at": now,
        "updated_at": now,
    }


def _values(phase3: Phase3) -> dict[str, Floats]:
    """Each feature; NaN where it is not known."""
    due, found = phase3.due, factors(phase3)
    line, opening = due.number("current_points_line"), due.number("opening_points_line")
    phase = due.rows["season_phase"].to_numpy()
    return {
        **_player(phase3),
        **_team(phase3),
        "games_in_last_7_days": due.number("games_in_last_7_days"),
        "fatigue_score": found.fatigue,
        "shot_zone_mismatch_score": found.mismatch,
        "pace_score": found.pace,
        "usage_spike_score": np.zeros(len(due)),
        "opponent_def_rating": due.number("opponent_def_rating_last_10"),
        "opponent_pace": due.number("opponent_pace_last_10"),
        "vegas_points_line": line,
        "vegas_opening_line": opening,
        "vegas_line_move": line - opening,
        "has_vegas_line": (~np.isnan(line)).astype(float),
        "home_away": due.number("home_game"),
        "back_to_back": due.number("back_to_back"),
        "playoff_game": (phase == "playoffs").astype(float),
        "rest_advantage": np.clip(
            due.number("days_rest") - due.number("opponent_days_rest"), -3, 3
        ),
    }


def _player(phase3: Phase3) -> dict[str, Floats]:
    due = phase3.due
    past = phase3.player_history.before(due.player, np.full(len(due), phase3.today))
    last = past.last(10)
    return {
        "points_avg_last_5": past.last(5).mean("points"),
        "points_avg_last_10": last.mean("points"),
        "points_avg_season": past.mean("points"),
        "points_std_last_10": last.spread("points", "squares"),
        "minutes_avg_last_10": last.mean("minutes_played"),
        "usage_rate_last_10": last.mean("usage_rate"),
        "points_per_minute_last_10": ratio(last.total("points"), last.total("minutes_played")),
        "pct_paint": percent(last.total("paint_attempts"), last.total("shots")),
        "pct_mid_range": percent(last.total("mid_range_attempts"), last.total("shots")),
        "pct_three": percent(last.total("three_attempts_pbp"), last.total("shots")),
        "pct_free_throw": percent(last.total("ft_makes"), last.total("ft_attempts")),
    }


def _team(phase3: Phase3) -> dict[str, Floats]:
    today = np.full(len(phase3.due), phase3.today)
    past = phase3.offense_history.before(phase3.due.team, today)
    return {
        "team_pace": past.last(10).mean("pace"),
        "team_off_rating": past.last(10).mean("offensive_rating"),
        "team_win_pct": past.mean("win_flag"),
    }


def _quality(missing: Bools) -> dict[str, Column]:
    """How many features are stand-ins, in all and by group."""
    columns: dict[str, Column] = {}
    groups = [group for group, names in GROUPS.items() for _ in names]
    needed = np.array([group != OPTIONAL_GROUP for group in groups])
    score = 100 * (1 - missing[:, needed].mean(axis=1))
    for group in GROUPS:
        own = missing[:, [place for place, name in enumerate(groups) if name == group]]
        columns[f"{group}_quality_pct"] = 100 * (1 - own.mean(axis=1))
        columns[f"{group}_default_count"] = own.sum(axis=1)
    phase4 = np.isin(NAMES, PHASE4)
    calculated = np.isin(NAMES, CALCULATED)
    ready = score >= SILVER
    return columns | {
        "feature_quality_score": score,
        "quality_tier": take(
            ["gold", "silver", "bronze"], np.where(score >= GOLD, 0, np.where(ready, 1, 2))
        ),
        "default_feature_count": missing.sum(axis=1),
        "default_feature_indices": _places(missing),
        "required_default_count": missing[:, needed].sum(axis=1),
        "phase4_feature_count": (~missing[:, phase4]).sum(axis=1),
        "calculated_feature_count": (~missing[:, calculated]).sum(axis=1),
        "phase3_feature_count": (~missing[:, ~phase4 & ~calculated]).sum(axis=1),
        "is_quality_ready": ready,
        "is_training_ready": ready,
        "training_quality_feature_count": (~missing).sum(axis=1),
    }


def _sources(phase3: Phase3, games: Ints) -> dict[str, Column]:
    one = np.ones(len(games), dtype=np.int64)
    cached = rotation(phase3).astype(np.int64)
    return {
        **source("daily_cache", phase3.players, cached, phase3.today),
        **source("composite", phase3.player_context, one, phase3.today),
        **source("shot_zones", phase3.players, (games >= PLAYER_GAMES).astype(int), phase3.today),
        **source("team_defense", phase3.defense, one, phase3.today),
    }


def _processing(games: Ints, now: datetime) -> dict[str, Column]:
    """Status columns; this table notes when a row was updated, not when it was processed."""
    columns = status(games, PLAYER_GAMES, now)
    return {name: value for name, value in columns.items() if name != "processed_at"}


def _rows_of(matrix: Floats) -> pa.Array:
    """A list for each row of the matrix."""
    offsets = np.arange(len(matrix) + 1, dtype=np.int32) * matrix.shape[1]
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(matrix.ravel()))


def _repeated(texts: list[str], rows: int) -> pa.Array:
    offsets = np.arange(rows + 1, dtype=np.int32) * len(texts)
    values = take(texts, np.tile(np.arange(len(texts)), rows))
    return pa.ListArray.from_arrays(pa.array(offsets), values)


def _places(mask: Bools) -> pa.Array:
    """Where each row of the mask is set."""
    offsets = np.concatenate([[0], mask.sum(axis=1).cumsum()]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), pa.array(np.nonzero(mask)[1]))


def _completeness(phase3: Phase3, games: Ints, *, bootstrap: bool) -> pa.Array:
    """The games of each player's last ten; a bootstrap date looks at none."""
    rows = len(games)
    found = np.minimum(games, PLAYER_GAMES)
    used, lengths = [np.empty(0, dtype=np.int64)], np.zeros(rows, dtype=np.int64)
    if not bootstrap:
        today = np.full(rows, phase3.today)
        past = phase3.player_history.before(phase3.due.player, today).last(PLAYER_GAMES)
        days = phase3.player_history.days
        used += [days[a:b] for a, b in zip(past.first, past.end, strict=True)]
        lengths = past.games
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    dates = pa.array(np.concatenate(used).astype(np.int32)).cast(pa.date32())
    return pa.StructArray.from_arrays(
        [
            pa.array(found),
            pa.array(found),
            pa.array(np.full(rows, not bootstrap)),
            pa.array(np.full(rows, bootstrap)),
            pa.ListArray.from_arrays(pa.array(offsets), dates),
        ],
        ["games_found", "games_expected", "is_complete", "is_bootstrap", "contributing_game_dates"],
    )
