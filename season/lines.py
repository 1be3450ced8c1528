"""Betting lines: points of a player, spread and total of a game, from what was known before."""

from dataclasses import dataclass

import numpy as np

from season.arrays import Floats, Ints
from season.columns import fractions
from season.history import History
from season.rows import PlayerRows, TeamRows

FEWEST_GAMES, FEWEST_POINTS = 3, 7.5  # for a line on a player
SHRINK = 8  # games of margin zero that a team's record is mixed with
HOME = 2.4


@dataclass(frozen=True)
class PlayerLines:
    """Lines on players' points, NaN where there is none; halves."""

    current: Floats
    opening: Floats


@dataclass(frozen=True)
class GameLines:
    """Per team row: spread (below zero for the favourite) and total, now and at opening."""

    spread: Floats
    opening_spread: Floats
    total: Floats
    opening_total: Floats


def points_history(players: PlayerRows, teams: TeamRows) -> History:
    """Points by player and season."""
    rows = players.row[players.played]
    keys = player_key(players.player[players.played], teams.season[rows])
    return History(keys, teams.day[rows], {"points": players.lines["points"][players.played]})


def player_key(players: Ints, seasons: Ints) -> Ints:
    """One number for each player and season."""
    return players * 128 + seasons % 100


def player_lines(history: History, players: Ints, seasons: Ints, days: Ints) -> PlayerLines:
    """Lines for players on days, from their last ten games of the season."""
    past = history.before(player_key(players, seasons), days)
    mean = past.last(10).mean("points")
    has_line = (past.games >= FEWEST_GAMES) & (mean >= FEWEST_POINTS)
    shifts = 2 * fractions(players, days) - 1
    moves = np.rint(3 * fractions(days, players) - 1.5) / 2
    current = np.where(has_line, np.floor(mean + shifts) + 0.5, np.nan)
    return PlayerLines(current, current - moves)


def game_lines(teams: TeamRows) -> GameLines:
    """Lines for each game, from both teams' games of the season."""
    values = {"margin": teams.margin, "points": teams.sums["points"]}
    past = History(teams.key, teams.day, values).before(teams.key, teams.day)
    strength = past.total("margin") / (past.games + SHRINK)
    usual = np.where(past.games > 2, past.last(15).mean("points"), 107.5)
    other = strength.reshape(-1, 2)[:, ::-1].ravel()
    chance = 2 * fractions(teams.day, teams.game) - 1
    side = np.where(teams.at_home, 1, -1)
    spread = -np.rint(2 * (strength - other + side * (HOME + 1.5 * chance))) / 2
    moves = np.rint(4 * fractions(teams.game, teams.day) - 2) / 2
    total = np.repeat(usual.reshape(-1, 2).sum(axis=1), 2)
    total = np.rint(2 * (total + 3 * chance)) / 2
    return GameLines(spread, spread - side * moves, total, total - moves)


def over_under(points: Ints, lines: Floats) -> Ints:
    """0 OVER, 1 UNDER, 2 PUSH; -1 without a line."""
    result = np.where(points > lines, 0, np.where(points < lines, 1, 2))
    return np.where(np.isnan(lines), -1, result)
