"""Played games as flat rows: two for each game, and one for each player of a box score."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from season.arrays import Bools, Floats, Ints, months, number, one_in_each_block
from season.boxscores import Lines
from season.games import Games
from season.league import League
from season.lineups import WIDTH
from season.rates import as_known, usage
from season.style import WHOLE_ROSTERS

# Shot zones come from play-by-play, which could be read for under half the games from mid-2024 on.
ZONES_CHANGE = np.datetime64("2024-07-01").astype(np.int64)
ZONES_BEFORE, ZONES_SINCE = 0.87, 0.45
ZONES_SINCE_WHOLE_ROSTERS = 0.52
# No play-by-play could be read on these dates.
OUTAGES = (
    (date(2026, 2, 8), date(2026, 2, 12)),
    (date(2026, 2, 19), date(2026, 2, 28)),
    (date(2026, 4, 18), date(2026, 4, 25)),
)
ZONES = ("paint", "mid_range", "three_pt")
# What a row says of a player who did not play: no figures, 0 points without minutes (rows that were
# repaired to that), or a line of noughts in the playoffs.
NO_FIGURES, NO_POINTS, NOUGHTS = 0, 1, 2
REPAIRED = 0.061  # of the rows without points of seasons with whole rosters
PLAYOFF_BENCH = 2024  # the first season with lines of noughts
ON_THE_BENCH = 15  # players of a team who are with it at a playoff game


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
    position: Ints  # in the lineup
    played: Bools
    minutes: Floats  # NaN where they are not known
    usage: Floats  # the same
    absence: Ints  # NO_FIGURES, NO_POINTS or NOUGHTS, of those who did not play
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
        zones=np.repeat(_zones(games, rng, tidy=league.tidy), 2),
        sums=sums,
    )


def _zones(games: Games, rng: np.random.Generator, *, tidy: bool) -> Bools:
    earlier = int(np.searchsorted(games.day, ZONES_CHANGE))
    found = np.concatenate(
        [
            ~one_in_each_block(rng, earlier, 1 - ZONES_BEFORE),
            one_in_each_block(rng, len(games) - earlier, ZONES_SINCE),
        ]
    )
    if tidy:
        return found
    # In the playoffs few teams play: one in each block of neighbours would leave a team out.
    since = games.season >= WHOLE_ROSTERS
    late = (games.day >= ZONES_CHANGE) & ~since
    for rows, share in ((late, ZONES_SINCE), (since, ZONES_SINCE_WHOLE_ROSTERS)):
        found[rows] = rng.permutation(int(rows.sum())) < share * rows.sum()
    for first, last in OUTAGES:
        found[(games.day >= number(first)) & (games.day <= number(last))] = False
    return found


def player_rows(league: League, teams: TeamRows, rng: np.random.Generator) -> PlayerRows:
    """The players' rows of all box scores in order."""
    row, position = np.nonzero(league.lineups.in_box)
    played = position < league.lineups.played[row]
    place = np.minimum(position, WIDTH - 1)
    lines = {
        name: np.where(played, values[row, place], 0)
        for name, values in league.results.lines.items()
    }
    minutes = np.where(played, lines["minutes"] / 10, np.nan)
    team = {name: values[row] for name, values in teams.sums.items()}
    if league.tidy:
        shares = usage(lines, team, minutes)
    else:
        month = 100 * teams.season[row] + months(teams.day[row])
        minutes, shares = as_known(minutes, lines, team, month, rng)
    return PlayerRows(
        row=row,
        player=league.lineups.players[row, position],
        position=position,
        played=played,
        minutes=minutes,
        usage=shares,
        absence=np.where(played, NO_FIGURES, _absence(league, row // 2, position, rng)),
        lines=lines,
    )


def _absence(league: League, game: Ints, position: Ints, rng: np.random.Generator) -> Ints:
    """How the row of a player of each of `game` looks if he does not play."""
    games = league.games
    if league.tidy:
        return np.full(len(game), NO_FIGURES)
    repaired = one_in_each_block(rng, len(game), REPAIRED) & (games.season[game] >= WHOLE_ROSTERS)
    playoffs = ~games.is_regular & (games.season >= PLAYOFF_BENCH)
    bench = playoffs[game] & (position < ON_THE_BENCH)
    return np.where(bench, NOUGHTS, np.where(repaired, NO_POINTS, NO_FIGURES))
