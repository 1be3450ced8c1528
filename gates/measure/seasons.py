"""When a season began that gates.toml does not say it of: the schedule's first regular game.

Only a game of October counts, as a season begins then: where a schedule lists none until November,
it lacks the season's first weeks, and what rests on them cannot be judged.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from gates.config.calendar import FIRST_MONTH_OF_A_SEASON, LATEST_START
from gates.config.settings import Settings, Window
from gates.measure import queries
from gates.measure.jobs import parameters
from gates.measure.warehouse import Warehouse, WarehouseError

SOURCE = "calendar/season_starts"
NOT_YET = "not in the schedule yet"


@dataclass(frozen=True)
class SeasonStart:
    """A season by the year in which it began, its first date, and what says so."""

    season: int
    first_date: str
    source: str


def unknown(settings: Settings, windows: Iterable[Window]) -> dict[int, date]:
    """The seasons of `windows` that gates.toml has no first date of -> the last day asked for."""
    found: dict[int, date] = {}
    for first, last in windows:
        for year in settings.calendar.unknown_seasons(first, last):
            found[year] = max(last, found.get(year, last))
    return dict(sorted(found.items()))


def read(
    settings: Settings,
    warehouse: Warehouse,
    windows: Iterable[Window],
    snapshot: str | None = None,
) -> list[SeasonStart]:
    """When those seasons began; one that cannot be told is left out. Raises WarehouseError."""
    from gates.measure import rewrite

    asked = unknown(settings, windows)
    if not asked:
        return []
    statement = queries.read(SOURCE)
    days = date(min(asked), FIRST_MONTH_OF_A_SEASON, 1), date(max(asked), *LATEST_START)
    text = rewrite.render(statement.tree, settings, snapshot)
    rows, _ = warehouse.run(statement.file, text, parameters(statement, settings, days))
    try:
        listed = {int(row["opened_in"]): date.fromisoformat(row["first_date"]) for row in rows}
    except (KeyError, TypeError, ValueError) as error:
        raise WarehouseError(
            f"{statement.file} returned something else than seasons and dates",
            "Run the same command again; the warehouse answered something else than it was asked.",
        ) from error
    return [
        found
        for year, last in asked.items()
        if (found := _start(year, last, listed.get(year), statement.counted))
    ]


def _start(year: int, last: date, listed: date | None, table: str) -> SeasonStart | None:
    if listed is not None and listed.year == year:
        return SeasonStart(year, listed.isoformat(), table)
    latest = date(year, *LATEST_START)
    # Before then nothing need have been played.
    return SeasonStart(year, latest.isoformat(), NOT_YET) if last < latest else None


def with_starts(settings: Settings, starts: Iterable[SeasonStart]) -> Settings:
    """The settings with a calendar that knows these seasons too."""
    dates = [date.fromisoformat(each.first_date) for each in starts]
    every = tuple(sorted((*settings.calendar.season_starts, *dates)))
    return replace(settings, calendar=replace(settings.calendar, season_starts=every))


def complete(settings: Settings, warehouse: Warehouse, windows: Iterable[Window]) -> Settings:
    """The settings with all that the schedule says of seasons in `windows`.

    Raises WarehouseError.
    """
    return with_starts(settings, read(settings, warehouse, windows))
