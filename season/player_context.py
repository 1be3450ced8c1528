"""upcoming_player_game_context: a row for each player of both rosters, from before the game."""

from dataclasses import dataclass

import numpy as np

from season.arrays import Bools, Ints, months, one_in_each_block
from season.columns import Column, hashes, take
from season.history import History, Past
from season.league import League
from season.lines import GameLines, player_key, player_lines, points_history
from season.lineups import unavailable
from season.player_table import BOOKS, who
from season.provenance import is_silver, quality, source, times, written_twice
from season.rows import PlayerRows, TeamRows
from season.schedule_table import tip_off
from season.team_context import BOOK, complete
from season.teams import HOURS_BEHIND, TRICODES
from season.travel import Trips

PLAYER_CONTEXT = "nba_analytics.upcoming_player_game_context"
STARS = 3
UNREAD = 0.01  # share of rows whose opponent's figures could not be read
QUESTIONABLE = 0.04
DAYS_A_YEAR = 365.25
PHASES = ("early", "mid", "late", "playoffs")


@dataclass(frozen=True)
class Roster:
    """The rows to be written: team row and player, and whether the player can play."""

    row: Ints
    player: Ints
    available: Bools


def roster(league: League, shown: Ints) -> Roster:
    """A row for each player of the context table in the team rows `shown`."""
    wide = np.arange(league.lineups.players.shape[1]) < league.lineups.rostered[shown][:, None]
    place, position = np.nonzero(wide)
    row = shown[place]
    lineups = league.lineups
    return Roster(row, lineups.players[row, position], lineups.available[row, position])


def player_context(
    league: League,
    teams: TeamRows,
    players: PlayerRows,
    trips: Trips,
    lines: GameLines,
    rows: Roster,
    rng: np.random.Generator,
) -> dict[str, Column]:
    """Columns of the table for the rows of `rows`."""
    day, nth = teams.day[rows.row], teams.nth[rows.row]
    past = _played(teams, players).before(player_key(rows.player, teams.season[rows.row]), day)
    silver = is_silver(rng, len(rows.row))
    sources = ("nbac_gamebook", "bdl_boxscores")
    return {
        **who(league, rows.player),
        "game_id": take(league.games.ids, teams.game[rows.row]),
        "game_date": day,
        "team_abbr": take(TRICODES, teams.team[rows.row]),
        "opponent_team_abbr": take(TRICODES, teams.opponent[rows.row]),
        "home_game": teams.at_home[rows.row],
        **_points_lines(teams, players, rows),
        **_game_lines(lines, rows.row),
        **_load(past),
        **_trips(teams, trips, rows.row),
        **_opponent(trips, rows.row, rng),
        **_person(league, teams, rows),
        **_windows(past),
        **complete(past.games),
        **(times if league.tidy else written_twice)(PLAYER_CONTEXT, day, nth),
        **quality(PLAYER_CONTEXT, silver, day, nth, sources, past.games),
        **_origin(teams, rows, past, silver),
        "context_version": 1 if league.tidy else 2,
    }


def _played(teams: TeamRows, players: PlayerRows) -> History:
    """Games of each player and season; fields as `_load` reads them."""
    on = players.played
    rows, lines = players.row[on], {k: v[on] for k, v in players.lines.items()}
    key = player_key(players.player[on], teams.season[rows])
    order = np.lexsort((teams.day[rows], key))
    gap = np.full(len(rows), 99)
    same = np.diff(key[order], prepend=-1) == 0
    gap[order] = np.where(same, np.diff(teams.day[rows][order], prepend=0), 99)
    values = {
        "points": lines["points"],
        "minutes": players.minutes[on],
        "usage": players.usage[on],
        "back_to_back": gap == 1,
        "gap": np.where(gap == 99, np.nan, gap),
        "day": teams.day[rows],
        "makes": lines["fg_makes"],
        "shots": lines["fg_attempts"],
    }
    return History(key, teams.day[rows], values)


def _load(past: Past) -> dict[str, Column]:
    """Rest, games, minutes and form."""
    week, fortnight = past.within(7), past.within(14)
    rest = past.days - past.latest("day")
    five, all_ = past.last(5), past
    decline = all_.total("makes") / np.maximum(all_.total("shots"), 1)
    decline -= five.total("makes") / np.maximum(five.total("shots"), 1)
    return {
        "days_rest": rest,
        "days_rest_before_last_game": past.latest("gap"),
        "back_to_back": rest == 1,
        "games_in_last_7_days": week.games,
        "games_in_last_14_days": fortnight.games,
        "minutes_in_last_7_days": np.rint(week.total("minutes")).astype(np.int64),
        "minutes_in_last_14_days": np.rint(fortnight.total("minutes")).astype(np.int64),
        "avg_minutes_per_game_last_7": week.mean("minutes"),
        "back_to_backs_last_14_days": fortnight.total("back_to_back").astype(np.int64),
        "avg_usage_rate_last_7_games": past.last(7).mean("usage"),
        "projected_usage_rate": past.last(10).mean("usage"),
        "points_avg_last_5": five.mean("points"),
        "points_avg_last_10": past.last(10).mean("points"),
        "shooting_pct_decline_last_5": np.where(past.games >= 5, decline, np.nan),
    }


def _windows(past: Past) -> dict[str, Column]:
    columns: dict[str, Column] = {"all_windows_complete": past.games >= 10}
    for window in ("l7d", "l14d", "l30d"):
        columns |= {f"{window}_completeness_pct": 100.0, f"{window}_is_complete": True}
    for games in (5, 10):
        share = 100.0 * np.minimum(past.games, games) / games
        columns |= {f"l{games}_completeness_pct": share, f"l{games}_is_complete": share == 100}
    return columns


def _points_lines(teams: TeamRows, players: PlayerRows, rows: Roster) -> dict[str, Column]:
    season, day = teams.season[rows.row], teams.day[rows.row]
    found = player_lines(points_history(players, teams), rows.player, season, day)
    current = np.where(rows.available, found.current, np.nan)
    opening = np.where(rows.available, found.opening, np.nan)
    book = np.where(np.isnan(current), -1, rows.player % len(BOOKS))
    return {
        "has_prop_line": ~np.isnan(current),
        "current_points_line": current,
        "opening_points_line": opening,
        "line_movement": current - opening,
        "current_points_line_source": take(BOOKS, book),
        "opening_points_line_source": take(BOOKS, book),
        **source("props", PLAYER_CONTEXT, day, teams.nth[rows.row], 1 + book, book >= 0),
    }


def _game_lines(lines: GameLines, row: Ints) -> dict[str, Column]:
    return {
        "game_spread": lines.spread[row],
        "opening_spread": lines.opening_spread[row],
        "spread_movement": (lines.spread - lines.opening_spread)[row],
        "game_spread_source": BOOK,
        "game_total": lines.total[row],
        "opening_total": lines.opening_total[row],
        "total_movement": (lines.total - lines.opening_total)[row],
        "game_total_source": BOOK,
    }


def _trips(teams: TeamRows, trips: Trips, row: Ints) -> dict[str, Column]:
    fortnight = trips.past.within(14)
    wins = trips.past.history.before(teams.season * 100 + trips.next_opponent, teams.day)
    other = _other(np.arange(len(teams.day)))
    return {
        "travel_miles": trips.miles[row],
        "time_zone_changes": trips.clock_changes[row],
        "consecutive_road_games": trips.road_games[row],
        "miles_traveled_last_14_days": fortnight.total("miles").astype(np.int64)[row],
        "time_zones_crossed_last_14_days": fortnight.total("clocks").astype(np.int64)[row],
        "next_game_days_rest": trips.next_rest[row],
        "games_in_next_7_days": trips.games_ahead[row],
        "next_opponent_win_pct": wins.mean("win")[row],
        "opponent_days_rest": trips.rest[other][row],
        "opponent_games_in_next_7_days": trips.games_ahead[other][row],
        "opponent_next_game_days_rest": trips.next_rest[other][row],
    }


def _other(rows: Ints) -> Ints:
    """The opponent's row of each team row."""
    return rows ^ 1


def _opponent(trips: Trips, row: Ints, rng: np.random.Generator) -> dict[str, Column]:
    """What the opponent has done in its last ten games; a few rows lack some of it."""
    last = trips.past.last(10)
    other = _other(row)
    pace = last.mean("pace")
    unread = [one_in_each_block(rng, len(row), UNREAD) for _ in range(2)]
    return {
        "opponent_pace_last_10": np.where(unread[0], np.nan, pace[other]),
        "pace_differential": np.where(unread[0], np.nan, pace[row] - pace[other]),
        "opponent_def_rating_last_10": np.where(unread[1], np.nan, last.mean("allowed")[other]),
        "opponent_ft_rate_allowed": np.where(unread[1], np.nan, last.mean("free_throws")[other]),
    }


def _person(league: League, teams: TeamRows, rows: Roster) -> dict[str, Column]:
    day = teams.day[rows.row]
    doubtful = np.asarray(
        (rows.player * 2_654_435_761 + day * 40_503) % 1_000 < 1_000 * QUESTIONABLE
    )
    status = np.where(~rows.available, 2, doubtful.astype(np.int64))
    stars = unavailable(league.lineups, league.players, STARS)[rows.row]
    return {
        "player_age": ((day - league.players.born[rows.player]) / DAYS_A_YEAR).astype(np.int64),
        "player_status": take(["available", "questionable", "out"], status),
        "injury_report": take(["Questionable", "Out - Injury/Illness"], status - 1),
        "star_teammates_out": stars,
        "season_phase": take(PHASES, _phase(league, teams)[rows.row]),
        "game_start_time_local": take(*_local_time(league, teams, rows.row)),
    }


def _phase(league: League, teams: TeamRows) -> Ints:
    month = months(teams.day)
    phase = np.where(month >= 10, 0, np.where(month <= 2, 1, 2))
    phase[(month == 12)] = 1
    return np.where(np.repeat(league.games.is_regular, 2), phase, 3)


def _local_time(league: League, teams: TeamRows, row: Ints) -> tuple[list[str], Ints]:
    """Texts, and which of them each row shows."""
    numbers = np.array([game.number for game in league.games.pairings])
    place = teams.place[row]
    # Clocks in the east show 19:00 at 0:00 UTC in winter.
    local = 19 * 3_600 + tip_off(place, numbers[teams.game[row]]) - 3_600 * HOURS_BEHIND[place]
    texts = [f"{half // 2 - 12}:{'30' if half % 2 else '00'} PM" for half in range(48)]
    return texts, local // 1_800


def _origin(teams: TeamRows, rows: Roster, past: Past, silver: Bools) -> dict[str, Column]:
    day, nth, games = teams.day[rows.row], teams.nth[rows.row], past.games
    return {
        "data_quality_tier": take(["high", "medium"], silver.astype(np.int64)),
        "primary_source_used": take(["nbac_gamebook", "bdl_boxscores"], silver.astype(np.int64)),
        "processed_with_issues": silver,
        "data_hash": hashes(teams.game[rows.row], rows.player, games),
        **source("boxscore", PLAYER_CONTEXT, day, nth, games, games > 0),
        **source("schedule", PLAYER_CONTEXT, day, nth, np.full(len(day), 2)),
        **source("game_lines", PLAYER_CONTEXT, day, nth, np.full(len(day), 4)),
    }
