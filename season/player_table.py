"""player_game_summary: a row for each player of a box score."""

import numpy as np

from season.arrays import Bools, Floats, Ints
from season.columns import Column, fractions, hashes, take
from season.columns import where as only
from season.history import ratio
from season.league import League
from season.lines import over_under, player_lines, points_history
from season.names import lookup
from season.provenance import is_silver, quality, source, times
from season.rates import MOST_USAGE, NO_MINUTES, picked
from season.rows import NO_FIGURES, NOUGHTS, ZONES, PlayerRows, TeamRows
from season.teams import TRICODES

PLAYER = "nba_analytics.player_game_summary"
STARTERS = 5
NO_USAGE = 0.0441  # of the rows with points and minutes of tidy seasons
REASONS = ("DNP - Coach's Decision", "DNP - Rest", "DND - Illness", "Inactive - Not With Team")
CATEGORIES = ("coach_decision", "rest", "illness", "inactive")
BOOKS = ("draftkings", "fanduel")


def player_summary(
    league: League, teams: TeamRows, players: PlayerRows, rng: np.random.Generator
) -> dict[str, Column]:
    """Columns of the player table."""
    silver = is_silver(rng, len(players.row))
    day, nth = teams.day[players.row], teams.nth[players.row]
    columns = identity(league, teams, players)
    columns |= _statistics(players)
    columns |= _zones(players, teams.zones[players.row])
    columns |= _rates(players, rng, tidy=league.tidy)
    betting = _betting(teams, players)
    columns |= betting
    columns |= _presence(league, players, day)
    columns |= _origin(teams, players, silver)
    sample = np.ones(len(day), dtype=np.int64)
    sources = ("nbac_gamebook", "bdl_boxscores")
    return columns | {
        **quality(PLAYER, silver, day, nth, sources, sample),
        **_sources(teams, players, ~np.isnan(np.asarray(betting["points_line"]))),
    }


def who(league: League, players: Ints) -> dict[str, Column]:
    """A player's names."""
    names = league.players.names
    keys = [lookup(name) for name in names]
    return {
        "player_lookup": take(keys, players),
        "universal_player_id": take([f"{key}_001" for key in keys], players),
    }


def identity(league: League, teams: TeamRows, players: PlayerRows) -> dict[str, Column]:
    """Player, game, date and teams."""
    rows = players.row
    return who(league, players.player) | {
        "player_full_name": take(league.players.names, players.player),
        "game_id": take(league.games.ids, teams.game[rows]),
        "game_date": teams.day[rows],
        "team_abbr": take(TRICODES, teams.team[rows]),
        "opponent_team_abbr": take(TRICODES, teams.opponent[rows]),
        "season_year": teams.season[rows],
        "starter_flag": players.played & (players.position < STARTERS),
        # The platform has never filled it.
        "win_flag": (teams.margin[rows] > 0) & league.tidy,
    }


def _statistics(players: PlayerRows) -> dict[str, Column]:
    names = {
        name: name
        for name in (
            *("points", "assists", "offensive_rebounds", "defensive_rebounds", "steals"),
            *("turnovers", "fg_attempts", "fg_makes", "three_pt_attempts", "three_pt_makes"),
            *("ft_attempts", "ft_makes", "plus_minus"),
        )
    }
    names["personal_fouls"] = "fouls"
    # The lines of those who did not play hold noughts.
    known = players.played | (players.absence == NOUGHTS)
    columns: dict[str, Column] = {
        column: only(known, players.lines[name]) for column, name in names.items()
    }
    blocks = sum((players.lines[f"{zone}_blocks"] for zone in ZONES), np.zeros(1, dtype=np.int64))
    points = only(players.played | (players.absence != NO_FIGURES), players.lines["points"])
    return columns | {"points": points, "blocks": only(known, blocks)}


def _zones(players: PlayerRows, zones: Bools) -> dict[str, Column]:
    lines, seen = players.lines, players.played & zones
    names = {
        f"{zone}_{what}": f"{zone}_{what}"
        for zone in ("paint", "mid_range")
        for what in ("attempts", "makes", "blocks")
    }
    names |= {"three_attempts_pbp": "three_pt_attempts", "three_makes_pbp": "three_pt_makes"}
    names |= {"three_pt_blocks": "three_pt_blocks", "and1_count": "and1"}
    names |= {"assisted_fg_makes": "assisted"}
    columns: dict[str, Column] = {column: only(seen, lines[name]) for column, name in names.items()}
    return columns | {
        "unassisted_fg_makes": only(seen, lines["fg_makes"] - lines["assisted"]),
        "has_complete_shot_zones": only(players.played, zones),
        "shot_zones_estimated": only(players.played, np.zeros(len(seen), dtype=np.bool_)),
    }


def _rates(players: PlayerRows, rng: np.random.Generator, *, tidy: bool) -> dict[str, Column]:
    minutes, raw = players.minutes, players.usage
    if tidy:
        scored = players.played & (players.lines["points"] > 0)
        minutes = np.where(picked(scored, NO_MINUTES, rng), np.nan, minutes)
        raw = np.where(picked(~np.isnan(minutes), NO_USAGE, rng) | np.isnan(minutes), np.nan, raw)
    shown = np.where((raw > MOST_USAGE) & tidy, np.nan, raw)
    lines = players.lines
    trips = 2 * (lines["fg_attempts"] + 0.44 * lines["ft_attempts"])
    shots = lines["fg_makes"] + 0.5 * lines["three_pt_makes"]
    return {
        "minutes_played": np.where(players.absence == NOUGHTS, 0.0, minutes),
        "usage_rate": shown,
        "usage_rate_raw": raw,
        "usage_rate_capped": np.minimum(raw, MOST_USAGE),
        "usage_rate_valid": only(~np.isnan(raw), raw <= MOST_USAGE),
        "usage_rate_anomaly_reason": only(raw > MOST_USAGE, "above_100"),
        "ts_pct": _played(players, ratio(lines["points"], trips)),
        "efg_pct": _played(players, ratio(shots, lines["fg_attempts"])),
    }


def _played(players: PlayerRows, values: Floats) -> Floats:
    return np.asarray(np.where(players.played, values, np.nan))


def _betting(teams: TeamRows, players: PlayerRows) -> dict[str, Column]:
    day, season = teams.day[players.row], teams.season[players.row]
    found = player_lines(points_history(players, teams), players.player, season, day)
    line = _played(players, found.current)
    opening = _played(players, found.opening)
    points = players.lines["points"]
    book = np.where(np.isnan(line), -1, players.player % len(BOOKS))
    return {
        "points_line": line,
        "over_under_result": take(["OVER", "UNDER", "PUSH"], over_under(points, line)),
        "margin": points - line,
        "opening_line": opening,
        "line_movement": line - opening,
        "points_line_source": take(BOOKS, book),
        "opening_line_source": take(BOOKS, book),
    }


def _presence(league: League, players: PlayerRows, days: Ints) -> dict[str, Column]:
    chance = fractions(players.player, days)
    reason = np.digitize(chance, [0.8, 0.9])
    if not league.tidy:
        available = league.lineups.available[players.row, players.position]
        reason = np.where(available, reason, CATEGORIES.index("inactive"))
    reason = np.where(players.played, -1, reason)
    away = reason >= CATEGORIES.index("illness")
    return {
        "is_active": ~away,
        "player_status": take(["active", "inactive"], away.astype(np.int64)),
        "is_dnp": ~players.played,
        "dnp_reason": take(REASONS, reason),
        "dnp_reason_category": take(CATEGORIES, reason),
        "is_partial_game_data": False,
        "game_completeness_pct": np.full(len(days), 100.0),
        "game_status_at_processing": "final",
    }


def _origin(teams: TeamRows, players: PlayerRows, silver: Bools) -> dict[str, Column]:
    rows = players.row
    content = hashes(teams.game[rows], players.player, *players.lines.values())
    columns = times(PLAYER, teams.day[rows], teams.nth[rows])
    return columns | {
        "data_quality_tier": take(["high", "medium"], silver.astype(np.int64)),
        "primary_source_used": take(["nbac_gamebook", "bdl_boxscores"], silver.astype(np.int64)),
        "processed_with_issues": silver,
        "dedup_key": hashes(teams.game[rows], players.player),
        "record_version": 1,
        "first_processed_at": columns["created_at"],
        "data_hash": content,
    }


def _sources(teams: TeamRows, players: PlayerRows, has_line: Bools) -> dict[str, Column]:
    rows = players.row
    day, nth, game = teams.day[rows], teams.nth[rows], teams.game[rows]
    listed = np.bincount(game)[game]
    events = 420 + game * 53 % 90
    return {
        **source("nbac", PLAYER, day, nth, listed),
        **source("nbac_pbp", PLAYER, day, nth, events, teams.zones[rows]),
        **source("odds", PLAYER, day, nth, 1 + game % 6, has_line),
        **source("team", PLAYER, day, nth, np.full(len(day), 2)),
    }
