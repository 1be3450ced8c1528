"""Coverage per season, NULL rates by month, and the margins of all gates."""

import pytest
from builders import Outcome, failed, unknown
from picture_harness import PHASE2, SETTINGS, counts, drawn_of, final, places, texts, titled

from gates.config.stages import STAGES
from gates.report.pictures import Picture

OF = len(SETTINGS.gates_of(["phase2"]))


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
