"""PDC: figures of the players of a day's rotations, from before the day's games."""

from datetime import datetime

import numpy as np

from season.arrays import Bools, Ints
from season.columns import Column, fractions, take
from season.history import Past
from season.precompute.common import content, percent, source, status
from season.precompute.inputs import Phase3, once
from season.precompute.zones import PLAYER_GAMES, ZONE_NAMES, player_zones

# A team's ten players with the most minutes in two weeks, and whoever has more than so many.
ROTATION, MINUTES = 10, 75
# Since whole rosters: a team's players with the most minutes, of those with three games; few on a
# date or two a month.
WIDE_ROTATION, THIN_ROTATION, GAMES = 14, 7, 3
THIN = 0.05  # share of dates


@once
def rotation(phase3: Phase3) -> Bools:
    """Which of the day's players have a row."""
    due = phase3.due
    minutes = due.number("minutes_in_last_14_days")
    order = np.lexsort((due.player, -minutes, due.team))
    rank = np.empty(len(order), dtype=np.int64)
    sorted_teams = due.team[order]
    rank[order] = np.arange(len(order)) - np.searchsorted(sorted_teams, sorted_teams)
    if phase3.early:
        thin = fractions(np.array([phase3.today]))[0] < THIN
        past = phase3.player_history.before(due.player, np.full(len(due), phase3.today))
        return (rank < (THIN_ROTATION if thin else WIDE_ROTATION)) & (past.games >= GAMES)
    return np.asarray((rank < ROTATION) | ((rank < ROTATION + 2) & (minutes >= MINUTES)))


def player_daily_cache(phase3: Phase3, now: datetime) -> tuple[dict[str, Column], int]:
    """Columns of PDC and the number of rows, 20 to 24 for each game."""
    chosen = rotation(phase3)
    due = phase3.due
    player, team = due.player[chosen], due.team[chosen]
    today = np.full(len(player), phase3.today)
    past = phase3.player_history.before(player, today)
    columns = _form(past) | _shots(past.last(10)) | _team(phase3, team, today)
    for name in (
        *("games_in_last_7_days", "games_in_last_14_days", "minutes_in_last_7_days"),
        *("minutes_in_last_14_days", "back_to_backs_last_14_days"),
        *("avg_minutes_per_game_last_7", "player_age"),
    ):
        columns[name] = due.number(name)[chosen]
    columns["data_hash"] = content(columns)
    zone = _primary(phase3, player)
    return columns | {
        "player_lookup": phase3.lookups.take(player),
        "universal_player_id": phase3.universal_ids.take(player),
        "cache_date": today,
        "games_played_season": past.games,
        "primary_scoring_zone": take(ZONE_NAMES, zone),
        "shot_zone_data_available": zone >= 0,
        "cache_version": "v1",
        **_windows(past),
        **source("player_game", phase3.players, past.games, phase3.today),
        **source("team_offense", phase3.offense, _team_games(phase3, team), phase3.today),
        **source("upcoming_context", phase3.player_context, past.games * 0 + 1, phase3.today),
        **source("shot_zone", phase3.players, (zone >= 0).astype(np.int64), phase3.today),
        **status(past.games, PLAYER_GAMES, now),
    }, len(player)


def _form(past: Past) -> dict[str, Column]:
    last = past.last(10)
    return {
        "points_avg_last_5": past.last(5).mean("points"),
        "points_avg_last_10": last.mean("points"),
        "points_avg_season": past.mean("points"),
        "points_std_last_10": last.spread("points", "squares"),
        "minutes_avg_last_10": last.mean("minutes_played"),
        "usage_rate_last_10": last.mean("usage_rate"),
        "ts_pct_last_10": last.mean("ts_pct"),
        "player_usage_rate_season": past.mean("usage_rate"),
    }


def _shots(last: Past) -> dict[str, Column]:
    made = last.total("assisted_fg_makes") + last.total("unassisted_fg_makes")
    return {
        "paint_rate_last_10": percent(last.total("paint_attempts"), last.total("shots")),
        "three_pt_rate_last_10": percent(last.total("three_attempts_pbp"), last.total("shots")),
        "assisted_rate_last_10": percent(last.total("assisted_fg_makes"), made),
    }


def _team(phase3: Phase3, team: Ints, today: Ints) -> dict[str, Column]:
    last = phase3.offense_history.before(team, today).last(10)
    return {
        "team_pace_last_10": last.mean("pace"),
        "team_off_rating_last_10": last.mean("offensive_rating"),
    }


def _team_games(phase3: Phase3, team: Ints) -> Ints:
    return phase3.offense_history.before(team, np.full(len(team), phase3.today)).games


def _primary(phase3: Phase3, player: Ints) -> Ints:
    """The zone of each player's row in PSZA, -1 without one."""
    zones = player_zones(phase3)
    table = np.full(len(phase3.lookups), -1)
    table[zones.player] = zones.primary
    return table[player]


def _windows(past: Past) -> dict[str, Column]:
    columns: dict[str, Column] = {"all_windows_complete": past.games >= 10}
    for window in ("l7d", "l14d"):
        columns |= {f"{window}_completeness_pct": 100.0, f"{window}_is_complete": True}
    for games in (5, 10):
        share = 100.0 * np.minimum(past.games, games) / games
        columns |= {f"l{games}_completeness_pct": share, f"l{games}_is_complete": share == 100}
    return columns
