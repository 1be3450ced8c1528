"""The counts over time of a record that is read again: of the shape that the pictures draw."""

from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from gates.config.toml_text import YEARS
from gates.text import one_line


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    if day.year not in YEARS or day.isoformat() != text:
        raise ValueError("expected a date of the league as YYYY-MM-DD")
    return text


Day = Annotated[str, AfterValidator(_day)]
Name = Annotated[str, AfterValidator(one_line)]
Count = Annotated[int, Field(ge=0, lt=2**63)]


class _Rows(BaseModel):
    model_config = ConfigDict(strict=True)

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


class Series(BaseModel):
    """series of decision.json: "<stage>.<table>" -> counts (gates/measure/series.py)."""

    model_config = ConfigDict(strict=True)

    dates: dict[Name, dict[Day, tuple[Count, Count]]] = {}
    seasons: dict[Name, list[Season]] = {}
    months: dict[Name, list[Month]] = {}
    bootstrap: list[Day] = []

    def content(self) -> dict[str, Any]:
        """As it stood in the record: without the kinds that it did not have."""
        return self.model_dump(exclude_unset=True)
