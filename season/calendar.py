"""Days with games, and the facts of the league's calendar that do not depend on a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from gates.config.calendar import season_year
from gates.config.toml_text import ConfigError

MOST_GAMES = 15  # 30 teams, each once a day
REGULAR = 1_230
BOOTSTRAP_DAYS = 14
# The last date that the platform's papers tell of: what comes later is in the league's shape.
LAST_KNOWN = date(2026, 1, 2)
# The first day of the two context tables and of the window that Phase 4 is to fill.
CONTEXT_START = date(2024, 10, 1)
SEASON_STARTS = {
    day.year: day
    for day in (
        date(2021, 10, 19),
        date(2022, 10, 18),
        date(2023, 10, 24),
        date(2024, 10, 22),
        date(2025, 10, 21),
    )
}


class CalendarError(ConfigError):
    """A calendar that cannot be used: one sentence with the file's line or the season."""


@dataclass(frozen=True)
class Day:
    """A date with games; All-Star games are no league games."""

    date: date
    league: int
    all_star: int

    @property
    def season(self) -> int:
        """The year in which the season began."""
        return season_year(self.date)


def opening_night(season: int) -> date:
    """The first day of a season: the Tuesday from October 18 on, where the platform lists none."""
    first = date(season, 10, 18)
    return SEASON_STARTS.get(season, first + timedelta(days=(1 - first.weekday()) % 7))


def season_label(season: int) -> str:
    """2024 -> 2024-25."""
    return f"{season}-{(season + 1) % 100:02d}"


def season_starts(days: Sequence[Day]) -> dict[int, date]:
    """Season -> first day; of a season that the platform does not list, the first game's day."""
    starts: dict[int, date] = {}
    for day in days:
        if day.league:
            starts.setdefault(day.season, SEASON_STARTS.get(day.season, day.date))
    return starts


def is_bootstrap(day: date, start: date) -> bool:
    """Whether Phase 4 writes nothing on `day`, by design: days 0 to 13 of a season."""
    return timedelta(0) <= day - start < timedelta(days=BOOTSTRAP_DAYS)
