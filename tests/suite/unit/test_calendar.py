"""Season arithmetic at its edges, and what "yesterday" is for a league that plays past midnight."""

from datetime import UTC, date, datetime

import pytest
from freezegun import freeze_time
from harness import ROOT

from gates.config.calendar import Calendar, season_year, yesterday
from gates.config.settings import load

CALENDAR = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, datetime.now(UTC)).calendar
# The first day of a season, the last and the first after its bootstrap days.
EDGES = [
    (date(2021, 10, 19), date(2021, 11, 1), date(2021, 11, 2)),
    (date(2022, 10, 18), date(2022, 10, 31), date(2022, 11, 1)),
    (date(2023, 10, 24), date(2023, 11, 6), date(2023, 11, 7)),
    (date(2024, 10, 22), date(2024, 11, 4), date(2024, 11, 5)),
    (date(2025, 10, 21), date(2025, 11, 3), date(2025, 11, 4)),
]


def each_season() -> pytest.MarkDecorator:
    ids = [str(first.year) for first, _, _ in EDGES]
    return pytest.mark.parametrize(("first", "last", "after"), EDGES, ids=ids)


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (date(2024, 9, 30), 2023),
        (date(2024, 10, 1), 2024),
        (date(2024, 12, 31), 2024),
        (date(2025, 1, 1), 2024),
        (date(2025, 6, 22), 2024),
    ],
    ids=str,
)
def test_a_season_is_called_by_the_year_of_its_october(day: date, year: int) -> None:
    assert season_year(day) == year


@each_season()
def test_a_season_is_in_bootstrap_for_its_first_fourteen_days(
    first: date, last: date, after: date
) -> None:
    day_before = date.fromordinal(first.toordinal() - 1)
    days = (day_before, first, last, after)
    assert [CALENDAR.is_bootstrap(day) for day in days] == [False, True, True, False]
    assert (last - first).days == 13


@each_season()
def test_every_day_of_a_season_has_its_start(first: date, last: date, after: date) -> None:
    for day in (first, last, after, date(first.year + 1, 6, 22), date(first.year + 1, 9, 30)):
        assert CALENDAR.season_start(day) == first


@pytest.mark.parametrize(
    "day",
    [date(2021, 10, 18), date(2021, 6, 1), date(2024, 10, 21), date(2026, 10, 20)],
    ids=["day before the first", "summer before the first", "october before the game", "unknown"],
)
def test_a_day_outside_the_configured_seasons_has_no_start(day: date) -> None:
    assert CALENDAR.season_start(day) is None
    assert not CALENDAR.is_bootstrap(day)


def test_without_bootstrap_days_no_day_is_in_bootstrap() -> None:
    assert not Calendar((date(2024, 10, 22),), bootstrap_days=0).is_bootstrap(date(2024, 10, 22))


@pytest.mark.parametrize(
    ("clock", "day"),
    [
        ("2026-01-03 05:00:00", date(2026, 1, 1)),
        ("2026-01-03 06:59:59", date(2026, 1, 1)),
        ("2026-01-03 07:00:00", date(2026, 1, 2)),
        ("2026-01-04 00:00:00", date(2026, 1, 2)),
        ("2025-07-01 04:00:00", date(2025, 6, 29)),
        ("2025-07-01 07:00:00", date(2025, 6, 30)),
        ("2025-11-02 05:59:59", date(2025, 10, 31)),
        ("2026-03-08 07:00:00", date(2026, 3, 7)),
        ("2026-01-01 12:00:00", date(2025, 12, 31)),
        ("2024-03-01 12:00:00", date(2024, 2, 29)),
    ],
    ids=[
        "at midnight in New York",
        "before the last game is over",
        "when it is over",
        "at midnight UTC",
        "at midnight in summer",
        "in the morning in summer",
        "the night the clocks go back",
        "the night they go forward",
        "new year",
        "leap day",
    ],
)
def test_yesterday_is_the_last_date_whose_games_are_over(clock: str, day: date) -> None:
    with freeze_time(clock):
        assert yesterday(datetime.now(UTC)) == day


def test_a_clock_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        yesterday(datetime(2026, 1, 3))  # noqa: DTZ001


def test_a_season_that_is_not_configured() -> None:
    assert CALENDAR.unknown_seasons(date(2021, 10, 1), date(2026, 9, 30)) == []
    assert CALENDAR.unknown_seasons(date(2021, 9, 30), date(2026, 1, 2)) == [2020]
    assert CALENDAR.unknown_seasons(date(2024, 10, 1), date(2026, 10, 1)) == [2026]


def test_a_season_that_is_not_configured_has_begun_by_the_end_of_october() -> None:
    starts = CALENDAR.starts(date(2019, 11, 1), date(2026, 10, 1))
    known = list(CALENDAR.season_starts)
    assert starts == [date(2019, 10, 31), date(2020, 10, 31), *known, date(2026, 10, 31)]
    assert CALENDAR.starts(date(2024, 10, 1), date(2026, 1, 2)) == known


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2025, 10, 21), date(2025, 10, 21), date(2025, 11, 4)),
        (date(2025, 10, 1), date(2025, 11, 3), date(2025, 11, 4)),
        (date(2025, 10, 21), date(2025, 11, 4), None),
        (date(2024, 10, 22), date(2025, 10, 21), None),
        (date(2025, 10, 1), date(2025, 10, 20), None),
    ],
    ids=["opening night", "the last day", "enough", "seasons before", "before the season"],
)
def test_from_when_a_window_of_one_season_holds_enough(
    first: date, last: date, expected: date | None
) -> None:
    assert CALENDAR.judged_from(first, last, 14) == expected
    assert CALENDAR.judged_from(first, last, None) is None
