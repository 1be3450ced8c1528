"""Who plays: of each team's roster, game by game, in the order of their minutes."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from season.arrays import Bools, Floats, Ints, months, number, one_in_each_block
from season.games import Games
from season.players import ROSTER, Players, Rosters
from season.style import WHOLE_ROSTERS

WIDTH = 12  # the most players of a team who play
FEWEST = 8  # with fewer the league does not let a team begin
# Rows of a game in player_game_summary, 21.2 on average, and how often.
ROWS = np.arange(17, 24)
HOW_OFTEN = np.array([0.005, 0.02, 0.07, 0.19, 0.29, 0.255, 0.17])
DID_NOT_PLAY = 0.03  # share of rows
# Rows of a game in the context table: whole rosters at first, shorter ones by mid-season.
ROSTER_ROWS = {10: 34.4, 11: 34.2, 4: 33.6}
ROSTER_ROWS_ELSE, ROSTER_ROWS_PLAYOFFS = 32.8, 32.1
# Of a game with whole rosters: players who play and how often, the share of rows that do not play,
# and the few games that list nearly everyone.
PLAYED = np.arange(20, 25)
PLAYED_HOW_OFTEN = np.array([0.05, 0.15, 0.27, 0.29, 0.24])
NOT_PLAYED, LEAST_ROWS = (0.37, 0.415), 34
CROWDED, CROWDED_ROWS, FULL_DATE = 1 / 30, (44, 55), 8  # of dates with so many games
# Dates on which the context table held more players of a game than usual, and how many.
WIDE = (
    (date(2025, 11, 4), date(2025, 11, 22), (41, 44)),
    (date(2025, 12, 27), date(2025, 12, 29), (60, 66)),
    *((day, day, (60, 66)) for day in (date(2026, 1, 2), date(2026, 1, 4), date(2026, 1, 6))),
)
# An injury lasts ten games on average; few have one when a season begins, a sixth later.
HURT, HEALED, HURT_AT_FIRST = 0.018, 0.09, 0.06
# How far a player's standing varies from game to game, by place on the roster.
FORM = np.array([0.5] * 5 + [0.9] * 3 + [2.2] * (ROSTER - 8))
REST = np.array([0.0] * 8 + [0.5 * n for n in range(ROSTER - 8)])


@dataclass(frozen=True)
class Lineups:
    """Per team and game: players in order, those on the roster before the reserves.

    The first `played` play, the first `listed` stand in the box score, the first `rostered` in the
    context table.
    """

    players: Ints  # (team games, 18 and the reserves)
    available: Bools  # the same, in the same order
    played: Ints
    listed: Ints
    rostered: Ints

    @property
    def in_play(self) -> Bools:
        """(team games, 12): who plays."""
        return np.arange(WIDTH) < self.played[:, None]

    @property
    def in_box(self) -> Bools:
        """Shaped as `players`: who has a row in the box score."""
        return np.arange(self.players.shape[1]) < self.listed[:, None]


def lineups(games: Games, rosters: Rosters, rng: np.random.Generator, *, tidy: bool) -> Lineups:
    """Lineups for the games' teams: rows 2n and 2n+1 are away and home of game n."""
    days, teams = np.repeat(games.day, 2), games.teams.ravel()
    available = _health(np.repeat(games.season, 2), teams, rng)
    standing = np.arange(ROSTER) + REST + rng.normal(0, 1, available.shape) * FORM
    order = np.argsort(np.where(available, standing, standing + 100), axis=1)
    listed = _listed(len(games), rng)
    out = np.minimum(rng.binomial(listed, DID_NOT_PLAY), 2)
    reserves = rosters.reserves[teams]
    found = Lineups(
        np.hstack([np.take_along_axis(rosters.on(days, teams), order, axis=1), reserves]),
        np.hstack([np.take_along_axis(available, order, axis=1), reserves < 0]),
        np.maximum(listed - out, FEWEST),
        listed,
        _rostered(games, rng),
    )
    return found if tidy else _whole(games, found, rng)


def _whole(games: Games, found: Lineups, rng: np.random.Generator) -> Lineups:
    """The same, but with whole rosters in the seasons that have them."""
    seasons = games.season >= WHOLE_ROSTERS
    played = rng.choice(PLAYED, len(games), p=PLAYED_HOW_OFTEN)
    rows = np.rint(played / (1 - rng.uniform(*NOT_PLAYED, len(games)))).astype(np.int64)
    crowded = one_in_each_block(rng, len(games), CROWDED)
    crowded &= np.bincount(games.day)[games.day] >= FULL_DATE
    rows[crowded] = rng.integers(*CROWDED_ROWS, int(crowded.sum()))
    both = np.repeat(seasons, 2)
    plays = np.where(both, _halves(played, rng), found.played)
    return replace(
        found,
        # Whoever plays was not reported as out.
        available=found.available | (np.arange(found.players.shape[1]) < plays[:, None]),
        played=plays,
        listed=np.where(both, _halves(np.maximum(rows, LEAST_ROWS), rng), found.listed),
        rostered=np.where(both, _halves(_wide(games, rng), rng), found.rostered),
    )


def _wide(games: Games, rng: np.random.Generator) -> Ints:
    """Rows of each game in the context table, with the dates on which they are many."""
    rows = np.clip(np.rint(rng.normal(ROSTER_ROWS_ELSE + 1, 0.8, len(games))), 32, 2 * ROSTER)
    for first, last, (least, most) in WIDE:
        wide = (games.day >= number(first)) & (games.day <= number(last))
        rows[wide] = rng.integers(least, most + 1, int(wide.sum()))
    return rows.astype(np.int64)


def _halves(total: Ints, rng: np.random.Generator) -> Ints:
    """Two parts of each total, as even as can be."""
    away = total // 2 + (total % 2) * rng.integers(0, 2, len(total))
    return np.stack([away, total - away], axis=1).ravel()


def unavailable(lineups: Lineups, players: Players, best: int) -> Ints:
    """Per team and game: how many of the roster's `best` players could not play."""
    roster = lineups.players[:, :ROSTER]
    order = np.argsort(-players.talent[roster], axis=1, kind="stable")
    available = np.take_along_axis(lineups.available[:, :ROSTER], order, axis=1)
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
    for each, rows in ROSTER_ROWS.items():
        wanted[month == each] = rows
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
