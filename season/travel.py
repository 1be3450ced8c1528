"""Where teams have been, how they rested and whom they meet next."""

from dataclasses import dataclass

import numpy as np

from season.arrays import Bools, Floats, Ints
from season.history import History, Past
from season.rows import TeamRows
from season.teams import HOURS_BEHIND, MILES


@dataclass(frozen=True)
class Trips:
    """Per team row, within the season; NaN where there is no game before or after."""

    past: Past
    rest: Floats  # days since the last game
    miles: Ints
    clock_changes: Ints  # hours
    road_games: Ints  # in a row, this one included
    next_rest: Floats
    next_opponent: Ints  # place in TEAMS, -1 after the season
    games_ahead: Ints  # in the next seven days


def trips(rows: TeamRows) -> Trips:
    """Trips of all teams. The history's values: miles, clocks, win, margin, points, pace, allowed,
    games."""
    order = np.lexsort((rows.day, rows.key))
    same = np.zeros(len(order), dtype=np.bool_)
    same[1:] = rows.key[order][1:] == rows.key[order][:-1]
    before = np.where(same, np.roll(order, 1), -1)
    back = _unsorted(order, before)
    after = _unsorted(order, np.where(np.roll(same, -1), np.roll(order, -1), -1))
    # A season begins at home.
    came_from = np.where(back < 0, rows.team, rows.place[back])
    miles = np.rint(MILES[came_from, rows.place]).astype(np.int64)
    clocks = np.abs(HOURS_BEHIND[came_from] - HOURS_BEHIND[rows.place])
    history = _history(rows, miles, clocks)
    past = history.before(rows.key, rows.day)
    week = history.before(rows.key, rows.day + 8)
    return Trips(
        past=past,
        rest=np.where(back < 0, np.nan, rows.day - rows.day[back]),
        miles=miles,
        clock_changes=clocks,
        road_games=_in_a_row(rows.at_home, order, same),
        next_rest=np.where(after < 0, np.nan, rows.day[after] - rows.day),
        next_opponent=np.where(after < 0, -1, rows.opponent[after]),
        games_ahead=week.end - past.end - 1,
    )


def _unsorted(order: Ints, values: Ints) -> Ints:
    found = np.empty_like(values)
    found[order] = values
    return found


def _history(rows: TeamRows, miles: Ints, clocks: Ints) -> History:
    values = {
        "miles": miles,
        "clocks": clocks,
        "win": rows.margin > 0,
        "margin": rows.margin,
        "points": rows.sums["points"],
        "pace": rows.possessions * 48 / rows.minutes,
        "allowed": 100 * rows.other("points") / rows.possessions,
        "free_throws": rows.other("ft_attempts") / rows.other("fg_attempts"),
    }
    return History(rows.key, rows.day, values)


def _in_a_row(at_home: Bools, order: Ints, same: Bools) -> Ints:
    """Road games in a row up to each row; 0 at home."""
    away = ~at_home[order]
    place = np.arange(len(order))
    # The run began after the last home game, or with the season.
    start = np.maximum.accumulate(np.where(~away, place + 1, np.where(~same, place, 0)))
    return _unsorted(order, np.where(away, place - start + 1, 0))


def streaks(rows: TeamRows) -> tuple[Ints, Ints]:
    """(wins, losses) in a row before each row, within the season."""
    order = np.lexsort((rows.day, rows.key))
    won = (rows.margin > 0)[order]
    first = np.searchsorted(rows.key[order], rows.key[order])
    place = np.arange(len(order))
    found = []
    for result in (won, ~won):
        ended = np.maximum.accumulate(np.where(~result, place + 1, 0))
        before = np.concatenate([[0], ended[:-1]])
        found.append(_unsorted(order, place - np.maximum(before, first)))
    return found[0], found[1]
