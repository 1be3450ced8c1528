"""The pictures say what decision.json counts, and can stand in any page."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from builders import (
    Outcome,
    broken,
    decided,
    failed,
    http,
    in_summary,
    no_games,
    summarized,
    unknown,
)
from harness import ROOT, GatesProject, TestWarehouse

from gates.config.settings import load
from gates.config.stages import STAGES
from gates.decide.record import Entry
from gates.decide.record_series import Series
from gates.decide.recording import Run, record
from gates.measure.summary import Summary
from gates.report.pictures import Picture, pictures
from gates.report.pictures.canvas import INKS, WIDTH, Canvas, Sketch

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, NOW)
OF = len(SETTINGS.gates_of(["phase2"]))
PHASE1 = "phase1.team_offense_game_summary"
PHASE2 = "phase2.player_game_summary"
PREFLIGHT = "preflight.player_game_summary"
PHASE4 = "phase4.player_composite_factors"
TABLES = ["team_defense_game_summary", "upcoming_team_game_context", "player_daily_cache", "zones"]
OPENING = date(2024, 10, 22)
HOSTILE = "</desc></svg><script>alert(1)</script> & $\\frac{x_2$ \x00\x1b\ud800\U0001f600\u7bee \"'"
SVG = "{http://www.w3.org/2000/svg}"
MISSING, PARTIAL, HALF = "fill:var(--bad)", "stroke:var(--warn)", "fill:var(--warn)"
COMPLETE, BOOTSTRAP, HOLE = "stroke:var(--good)", "stroke:var(--boot)", "fill:var(--paper)"


def days(first: date, number: int) -> list[str]:
    return [(first + timedelta(n)).isoformat() for n in range(number)]


def calendar(
    place: str, dates: Mapping[str, tuple[int, int]], bootstrap: Iterable[str] = ()
) -> Picture:
    series = {"dates": {place: dates}, "bootstrap": list(bootstrap)}
    (picture,) = drawn_of({"series": series})
    return picture


def drawn_of(content: Mapping[str, Any], *dates: Mapping[str, Any]) -> list[Picture]:
    """The pictures of a record with this content, and of a backfill of these dates."""
    gates = [Entry.model_validate(gate, strict=False) for gate in content.get("gates", ())]
    series = Series.model_validate(content.get("series", {}), strict=False)
    summary = Summary.model_validate(summarized(*dates), strict=False) if dates else None
    return pictures(gates, series, summary)


def drawn(picture: Picture) -> ElementTree.Element:
    return ElementTree.fromstring(picture.svg)  # noqa: S314


def texts(picture: Picture) -> list[str]:
    return [found.text or "" for found in drawn(picture).iter(f"{SVG}text")]


def places(picture: Picture, style: str) -> list[tuple[float, float]]:
    """Where the parts of the paths of a style begin, in px."""
    found, x, y, start = [], 0.0, 0.0, (0.0, 0.0)
    for group in drawn(picture).iter(f"{SVG}g"):
        look = ";".join(f"{name}:{value}" for name, value in group.attrib.items())
        for path in group.iter(f"{SVG}path") if style in look else ():
            x, y = 0.0, 0.0
            for step, words in re.findall(r"([mlhvz])([^mlhvz]*)", path.attrib["d"]):
                by = [float(word) for word in words.split()]
                x += by[0] if step in "mlh" else 0
                y += by[-1] if step in "mlv" else 0
                if step == "m":
                    start = x, y
                    found.append(start)
                elif step == "z":
                    x, y = start
    return found


def cells(picture: Picture, style: str) -> int:
    """How many are drawn above the key, which has one of each."""
    return len(places(picture, style)) - 1


def marks(picture: Picture) -> dict[str, int]:
    styles = {"complete": COMPLETE, "partial": PARTIAL, "missing": MISSING, "bootstrap": BOOTSTRAP}
    found = {kind: cells(picture, style) for kind, style in styles.items()}
    return {kind: count for kind, count in found.items() if count > 0}


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


def test_ten_missing_dates_are_named_and_the_others_counted() -> None:
    picture = calendar(PHASE2, dict.fromkeys(days(OPENING, 13), (0, 5)))
    assert picture.text.count("(0 of 5)") == 10
    assert picture.text.endswith("2024-10-31 (0 of 5) and 3 more.")


def final(series: Mapping[str, Any], others: Mapping[str, Outcome] | None = None) -> dict[str, Any]:
    """A final decision's record, over every gate of gates.toml."""
    run = Run(NOW, NOW, NOW.isoformat(), [], series)
    return record(SETTINGS, decided(SETTINGS, "final", others), run).content()


def titled(found: Iterable[Picture], start: str) -> Picture:
    (picture,) = (each for each in found if each.title.startswith(start))
    return picture


def counts(name: str, value: object, rows: int, *numbers: int) -> dict[str, Any]:
    columns = ("minutes_played", "usage_rate", "paint_attempts")
    return {name: value, "rows": rows} | dict(zip(columns, numbers, strict=True))


def coverage(threshold: float) -> Picture:
    rows = [counts("season", 2023, 1000, 995, 960, 500), counts("season", 2024, 4000, 3920, 0, 1)]
    content = final({"seasons": {PHASE2: rows}})
    for gate in content["gates"]:
        if gate["id"] == f"{PHASE2}.minutes_played":
            gate["threshold"] = threshold
    return titled(drawn_of(content), "Coverage per season")


def test_a_season_is_compared_with_the_threshold_of_the_record() -> None:
    picture = coverage(99)
    assert "minutes_played (at least 99%): 2023-24 99.5% (995 of 1,000 rows)" in picture.text
    assert "2024-25 98.0% (3,920 of 4,000 rows)" in picture.text
    shown = texts(picture)
    assert {"99.5% ✓", "98.0% ✗ below", "96.0% ✓", "0.0% ✗ below", "50.0% ✓"} <= set(shown)
    assert "98.0% ✓" in texts(coverage(98))


def test_next_to_nothing_does_not_read_as_nothing() -> None:
    assert "2024-25 0.03% (1 of 4,000 rows)" in coverage(99).text


def test_a_season_without_rows_is_left_out() -> None:
    rows = [counts("season", 2023, 0, 0, 0, 0)]
    titles = [each.title for each in drawn_of(final({"seasons": {PHASE2: rows}}))]
    assert titles
    assert all(title.startswith("Margins") for title in titles)


def test_months_with_too_many_nulls_are_marked_and_named() -> None:
    rows = [
        counts("month", "2024-12", 2000, 10, 40, 100),
        counts("month", "2025-01", 1000, 20, 60, 700),
    ]
    picture = titled(drawn_of(final({"months": {PHASE2: rows}})), "NULL rate")
    assert "minutes_played (at most 1% NULL): all months 1.0% (30 of 3,000 rows)" in picture.text
    assert "above that: 2025-01 2.0% (20 of 1,000 rows)" in picture.text
    assert texts(picture).count("✗") == 3
    assert {"12", "01", "2024", "2025"} <= set(texts(picture))


def test_every_gate_is_a_line_of_the_margins() -> None:
    content = final({})
    found = drawn_of(content)
    lines = [text for picture in found for text in texts(picture) if text == "✓"]
    assert len(lines) == len(content["gates"])
    titles = [picture.title.partition(":")[0] for picture in found]
    assert titles == [f"Margins of {stage}" for stage in STAGES]
    for gate in content["gates"]:
        name = gate["id"].rpartition(".")[2].partition("[")
        shown = texts(titled(found, f"Margins of {gate['stage']}:"))
        assert (name[2].removesuffix("]") or name[0]) in shown


def margins(measure: str, outcome: Outcome) -> Picture:
    others = {f"{PHASE2}.{measure}": outcome}
    return titled(drawn_of(final({}, others)), "Margins of phase2")


def test_what_was_not_evaluated_is_an_empty_box() -> None:
    picture = margins("usage_rate", unknown)
    assert len(places(picture, "stroke:var(--none)")) == 1
    assert {"?", "not evaluated"} <= set(texts(picture))
    assert f"{OF - 1} pass, 1 not evaluated." in picture.text
    assert "phase2.player_game_summary.usage_rate not evaluated" in picture.text


def test_a_failed_gate_is_a_bar_outside_the_threshold() -> None:
    picture = margins("minutes_played", failed)
    assert len(places(picture, "fill:var(--bad)")) == 1
    assert {"✗", "98% (≥ 99%)"} <= set(texts(picture))
    assert f"{OF - 1} pass, 1 fail." in picture.text


def test_a_failed_count_of_zero_is_cut() -> None:
    picture = margins("critical_issues", failed)
    bar, point = places(picture, "fill:var(--bad)")
    assert point[0] < bar[0]
    assert "1 (= 0)" in texts(picture)


@pytest.mark.parametrize(("margin", "parts"), [(7.4, 1), (7.6, 2), (-7.4, 1), (-7.6, 2)])
def test_a_margin_of_more_than_a_tenth_of_its_threshold_is_cut(margin: float, parts: int) -> None:
    content = final({})
    (gate,) = (each for each in content["gates"] if each["id"] == f"{PHASE2}.quality_score")
    gate |= {"measured": 75 + margin, "margin": margin, "status": "fail"}
    found = titled(drawn_of(content), "Margins of phase2")
    assert len(places(found, "fill:var(--bad)")) == parts


def test_a_warning_has_a_sign_of_its_own() -> None:
    picture = margins("shot_zones", failed)
    assert "!" in texts(picture)
    assert len(places(picture, "fill:var(--warn)")) == 1


def test_a_value_just_below_its_threshold_does_not_read_as_the_threshold() -> None:
    content = final({})
    (gate,) = (each for each in content["gates"] if each["id"] == f"{PHASE2}.minutes_played")
    gate |= {"measured": 98.99996, "margin": -0.00004, "status": "fail"}
    assert "98.99996% (≥ 99%)" in texts(titled(drawn_of(content), "Margins of phase2"))


def sent(day: str, **others: Any) -> dict[str, Any]:
    return {"date": day} | others


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


@pytest.mark.parametrize(
    "series",
    [{}, {"dates": {}, "bootstrap": []}, {"dates": {PHASE2: {}}, "seasons": {PHASE2: []}}],
    ids=["nothing", "no table", "no date"],
)
def test_without_data_nothing_is_drawn(series: dict[str, Any]) -> None:
    assert drawn_of({"series": series}) == []


def full() -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """A final record and summary as large as they get: five seasons, every table, every gate."""
    dates: dict[str, dict[str, tuple[int, int]]] = {
        PHASE1: {d: (7, 7) for y in range(2021, 2026) for d in days(date(y, 10, 19), 180)}
    }
    two = {d: (7, 7) for y in (2024, 2025) for d in days(date(y, 10, 22), 165)}
    holes = {day: (n % 2, 7) for n, day in enumerate(days(date(2024, 12, 1), 20))}
    for place in (PHASE2, PREFLIGHT, *(f"preflight.{table}" for table in TABLES)):
        dates[place] = two | holes
    for place in (PHASE4, *(f"phase4.{table}" for table in TABLES)):
        dates[place] = two | holes | dict.fromkeys(days(OPENING, 14), (0, 7))
    months = [f"{year}-{month:02}" for year in (2024, 2025) for month in range(1, 13)]
    series = {
        "dates": dates,
        "bootstrap": days(OPENING, 14),
        "seasons": {PHASE2: [counts("season", y, 9, 8, 7, 6) for y in range(2021, 2026)]},
        "months": {PHASE2: [counts("month", month, 9, 1, 2, 3) for month in months]},
    }
    others = {f"{PHASE2}.usage_rate": unknown, f"{PHASE2}.minutes_played": failed}
    failure = {"status": "failed", "error": "it stopped"}
    sent_dates = [sent(day, **(failure if n % 9 else {})) for n, day in enumerate(two)]
    return final(series, others), sent_dates


def all_of_it() -> list[Picture]:
    content, dates = full()
    return drawn_of(content, *dates)


def test_a_final_page_stays_small() -> None:
    found = all_of_it()
    assert len(found) == len(full()[0]["series"]["dates"]) + 2 + len(STAGES) + 3
    assert sum(len((p.svg + p.title + p.text).encode()) for p in found) < 150_000


def test_the_same_record_gives_the_same_bytes() -> None:
    assert all_of_it() == all_of_it()


def test_ids_are_unique_in_a_page_and_name_each_picture() -> None:
    found = all_of_it()
    ids = [each.attrib["id"] for p in found for each in drawn(p).iter() if "id" in each.attrib]
    assert len(ids) == len(set(ids)) == 2 * len(found)
    for picture in found:
        root = drawn(picture)
        title, text = root[0], root[1]
        assert root.attrib["role"] == "img"
        assert root.attrib["aria-labelledby"].split() == [title.attrib["id"], text.attrib["id"]]
        assert (title.text, text.text) == (picture.title, picture.text)


def test_colours_are_those_of_the_page_and_nothing_comes_from_elsewhere() -> None:
    whole = "".join(picture.svg for picture in all_of_it())
    assert set(re.findall(r"var\(--(\w+)\)", whole)) == set(INKS)
    assert not re.search("#[0-9a-f]{3}", whole)
    assert set(re.findall(r"\w+://[^\"<]*", whole)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(" style=|<style|<!|<\\?|href|url\\(|<script|font-family:|<defs", whole)


@pytest.mark.filterwarnings("error")
def test_what_others_wrote_is_text_and_nothing_else() -> None:
    content, dates = full()
    content["series"]["dates"] = {f"phase2.{HOSTILE}": {"2024-12-01": (0, 1)}}
    content["gates"][0] |= {"id": f"orchestrator.{HOSTILE}.{HOSTILE}", "unit": HOSTILE}
    dates[1]["error"] = HOSTILE
    found = drawn_of(content, *dates)
    whole = "".join(picture.svg for picture in found)
    assert "<script" not in whole
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; $\\frac{x_2$ " in whole
    assert " \ufffd\ufffd\ufffd\U0001f600\u7bee " in whole
    tags = {each.tag.removeprefix(SVG) for picture in found for each in drawn(picture).iter()}
    assert tags == {"svg", "title", "desc", "g", "path", "text"}


def test_a_colour_that_the_page_does_not_have_is_refused() -> None:
    sketch = Sketch("title", "text", 10, lambda canvas: canvas.write(0, 9, "words", "#ff0000"))
    with pytest.raises(ValueError, match="'#ff0000' is not a colour of the page"):
        Canvas(sketch, "picture-1")


def test_what_looks_alike_is_one_group_and_steps_are_tenths_of_a_px() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.boxes([(1.04, 2, 3, 4), (10, 2, 3, 4)], "good")
        canvas.boxes([(0, 0, 1, 1)], "good")
        canvas.strokes([(0, 0, 5, 5)], "good", 2)

    filled, stroked = drawn(Picture("", Canvas(Sketch("", "", 20, draw), "p").svg(), "")).iter(
        f"{SVG}g"
    )
    assert [path.attrib["d"] for path in filled] == [
        "m1 2h3v4h-3zm9 0h3v4h-3z",
        "m0 0h1v1h-1z",
    ]
    assert stroked.attrib == {"fill": "none", "stroke": "var(--good)", "stroke-width": "2"}
    assert [path.attrib["d"] for path in stroked] == ["m0 0l5 5"]


def test_a_run_draws_the_dates_that_its_tables_lack(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    day = "game_date = '2024-12-03'"
    with warehouse.fault(f"DELETE FROM nba_analytics.team_offense_game_summary WHERE {day}"):
        run = project.run()
    assert run.record is not None
    found = drawn_of(run.record)
    damaged = titled(found, "Calendar of team_offense_game_summary")
    held, due = run.record["series"]["dates"][PHASE1]["2024-12-03"]
    assert (held, due > 0) == (0, True)
    assert damaged.text.endswith(f"1 missing. Missing: 2024-12-03 (0 of {due}).")
    assert marks(damaged)["missing"] == 1
    whole = titled(found, "Calendar of player_game_summary")
    assert marks(whole) == {"complete": len(run.record["series"]["dates"][PHASE2])}
    titles = {picture.title.partition(" of ")[0] for picture in found}
    assert titles == {"Calendar", "Coverage per season", "NULL rate by month", "Margins"}
