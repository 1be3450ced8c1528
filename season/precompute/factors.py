"""PCF: how rest, shot zones and pace bear on each player of a day's games."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pyarrow as pa

from season.arrays import Bools, Floats, Ints
from season.columns import Column
from season.precompute.common import content, source, status
from season.precompute.inputs import Phase3, once
from season.precompute.zones import PLAYER_GAMES, ZONES, player_zones, team_zones

FRESH = 100
BACK_TO_BACK = 15  # points off for a game on the day before
GAMES = (0, 0, 4, 8, 15)  # off for so many games in seven days, the last for more, too
MINUTES, PER_MINUTE = 60, 0.12  # off for each minute above so many in seven days
FAR, FLIGHT = 1_200, 4  # miles, and points off for a trip that long
OLD, AGE = 33, 5  # years, and points off from then on
MOST_MISMATCH, PER_POINT = 15.0, 1.6
MOST_PACE, PER_POSSESSION = 8.0, 0.5
FATIGUE_WEIGHT = 20  # a score of 80 takes one point from the adjustment
DEFERRED = (
    *("usage_spike_score", "referee_favorability_score", "look_ahead_pressure_score"),
    *("travel_impact_score", "opponent_strength_score"),
)


@dataclass(frozen=True)
class Factors:
    """A score for each of the day's players; NaN where a source lacks what it needs."""

    fatigue: Floats  # 0 to 100, 100 is fresh
    mismatch: Floats  # within 15 either way, above 0 for the player
    pace: Floats  # within 8 either way
    zone: Ints  # the player's first zone, -1 unknown
    defended: Bools  # whether the opponent has a row in TDZA

    @property
    def total(self) -> Floats:
        """The adjustment of all factors together; those that are not there count as none."""
        tired = (self.fatigue - FRESH) / FATIGUE_WEIGHT
        return np.asarray(tired + np.nan_to_num(self.mismatch) + np.nan_to_num(self.pace))


@once
def factors(phase3: Phase3) -> Factors:
    """The scores of the day's players, in the order of `phase3.due`."""
    due = phase3.due
    zones = player_zones(phase3)
    primary = np.full(len(phase3.lookups), -1)
    share = np.zeros(len(phase3.lookups))
    primary[zones.player] = zones.primary
    rates = np.stack([np.nan_to_num(zones.rate[zone]) for zone in ZONES], axis=1)
    share[zones.player] = rates.max(axis=1, initial=0) / 100
    zone = primary[due.player]
    against = team_zones(phase3).against(due.opponent, zone)
    mismatch = np.nan_to_num(against) * PER_POINT * (0.5 + share[due.player])
    unread = np.isnan(due.number("opponent_def_rating_last_10")) & (zone >= 0)
    pace = -due.number("pace_differential") * PER_POSSESSION
    return Factors(
        fatigue=_fatigue(phase3),
        mismatch=np.where(unread, np.nan, _within(mismatch, MOST_MISMATCH)),
        pace=_within(pace, MOST_PACE),
        zone=zone,
        defended=~np.isnan(against),
    )


def _within(values: Floats, most: float) -> Floats:
    """To tenths, as the columns hold them."""
    return np.asarray(np.rint(10 * np.clip(values, -most, most)) / 10)


def _fatigue(phase3: Phase3) -> Floats:
    due = phase3.due
    games = np.nan_to_num(due.number("games_in_last_7_days")).clip(0, len(GAMES) - 1)
    off = 1.0 * BACK_TO_BACK * (due.number("back_to_back") == 1)
    off += np.array(GAMES)[games.astype(np.int64)]
    off += PER_MINUTE * np.maximum(due.number("minutes_in_last_7_days") - MINUTES, 0)
    off += FLIGHT * (due.number("travel_miles") > FAR)
    off += AGE * (due.number("player_age") >= OLD)
    return np.asarray(np.rint(np.clip(FRESH - off, 0, FRESH)))


def player_composite_factors(phase3: Phase3, now: datetime) -> tuple[dict[str, Column], int]:
    """Columns of PCF and the number of rows: the context table's players of the day."""
    due, found = phase3.due, factors(phase3)
    past = phase3.player_history.before(due.player, np.full(len(due), phase3.today))
    columns: dict[str, Column] = {
        "fatigue_score": found.fatigue,
        "shot_zone_mismatch_score": found.mismatch,
        "pace_score": found.pace,
        "total_composite_adjustment": found.total,
    }
    columns["data_hash"] = content(columns)
    columns |= dict.fromkeys(DEFERRED, 0.0)
    for name in ("player_lookup", "universal_player_id", "game_id", "game_date"):
        columns[name] = due.rows[name]
    return columns | {
        "analysis_date": np.full(len(due), phase3.today),
        "calculation_version": "v1_4factors",
        **_contexts(phase3, found),
        **_completeness(found, past.games),
        **_sources(phase3, found, past.games),
        **status(past.games, PLAYER_GAMES, now),
    }, len(due)


def _completeness(found: Factors, games: Ints) -> dict[str, Column]:
    missing = np.isnan(found.mismatch).astype(np.int64) + 2 * np.isnan(found.pace)
    names = [None, "opponent_def_rating_last_10", "pace_differential", "both"]
    names[3] = f"{names[1]}, {names[2]}"
    warned = (missing > 0) | (games < PLAYER_GAMES)
    return {
        "data_completeness_pct": 100.0 - 25.0 * (missing > 0) - 25.0 * (missing == 3),
        "missing_data_fields": pa.array(names, pa.string()).take(pa.array(missing)),
        "has_warnings": warned,
        "warning_details": pa.array([None, "few games or missing data"]).take(
            pa.array(warned.astype(np.int64))
        ),
    }


def _contexts(phase3: Phase3, found: Factors) -> dict[str, Column]:
    """What each score rests on, as JSON texts."""
    due = phase3.due
    rest = due.number("days_rest")
    fatigue = [
        f'{{"days_rest": {_json(r)}, "games_in_last_7_days": {g:.0f}, "minutes": {m:.0f}}}'
        for r, g, m in zip(
            rest,
            due.number("games_in_last_7_days"),
            due.number("minutes_in_last_7_days"),
            strict=True,
        )
    ]
    zones = [
        f'{{"primary_zone": {f"{chr(34)}{ZONES[z]}{chr(34)}" if z >= 0 else "null"}, '
        f'"opponent_known": {"true" if known else "false"}}}'
        for z, known in zip(found.zone, found.defended, strict=True)
    ]
    pace = [f'{{"pace_differential": {_json(value)}}}' for value in due.number("pace_differential")]
    return {
        "fatigue_context_json": pa.array(fatigue, pa.string()),
        "shot_zone_context_json": pa.array(zones, pa.string()),
        "pace_context_json": pa.array(pace, pa.string()),
    }


def _json(value: float) -> str:
    return "null" if np.isnan(value) else f"{value:g}"


def _sources(phase3: Phase3, found: Factors, games: Ints) -> dict[str, Column]:
    one = np.ones(len(games), dtype=np.int64)
    shots = (found.zone >= 0).astype(np.int64)
    defended = found.defended.astype(np.int64)
    return {
        **source("player_context", phase3.player_context, one, phase3.today),
        **source("team_context", phase3.team_context, 2 * one, phase3.today),
        **source("player_shot", phase3.players, shots, phase3.today),
        **source("team_defense", phase3.defense, defended, phase3.today),
        "upstream_player_shot_ready": shots > 0,
        "upstream_team_defense_ready": defended > 0,
        "upstream_player_context_ready": True,
        "upstream_team_context_ready": True,
        "all_upstreams_ready": (shots > 0) & (defended > 0),
    }
