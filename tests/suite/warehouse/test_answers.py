"""What a warehouse answers is one row of counts, or a row per date; anything else is a sentence."""

import math
from dataclasses import fields
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest
from harness import ROOT

from gates.config.settings import load
from gates.measure import answer, readback
from gates.measure.readback import DateCoverage, Processors, held_of
from gates.measure.result import Measurement, QueryResult, Row
from gates.measure.warehouse import WarehouseError

FILE = "sql/phase1/x.sql"
GOOD: dict[str, Any] = {"window_rows": 3, "measure": 2}
SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, datetime.now(UTC))
DAYS = (date(2024, 11, 1), date(2024, 11, 30))


def measured(rows: Any, lost: dict[str, str] | None = None) -> Measurement:
    outcome = QueryResult(
        source="phase1/x",
        file=FILE,
        measures=list(GOOD),
        table="nba_analytics.x",
        window=["2024-11-01", "2024-11-30"],
        rows=rows,
        unavailable=lost or {},
    )
    found: Measurement = Row(outcome).measure
    return found


def of(value: Any) -> Measurement:
    return measured([{**GOOD, "measure": value}])


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([], "returned 0 rows, expected one row"),
        ([GOOD, GOOD], "returned 2 rows, expected one row"),
        (["text"], "returned 'text', expected a row of columns"),
        ([None], "returned NULL, expected a row of columns"),
        ([{"measure": 2}], "returned a row without the column window_rows"),
        ([{"window_rows": 3}], "returned a row without the column measure"),
        ([{**GOOD, "more": 1}], "with the column more, which nothing asks for"),
        ([{**GOOD, "window_rows": None}], "returned NULL as window_rows, expected a count"),
        ([{**GOOD, "window_rows": -1}], "returned -1 as window_rows, expected a count"),
        ([{**GOOD, "window_rows": True}], "returned True as window_rows, expected a count"),
        ([{**GOOD, "window_rows": 3.5}], "returned 3.5 as window_rows, expected a count"),
        ([{**GOOD, "window_rows": 10**400}], "as window_rows, expected a count"),
        ([{**GOOD, "window_rows": "3"}], "returned '3' as window_rows, expected a count"),
    ],
)
def test_a_row_that_is_none_measures_nothing(rows: Any, why: str) -> None:
    found = measured(rows)
    assert found.numerator is None
    assert found.why is not None
    assert found.why.startswith(FILE)
    assert why in found.why
    assert found.remedy


@pytest.mark.parametrize(
    "value",
    [
        True,
        "99",
        "ninety",
        "1e9",
        -1,
        math.nan,
        math.inf,
        10**39,
        f"{10**39}.5",
        [],
        [None],
        {},
        {"denominator": 1},
        {"numerator": -1, "denominator": 2},
        {"numerator": 1, "denominator": -2},
        {"numerator": 1, "denominator": -0.5},
        {"numerator": {"numerator": 1}, "denominator": 2},
        {"numerator": "1", "denominator": 2},
        {"numerator": 1, "denominator": math.nan},
        {"numerator": 1, "share": {"numerator": None, "denominator": 2}},
        {"numerator": 1, "share": {}},
        {"numerator": 1, "table": [{"a": 1}, None]},
        {"numerator": 1, "table": [{"a": 1}, {"b": 1}]},
        {"numerator": 1, "table": [{"a": math.nan}]},
        {"numerator": 1, "first": [["a"]]},
        {"numerator": 1, "first": [{"a": "x"}]},
        {"numerator": 1, "first": [{"key": None, "found": "1", "expected": "2"}]},
        {"numerator": 1, "worst": math.inf},
    ],
    ids=repr,
)
def test_a_value_that_cannot_be_compared_measures_nothing(value: Any) -> None:
    found = of(value)
    assert found.numerator is None
    assert found.why is not None
    assert found.why.startswith(f"{FILE} returned ")
    assert found.why.endswith("(measure)")


@pytest.mark.parametrize(
    ("value", "numerator", "denominator"),
    [
        (0, 0, None),
        ("99.400", Fraction("99.4"), None),
        (-2.5, Fraction("-2.5"), None),
        ({"numerator": 1, "denominator": 4}, 1, 4),
        ({"numerator": 1, "first": ["a", None]}, 1, None),
        ({"numerator": 1, "first": [{"key": "a", "found": "1", "expected": "2"}]}, 1, None),
        ({"numerator": 1, "table": [{"a": "x", "b": None}]}, 1, None),
    ],
    ids=repr,
)
def test_a_value_that_can_is_exact(value: Any, numerator: Any, denominator: Any) -> None:
    found = of(value)
    assert (found.why, found.numerator, found.denominator) == (None, numerator, denominator)


@pytest.mark.parametrize(
    "value",
    [None, {"numerator": None, "first": ["a"]}, {"numerator": 1, "denominator": None}],
    ids=repr,
)
def test_null_is_no_value(value: Any) -> None:
    assert of(value).numerator is None


def test_a_key_is_said_with_what_was_found_and_expected_of_a_value() -> None:
    value = {"key": "a pace", "found": "1.0", "expected": "2.0"}
    other = {"key": "b and c", "found": None, "expected": None}
    found = of({"numerator": 3, "first": [other, value]})
    assert found.note == "first: a pace: 1.0 instead of 2.0, b and c and 1 more"
    assert found.table is None
    assert [answer.fields(key) for key in (value, other)] == [value, {"key": "b and c"}]


def test_a_column_that_was_not_asked_for_is_not_missed() -> None:
    row = {"window_rows": 3}
    assert measured([row], {"measure": "column y is not in x"}).why == "column y is not in x"


def date_row(day: str = "2024-11-05", **others: Any) -> dict[str, Any]:
    counts = {field.name: 5 for field in fields(DateCoverage)}
    return {**counts, "game_date": day, "is_bootstrap": False, **others}


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in date_row().items() if key != name}


MALFORMED = [
    ([without("games")], "without the column games"),
    ([date_row(more=1)], "with the column more"),
    ([None], "returned NULL"),
    ([date_row(games=None)], "returned NULL as games of 2024-11-05"),
    ([date_row(players=-1)], "returned -1 as players of 2024-11-05"),
    ([date_row(players=1.5)], "returned 1.5 as players of 2024-11-05"),
    ([date_row(players=True)], "returned True as players of 2024-11-05"),
    ([date_row(is_bootstrap=None)], "returned NULL as is_bootstrap of 2024-11-05"),
    ([date_row(game_date=None)], "returned NULL as game_date"),
    ([date_row("soon")], "returned 'soon' as game_date"),
    ([date_row(), date_row()], "a date twice"),
    ([date_row("2024-11-06"), date_row()], "dates that do not ascend"),
    ([date_row("2024-12-05")], "2024-12-05, which is not from 2024-11-01 to 2024-11-30"),
]


@pytest.mark.parametrize(("rows", "why"), MALFORMED)
def test_a_read_back_that_is_none_is_refused_in_a_sentence(rows: Any, why: str) -> None:
    with pytest.raises(WarehouseError, match=r"processors\.sql") as found:
        held_of(rows, DAYS)
    assert why in found.value.why
    assert found.value.remedy


@pytest.mark.parametrize(("rows", "why"), MALFORMED)
def test_and_its_gate_is_not_evaluated(rows: Any, why: str) -> None:
    outcome = QueryResult(
        source=readback.SOURCE,
        file=readback.FILE,
        measures=[],
        table="nba_precompute.player_composite_factors",
        window=[day.isoformat() for day in DAYS],
        rows=rows,
    )
    found = Processors(outcome, SETTINGS.backfill).incomplete_dates
    assert found.numerator is None
    assert found.why is not None
    assert why in found.why


def test_dates_in_order_are_read() -> None:
    found = held_of([date_row(), date_row("2024-11-06")], DAYS)
    assert [held.game_date.day for held in found] == [5, 6]


def test_the_gates_sentence_names_table_and_processor_beside_each_date() -> None:
    lacking = date_row("2024-11-06", players_found=0)
    outcome = QueryResult(
        source=readback.SOURCE,
        file=readback.FILE,
        measures=[],
        table="nba_precompute.player_composite_factors",
        window=[day.isoformat() for day in DAYS],
        rows=[date_row(cached_players=80), lacking],
    )
    found = Processors(outcome, SETTINGS.backfill).incomplete_dates
    assert found.numerator == 1
    assert found.note == (
        "2 eligible dates were read back; incomplete: "
        "2024-11-06 player_composite_factors (PlayerCompositeFactorsProcessor), "
        "2024-11-06 player_daily_cache (PlayerDailyCacheProcessor)"
    )
