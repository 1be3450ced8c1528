"""The counts over time of a record, in the shape that the pictures draw."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import Field

from gates.config.fields import Count, Day, Line, Part
from gates.config.toml_text import YEARS


class _Rows(Part):
    rows: Count
    minutes_played: Count | None = None
    usage_rate: Count | None = None
    paint_attempts: Count | None = None


class Season(_Rows):
    """A season's rows, and how many have a value."""

    season: Annotated[int, Field(ge=YEARS[0], le=YEARS[-1])]


class Month(_Rows):
    """A month's rows, and how many have none."""

    month: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]


class Filled(Part):
    """A date on which a tenth of the rows lack a value: rows that have it, and that should."""

    game_date: Day
    usage_rate: Count
    usage_rate_due: Count
    minutes_played: Count
    minutes_played_due: Count


class Series(Part):
    """series of decision.json: "<stage>.<table>" -> counts (gates/measure/series.py)."""

    dates: dict[Line, dict[Day, tuple[Count, Count]]] = Field(default_factory=dict)
    days_each: dict[Line, Annotated[int, Field(ge=1, le=366)]] = Field(default_factory=dict)
    seasons: dict[Line, list[Season]] = Field(default_factory=dict)
    months: dict[Line, list[Month]] = Field(default_factory=dict)
    filled: dict[Line, list[Filled]] = Field(default_factory=dict)
    bootstrap: list[Day] = Field(default_factory=list)

    def dates_of(self, place: str, first: str) -> set[str]:
        """The dates that an entry of `dates` stands for: it is called by the first of them."""
        begins = date.fromisoformat(first)
        days = range(self.days_each.get(place, 1))
        return {(begins + timedelta(day)).isoformat() for day in days}


def merged(several: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The series of several decisions as one, each as JSON has it."""
    found: dict[str, Any] = {}
    for one in several:
        for kind, content in one.items():
            if kind == "bootstrap":
                found[kind] = sorted({*found.get(kind, ()), *content})
            else:
                found.setdefault(kind, {}).update(content)
    return found
