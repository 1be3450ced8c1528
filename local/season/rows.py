"""Played games as flat rows: two for each game, and one for each player of a box score."""

from dataclasses import dataclass

import numpy as np

from local.season.arrays import Bools, Floats, Ints, one_in_each_block
from local.season.boxscores import Lines
from local.season.league import League

# Shot zones come from play-by-play, which could be read for under half the games from mid-2024 on.
ZONES_CHANGE = np.datetime64("2024-07-01").astype(np.int64)
ZONES_BEFORE, ZONES_SINCE = 0.87, 0.45
ZONES = ("paint", "mid_range", "three_pt")


@dataclass(frozen=True)
class TeamRows:
    """Two rows for each game, away first; teams as places in TEAMS, days since 1970-01-01."""

    game: Ints
    day: Ints
    season: Ints
    team: Ints
    opponent: Ints
    at_home: Bools
    overtimes: Ints
    nth: Ints  # the game's number on its day, from 0
    zones: Bools  # whether the game's play-by-play could be read
    sums: Lines  # each statistic of the box score, the team's sum

    @property
    def key(self) -> Ints:
        """One number for each team and season."""
        return self.season * 100 + self.team

    @property
    def place(self) -> Ints:
        """Where the game was: its home team."""
        return np.where(self.at_home, self.team, self.opponent)

    @property
    def margin(self) -> Ints:
        """Points less the opponent's."""
        return self.sums["points"] - self.other("points")

    def other(self, name: str) -> Ints:
        """The opponent's sum."""
        return self.sums[name].reshape(-1, 2)[:, ::-1].ravel()

    @property
    def possessions(self) -> Floats:
        """Of both teams, on average: shots, turnovers and trips to the line, less rebounds."""
        own = (
            self.sums["fg_attempts"]
            + 0.44 * self.sums["ft_attempts"]
            + self.sums["turnovers"]
            - self.sums["offensive_rebounds"]
        ).reshape(-1, 2)
        return np.repeat(own.mean(axis=1), 2)

    @property
    def minutes(self) -> Floats:
        """The length of the game."""
        return np.asarray(48.0 + 5 * self.overtimes)


@dataclass(frozen=True)
class PlayerRows:
    """A row for each player of a box score; statistics are 0 for those who did not play."""

    row: Ints  # of TeamRows
    player: Ints
    position: Ints  # in the lineup, 0 to 11
    played: Bools
    lines: Lines


def team_rows(league: League, rng: np.random.Generator) -> TeamRows:
    """The teams' rows of all games in order."""
    games = league.games
    number_ = np.arange(len(games))
    nth = number_ - np.searchsorted(games.day, games.day)
    sums = {name: league.results.team(name) for name in league.results.lines}
    lost = sums["turnovers"].reshape(-1, 2)[:, ::-1].ravel()
    sums["second_chance_points"] = 2 * rng.binomial(sums["offensive_rebounds"], 0.5)
    sums["fast_break_points"] = 2 * rng.binomial(lost, 0.5)
    return TeamRows(
        game=np.repeat(number_, 2),
        day=np.repeat(games.day, 2),
        season=np.repeat(games.season, 2),
        team=games.teams.ravel(),
        opponent=games.teams[:, ::-1].ravel(),
        at_home=np.tile([False, True], len(games)),
        overtimes=np.repeat(league.results.overtimes, 2),
        nth=np.repeat(nth, 2),
        zones=np.repeat(_zones(games.day, rng), 2),
        sums=sums,
    )


def _zones(days: Ints, rng: np.random.Generator) -> Bools:
    earlier = int(np.searchsorted(days, ZONES_CHANGE))
    return np.concatenate(
        [
            ~one_in_each_block(rng, earlier, 1 - ZONES_BEFORE),
            one_in_each_block(rng, len(days) - earlier, ZONES_SINCE),
        ]
    )


def player_rows(league: League) -> PlayerRows:
    """The players' rows of all box scores in order."""
    row, position = np.nonzero(league.lineups.in_box)
    return PlayerRows(
        row=row,
        player=league.lineups.players[row, position],
        position=position,
        played=league.lineups.in_play[row, position],
        lines={name: values[row, position] for name, values in league.results.lines.items()},
    )


def usage(lines: Lines, team: Lines, minutes: Floats) -> Floats:
    """100 * (FGA + 0.44 FTA + TO) * 48 / (minutes * the team's total); minutes above 0."""

    def total(of: Lines) -> Floats:
        return np.asarray(of["fg_attempts"] + 0.44 * of["ft_attempts"] + of["turnovers"])

    return np.asarray(100 * total(lines) * 48 / (minutes * total(team)))
