"""What may stand in a field of a file that a program of this project wrote.

Strict: "5" and true are no counts, and no text has a second line, however the file came to it.
"""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
)

from gates.config.toml_text import YEARS
from gates.text import one_line

# A sentence lists keys, and those of a long window fill more than a line.
DETAIL = 2_000
# More than a percentage of the largest number that a query may give.
MOST = 10**42


def _line(text: Any) -> Any:
    # Before it is looked at: a lone surrogate is not text for pydantic.
    return one_line(text, DETAIL) if isinstance(text, str) else text


def _of_the_league(moment: datetime) -> datetime:
    # At either end of the calendar a time has no counterpart in another zone.
    if moment.year not in YEARS:
        raise ValueError("expected a time of this century")
    return moment


def _day(text: str) -> str:
    day = date.fromisoformat(text)
    if day.year not in YEARS or day.isoformat() != text:
        raise ValueError("expected a date of the league as YYYY-MM-DD")
    return text


Time = Annotated[
    AwareDatetime,
    AfterValidator(_of_the_league),
    PlainSerializer(lambda moment: moment.isoformat(), return_type=str, when_used="json"),
]
Day = Annotated[str, AfterValidator(_day)]
Line = Annotated[str, BeforeValidator(_line)]
Count = Annotated[int, Field(ge=0, lt=2**63)]
Whole = Annotated[int, Field(ge=-MOST, le=MOST)]
Real = Annotated[float, Field(ge=-MOST, le=MOST, allow_inf_nan=False)]
Number = Whole | Real
Seconds = Annotated[float, Field(ge=0, lt=1e9, allow_inf_nan=False)]


class Part(BaseModel):
    """An object of such a file."""

    # Most are read as a part of another one, and have no use for a validator of their own.
    model_config = ConfigDict(frozen=True, strict=True, defer_build=True)
