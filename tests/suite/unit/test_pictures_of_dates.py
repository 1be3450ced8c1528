"""The calendars: what each table holds of each game date."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

import pytest
from picture_harness import (
    COMPLETE,
    HALF,
    HOLE,
    MISSING,
    OPENING,
    PHASE1,
    PHASE2,
    PHASE4,
    PREFLIGHT,
    cells,
    days,
    drawn,
    drawn_of,
    marks,
    places,
    texts,
)

from gates.decide.record_series import Series
from gates.report.pictures import Picture, pictures
from gates.report.pictures.canvas import WIDTH


def calendar(
    place: str, dates: Mapping[str, tuple[int, int]], bootstrap: Iterable[str] = ()
) -> Picture:
    series = {"dates": {place: dates}, "bootstrap": list(bootstrap)}
    (picture,) = drawn_of({"series": series})
    return picture


def test_every_complete_date_is_a_cell() -> None:
    picture = calendar(PHASE2, dict.fromkeys(days(OPENING, 40), (5, 5)))
    assert marks(picture) == {"complete": 40}
    assert "40 game dates from 2024-10-22 to 2024-11-30: 40 complete." in picture.text
    assert "40 complete" in texts(picture)


def test_a_date_without_rows_is_crossed_out() -> None:
    dates = dict.fromkeys(days(OPENING, 10), (5, 5)) | {"2024-12-01": (0, 7)}
    picture = calendar(PHASE2, dates)
    assert marks(picture) == {"complete": 10, "missing": 1}
    assert len(places(picture, "stroke:var(--paper)")) == 2 * (1 + 1)
    assert picture.text.endswith("10 complete, 1 missing. Missing: 2024-12-01 (0 of 7).")


def test_a_date_with_some_of_its_games_is_half_filled() -> None:
    dates = dict.fromkeys(days(OPENING, 10), (5, 5)) | {"2024-12-01": (6, 7)}
    picture = calendar(PHASE2, dates)
    assert marks(picture) == {"complete": 10, "partial": 1}
    assert cells(picture, HALF) == 1
    assert picture.text.endswith("10 complete, 1 partial. Partial: 2024-12-01 (6 of 7).")


def test_rows_beyond_what_is_due_do_not_make_a_date_incomplete() -> None:
    assert marks(calendar(PHASE2, {"2024-12-01": (8, 7)})) == {"complete": 1}


def test_phase_4_has_nothing_to_hold_on_bootstrap_dates() -> None:
    bootstrap = days(OPENING, 14)
    dates = dict.fromkeys(bootstrap, (0, 7)) | {"2024-11-06": (7, 7)}
    picture = calendar(PHASE4, dates, bootstrap)
    assert marks(picture) == {"complete": 1, "bootstrap": 14}
    assert "1 complete, 14 bootstrap." in picture.text


def test_what_phase_4_holds_on_bootstrap_dates_is_named() -> None:
    bootstrap = days(OPENING, 2)
    picture = calendar(PHASE4, {bootstrap[0]: (3, 7), bootstrap[1]: (0, 7)}, bootstrap)
    assert "1 bootstrap, 1 held but not due." in picture.text
    assert picture.text.endswith("Held but not due: 2024-10-22 (3 of 7).")


def test_bootstrap_dates_of_the_preflight_are_marked_whether_held_or_not() -> None:
    bootstrap = days(OPENING, 14)
    dates = (
        dict.fromkeys(bootstrap[:3], (0, 7))
        | {bootstrap[3]: (6, 7)}
        | dict.fromkeys(bootstrap[4:], (7, 7))
    )
    picture = calendar(PREFLIGHT, dates | {"2024-11-06": (7, 7)}, bootstrap)
    assert marks(picture)["bootstrap"] == 4
    assert cells(picture, HOLE) == 10
    assert "1 complete, 4 bootstrap, 10 held in bootstrap." in picture.text


@pytest.mark.parametrize("place", [PHASE1, PHASE2])
def test_phase_1_and_2_are_due_on_bootstrap_dates(place: str) -> None:
    picture = calendar(place, {"2024-10-22": (0, 2), "2024-10-23": (9, 9)}, days(OPENING, 14))
    assert marks(picture) == {"complete": 1, "missing": 1}


def test_a_date_on_which_nothing_is_due_is_neither_complete_nor_missing() -> None:
    picture = calendar(PHASE4, {"2024-11-06": (0, 0), "2024-11-07": (4, 4)})
    assert marks(picture) == {"complete": 1}
    assert "1 complete, 1 nothing due." in picture.text


def test_weeks_go_across_and_weekdays_down() -> None:
    dates = dict.fromkeys(("2024-10-22", "2024-10-23", "2024-10-29"), (1, 1))
    first, next_day, next_week, _key = places(calendar(PHASE2, dates), COMPLETE)
    assert (next_day[0] - first[0], next_day[1] - first[1]) == (0, 9)
    assert (next_week[0] - first[0], next_week[1] - first[1]) == (9, 0)


def test_every_season_has_a_strip_without_the_summer() -> None:
    dates = {day: (1, 1) for year in range(2021, 2026) for day in days(date(year, 10, 18), 240)}
    picture = calendar(PHASE1, dates)
    assert [text for text in texts(picture) if re.fullmatch(r"\d{4}-\d\d", text)] == [
        "2021-22",
        "2022-23",
        "2023-24",
        "2024-25",
        "2025-26",
    ]
    assert cells(picture, COMPLETE) == len(dates)
    assert_inside(picture)


def test_a_season_that_ends_in_october_still_fits() -> None:
    picture = calendar(PHASE1, dict.fromkeys(days(date(2019, 10, 1), 366), (1, 1)))
    assert cells(picture, COMPLETE) == 366
    assert_inside(picture)


def assert_inside(picture: Picture) -> None:
    *_, width, height = map(float, drawn(picture).attrib["viewBox"].split())
    assert width == WIDTH
    for x, y in places(picture, COMPLETE):
        assert 0 <= x < width - 3
        assert 0 <= y < height


def spans(place: str, counts: Mapping[str, tuple[int, int]], bootstrap: Iterable[str]) -> Picture:
    content = {"dates": {place: counts}, "days_each": {place: 14}, "bootstrap": list(bootstrap)}
    (picture,) = drawn_of({"series": content})
    return picture


def test_of_a_long_window_two_weeks_are_a_cell_and_the_picture_says_so() -> None:
    firsts = [
        (date(year, 10, 18) + timedelta(days=14 * n)).isoformat()
        for year in range(2006, 2026)
        for n in range(18)
    ]
    counts = dict.fromkeys(firsts, (90, 90)) | {"2012-11-01": (89, 90)}
    picture = spans(PHASE1, counts, [])
    assert picture.title == "Calendar of team_offense_game_summary (phase1), 14 days a cell"
    assert (
        "360 spans of 14 days, called by the first of them, from 2006-10-18 to 2026-06-13: "
        "359 complete, 1 partial. Partial: 2012-11-01 (89 of 90)."
    ) in picture.text
    assert marks(picture) == {"complete": 359, "partial": 1}
    found = places(picture, COMPLETE)
    assert len(found) == len({*found}) == 360
    assert not {"Tue", "Thu", "Sat"} & {*texts(picture)}
    assert_inside(picture)


def test_two_weeks_that_are_bootstrap_in_part_are_due() -> None:
    bootstrap = days(OPENING, 14)
    counts = {"2024-10-22": (0, 90), "2024-11-05": (90, 90)}
    assert marks(spans(PREFLIGHT, counts, bootstrap)) == {"complete": 1, "bootstrap": 1}
    assert marks(spans(PREFLIGHT, counts, bootstrap[1:])) == {"complete": 1, "missing": 1}


def test_two_weeks_that_hold_a_date_that_a_gate_names_are_marked() -> None:
    content = {
        "dates": {PHASE2: {"2024-10-22": (90, 90), "2024-11-05": (90, 90)}},
        "days_each": {PHASE2: 14},
    }
    found = Series.model_validate(content, strict=False)
    (picture,) = pictures([], found, failing={PHASE2: {"2024-11-04"}})
    assert "1 complete, 1 held, named by a gate. Held" in picture.text
    assert picture.text.endswith("Held, named by a gate: 2024-10-22.")


def test_ten_missing_dates_are_named_and_the_others_counted() -> None:
    picture = calendar(PHASE2, dict.fromkeys(days(OPENING, 13), (0, 5)))
    assert picture.text.count("(0 of 5)") == 10
    assert picture.text.endswith("2024-10-31 (0 of 5) and 3 more.")


def test_a_date_that_has_its_games_and_is_named_by_a_gate_is_marked() -> None:
    dates = dict.fromkeys(days(OPENING, 5), (5, 5)) | {"2024-12-01": (0, 7), "2024-12-02": (6, 7)}
    content = Series.model_validate({"dates": {PHASE2: dates}}, strict=False)
    named = {PHASE2: {"2024-10-23", "2024-12-01", "2024-12-02"}, PHASE1: {"2024-10-24"}}
    (picture,) = pictures([], content, failing=named)
    # What is missing or partial is drawn as that.
    assert "4 complete, 1 partial, 1 missing, 1 held, named by a gate." in picture.text
    assert picture.text.endswith("Held, named by a gate: 2024-10-23.")
    assert "1 held, named by a gate" in texts(picture)
    unmarked = calendar(PHASE2, dates)
    assert len(places(picture, MISSING)) == len(places(unmarked, MISSING)) + 2
