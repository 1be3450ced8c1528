"""Seasons from start to end: rosters, games, lineups and results, one after the other."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from season import boxscores, lineups, schedule
from season.arrays import Ints, number
from season.boxscores import Results
from season.calendar import Day, season_starts
from season.games import Games, Pairing, as_games
from season.lineups import Lineups
from season.players import Players, Rosters, careers
from season.playoffs import postseason

SEED = 20211019


@dataclass(frozen=True)
class League:
    """All that happened. Rows 2n and 2n+1 of lineups and results are away and home of game n."""

    tidy: bool
    starts: dict[int, date]
    games: Games
    all_star: Sequence[Pairing]
    players: Players
    rosters: Rosters
    lineups: Lineups
    results: Results
    # The last day that is over, and the regular games that the schedule has after it.
    until: date
    ahead: Sequence[Pairing]


def generator(seed: int, name: str) -> np.random.Generator:
    """Chance for one part alone, so that a change in one leaves the others as they were."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def play_seasons(days: Sequence[Day], seed: int, until: date, *, tidy: bool) -> League:
    """Play every game of `days` up to `until`."""
    starts = season_starts(days)
    players, rosters = careers(starts, generator(seed, "players"), tidy=tidy)
    seasons = [[day for day in days if day.season == season] for season in starts]
    rng = generator(seed, "schedule")
    parts = [schedule.regular_days(season) for season in seasons]
    drawn = [game for days, _ in parts for game in schedule.regular_season(days, rng)]
    last = number(until)
    regular = as_games([game for game in drawn if game.day <= last])
    first = _played(regular, players, rosters, generator(seed, "regular season"), tidy)
    rng = generator(seed, "playoffs")
    later = as_games(
        [
            game
            for season, (_, days) in zip(starts, parts, strict=True)
            for game in postseason(_up_to(until, days), _standing(regular, first[1], season), rng)
        ]
    )
    games, (line, results) = regular, first
    if len(later):
        second = _played(later, players, rosters, generator(seed, "postseason"), tidy)
        games, line, results = _joined(regular, later, first, second)
    stars = [game for season in seasons for game in schedule.all_star(_up_to(until, season))]
    ahead = [game for game in drawn if game.day > last]
    return League(tidy, starts, games, stars, players, rosters, line, results, until, ahead)


def _up_to(until: date, days: Sequence[Day]) -> list[Day]:
    return [day for day in days if day.date <= until]


def _played(
    games: Games, players: Players, rosters: Rosters, rng: np.random.Generator, tidy: bool
) -> tuple[Lineups, Results]:
    line = lineups.lineups(games, rosters, rng, tidy=tidy)
    return line, boxscores.play(games, line, players, rng, tidy=tidy)


def _standing(games: Games, results: Results, season: int) -> Ints:
    """All teams, the one with the most wins in the regular season first."""
    rows = games.season == season
    winners = games.teams[np.arange(len(games)), results.winners][rows]
    return np.argsort(-np.bincount(winners, minlength=30), kind="stable")


def _joined(
    regular: Games,
    later: Games,
    first: tuple[Lineups, Results],
    second: tuple[Lineups, Results],
) -> tuple[Games, Lineups, Results]:
    """Both parts in order of date."""
    pairings = [*regular.pairings, *later.pairings]
    order = np.argsort([game.day for game in pairings], kind="stable")
    rows = (2 * order[:, None] + [0, 1]).ravel()

    def both(one: npt.NDArray[Any], two: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return np.concatenate([one, two])[rows if len(one) == 2 * len(regular) else order]

    line = Lineups(
        **{
            name: both(getattr(first[0], name), getattr(second[0], name))
            for name in Lineups.__dataclass_fields__
        }
    )
    lines = {name: both(values, second[1].lines[name]) for name, values in first[1].lines.items()}
    overtimes = both(first[1].overtimes, second[1].overtimes)
    return as_games([pairings[place] for place in order]), line, Results(lines, overtimes)
