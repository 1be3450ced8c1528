"""The generator's own calendar: seasons with the league's totals, the dates by chance."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from gates.config.calendar import season_year
from season.calendar import (
    LAST_KNOWN,
    MOST_GAMES,
    REGULAR,
    Day,
    is_bootstrap,
    opening_night,
)

# Mean games by weekday, Monday first: Wednesdays and Fridays are full, Thursdays thin.
WEEKDAY = np.array([8.0, 5.4, 10.2, 3.8, 10.0, 7.3, 7.0])
CHANCE = 1.2  # standard deviation of a date's games around its weekday's mean
OPENING_NIGHT = 2
FINALS, CONFERENCE_FINALS, SECOND_ROUND = 6, 12, 23  # games; the first round takes the rest


@dataclass(frozen=True)
class _Season:
    """A season's totals. `regular_dates` and `playoff_dates` count dates with games."""

    regular_end: date
    regular: int
    regular_dates: int
    bootstrap: int
    play_in: tuple[date, ...] = ()
    playoffs: int = 0
    playoff_dates: int = 0
    end: date | None = None


def _april(year: int, *days: int) -> tuple[date, ...]:
    return tuple(date(year, 4, day) for day in days)


SEASONS = {
    2021: _Season(
        date(2022, 4, 10), REGULAR, 165, 102, _april(2022, 12, 13, 15), 87, 45, date(2022, 6, 16)
    ),
    2022: _Season(
        date(2023, 4, 9), REGULAR, 164, 102, _april(2023, 11, 12, 14), 84, 45, date(2023, 6, 12)
    ),
    2023: _Season(
        date(2024, 4, 14), REGULAR, 160, 103, _april(2024, 16, 17, 19), 82, 44, date(2024, 6, 17)
    ),
    2024: _Season(
        date(2025, 4, 13), REGULAR, 163, 108, _april(2025, 15, 16, 18), 84, 47, date(2025, 6, 22)
    ),
    2025: _Season(LAST_KNOWN, 512, 72, 103),
}
# A season that no paper tells of: days from opening night, and totals that seasons have had.
REGULAR_END, PLAY_IN_DAYS, END = 173, (175, 176, 178), 240
DATES, BOOTSTRAP, PLAYOFFS, PLAYOFF_DATES = 163, 103, 87, 45


def own_calendar(rng: np.random.Generator) -> list[Day]:
    """Five seasons with the platform's totals of games, dates and bootstrap games."""
    return [day for year, season in SEASONS.items() for day in _season(year, season, rng)]


def later_calendar(rng: np.random.Generator, until: date) -> list[Day]:
    """What comes after: the rest of that last season and those up to `until`, all of them whole."""
    years = range(max(SEASONS) + 1, season_year(until) + 1)
    return [*_rest(max(SEASONS), rng), *(d for y in years for d in _season(y, _usual(y), rng))]


def _usual(year: int) -> _Season:
    start = opening_night(year)
    play_in = tuple(start + timedelta(days=n) for n in PLAY_IN_DAYS)
    ends = start + timedelta(days=REGULAR_END), start + timedelta(days=END)
    totals = PLAYOFFS, PLAYOFF_DATES
    return _Season(ends[0], REGULAR, DATES, BOOTSTRAP, play_in, *totals, ends[1])


def _rest(year: int, rng: np.random.Generator) -> Iterator[Day]:
    season = _usual(year)
    off = _days_off(year, season)
    days = _days(LAST_KNOWN + timedelta(days=1), season.regular_end)
    dates = [day for day in days if day not in off]
    counts = _spread(dates, REGULAR - SEASONS[year].regular, rng, MOST_GAMES)
    return _whole(year, season, dict(zip(dates, counts, strict=True)), rng)


def _season(year: int, season: _Season, rng: np.random.Generator) -> Iterator[Day]:
    return _whole(year, season, _regular(year, season, rng), rng)


def _whole(
    year: int, season: _Season, games: dict[date, int], rng: np.random.Generator
) -> Iterator[Day]:
    """The days of a season with these regular games."""
    games |= dict.fromkeys(season.play_in, 2)
    stars: dict[date, int] = {}
    if season.end is not None:
        games |= _playoffs(season.play_in[-1] + timedelta(days=1), season.end, season, rng)
        friday = _all_star_friday(year + 1)
        stars = {friday: 3, friday + timedelta(days=2): 1}
    for day in sorted({*games, *stars}):
        yield Day(day, games.get(day, 0), stars.get(day, 0))


def _regular(year: int, season: _Season, rng: np.random.Generator) -> dict[date, int]:
    dates = _regular_dates(year, season, rng)
    early = sum(is_bootstrap(day, opening_night(year)) for day in dates)
    # Opening night is short, and on its last day the whole league plays.
    last = MOST_GAMES if season.end is not None else None
    counts = [
        OPENING_NIGHT,
        *_spread(dates[1:early], season.bootstrap - OPENING_NIGHT, rng),
        *_spread(dates[early:], season.regular - season.bootstrap, rng, last),
    ]
    return dict(zip(dates, counts, strict=True))


def _regular_dates(year: int, season: _Season, rng: np.random.Generator) -> list[date]:
    off = _days_off(year, season)
    days = [d for d in _days(opening_night(year), season.regular_end) if d not in off]
    surplus = len(days) - season.regular_dates
    spring = [d for d in days if d.weekday() in (0, 3) and d.month in (3, 4)]
    dropped = {spring[i] for i in rng.choice(len(spring), surplus, replace=False)}
    return [day for day in days if day not in dropped]


def _days_off(year: int, season: _Season) -> set[date]:
    off = {_nth_weekday(year, 11, 3, 4), date(year, 12, 24)}  # Thanksgiving, Christmas Eve
    friday = _all_star_friday(year + 1)
    off |= {friday + timedelta(days=n) for n in range(6)}
    election = _nth_weekday(year, 11, 0, 1) + timedelta(days=1)
    # The 72 dates up to 2026-01-02 leave no room for the off-year election of 2025.
    return off if season.end is None else off | {election}


def _spread(
    dates: Sequence[date], total: int, rng: np.random.Generator, last: int | None = None
) -> list[int]:
    """`total` games over `dates`, 1 to 15 each, by weekday with a good deal of chance."""
    chance = rng.normal(0, CHANCE, len(dates) + 1)
    # A full date makes the next one thinner: no team can play on three days running.
    wanted = np.array([WEEKDAY[day.weekday()] for day in dates]) + chance[1:] - chance[:-1]
    counts = np.clip(np.rint(wanted * total / wanted.sum()), 1, MOST_GAMES).astype(int)
    free = np.arange(len(dates) if last is None else len(dates) - 1)
    if last is not None:
        counts[-1] = last
    while counts.sum() != total:
        step = 1 if counts.sum() < total else -1
        open_days = free[(counts[free] + step >= 1) & (counts[free] + step <= MOST_GAMES)]
        counts[rng.choice(open_days)] += step
    return [int(count) for count in counts]


def _playoffs(
    first: date, last: date, season: _Season, rng: np.random.Generator
) -> dict[date, int]:
    """Three or four games a day at first, one at the end, with days of rest in between."""
    second_round = [2] * (SECOND_ROUND // 2) + [1] * (SECOND_ROUND % 2)
    late = [*second_round, *[1] * CONFERENCE_FINALS, *[1] * FINALS]
    early_dates = season.playoff_dates - len(late)
    early, extra = divmod(season.playoffs - sum(late), early_dates)
    counts = [early + 1] * extra + [early] * (early_dates - extra) + late
    # The Finals are played every other or third day, the rest day by day with a few days off.
    finals = np.cumsum(rng.permutation([2, 3, 3, 2, 3])[: FINALS - 1])
    busy = (last - first).days + 1 - int(finals[-1]) - 1
    days_off = busy - 3 - (len(counts) - FINALS)
    skipped = rng.choice(np.arange(early_dates + 2, busy - 3), days_off, replace=False)
    days = [n for n in range(busy - 3) if n not in skipped]
    days += [busy + int(n) for n in (0, *finals)]
    return {first + timedelta(days=n): c for n, c in zip(days, counts, strict=True)}


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def _nth_weekday(year: int, month: int, weekday: int, nth: int) -> date:
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (nth - 1))


def _all_star_friday(year: int) -> date:
    # The weekend before Presidents' Day, the third Monday of February.
    return _nth_weekday(year, 2, 0, 3) - timedelta(days=3)
