"""The worst dates and first keys of gates that do not hold, out of a record's counts."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any

import pytest
from builders import failed, passed, unknown
from harness import ROOT

from gates.config.settings import load
from gates.decide.record_series import Series
from gates.decide.verdict import Verdict
from gates.report import worst

SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, datetime(2026, 1, 3, 12, tzinfo=UTC))
PLAYERS = "phase2.player_game_summary"
USAGE = f"{PLAYERS}.usage_rate"
ROW_KEYS = "phase2.player_row_values.usage_from_shots"
FACTORS = "phase4.player_composite_factors"


def series(**content: Any) -> Series:
    return Series.model_validate(content, strict=False)


def filled(day: int, usage: int) -> dict[str, Any]:
    of = {"usage_rate_due": 20, "minutes_played": 20, "minutes_played_due": 20}
    return {"game_date": f"2025-03-{day:02}", "usage_rate": usage} | of


def failing(gate: str, *keys: dict[str, str]) -> Verdict:
    verdict = failed(SETTINGS.gates[gate])
    return replace(verdict, failing=list(keys) or None)


def rows(verdict: Verdict, counts: Series) -> Sequence[Sequence[str]]:
    table = worst.worst(verdict, counts)
    assert table is not None
    return table.rows


def test_dates_without_values_come_worst_first_and_ten_at_most() -> None:
    counts = series(filled={PLAYERS: [filled(day, day % 12) for day in range(1, 15)]})
    table = worst.worst(failing(USAGE), counts)
    assert table is not None
    assert table.title == "The worst 10 of 14"
    assert table.heads == ["Date or key", "Found", "Expected"]
    assert table.rows[0] == ["2025-03-12", "0 of 20 rows (0.0%)", "at least 95%"]
    assert len(table.rows) == 10
    assert [row[0] for row in table.rows[:3]] == ["2025-03-12", "2025-03-01", "2025-03-13"]


def test_a_column_that_is_whole_on_a_date_is_not_worst_there() -> None:
    counts = series(filled={PLAYERS: [filled(1, 5)]})
    assert worst.worst(failing(f"{PLAYERS}.minutes_played"), counts) is None


def test_months_are_those_of_the_series() -> None:
    months = [{"month": "2025-03", "rows": 10, "paint_attempts": 7}]
    counts = series(
        months={PLAYERS: [*months, {"month": "2025-04", "rows": 9, "paint_attempts": 0}]}
    )
    assert rows(failing(f"{PLAYERS}.shot_zones"), counts) == [
        ["2025-03", "3 of 10 rows (30.0%)", "at least 40%"]
    ]


@pytest.mark.parametrize(
    ("gate", "place"),
    [
        ("phase1.team_offense_game_summary.game_count", "phase1.team_offense_game_summary"),
        (f"{FACTORS}.coverage", FACTORS),
        (
            "preflight.phase3_coverage.team_offense_game_summary",
            "preflight.team_offense_game_summary",
        ),
    ],
)
def test_dates_that_lack_games_are_those_of_the_calendar(gate: str, place: str) -> None:
    days = {"2025-01-02": [3, 4], "2025-01-03": [5, 5], "2025-01-04": [0, 6]}
    counts = series(dates={place: days}, bootstrap=[])
    assert rows(failing(gate), counts) == [
        ["2025-01-04", "0 games", "6 games"],
        ["2025-01-02", "3 games", "4 games"],
    ]


def test_phase_4_lacks_nothing_on_bootstrap_dates_and_phase_1_does() -> None:
    days = {"2024-10-22": [0, 2]}
    later = series(dates={FACTORS: days}, bootstrap=list(days))
    assert worst.worst(failing(f"{FACTORS}.coverage"), later) is None
    first = series(dates={"phase1.team_offense_game_summary": days}, bootstrap=list(days))
    assert worst.worst(failing("phase1.team_offense_game_summary.game_count"), first)


def test_of_several_days_in_one_the_first_is_named_with_their_number() -> None:
    days = {"2024-10-22": [80, 90], "2024-11-05": [88, 90]}
    bootstrap = [f"2024-10-{day}" for day in range(22, 32)] + [f"2024-11-0{n}" for n in range(1, 5)]
    for place, gate, named in (
        ("phase1.team_offense_game_summary", "phase1.team_offense_game_summary.game_count", 2),
        (FACTORS, f"{FACTORS}.coverage", 1),
    ):
        counts = series(dates={place: days}, days_each={place: 14}, bootstrap=bootstrap)
        expected = [
            ["14 days from 2024-10-22", "80 games", "90 games"],
            ["14 days from 2024-11-05", "88 games", "90 games"],
        ]
        assert rows(failing(gate), counts) == expected[-named:]


def test_keys_of_the_record_stand_with_what_was_found_and_expected() -> None:
    key = {"key": "20241022_NYK_BOS a", "found": "12.1", "expected": "21.3"}
    table = worst.worst(failing(ROW_KEYS, key), series())
    assert table is not None
    assert table.rows == [["20241022_NYK_BOS a", "12.1", "21.3"]]


def test_a_part_of_which_much_lacks_is_expected_to_be_what_the_gate_asks_for() -> None:
    gate = "phase2.player_share_values.worst_game_usage"
    key = {"key": "game 20250301_BOS_IND", "found": "0 of 21"}
    assert rows(failing(gate, key), series()) == [[key["key"], "0 of 21", "at least 60%"]]


def test_a_count_says_how_many_there_are() -> None:
    keys = [{"key": f"20241022_NYK_BOS {n}", "found": "2"} for n in range(10)]
    verdict = replace(failing(ROW_KEYS, *keys), numerator=Fraction(136))
    table = worst.worst(verdict, series())
    assert table is not None
    assert table.title == "The first 10 of 136"
    alone = worst.worst(replace(verdict, failing=keys[:1]), series())
    assert alone is not None
    assert alone.title == "The first of 136"


def test_keys_of_which_no_more_is_known_stand_in_the_sentence_alone() -> None:
    keys = [{"key": f"20241022_NYK_BOS {n}"} for n in range(10)]
    assert worst.worst(replace(failing(ROW_KEYS, *keys), numerator=Fraction(136)), series()) is None


@pytest.mark.parametrize("outcome", [passed, unknown])
def test_what_holds_or_was_not_measured_shows_none(outcome: Any) -> None:
    counts = series(filled={PLAYERS: [filled(1, 0)]})
    verdict = outcome(SETTINGS.gates[USAGE])
    assert worst.worst(verdict, counts) is None
    assert worst.dates([verdict], counts) == {}


def test_dates_are_marked_in_the_calendar_of_their_table() -> None:
    whole = {"2025-03-01": [5, 5]}
    counts = series(
        dates={PLAYERS: whole, FACTORS: whole, "phase4.player_daily_cache": whole},
        filled={PLAYERS: [filled(1, 0)]},
        bootstrap=[],
    )
    found = worst.dates(
        [
            failing(USAGE),
            failing(ROW_KEYS, {"key": "20250302_NYK_BOS a"}, {"key": "99999999_NYK_BOS b"}),
            failing("phase4.processors.incomplete_dates", {"key": "2025-03-03 player_daily_cache"}),
            failing("phase2.full_schedule.long_gaps", {"key": "2025-03-04 to 2025-03-09"}),
        ],
        counts,
    )
    assert found == {
        PLAYERS: {"2025-03-01", "2025-03-02"},
        "phase4.player_daily_cache": {"2025-03-03"},
    }
