"""Who meets whom in the regular season: 82 games a team, 41 of them at home."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np

from season.arrays import Ints, number
from season.calendar import REGULAR, Day
from season.games import ALL_STAR_ID, REGULAR_ID, Pairing
from season.teams import ALL_STARS, IN_EAST

CHANCE = 0.9  # standard deviation, in games, of how far a team may run ahead of the others
EVEN_BEFORE = 90  # over so many games before the end the teams are brought level
# A team rarely plays on two days running and hardly ever on three.
TIRED, EXHAUSTED = 1.6, 12.0
ROAD_TRIPS = 1.3  # standard deviation, in games, of the draw for who is at home


def regular_days(days: Sequence[Day]) -> tuple[list[Day], list[Day]]:
    """A season's days parted into regular season and what follows its 1,230th game."""
    played = 0
    for place, day in enumerate(days):
        if played >= REGULAR:
            return list(days[:place]), list(days[place:])
        played += day.league
    return list(days), []


def regular_season(days: Sequence[Day], rng: np.random.Generator) -> list[Pairing]:
    """The league games of `days`, all of one season."""
    draw = _Draw(rng, sum(day.league for day in days))
    drawn = [(number(day.date), pair) for day in days for pair in draw.day(day)]
    pairs = _level_home([pair for _, pair in drawn])
    return [
        Pairing(REGULAR_ID, place, days[0].season, day, away, home)
        for place, ((day, _), (away, home)) in enumerate(zip(drawn, pairs, strict=True), start=1)
    ]


def all_star(days: Sequence[Day]) -> Iterator[Pairing]:
    """The All-Star games of a season's days: the stars play on the last of them."""
    held = [day for day in days if day.all_star]
    games = [(day, game) for day in held for game in range(day.all_star)]
    for place, (day, game) in enumerate(games, start=1):
        away = 2 * game + (0 if day == held[-1] else 2)
        pair = (away % len(ALL_STARS), (away + 1) % len(ALL_STARS))
        yield Pairing(ALL_STAR_ID, place, day.season, number(day.date), *pair)


class _Draw:
    """Draws a season day by day from what has been played so far."""

    def __init__(self, rng: np.random.Generator, total: int) -> None:
        self._rng = rng
        self._left = total
        self._played = np.zeros(30)
        self._lead = np.zeros(30)  # games at home less games away
        self._met = np.zeros((30, 30))
        self._hosted = np.zeros((30, 30))
        self._last = np.full((2, 30), -9)  # the last two days on which each team played
        # Per opponent 52 games within the conference and 30 outside of it.
        self._often = np.where(IN_EAST[:, None] == IN_EAST, 52 / 14, 30 / 15)

    def day(self, day: Day) -> list[tuple[int, int]]:
        """(away, home) of the day's games."""
        teams = self._teams(number(day.date), day.league)
        pairs = []
        while len(teams):
            team, rivals = teams[0], teams[1:]
            wish = self._met[team, rivals] / self._often[team, rivals]
            rival = rivals[np.argmin(wish + self._rng.normal(0, 0.05, len(rivals)))]
            pairs.append(self._game(int(team), int(rival)))
            teams = rivals[rivals != rival]
        self._left -= day.league
        return pairs

    def _teams(self, today: int, games: int) -> Ints:
        """The teams that play, of those with the fewest games, in an order by chance."""
        chance = CHANCE * min(1.0, max(self._left - EVEN_BEFORE, 0) / EVEN_BEFORE)
        yesterday = self._last[1] == today - 1
        tired = TIRED * yesterday + EXHAUSTED * (yesterday & (self._last[0] == today - 2))
        level = chance / CHANCE
        score = self._played + level * tired + self._rng.normal(0, 1, 30) * max(chance, 0.01)
        teams = np.argsort(score)[: 2 * games]
        self._last[0, teams] = self._last[1, teams]
        self._last[1, teams] = today
        return np.asarray(self._rng.permutation(teams), dtype=np.int64)

    def _game(self, one: int, two: int) -> tuple[int, int]:
        fair = (self._lead[one] - self._lead[two]) / 2
        fair += 1.5 * (self._hosted[one, two] - self._hosted[two, one])
        away, home = (one, two) if fair + self._rng.normal(0, ROAD_TRIPS) > 0 else (two, one)
        self._played[[one, two]] += 1
        self._lead[home] += 1
        self._lead[away] -= 1
        self._met[one, two] += 1
        self._met[two, one] += 1
        self._hosted[home, away] += 1
        return away, home


def _level_home(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Turn games around until every team is at home as often as away, or once more or less."""
    lead = np.zeros(30, dtype=np.int64)
    hosted: dict[tuple[int, int], list[int]] = defaultdict(list)
    for place, (away, home) in enumerate(pairs):
        lead[home] += 1
        lead[away] -= 1
        hosted[home, away].append(place)
    pairs = list(pairs)
    while swaps := [
        (home, away) for home, away in hosted if lead[home] > 1 and lead[home] - lead[away] > 2
    ]:
        home, away = max(swaps, key=lambda swap: (lead[swap[0]] - lead[swap[1]], swap))
        place = hosted[home, away].pop()
        if not hosted[home, away]:
            del hosted[home, away]
        hosted[away, home].append(place)
        pairs[place] = (home, away)
        lead[home] -= 2
        lead[away] += 2
    return pairs
