"""The keys of what does not hold: out of a measure's STRUCT, and where they go from there."""

from dataclasses import replace
from typing import Any

import pytest
from builders import gate, ratio

from gates.decide.recording import entry
from gates.decide.verdict import judge
from gates.measure.result import KEYS_SHOWN, Measurement, QueryResult, Row


def measured(value: Any) -> Measurement:
    outcome = QueryResult(
        source="phase2/games",
        file="sql/phase2/games.sql",
        measures=["window_rows", "measure"],
        table="nba_analytics.games",
        window=["2024-10-01", "2024-10-31"],
        rows=[{"window_rows": 5, "measure": value}],
    )
    found: Measurement = Row(outcome).measure
    return found


def test_keys_are_those_of_the_list_in_order_and_no_more_than_ten() -> None:
    found = measured({"numerator": 12, "first": [f"game {n:02}" for n in reversed(range(12))]})
    assert found.failing == [{"key": f"game {n:02}"} for n in range(KEYS_SHOWN)]


def test_a_key_of_a_value_has_what_was_found_and_what_was_expected() -> None:
    keys = [
        {"key": "20241022_NYK_BOS a", "found": "12.1", "expected": "21.3"},
        {"key": "2024 a and b", "found": None, "expected": None},
    ]
    assert (
        measured({"numerator": 2, "first": keys}).failing
        == [keys[0], {"key": "2024 a and b"}][::-1]
    )


@pytest.mark.parametrize(
    ("value", "failing"),
    [
        (
            {"numerator": 0, "denominator": 19, "game_date": "2025-03-01"},
            [{"key": "game date 2025-03-01", "found": "0 of 19"}],
        ),
        (
            {"numerator": 3, "denominator": 9, "column_name": "ts_pct", "period": "2024-11"},
            [{"key": "column name ts_pct, period 2024-11", "found": "3 of 9"}],
        ),
        ({"numerator": 4, "first": "20241022_NYK_BOS a"}, [{"key": "20241022_NYK_BOS a"}]),
        ({"numerator": 0, "first": []}, None),
        ({"numerator": 0, "first": None}, None),
        (7, None),
    ],
)
def test_the_one_part_that_a_measure_names_is_its_key(value: Any, failing: object) -> None:
    assert measured(value).failing == failing


def test_text_of_the_warehouse_is_one_line() -> None:
    assert measured({"numerator": 1, "first": ["a\nb\x1b[2J"]}).failing == [{"key": "a b\ufffd[2J"}]


def test_a_table_of_counts_names_no_keys() -> None:
    rows = [{"period": "2024-25", "records": 5}]
    assert measured({"numerator": 5, "rows": rows}).failing is None


def test_only_what_does_not_hold_keeps_its_keys() -> None:
    keys = [{"key": "20241022_NYK_BOS", "found": "1 of 2"}]
    failing = judge(gate(), replace(ratio(1, 2), failing=keys))
    assert failing.failing == keys
    assert entry(failing).model_dump(exclude_unset=True)["failing"] == keys
    holds = judge(gate(), replace(ratio(2, 2), failing=keys))
    assert holds.failing is None
    assert "failing" not in entry(holds).model_dump(exclude_unset=True)


def test_a_numeric_of_bigquery_is_said_as_people_write_it() -> None:
    value = {"numerator": 34, "denominator": 37915, "commonest": "31.200000000"}
    found = measured(value)
    assert found.note == "commonest: 31.2"
    assert found.failing == [{"key": "commonest 31.2", "found": "34 of 37,915"}]
