"""Seasons, bootstrap days and the last finished game date. Pure: the clock is passed in."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

# A game's date is the date in New York, though it may tip off after midnight UTC.
LEAGUE_TIME = ZoneInfo("America/New_York")
FIRST_MONTH_OF_A_SEASON = 10
# Where a season's start is not configured it is taken to have begun by then.
LATEST_START = (10, 31)
# Games tip off until 3:00 UTC of the day after their date; four hours later the last one is over.
GAMES_OVER = timedelta(days=1, hours=7)


def season_year(day: date) -> int:
    """The year in which the season of `day` began: 2024 for 2024-10-22 and for 2025-06-22."""
    return day.year if day.month >= FIRST_MONTH_OF_A_SEASON else day.year - 1


def today(now: datetime) -> date:
    """The date in league time; `now` must know its time zone."""
    return _aware(now).astimezone(LEAGUE_TIME).date()


def yesterday(now: datetime) -> date:
    """The last date whose games are over; `now` must know its time zone.

    Between midnight in New York and 7:00 UTC it is still the day before: games may be under way.
    """
    return (_aware(now).astimezone(UTC) - GAMES_OVER).date()


def _aware(now: datetime) -> datetime:
    if now.tzinfo is None:
        raise ValueError("The clock has no time zone, expected an aware datetime.")
    return now


@dataclass(frozen=True)
class Calendar:
    """When seasons start (first game dates, ascending) and for how many days Phase 4 waits."""

    season_starts: tuple[date, ...]
    bootstrap_days: int

    def season_start(self, day: date) -> date | None:
        """First game date of the season that `day` belongs to; None where none is configured."""
        starts = [start for start in self.season_starts if season_year(start) == season_year(day)]
        return starts[0] if starts and starts[0] <= day else None

    def unknown_seasons(self, first: date, last: date) -> list[int]:
        """The season years from `first` to `last` whose start is not known, ascending."""
        known = {season_year(start) for start in self.season_starts}
        return [y for y in range(season_year(first), season_year(last) + 1) if y not in known]

    def judged_from(self, first: date, last: date, from_day: int | None) -> date | None:
        """The first day on which a window of one season alone holds enough; None where it does."""
        start = self.season_start(last)
        if from_day is None or start is None or season_year(first) != season_year(last):
            return None
        day = start + timedelta(days=from_day)
        return day if last < day else None

    def starts(self, first: date, last: date) -> list[date]:
        """The configured season starts, and the latest for others from `first` to `last`."""
        known = {season_year(start): start for start in self.season_starts}
        years = range(season_year(first), season_year(last) + 1)
        return sorted(({year: date(year, *LATEST_START) for year in years} | known).values())

    def bootstrap_dates(self) -> list[date]:
        """Every date of every configured season on which Phase 4 writes nothing, ascending."""
        return [
            start + timedelta(days=n)
            for start in self.season_starts
            for n in range(self.bootstrap_days)
        ]

    def is_bootstrap(self, day: date) -> bool:
        """Whether Phase 4 writes nothing on `day`: day 0 to day 13 of a season, by default."""
        start = self.season_start(day)
        return start is not None and (day - start).days < self.bootstrap_days
