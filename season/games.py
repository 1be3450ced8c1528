"""The games of all seasons as columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from season.arrays import Bools, Ints, day
from season.teams import TRICODES

# NBA ids begin with the kind of game.
REGULAR_ID, ALL_STAR_ID, PLAYOFF_ID, PLAY_IN_ID = "002", "003", "004", "005"
PRESEASON_ID, CUP_FINAL_ID = "001", "006"


@dataclass(frozen=True)
class Pairing:
    """A game as the schedule draws it; `winner`, a team, where a playoff series needs it.

    Of an All-Star game, the teams are places in ALL_STARS instead of TEAMS.
    """

    kind: str
    number: int
    season: int
    day: int
    away: int
    home: int
    winner: int | None = None
    round: str | None = None

    @property
    def nba_id(self) -> str:
        """Kind, two digits of the season, five of the game."""
        return f"{self.kind}{self.season % 100:02d}{self.number:05d}"


@dataclass(frozen=True)
class Games:
    """League games in order of date; teams as places in TEAMS, days since 1970-01-01."""

    pairings: Sequence[Pairing]
    season: Ints
    day: Ints
    away: Ints
    home: Ints

    def __len__(self) -> int:
        return len(self.pairings)

    @property
    def teams(self) -> Ints:
        """(games, 2): away, home."""
        return np.stack([self.away, self.home], axis=1)

    @property
    def is_regular(self) -> Bools:
        """Which games are regular-season games."""
        return np.array([game.kind == REGULAR_ID for game in self.pairings], dtype=np.bool_)

    @property
    def winners(self) -> Ints:
        """The team that has to win, -1 where either may."""
        given = [-1 if game.winner is None else game.winner for game in self.pairings]
        return np.array(given, dtype=np.int64)

    @cached_property
    def ids(self) -> list[str]:
        """YYYYMMDD_AWAY_HOME, as every table but the schedule has it."""
        return [
            f"{day(game.day):%Y%m%d}_{TRICODES[game.away]}_{TRICODES[game.home]}"
            for game in self.pairings
        ]


def as_games(pairings: Sequence[Pairing]) -> Games:
    """The columns of `pairings`, which are in order."""

    def column(name: str) -> Ints:
        return np.array([getattr(game, name) for game in pairings], dtype=np.int64)

    return Games(pairings, column("season"), column("day"), column("away"), column("home"))
