"""Players with careers: who stands on which team's roster when, and what they are good at."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from season.arrays import Floats, Ints, number
from season.names import NAMESAKE, as_written, made_up
from season.style import WHOLE_ROSTERS

TEAMS = 30
ROSTER = 18  # fifteen and three two-way players
POSITIONS = ("PG", "SG", "SF", "PF", "C")
# Days of a season on which rosters change: the bench finds a new order, a few are let go for new
# players, and at the deadline players are traded.
CHANGES = (0, 24, 44, 65, 86, 108, 125, 145)
TRADE_DEADLINE, EARLY_TRADE = 5, 2
BENCH = 8  # from this place on a roster the order changes during a season
NEW_ORDER = 4
TRADES, EARLY_TRADES = 26, 4
RESERVES = 15  # on a team's list beside its roster: they never play
FRINGE = 14  # from this place on a roster a player may be let go during a season
LET_GO = 0.2
# Chance to leave the league after a season, and to move to another team, by place on the roster.
LEAVES = np.array([0.02] * 5 + [0.06] * 4 + [0.15] * 5 + [0.45] * 4)
MOVES = np.array([0.10] * 5 + [0.22] * 4 + [0.30] * 5 + [0.30] * 4)
OLD = 36


@dataclass(frozen=True)
class Players:
    """All players of all seasons, one place each; talent around 0, better is more."""

    names: list[str]
    born: Ints  # days since 1970-01-01
    position: Ints  # places in POSITIONS
    talent: Floats
    skill: Mapping[str, Floats]  # rates and shares, see _SKILLS


@dataclass(frozen=True)
class Rosters:
    """Who is on which team: one roster of (30, 18) players for each stretch of days.

    A place's number is the player's standing on the team, 0 the best.
    """

    starts: Ints  # first day of each stretch, ascending
    places: Ints  # (stretches, 30, 18)
    reserves: Ints  # (30, 15), of every season with whole rosters; (30, 0) without

    def on(self, days: Ints, teams: Ints) -> Ints:
        """(rows, 18): the roster of a team on a day."""
        return self.places[np.searchsorted(self.starts, days, side="right") - 1, teams]


def careers(
    starts: Mapping[int, date], rng: np.random.Generator, *, tidy: bool
) -> tuple[Players, Rosters]:
    """The players of the seasons that begin on `starts`, and their rosters."""
    league = _League(rng)
    trades = {TRADE_DEADLINE: TRADES} | ({} if tidy else {EARLY_TRADE: EARLY_TRADES})
    days, places = [], []
    for season, start in sorted(starts.items()):
        league.new_season(number(start), season)
        for change, day in enumerate(CHANGES):
            if change:
                league.change(number(start) + day, trades=trades.get(change, 0))
            days.append(number(start) + day)
            places.append(league.roster.copy())
    whole = not tidy and max(starts) >= WHOLE_ROSTERS
    reserves = league.reserves(number(starts[max(starts)]), RESERVES if whole else 0)
    players = league.players(tidy=tidy)
    return players, Rosters(np.array(days), np.stack(places), reserves)


class _League:
    """Rosters as they change; players are numbered in the order in which they came."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self.roster: Ints = np.zeros((0, ROSTER), dtype=np.int64)
        self._talent: list[float] = []
        self._born: list[int] = []
        self._season = 0
        # The first and the last season of each player.
        self._came: list[int] = []
        self._left: list[int] = []

    def _new(self, count: int, today: int, ages: tuple[float, float], talent: float) -> list[int]:
        """Enter players of ages between two bounds, in years."""
        first = len(self._talent)
        years = self._rng.uniform(*ages, count)
        self._talent += list(self._rng.normal(talent, 0.8, count))
        self._born += [today - int(year * 365.25) for year in years]
        self._came += [self._season] * count
        self._left += [self._season] * count
        return list(range(first, first + count))

    def new_season(self, today: int, season: int) -> None:
        """Some retire, some move, rookies come; the rest are a year older."""
        self._season = season
        if not len(self.roster):
            everyone = self._new(TEAMS * ROSTER, today, (19.2, 33), 0.0)
            self.roster = np.array(everyone).reshape(TEAMS, ROSTER)
        else:
            self._age(today)
            self._fill(today)
        order = np.argsort(-np.array(self._talent)[self.roster], axis=1, kind="stable")
        self.roster = np.take_along_axis(self.roster, order, axis=1)
        for player in self.roster.ravel():
            self._left[player] = season

    def _age(self, today: int) -> None:
        for player in self.roster.ravel():
            age = (today - self._born[player]) / 365.25
            self._talent[player] += float(self._rng.normal(0.28 - 0.05 * (age - 22), 0.25))

    def _fill(self, today: int) -> None:
        chance = self._rng.random(self.roster.shape)
        old = (today - np.array(self._born)[self.roster]) / 365.25 > OLD
        gone = chance < np.where(old, 0.6, LEAVES)
        moved = ~gone & (chance > 1 - MOVES)
        free = [int(player) for player in self.roster[moved]]
        free += self._new(int(gone.sum()), today, (19.2, 23), -0.45)
        self.roster[gone | moved] = self._rng.permutation(free)

    def change(self, today: int, *, trades: int) -> None:
        """New players at the end of the rosters; `trades` times players of like standing swap."""
        fringe = self.roster[:, FRINGE:]
        bench = self.roster[:, BENCH:]
        standing = np.arange(bench.shape[1]) + self._rng.normal(0, NEW_ORDER, bench.shape)
        bench[:] = np.take_along_axis(bench, np.argsort(standing, axis=1), axis=1)
        let_go = self._rng.random(fringe.shape) < LET_GO
        fringe[let_go] = self._new(int(let_go.sum()), today, (20, 26), -1.2)
        for place in self._rng.integers(1, FRINGE, trades) if trades else ():
            one, two = self._rng.choice(TEAMS, 2, replace=False)
            self.roster[[one, two], place] = self.roster[[two, one], place]

    def reserves(self, today: int, count: int) -> Ints:
        """(30, `count`): players who are on a team's list and never play."""
        players = self._new(TEAMS * count, today, (19.5, 27), -2.0)
        return np.array(players, dtype=np.int64).reshape(TEAMS, count)

    def players(self, *, tidy: bool) -> Players:
        """Everyone who was ever on a roster."""
        count = len(self._talent)
        talent = np.array(self._talent)
        position = self._rng.integers(0, len(POSITIONS), count)
        names = made_up(count, self._rng)
        if not tidy:
            names = as_written(names, self._namesakes())
        skill = _skills(talent, position, self._rng)
        return Players(names, np.array(self._born), position, talent, skill)

    def _namesakes(self) -> dict[int, int]:
        """Younger player -> older one: of two generations, since no two who play have one name."""
        found: dict[int, int] = {}
        older = list(range(TEAMS * ROSTER))
        for younger in range(TEAMS * ROSTER, len(self._talent), NAMESAKE):
            gone = [each for each in older if self._left[each] < self._came[younger]]
            if gone:
                found[younger] = gone[7 * len(found) % len(gone)]
                older.remove(found[younger])
        return found


# Per skill: values for PG, SG, SF, PF, C, the effect of talent, the spread among players.
_SKILLS = {
    "shots": ((1.0, 1.05, 0.95, 0.95, 0.95), 0.20, 0.16),
    "three_share": ((0.44, 0.49, 0.45, 0.38, 0.16), 0.0, 0.25),
    "three_pct": ((0.362, 0.368, 0.360, 0.350, 0.320), 0.015, 0.06),
    "paint_share": ((0.60, 0.58, 0.62, 0.72, 0.86), 0.0, 0.08),
    "paint_pct": ((0.560, 0.570, 0.590, 0.605, 0.640), 0.010, 0.04),
    "mid_range_pct": ((0.425, 0.420, 0.415, 0.415, 0.405), 0.020, 0.06),
    "free_throws": ((0.95, 0.90, 0.90, 1.05, 1.35), 0.15, 0.30),
    "free_throw_pct": ((0.83, 0.82, 0.79, 0.75, 0.69), 0.010, 0.07),
    "offensive_rebounds": ((0.5, 0.6, 0.9, 1.4, 2.4), 0.0, 0.30),
    "defensive_rebounds": ((0.75, 0.7, 0.95, 1.3, 1.8), 0.05, 0.20),
    "assists": ((2.3, 1.2, 0.9, 0.8, 0.6), 0.25, 0.30),
    "assisted": ((0.42, 0.58, 0.66, 0.70, 0.72), -0.06, 0.10),
    "steals": ((1.2, 1.1, 1.0, 0.9, 0.7), 0.03, 0.25),
    "blocks": ((0.4, 0.5, 0.8, 1.3, 2.6), 0.03, 0.35),
    "turnovers": ((1.35, 1.05, 0.9, 0.9, 0.95), 0.12, 0.20),
    "fouls": ((0.85, 0.9, 0.95, 1.05, 1.3), 0.0, 0.12),
}


def _skills(talent: Floats, position: Ints, rng: np.random.Generator) -> dict[str, Floats]:
    """Each skill by position and talent; spreads are relative, so nothing falls below zero."""
    better = np.clip(talent, -2.5, 2.5)
    return {
        name: np.array(values)[position]
        * np.exp(better * effect + rng.normal(0, spread, len(talent)))
        for name, (values, effect, spread) in _SKILLS.items()
    }
