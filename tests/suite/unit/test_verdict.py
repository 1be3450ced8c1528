"""Counts are compared exactly; what could not be measured is never a pass."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from builders import count, gate, ratio
from hypothesis import assume, given
from hypothesis import settings as property_of
from hypothesis import strategies as st

from gates.config.gate import Gate
from gates.decide.recording import entry
from gates.decide.sentence import value_text
from gates.decide.verdict import judge
from gates.measure.result import Measurement

COUNTS = st.integers(1, 10**9)
property_test = property_of(database=None, deadline=None, max_examples=300)


@pytest.mark.parametrize(
    ("numerator", "denominator", "status"),
    [
        (36_633, 37_003, "pass"),
        (36_632, 37_003, "fail"),
        (989_996, 1_000_000, "fail"),
        (99, 100, "pass"),
        (99 * 10**15 - 1, 10**17, "fail"),
    ],
)
def test_at_least_99_percent_is_not_rounded(numerator: int, denominator: int, status: str) -> None:
    assert judge(gate(), ratio(numerator, denominator)).status == status


@pytest.mark.parametrize(
    ("bound", "passing", "failing"),
    [
        ({"at_least": 5_600}, ["5600", "5601"], ["5599", "5599.999999999"]),
        ({"at_most": 5}, ["5", "0"], ["5.000000001", "6"]),
        ({"below": 5}, ["4.999999999", "-1"], ["5", "5.000000001"]),
        ({"equals": 0}, ["0"], ["1", "-1", "0.000000001"]),
        ({"between": [1.95, 2.05]}, ["1.95", "2", "2.05"], ["1.949999999", "2.050000001"]),
    ],
    ids=["at least", "at most", "below", "equals", "between"],
)
def test_each_comparison_on_both_sides_of_its_edge(
    bound: dict[str, object], passing: list[str], failing: list[str]
) -> None:
    counted = gate("rows", None, bound)
    assert {value: judge(counted, count(value)).status for value in passing + failing} == (
        dict.fromkeys(passing, "pass") | dict.fromkeys(failing, "fail")
    )


@pytest.mark.parametrize(
    ("value", "status"),
    [("79.999999999", "fail"), ("80", "marginal"), ("87.999999999", "marginal"), ("88", "pass")],
)
def test_the_marginal_band_begins_at_its_own_edge_and_ends_before_the_bound(
    value: str, status: str
) -> None:
    found = judge(gate("games", None, {"at_least": 88, "marginal": 80}), count(value))
    assert (found.status, bool(found), found.blocks) == (status, status == "pass", status != "pass")


@property_test
@given(every=COUNTS, share=st.fractions(0, 1), bound=st.decimals(0, 100, places=2))
def test_any_percentage_holds_exactly_when_its_counts_do(
    every: int, share: Fraction, bound: Decimal
) -> None:
    good = round(share * every)
    verdict = judge(gate(bound={"at_least": bound}), ratio(good, every))
    assert bool(verdict) == (100 * 100 * good >= int(100 * bound) * every)


@property_test
@given(every=COUNTS, bound=st.integers(0, 100), off=st.integers(-2, 2))
@pytest.mark.parametrize("comparison", ["at_least", "at_most", "below", "equals"])
def test_so_it_does_next_to_its_edge_and_is_shown_on_its_side(
    comparison: str, every: int, bound: int, off: int
) -> None:
    good = bound * every // 100 + off
    assume(0 <= good <= every)
    verdict = judge(gate(bound={comparison: bound}), ratio(good, every))
    wanted, found = bound * every, 100 * good
    assert (
        bool(verdict)
        == {
            "at_least": found >= wanted,
            "at_most": found <= wanted,
            "below": found < wanted,
            "equals": found == wanted,
        }[comparison]
    )
    assert verdict.measured is not None
    shown = Fraction(value_text(verdict.gate, verdict.measured).removesuffix("%"))
    assert verdict.gate.bound.holds(shown) == bool(verdict)


@pytest.mark.parametrize(
    ("measured", "why"),
    [
        (ratio(0, 0), "there are no rows to measure"),
        (ratio(5, 0), "there are no rows to measure"),
        (Measurement(), "the query returned no value"),
        (Measurement(None, Fraction(3)), "the query returned no value"),
        (Measurement(why="no log x.log was found"), "no log x.log was found"),
        (Measurement(Fraction(1), Fraction(1), why="it is stale"), "it is stale"),
    ],
    ids=["0 of 0", "5 of 0", "nothing", "no numerator", "a reason", "a reason and numbers"],
)
@pytest.mark.parametrize(
    "bound",
    [gate(bound={"at_least": 0}), gate(bound={"equals": 0}), gate(bound={"below": 5})],
    ids=["at least 0", "exactly 0", "less than 5"],
)
def test_what_cannot_be_measured_is_not_evaluated(
    bound: Gate, measured: Measurement, why: str
) -> None:
    verdict = judge(bound, measured)
    assert (verdict.status, bool(verdict)) == ("not_evaluated", False)
    assert (verdict.measured, verdict.margin) == (None, None)
    assert verdict.detail == f"phase2.games.measure: not evaluated, {why}"


@pytest.mark.parametrize(("of", "said"), [("players", "players"), (None, "rows")])
def test_what_there_is_nothing_of_is_named(of: str | None, said: str) -> None:
    verdict = judge(gate("records per game", of, {"between": [1.95, 2.05]}), ratio(0, 0))
    assert verdict.said == f"not evaluated, there are no {said} to measure"


def test_the_remedy_is_that_of_the_measurement_where_it_has_one() -> None:
    gone = Measurement(why="the column is gone", remedy="Restore it.")
    assert judge(gate(), gone).remedy == "Restore it."
    assert judge(gate(), Measurement(why="it is gone")).remedy == "Repair it."


def test_what_could_not_be_measured_names_the_query_that_was_asked() -> None:
    gone = Measurement(why="the column is gone", query="sql/phase2/games.sql")
    assert judge(gate(), gone).query == "sql/phase2/games.sql"


@pytest.mark.parametrize(("good", "every"), [(50, 10), (-1, 10), (-50, -10)])
def test_what_is_no_share_is_not_evaluated(good: int, every: int) -> None:
    verdict = judge(gate(bound={"at_least": 5}), ratio(good, every))
    assert (verdict.status, verdict.measured) == ("not_evaluated", None)
    assert verdict.remedy == "Correct the query of the gate."


def test_a_percentage_of_nothing_is_not_evaluated() -> None:
    verdict = judge(gate(bound={"at_least": 0}), Measurement(Fraction(1)))
    assert verdict.status == "not_evaluated"


PER_GAME: dict[str, object] = {"at_least": 5_600, "per_game": "0.966"}


@pytest.mark.parametrize(
    ("games", "found", "status"),
    [(1_000, 966, "pass"), (1_000, 965, "fail"), (1_001, 966, "fail"), (1_001, 967, "pass")],
)
def test_a_count_in_another_window_is_held_against_its_schedule(
    games: int, found: int, status: str
) -> None:
    counted = replace(count(found), scheduled=Fraction(games))
    verdict = judge(gate("games", None, PER_GAME), counted)
    assert verdict.status == status
    least = -(-966 * games // 1000)
    assert verdict.gate.bound.numbers == (Decimal(least),)
    where = f"0.966 for each of the {games:,} games scheduled in this window"
    assert f"expected at least {least:,} games, {where}" in verdict.detail
    written = entry(verdict)
    assert (written.threshold, written.per_game) == (least, 0.966)
    assert written.scheduled_games == games


@pytest.mark.parametrize("games", [None, Fraction(0)])
def test_without_a_schedule_such_a_count_is_not_evaluated(games: Fraction | None) -> None:
    counted = gate("games", None, PER_GAME)
    verdict = judge(counted, replace(count(9), scheduled=games, query="sql/phase2/games.sql"))
    assert (verdict.status, verdict.blocks) == ("not_evaluated", True)
    assert (verdict.gate, verdict.query) == (counted, "sql/phase2/games.sql")
    assert verdict.said == "not evaluated, there are no games in the schedule to measure"


EARLY = "2026-11-03"


@pytest.mark.parametrize(
    ("bound", "found", "warns"),
    [
        ({"at_least": 99}, Measurement(why="no rows", is_empty=True), True),
        ({"at_least": 99}, ratio(0, 0), True),
        ({"at_least": 99}, Measurement(), True),
        ({"at_least": 99}, ratio(98, 100), True),
        ({"at_least": 99}, Measurement(why="the server is silent"), False),
        ({"at_least": 99}, ratio(101, 100), False),
        ({"at_most": 5}, ratio(6, 100), False),
        ({"equals": 0}, ratio(1, 100), False),
    ],
    ids=["no rows", "of none", "no value", "short", "silent", "no share", "too much", "wrong"],
)
def test_in_a_seasons_first_weeks_what_is_short_warns_and_what_is_wrong_fails(
    bound: dict[str, object], found: Measurement, warns: bool
) -> None:
    verdict = judge(gate(bound=bound), replace(found, judged_from=EARLY))
    assert (verdict.warns, verdict.blocks) == (warns, not warns)
    assert bool(verdict) is False
    assert ("too little yet: it is judged from 2026-11-03 on" in verdict.detail) is warns
    assert (verdict.outcome == "warning") is warns
    later = judge(gate(bound=bound), found)
    assert later.blocks


def test_what_holds_in_a_seasons_first_weeks_passes() -> None:
    verdict = judge(gate(), replace(ratio(99, 100), judged_from=EARLY))
    assert (verdict.status, verdict.reason.code) == ("pass", "holds")


@pytest.mark.parametrize(
    "found",
    [Measurement(why="no rows", is_empty=True), ratio(98, 100)],
    ids=["no rows", "short"],
)
def test_what_is_too_little_yet_keeps_its_note_its_query_and_what_to_do(found: Measurement) -> None:
    said = replace(found, judged_from=EARLY, note="a log says so", query="sql/phase2/games.sql")
    verdict = judge(gate(), said)
    assert (verdict.gate, verdict.query, verdict.remedy) == (gate(), said.query, "Repair it.")
    assert (verdict.reason.note, verdict.reason.code) == ("a log says so", "too_little_yet")
    assert judge(gate(), replace(said, note=None)).reason.note is None
    # An empty note is none.
    assert judge(gate(), replace(said, note="")).reason.parameters.keys() == {"judged_from"}


def test_keys_are_those_of_what_does_not_hold() -> None:
    keys = [{"key": "2025-03-01"}]
    held, lost = (judge(gate(), replace(ratio(n, 100), failing=keys)) for n in (99, 98))
    assert (held.failing, lost.failing) == (None, keys)
