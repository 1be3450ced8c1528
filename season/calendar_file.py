"""A calendar from a CSV file (docs/reference/calendar-file.md), checked line by line."""

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from gates.config.calendar import season_year
from season.calendar import MOST_GAMES, CalendarError, Day, season_label

COLUMNS = ("game_date", "season", "league_games", "all_star_games")


def read_calendar(file: Path) -> list[Day]:
    """The days of `file` in order; CalendarError names the line that cannot be used."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as content:
            days = list(_days(file, csv.DictReader(content)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CalendarError(
            f"{file} cannot be read as CSV ({error}), expected UTF-8 text; export it again."
        ) from error
    if not any(day.league for day in days):
        raise CalendarError(
            f"{file} has no league game, expected a line for each date; export it again."
        )
    return sorted(days, key=lambda day: day.date)


def _days(file: Path, reader: "csv.DictReader[str]") -> Iterator[Day]:
    header = [name.strip() for name in reader.fieldnames or ()]
    if not header:
        raise CalendarError(f"{file} is empty, expected the header {','.join(COLUMNS)}.")
    if missing := [name for name in COLUMNS if name not in header]:
        raise CalendarError(
            f"{file} line 1: no column {missing[0]}, expected the header {','.join(COLUMNS)}."
        )
    reader.fieldnames = header
    seen: dict[date, int] = {}
    for row in reader:
        where = f"{file} line {reader.line_num}"
        day = _day(where, row)
        if day.date in seen:
            raise CalendarError(
                f"{where}: {day.date} stands in line {seen[day.date]} already, "
                "expected each date once; add the two up."
            )
        seen[day.date] = reader.line_num
        yield day


def _day(where: str, row: dict[str, str]) -> Day:
    day = _date(where, row["game_date"])
    label = season_label(season_year(day))
    if row["season"] != label:
        raise CalendarError(
            f"{where}: season {row['season']!r}, expected {label} for {day}; correct the season."
        )
    return Day(day, _count(where, row, "league_games"), _count(where, row, "all_star_games"))


def _date(where: str, text: str | None) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError as error:
        raise CalendarError(
            f"{where}: game_date {text!r}, expected a date like 2024-10-22; correct the date."
        ) from error


def _count(where: str, row: dict[str, str], column: str) -> int:
    text = row[column] or ""
    if not (text.isascii() and text.isdigit() and int(text) <= MOST_GAMES):
        raise CalendarError(
            f"{where}: {column} {text!r}, expected a whole number from 0 to {MOST_GAMES}; "
            "correct the number."
        )
    return int(text)
