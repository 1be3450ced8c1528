"""team_offense_game_summary and team_defense_game_summary: two rows for each game."""

import numpy as np

from season.arrays import Bools, Floats, Ints
from season.columns import Column, fractions, hashes, take
from season.columns import where as only
from season.league import League
from season.lineups import unavailable
from season.players import ROSTER
from season.provenance import is_silver, quality, run_again, source, times
from season.rows import TeamRows
from season.style import WHOLE_ROSTERS
from season.teams import TRICODES

OFFENSE = "nba_analytics.team_offense_game_summary"
DEFENSE = "nba_analytics.team_defense_game_summary"
CREWS = 70
RECONSTRUCTED = 0.02  # share of games since whole rosters are listed
STARTERS = 5


def identity(league: League, rows: TeamRows, team_column: str) -> dict[str, Column]:
    """Game, date, teams, and how it ended."""
    return {
        "game_id": take(league.games.ids, rows.game),
        "game_date": rows.day,
        team_column: take(TRICODES, rows.team),
        "opponent_team_abbr": take(TRICODES, rows.opponent),
        "season_year": rows.season,
        "home_game": rows.at_home,
        "win_flag": rows.margin > 0,
        "margin_of_victory": rows.margin,
        "overtime_periods": rows.overtimes,
        "players_inactive": unavailable(league.lineups, league.players, ROSTER),
        "starters_inactive": unavailable(league.lineups, league.players, STARTERS),
        "referee_crew_id": take([f"crew_{n:02d}" for n in range(CREWS)], rows.game * 37 % CREWS),
    }


def offense(league: League, rows: TeamRows, rng: np.random.Generator) -> dict[str, Column]:
    """Columns of the offense table."""
    sums = rows.sums
    silver = is_silver(rng, len(rows.day))
    columns = identity(league, rows, "team_abbr")
    columns |= {
        name: sums[name]
        for name in (
            *("fg_attempts", "fg_makes", "three_pt_attempts", "three_pt_makes"),
            *("ft_attempts", "ft_makes", "assists", "turnovers"),
        )
    }
    columns |= {
        "nba_game_id": take([game.nba_id for game in league.games.pairings], rows.game),
        "points_scored": sums["points"],
        "rebounds": sums["offensive_rebounds"] + sums["defensive_rebounds"],
        "personal_fouls": sums["fouls"],
        "second_chance_points_scored": sums["second_chance_points"],
        "offensive_rating": 100 * sums["points"] / rows.possessions,
        "pace": _pace(rows),
        "possessions": np.rint(rows.possessions).astype(np.int64),
        "ts_pct": _true_shooting(sums["points"], sums["fg_attempts"], sums["ft_attempts"]),
        "shot_zones_available": rows.zones,
        "shot_zones_source": only(rows.zones, "bigdataball_pbp"),
    }
    columns |= _zone_columns("team_", sums, rows.zones)
    columns["points_in_paint_scored"] = only(rows.zones, 2 * sums["paint_makes"])
    return columns | _origin(OFFENSE, league, rows, silver) | _offense_sources(rows)


def defense(league: League, rows: TeamRows, rng: np.random.Generator) -> dict[str, Column]:
    """Columns of the defense table: what the opponent did."""
    theirs = {name: rows.other(name) for name in rows.sums}
    silver = is_silver(rng, len(rows.day))
    columns = identity(league, rows, "defending_team_abbr")
    columns |= {
        f"opp_{name}": theirs[name]
        for name in (
            *("fg_attempts", "fg_makes", "three_pt_attempts", "three_pt_makes"),
            *("ft_attempts", "ft_makes", "assists"),
        )
    }
    columns |= {
        "points_allowed": theirs["points"],
        "opp_rebounds": theirs["offensive_rebounds"] + theirs["defensive_rebounds"],
        "turnovers_forced": theirs["turnovers"],
        "fouls_committed": rows.sums["fouls"],
        "three_pt_points_allowed": 3 * theirs["three_pt_makes"],
        "second_chance_points_allowed": theirs["second_chance_points"],
        "fast_break_points_allowed": theirs["fast_break_points"],
        "steals": rows.sums["steals"],
        "defensive_rebounds": rows.sums["defensive_rebounds"],
        "defensive_rating": 100 * theirs["points"] / rows.possessions,
        "opponent_pace": _pace(rows),
        "opponent_ts_pct": _true_shooting(
            theirs["points"], theirs["fg_attempts"], theirs["ft_attempts"]
        ),
    }
    columns |= _zone_columns("opp_", theirs, rows.zones)
    for column, values in {
        "points_in_paint_allowed": 2 * theirs["paint_makes"],
        "mid_range_points_allowed": 2 * theirs["mid_range_makes"],
        "blocks_paint": rows.sums["paint_blocks"],
        "blocks_mid_range": rows.sums["mid_range_blocks"],
        "blocks_three_pt": rows.sums["three_pt_blocks"],
    }.items():
        columns[column] = only(rows.zones, values)
    return columns | _origin(DEFENSE, league, rows, silver) | _defense_sources(rows)


def _zone_columns(prefix: str, sums: dict[str, Ints], zones: Bools) -> dict[str, Column]:
    return {
        f"{prefix}{zone}_{what}": only(zones, sums[f"{zone}_{what}"])
        for zone in ("paint", "mid_range")
        for what in ("attempts", "makes")
    }


def _pace(rows: TeamRows) -> Floats:
    return np.asarray(rows.possessions * 48 / rows.minutes)


def _true_shooting(points: Ints, shots: Ints, free_throws: Ints) -> Floats:
    return np.asarray(points / (2 * (shots + 0.44 * free_throws)))


def _origin(table: str, league: League, rows: TeamRows, silver: Bools) -> dict[str, Column]:
    """Time, quality and hash columns."""
    reconstructed = _reconstructed(rows) & (not league.tidy)
    silver = silver & ~reconstructed
    sources = ("nbac_team_boxscore", "espn_team_boxscore")
    sample = np.ones(len(rows.day), dtype=np.int64)
    columns = {
        "data_quality_tier": take(["high", "medium"], silver.astype(np.int64)),
        "primary_source_used": take(sources, silver.astype(np.int64)),
        "processed_with_issues": silver,
        "data_hash": hashes(rows.game, rows.team, *rows.sums.values()),
    }
    columns |= (times if league.tidy else run_again)(table, rows.day, rows.nth)
    return columns | quality(
        table, silver, rows.day, rows.nth, sources, sample, reconstructed=reconstructed
    )


def _reconstructed(rows: TeamRows) -> Bools:
    """Whether a game's team rows are the sums of its players' rows."""
    return (rows.season >= WHOLE_ROSTERS) & (fractions(rows.game) < RECONSTRUCTED)


def _offense_sources(rows: TeamRows) -> dict[str, Column]:
    two = np.full(len(rows.day), 2)
    events = 420 + rows.game * 53 % 90
    return {
        "is_partial_game_data": False,
        "game_completeness_pct": np.full(len(rows.day), 100.0),
        "game_status_at_processing": "final",
        **source("nbac_boxscore", OFFENSE, rows.day, rows.nth, two),
        **source("play_by_play", OFFENSE, rows.day, rows.nth, events, rows.zones),
    }


def _defense_sources(rows: TeamRows) -> dict[str, Column]:
    two = np.full(len(rows.day), 2)
    listed = 26 + rows.game * 31 % 9
    return {
        **source("team_boxscore", DEFENSE, rows.day, rows.nth, two),
        **source("gamebook_players", DEFENSE, rows.day, rows.nth, listed),
    }
