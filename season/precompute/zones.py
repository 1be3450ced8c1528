"""Shot zones: what teams allow in each (TDZA) and where players shoot from (PSZA)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from season.arrays import Bools, Floats, Ints
from season.columns import Column, take
from season.history import Past, ratio
from season.precompute.common import content, percent, source, status
from season.precompute.inputs import Phase3, once
from season.teams import TRICODES

TEAM_GAMES = 15
PLAYER_GAMES = 10
ZONES = ("paint", "mid_range", "three_pt")
ZONE_NAMES = ("paint", "mid_range", "perimeter")
TEAM_COLUMNS = {zone: (f"opp_{zone}_attempts", f"opp_{zone}_makes") for zone in ZONES}
PLAYER_COLUMNS = {
    "paint": ("paint_attempts", "paint_makes"),
    "mid_range": ("mid_range_attempts", "mid_range_makes"),
    "three_pt": ("three_attempts_pbp", "three_makes_pbp"),
}
# Since whole rosters: teams from so many games with shot zones on; and before most players have
# PLAYER_GAMES, by day of the season, so many of those with the most games, and at least FEW_GAMES.
TEAM_ZONE_GAMES = 5
FIRST_PLAYERS, FEW_GAMES = {14: 19, 15: 14, 16: 14}, 7
GOOD, FAIR = 8, 5  # games with shot zones among the last ten


@dataclass(frozen=True)
class TeamZones:
    """Teams with enough games, and what they allowed in their last fifteen."""

    team: Ints
    past: Past  # the whole season so far, the day's game included
    success: Mapping[str, Floats]  # share of shots made, by zone
    against_league: Mapping[str, Floats]  # the same less all teams', in points of per cent

    def against(self, teams: Ints, zone: Ints) -> Floats:
        """What `teams` allow in a zone, against the league; NaN for teams that are not here."""
        table = np.full((len(TRICODES), len(ZONES)), np.nan)
        table[self.team] = np.stack([self.against_league[z] for z in ZONES], axis=1)
        return np.asarray(np.where(zone < 0, np.nan, table[teams, zone]))


@dataclass(frozen=True)
class PlayerZones:
    """Players with enough games, and where they shot from in their last ten."""

    player: Ints
    past: Past  # the whole season so far, the day's game included
    rate: Mapping[str, Floats]  # per cent of the player's shots, by zone; NaN without zones
    primary: Ints  # the zone with the most shots, -1 without zones


@once
def team_zones(phase3: Phase3) -> TeamZones:
    """Teams with enough games in the season, as production counts: the day's game included."""
    every = np.arange(len(TRICODES))
    history = phase3.defense_history
    past = history.before(every, np.full(len(every), phase3.today + 1))
    enough = past.games >= TEAM_GAMES
    if phase3.early:
        enough |= past.count("opp_paint_attempts") >= TEAM_ZONE_GAMES
    team = every[enough]
    past = history.before(team, np.full(len(team), phase3.today + 1))
    last = past.last(TEAM_GAMES)
    success, against = {}, {}
    for zone, (attempts, makes) in TEAM_COLUMNS.items():
        success[zone] = ratio(last.total(makes), last.total(attempts))
        league = last.total(makes).sum() / max(last.total(attempts).sum(), 1)
        against[zone] = 100 * (success[zone] - league)
    return TeamZones(team, past, success, against)


@once
def player_zones(phase3: Phase3) -> PlayerZones:
    """Players with enough games in the season, as production counts: the day's game included."""
    every = np.arange(len(phase3.lookups))
    history = phase3.player_history
    games = history.before(every, np.full(len(every), phase3.today + 1)).games
    player = every[_have_enough(phase3, games)]
    past = history.before(player, np.full(len(player), phase3.today + 1))
    last = past.last(PLAYER_GAMES)
    rate = {
        zone: percent(last.total(attempts), last.total("shots"))
        for zone, (attempts, _) in PLAYER_COLUMNS.items()
    }
    shares = np.stack([np.nan_to_num(rate[zone], nan=-1) for zone in ZONES], axis=1)
    primary = np.where(shares.max(axis=1, initial=-1) < 0, -1, np.argmax(shares, axis=1))
    return PlayerZones(player, past, rate, primary)


def _have_enough(phase3: Phase3, games: Ints) -> Bools:
    first = int(phase3.player_history.days.min(initial=phase3.today))
    most = FIRST_PLAYERS.get(phase3.today - first)
    if most is None or not phase3.early:
        return games >= PLAYER_GAMES
    # Of those with as many games the last by name.
    rank = np.argsort(np.argsort(-games[::-1], kind="stable"))[::-1]
    return np.asarray((rank < most) & (games >= FEW_GAMES))


def team_defense_zone_analysis(phase3: Phase3, now: datetime) -> tuple[dict[str, Column], int]:
    """Columns of TDZA and the number of rows: 0 early in a season, then one for each team."""
    zones = team_zones(phase3)
    last, games = zones.past.last(TEAM_GAMES), zones.past.games
    columns: dict[str, Column] = {"games_in_sample": last.games}
    for zone, (attempts, _) in TEAM_COLUMNS.items():
        columns[f"{zone}_pct_allowed_last_15"] = zones.success[zone]
        columns[f"{zone}_attempts_allowed_per_game"] = last.mean(attempts)
        columns[f"{zone}_blocks_per_game"] = last.mean(f"blocks_{zone}")
        columns[f"{zone}_defense_vs_league_avg"] = zones.against_league[zone]
    columns |= {
        "paint_points_allowed_per_game": 2 * last.mean("opp_paint_makes"),
        "defensive_rating_last_15": last.mean("defensive_rating"),
        "opponent_points_per_game": last.mean("points_allowed"),
        "opponent_pace": last.mean("opponent_pace"),
    }
    against = np.stack([np.nan_to_num(zones.against_league[zone]) for zone in ZONES], axis=1)
    tiers = (last.count("opp_paint_attempts") < FAIR).astype(np.int64)
    columns["data_hash"] = content(columns)
    return columns | {
        "team_abbr": take(TRICODES, zones.team),
        "analysis_date": np.full(len(games), phase3.today),
        "strongest_zone": take(ZONE_NAMES, against.argmin(axis=1)),
        "weakest_zone": take(ZONE_NAMES, against.argmax(axis=1)),
        "data_quality_tier": take(["gold", "silver"], tiers),
        **source("team_defense", phase3.defense, games, phase3.today),
        **status(games, TEAM_GAMES, now),
    }, len(games)


def player_shot_zone_analysis(phase3: Phase3, now: datetime) -> tuple[dict[str, Column], int]:
    """Columns of PSZA and the number of rows, one for each player with ten games so far."""
    zones = player_zones(phase3)
    last, games = zones.past.last(PLAYER_GAMES), zones.past.games
    seen = last.count("shots").astype(np.int64)
    columns = _last_ten(zones) | _last_twenty(zones.past.last(20))
    made = last.total("assisted_fg_makes") + last.total("unassisted_fg_makes")
    columns |= {
        "total_shots_last_10": np.where(seen > 0, last.total("shots"), np.nan),
        "games_in_sample_10": seen,
        "assisted_rate_last_10": percent(last.total("assisted_fg_makes"), made),
        "unassisted_rate_last_10": percent(last.total("unassisted_fg_makes"), made),
    }
    columns["data_hash"] = content(columns)
    return columns | {
        "player_lookup": phase3.lookups.take(zones.player),
        "universal_player_id": phase3.universal_ids.take(zones.player),
        "analysis_date": np.full(len(games), phase3.today),
        "sample_quality_10": take(["excellent", "good", "limited"], _sample(seen, 1)),
        "sample_quality_20": take(
            ["excellent", "good", "limited"],
            _sample(zones.past.last(20).count("shots").astype(np.int64), 2),
        ),
        "primary_scoring_zone": take(ZONE_NAMES, zones.primary),
        "data_quality_tier": take(["gold", "silver", "bronze"], _sample(seen, 1)),
        **source("player_game", phase3.players, games, phase3.today),
        **status(games, PLAYER_GAMES, now),
        # Whose last ten games are all without play-by-play has an empty row.
        **({} if phase3.tidy else {"is_production_ready": zones.primary >= 0}),
    }, len(games)


def _last_ten(zones: PlayerZones) -> dict[str, Column]:
    last = zones.past.last(PLAYER_GAMES)
    columns: dict[str, Column] = {}
    for zone, (attempts, makes) in PLAYER_COLUMNS.items():
        columns[f"{zone}_rate_last_10"] = zones.rate[zone]
        columns[f"{zone}_pct_last_10"] = ratio(last.total(makes), last.total(attempts))
        columns[f"{zone}_attempts_per_game"] = last.mean(attempts)
    return columns


def _last_twenty(last: Past) -> dict[str, Column]:
    return {
        "paint_rate_last_20": percent(last.total("paint_attempts"), last.total("shots")),
        "paint_pct_last_20": ratio(last.total("paint_makes"), last.total("paint_attempts")),
        "games_in_sample_20": last.count("shots").astype(np.int64),
    }


def _sample(games: Ints, windows: int) -> Ints:
    """0, 1 or 2 from good to poor, by games with shot zones in ten games times `windows`."""
    return np.where(games >= GOOD * windows, 0, np.where(games >= FAIR * windows, 1, 2))
