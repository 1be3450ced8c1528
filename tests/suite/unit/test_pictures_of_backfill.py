"""The pictures of a backfill: dates per hour, seconds per date, failures by reason."""

from typing import Any

from builders import broken, http, in_summary, no_games
from picture_harness import drawn_of, places, sent, texts

from gates.report.pictures import Picture


def of_backfill(*dates: dict[str, Any]) -> dict[str, Picture]:
    found = drawn_of({}, *dates)
    return {each.title.removeprefix("Backfill: "): each for each in found}


def test_dates_are_counted_in_the_hour_in_which_they_were_over() -> None:
    ends = ["2026-01-03T09:58:00+00:00", "2026-01-03T11:59:59+01:00", "2026-01-03T12:00:00+00:00"]
    found = of_backfill(
        *(sent(f"2024-11-{n}", finished_at=end) for n, end in enumerate(ends, 10)),
        sent("2024-11-20", status="failed", **in_summary(http(503))),
    )
    picture = found["dates completed per hour"]
    assert "3 dates were completed from 2026-01-03 09:58 to 2026-01-03 12:00 UTC" in picture.text
    assert "09:00 1, 2026-01-03 10:00 1, 2026-01-03 12:00 1." in picture.text
    assert {"09:00", "10:00", "11:00", "12:00", "01-03"} <= set(texts(picture))


def test_a_backfill_of_many_days_shows_the_hours_in_which_something_was_done() -> None:
    ends = ["2026-01-03T09:58:00+00:00", "2026-01-30T12:00:00+00:00"]
    found = of_backfill(*(sent(f"2024-11-{n}", finished_at=end) for n, end in enumerate(ends, 10)))
    picture = found["dates completed per hour"]
    assert picture.text.endswith("Hours without one are left out.")
    assert {"01-03", "01-30"} <= set(texts(picture))


def test_the_seconds_of_each_date_are_a_bar() -> None:
    failure = sent("2024-11-12", status="failed", elapsed_s=9.0, **in_summary(http(503)))
    never = sent("2024-11-13", status="pending", elapsed_s=None, finished_at=None)
    found = of_backfill(sent("2024-11-10"), sent("2024-11-11", elapsed_s=4.0), failure, never)
    picture = found["seconds per date"]
    assert "3 dates took 4.0 s at the median, from 2.0 s to 9.0 s (2024-11-12)" in picture.text
    assert len(places(picture, "stroke:var(--good)")) == 2
    assert len(places(picture, "stroke:var(--bad)")) == 1
    assert texts(picture).count("✗") == 1


def test_failures_are_counted_by_what_they_have_in_common() -> None:
    errors = [
        no_games(3, 7),
        no_games(0, 12),
        broken("x" * 99),
        [],
    ]
    dates = (
        sent(f"2024-11-{n}", status="failed", **in_summary(e)) for n, e in enumerate(errors, 10)
    )
    picture = of_backfill(*dates, sent("2024-11-20"))["failures by reason"]
    assert picture.text.startswith(
        "4 of 5 dates failed: 2 × player_composite_factors holds … of … games; 1 × unexpected xxxx"
    )
    shown = texts(picture)
    assert [text for text in shown if text in ("✗ 2", "✗ 1")][:2] == ["✗ 2", "✗ 1"]
    assert max(map(len, shown)) <= 64


def test_more_reasons_than_fit_are_counted_as_others() -> None:
    dates = [
        sent(f"2024-11-{n}", status="failed", **in_summary(broken(chr(n + 60))))
        for n in range(10, 22)
    ]
    picture = of_backfill(*dates)["failures by reason"]
    assert picture.text.endswith("4 × other reasons (4).")


def test_without_failures_there_is_no_picture_of_them() -> None:
    assert set(of_backfill(sent("2024-11-10"))) == {"dates completed per hour", "seconds per date"}


def test_a_summary_without_the_ends_of_its_dates_has_no_hours() -> None:
    assert set(of_backfill(sent("2024-11-10", finished_at=None))) == {"seconds per date"}
