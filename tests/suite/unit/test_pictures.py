"""The pictures say what decision.json counts, and can stand in any page."""

import re
from datetime import date
from typing import Any

import pytest
from builders import failed, unknown
from harness import GatesProject, TestWarehouse
from picture_harness import (
    OPENING,
    PHASE1,
    PHASE2,
    PHASE4,
    PREFLIGHT,
    SVG,
    counts,
    days,
    drawn,
    drawn_of,
    final,
    marks,
    sent,
    titled,
)

from gates.config.stages import STAGES
from gates.report.pictures import Picture
from gates.report.pictures.canvas import INKS, Canvas, Sketch

TABLES = ["team_defense_game_summary", "upcoming_team_game_context", "player_daily_cache", "zones"]
HOSTILE = "</desc></svg><script>alert(1)</script> & $\\frac{x_2$ \x00\x1b\ud800\U0001f600\u7bee \"'"


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
    sketch = Sketch(
        "title", "text", 10, lambda canvas: canvas.write(0, 9, "words", "#ff0000"), "phase1"
    )
    with pytest.raises(ValueError, match="'#ff0000' is not a colour of the page"):
        Canvas(sketch, "picture-1")


def test_what_looks_alike_is_one_group_and_steps_are_tenths_of_a_px() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.boxes([(1.04, 2, 3, 4), (10, 2, 3, 4)], "good")
        canvas.boxes([(0, 0, 1, 1)], "good")
        canvas.strokes([(0, 0, 5, 5)], "good", 2)

    filled, stroked = drawn(
        Picture("", Canvas(Sketch("", "", 20, draw, "phase1"), "p").svg(), "")
    ).iter(f"{SVG}g")
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
