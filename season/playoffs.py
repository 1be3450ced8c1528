"""Play-in and playoffs: sixteen teams, fifteen series of four to seven games."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from season.arrays import Ints, number
from season.calendar import CalendarError, Day, season_label
from season.games import PLAY_IN_ID, PLAYOFF_ID, Pairing
from season.teams import IN_EAST

PLAY_IN = 6
LENGTHS = (4, 5, 6, 7)
# Series 0 to 7 are the first round, East before West; then who feeds each later series.
FEEDERS = {8 + place: (2 * place, 2 * place + 1) for place in range(7)}
SERIES = 8 + len(FEEDERS)
ROUNDS = (
    *["First Round"] * 8,
    *["Conference Semifinals"] * 4,
    *["Conference Finals"] * 2,
    "NBA Finals",
)
# First-round opponents by seed, so that neighbours' winners meet.
BRACKET = ((0, 7), (3, 4), (2, 5), (1, 6))
# Whether the better team is at home, game by game.
AT_HOME = (True, True, False, False, True, False, True)
FAVOURITE = 0.68  # how often the better team wins a series or a play-in game
TYPICAL = 84  # games in all, for a season that is cut off within its playoffs
TRIES = 4_000


def postseason(days: Sequence[Day], standing: Ints, rng: np.random.Generator) -> list[Pairing]:
    """The games after the regular season; `standing` ranks all teams, the best first.

    Raises CalendarError where the counts fit no six play-in games and fifteen series.
    """
    if not days:
        return []
    games = [(number(day.date), day.league) for day in days if day.league]
    split = next((n for n in range(len(games)) if _total(games[:n]) >= PLAY_IN), len(games))
    rank = {int(team): place for place, team in enumerate(standing)}
    seeds = [[team for team in rank if IN_EAST[team] == east] for east in (True, False)]
    season = days[0].season
    play_in = list(_play_in(season, games[:split], seeds, rng))
    series = _bracket(season, dict(games[split:]), rng)
    return [*play_in, *_games(season, series, seeds, rank, rng)]


def _total(games: Sequence[tuple[int, int]]) -> int:
    return sum(count for _, count in games)


def _misfit(season: int, what: str) -> CalendarError:
    return CalendarError(
        f"Season {season_label(season)} has {what}, expected 1,230 regular games, 6 of the play-in "
        "and 15 series of 4 to 7 on their own dates; correct the counts from April on."
    )


def _play_in(
    season: int, games: Sequence[tuple[int, int]], seeds: list[list[int]], rng: np.random.Generator
) -> Iterator[Pairing]:
    """Seventh against eighth, ninth against tenth, then loser against winner; sets the seeds."""
    days = [day for day, count in games for _ in range(count)]
    if len(days) > PLAY_IN or (len(days) > 4 and days[4] <= days[3]):
        raise _misfit(season, f"{len(days)} games on the dates of its play-in")
    for place, day in enumerate(days):
        half = seeds[place % 2]
        better, other = ((6, 7), (8, 9), (7, 8))[place // 2]
        home, away = half[better], half[other]
        wins = bool(rng.random() < FAVOURITE)
        winner = home if wins else away
        yield Pairing(PLAY_IN_ID, place + 1, season, day, away, home, winner, "Play-In")
        if not wins:
            half[better], half[other] = away, home


def _bracket(season: int, counts: Mapping[int, int], rng: np.random.Generator) -> list[list[int]]:
    """Per series the days of its games, so that every day has its count."""
    total = sum(counts.values())
    if total > SERIES * LENGTHS[-1]:
        raise _misfit(season, f"{total} games after its play-in")
    for _ in range(TRIES):
        series = _lay_out(counts, _lengths(total, rng))
        if series is not None:
            return series
    raise _misfit(season, f"{total} games after its play-in, on dates that fit no bracket")


def _lengths(total: int, rng: np.random.Generator) -> Ints:
    """A length for each series, together `total`, or a usual total if that is too few."""
    wanted = total if total >= SERIES * LENGTHS[0] else TYPICAL
    lengths = rng.choice(LENGTHS, SERIES)
    while lengths.sum() != wanted:
        step = 1 if lengths.sum() < wanted else -1
        lengths[rng.choice(np.flatnonzero(np.isin(lengths + step, LENGTHS)))] += step
    return np.asarray(lengths, dtype=np.int64)


def _lay_out(counts: Mapping[int, int], lengths: Ints) -> list[list[int]] | None:
    """Per series its days; None where a day has more games than series are open."""
    played: list[list[int]] = [[] for _ in lengths]
    for today, count in counts.items():
        opened = [n for n in range(SERIES) if _is_open(n, played, lengths, today)]
        if len(opened) < count:
            return None
        # A day's rest first, then the earlier round, then whoever has waited and has to go longest.
        opened.sort(
            key=lambda n: (
                played[n][-1:] == [today - 1],
                n >= 8,
                played[n][-1:],
                len(played[n]) - int(lengths[n]),
            )
        )
        for place in opened[:count]:
            played[place].append(today)
    return played


def _is_open(place: int, played: list[list[int]], lengths: Ints, today: int) -> bool:
    over = all(
        len(played[n]) == lengths[n] and played[n][-1] < today for n in FEEDERS.get(place, ())
    )
    return over and len(played[place]) < lengths[place]


def _games(
    season: int,
    series: list[list[int]],
    seeds: list[list[int]],
    rank: Mapping[int, int],
    rng: np.random.Generator,
) -> list[Pairing]:
    """The games of all series in order of date, each with its winner."""
    firsts = [(half[one], half[two]) for half in seeds for one, two in BRACKET]
    winners: list[int] = []
    found: dict[int, list[tuple[int, int, int, str]]] = defaultdict(list)
    for place, days in enumerate(series):
        first, second = FEEDERS.get(place, (0, 0))
        teams = (winners[first], winners[second]) if place in FEEDERS else firsts[place]
        better, other = sorted(teams, key=lambda team: rank[team])
        wins, winner = _results(better, other, len(days), rng)
        winners.append(winner)
        for day, at_home, won in zip(days, AT_HOME, wins, strict=False):
            away, home = (other, better) if at_home else (better, other)
            found[day].append((away, home, won, ROUNDS[place]))
    ordered = [(day, *game) for day in sorted(found) for game in found[day]]
    return [
        Pairing(PLAYOFF_ID, place, season, day, away, home, won, name)
        for place, (day, away, home, won, name) in enumerate(ordered, start=1)
    ]


def _results(
    better: int, other: int, length: int, rng: np.random.Generator
) -> tuple[list[int], int]:
    """The winner of each game and of the series, who wins four games and the last."""
    winner, loser = (better, other) if rng.random() < FAVOURITE else (other, better)
    games = [winner] * length
    for place in rng.choice(max(length - 1, 0), max(length - LENGTHS[0], 0), replace=False):
        games[place] = loser
    return games, winner
