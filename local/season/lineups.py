"""Who plays: of each team's roster, game by game, in the order of their minutes."""

from dataclasses import dataclass

import numpy as np

from local.season.arrays import Bools, Floats, Ints, months
from local.season.games import Games
from local.season.players import ROSTER, Players, Rosters

WIDTH = 12  # the most rows of a team in a box score
# Rows of a game in player_game_summary, 21.2 on average, and how often.
ROWS = np.arange(17, 24)
HOW_OFTEN = np.array([0.005, 0.02, 0.07, 0.19, 0.29, 0.255, 0.17])
DID_NOT_PLAY = 0.03  # share of rows
# Rows of a game in the context table: whole rosters at first, shorter ones by mid-season.
ROSTER_ROWS = {10: 34.4, 11: 34.2, 4: 33.6}
ROSTER_ROWS_ELSE, ROSTER_ROWS_PLAYOFFS = 32.8, 32.1
# An injury lasts ten games on average; few have one when a season begins, a sixth later.
HURT, HEALED, HURT_AT_FIRST = 0.018, 0.09, 0.06
# How far a player's standing varies from game to game, by place on the roster.
FORM = np.array([0.5] * 5 + [0.9] * 3 + [2.2] * (ROSTER - 8))
REST = np.array([0.0] * 8 + [0.5 * n for n in range(ROSTER - 8)])


@dataclass(frozen=True)
class Lineups:
    """Per team and game: players in order, -1 where there is none.

    The first `played` play, the first `listed` stand in the box score, the first `rostered` in the
    context table.
    """

    players: Ints  # (team games, 18)
    available: Bools  # (team games, 18), in the same order
    played: Ints
    listed: Ints
    rostered: Ints

    @property
    def in_play(self) -> Bools:
        """(team games, 12): who plays."""
        return np.arange(WIDTH) < self.played[:, None]

    @property
    def in_box(self) -> Bools:
        """(team games, 12): who has a row in the box score."""
        return np.arange(WIDTH) < self.listed[:, None]


def lineups(games: Games, rosters: Rosters, rng: np.random.Generator) -> Lineups:
    """Lineups for the games' teams: rows 2n and 2n+1 are away and home of game n."""
    days, teams = np.repeat(games.day, 2), games.teams.ravel()
    available = _health(np.repeat(games.season, 2), teams, rng)
    standing = np.arange(ROSTER) + REST + rng.normal(0, 1, available.shape) * FORM
    order = np.argsort(np.where(available, standing, standing + 100), axis=1)
    listed = _listed(len(games), rng)
    out = np.minimum(rng.binomial(listed, DID_NOT_PLAY), 2)
    return Lineups(
        np.take_along_axis(rosters.on(days, teams), order, axis=1),
        np.take_along_axis(available, order, axis=1),
        listed - out,
        listed,
        _rostered(games, rng),
    )


def unavailable(lineups: Lineups, players: Players, best: int) -> Ints:
    """Per team and game: how many of the roster's `best` players could not play."""
    order = np.argsort(-players.talent[lineups.players], axis=1, kind="stable")
    available = np.take_along_axis(lineups.available, order, axis=1)
    return np.asarray((~available[:, :best]).sum(axis=1))


def _listed(games: int, rng: np.random.Generator) -> Ints:
    total = rng.choice(ROWS, games, p=HOW_OFTEN)
    odd = total % 2
    lean = np.where(odd == 1, rng.integers(0, 2, games), rng.choice([-1, 0, 0, 1], games))
    away = np.clip(total // 2 + lean, total - WIDTH, WIDTH)
    return np.stack([away, total - away], axis=1).ravel()


def _rostered(games: Games, rng: np.random.Generator) -> Ints:
    month = months(games.day)
    wanted = np.full(len(games), ROSTER_ROWS_ELSE)
    for number, rows in ROSTER_ROWS.items():
        wanted[month == number] = rows
    wanted[~games.is_regular] = ROSTER_ROWS_PLAYOFFS
    total = np.clip(np.rint(wanted + rng.normal(0, 0.8, len(games))), 32, 2 * ROSTER)
    away = (total // 2 + (total % 2) * rng.integers(0, 2, len(games))).astype(np.int64)
    return np.stack([away, total.astype(np.int64) - away], axis=1).ravel()


def _health(seasons: Ints, teams: Ints, rng: np.random.Generator) -> Bools:
    """(team games, 18): whether the player in each place of the roster can play."""
    key = seasons * 100 + teams
    _, team = np.unique(key, return_inverse=True)
    game = _running_number(team)
    states = _spells(int(team.max()) + 1, int(game.max()) + 1, rng)
    return np.asarray(states[game, team])


def _running_number(groups: Ints) -> Ints:
    """0, 1, 2 ... within each group, in the order of rows."""
    order = np.argsort(groups, kind="stable")
    sorted_groups = groups[order]
    first = np.searchsorted(sorted_groups, sorted_groups)
    numbers = np.empty(len(groups), dtype=np.int64)
    numbers[order] = np.arange(len(groups)) - first
    return numbers


def _spells(teams: int, games: int, rng: np.random.Generator) -> Bools:
    """(games, teams, 18): healthy or not, in spells."""
    chance: Floats = rng.random((games, teams, ROSTER))
    states = np.empty(chance.shape, dtype=np.bool_)
    state = chance[0] >= HURT_AT_FIRST
    for game in range(games):
        state = np.where(state, chance[game] >= HURT, chance[game] < HEALED)
        states[game] = state
    return states
