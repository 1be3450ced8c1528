"""The windows of a run: those of gates.toml, and what was asked for instead of them. Pure.

Asked for is one stage's, phase1=FIRST..LAST, or every stage's: FIRST..LAST, or a season, 2023-24.
LAST may be "yesterday", the last date whose games are over.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from gates.config.calendar import FIRST_MONTH_OF_A_SEASON, season_year, yesterday
from gates.config.gate import shown
from gates.config.schema import File
from gates.config.toml_text import YEARS, ConfigError
from gates.text import one_line

Window = tuple[date, date]
YESTERDAY = "yesterday"
_SEASON = re.compile(r"(\d{4})-(\d\d)")


def read(name: str, file: File, asked: Sequence[str], now: datetime) -> dict[str, Window]:
    """Stage -> window, of a gates.toml called `name` and what was `asked`. Raises ConfigError."""
    raw: dict[str, tuple[str, Sequence[date | str]]] = {
        stage: (f"{name}: windows.{stage}", ends) for stage, ends in file.windows
    }
    seen: set[str] = set()
    for each in asked:
        named, _, text = each.rpartition("=")
        stages = [named] if named else [*raw]
        if not raw.keys() >= {*stages}:
            raise _not_understood(each, raw)
        if seen & {*stages}:
            raise ConfigError(f"--window {one_line(each)} is a second window of a stage; give one.")
        seen.update(stages)
        ends = _ends(text, file, now)
        if ends is None:
            raise _not_understood(each, raw)
        raw |= {stage: (f"--window {stage}", ends) for stage in stages}
    return {stage: _resolved(key, ends, now) for stage, (key, ends) in raw.items()}


def _not_understood(each: str, stages: Iterable[str]) -> ConfigError:
    return ConfigError(
        f"--window {one_line(each)} is not understood, expected STAGE=FIRST..LAST, "
        f"e.g. phase1=2021-10-19..2026-01-02, with a stage of {', '.join(stages)}, or FIRST..LAST "
        "or a season, e.g. 2023-24, of every stage."
    )


def _ends(text: str, file: File, now: datetime) -> Sequence[date | str] | None:
    """First and last date as they were asked for; None for what is neither."""
    if ".." in text:
        return text.split("..", 1)
    season = _SEASON.fullmatch(text)
    year = int(season[1]) if season else 0
    if season is None or year not in YEARS or int(season[2]) != (year + 1) % 100:
        return None
    known = {season_year(day): day for day in file.calendar.season_starts}
    first = known.get(year, date(year, FIRST_MONTH_OF_A_SEASON, 1))
    last = date(year + 1, FIRST_MONTH_OF_A_SEASON, 1) - timedelta(days=1)
    return first, min(last, yesterday(now))


def _resolved(key: str, ends: Sequence[date | str], now: datetime) -> Window:
    first, last = (_day(key, end, now) for end in ends)
    if first > last:
        raise ConfigError(f"{key} starts on {first}, after its end {last}; swap or correct them.")
    if last > (over := yesterday(now)):
        # Nothing is missing of games that nobody has played yet.
        raise ConfigError(
            f"{key} ends on {last}, whose games are not all over "
            f"at {now.astimezone(UTC):%Y-%m-%d %H:%M} UTC; "
            f'end it on {over} at the latest, or write "{YESTERDAY}".'
        )
    return first, last


def _day(key: str, end: date | str, now: datetime) -> date:
    if isinstance(end, date):
        return end
    if end == YESTERDAY:
        return yesterday(now)
    try:
        day = date.fromisoformat(end)
    except ValueError as error:
        raise ConfigError(
            f'{key}: {shown(end)} is not a date, expected YYYY-MM-DD or "{YESTERDAY}".'
        ) from error
    if day.year not in YEARS:
        raise ConfigError(f"{key}: {day} is out of range, expected a date of the league.")
    return day
