"""What an operator reads of a verdict: value, margin, threshold, and the whole sentence."""

from fractions import Fraction

import pytest
from builders import count, gate, ratio

from gates.config.gate import Gate
from gates.decide.sentence import (
    margin_text,
    short_margin,
    short_value,
    threshold_text,
    value_text,
)
from gates.decide.verdict import judge
from gates.measure.result import Measurement

GAMES = gate("games", None, {"at_least": 5_600})
NONE = gate("rows", None, {"equals": 0})
PER_GAME = gate("rows per game", "games", {"between": [1.95, 2.05]})
BELOW = gate(bound={"below": 5})


def reads(cases: dict[str, tuple[Gate, Measurement]]) -> pytest.MarkDecorator:
    """Cases by the text that is expected."""
    parameters = [(gate, measured, text) for text, (gate, measured) in cases.items()]
    return pytest.mark.parametrize(("bound", "measured", "text"), parameters, ids=cases.keys())


@reads(
    {
        "98.960%": (gate(), ratio(36_618, 37_003)),
        "98.9996%": (gate(), ratio(989_996, 1_000_000)),
        "98.999999%": (gate(), ratio(98_999_999, 100_000_000)),
        "99.000%": (gate(), ratio(99, 100)),
        "100.000%": (gate(), ratio(1, 1)),
        "4.999999%": (BELOW, ratio(4_999_999, 100_000_000)),
        "5,793": (GAMES, count(5_793)),
        "5,599.99999": (GAMES, count("5599.99999")),
        "0.00001": (NONE, count("0.00001")),
        "2": (PER_GAME, ratio(11_586, 5_793)),
        "2.05001": (PER_GAME, ratio(205_001, 100_000)),
        "1.9499999": (PER_GAME, ratio(19_499_999, 10_000_000)),
    }
)
def test_a_value_has_as_many_digits_as_it_takes(
    bound: Gate, measured: Measurement, text: str
) -> None:
    verdict = judge(bound, measured)
    assert verdict.measured is not None
    assert value_text(bound, verdict.measured) == text


@reads(
    {
        "+193": (GAMES, count(5_793)),
        "-4,600": (GAMES, count(1_000)),
        "+0": (GAMES, count(5_600)),
        "-0.040": (gate(), ratio(36_618, 37_003)),
        "-0.0004": (gate(), ratio(989_996, 1_000_000)),
        "+0.001": (gate(), ratio(9_900_100, 10_000_000)),
        "+4": (BELOW, ratio(1, 100)),
        "-2": (gate("rows", None, {"at_most": 5}), count(7)),
        "-3": (NONE, count(3)),
        "-1": (gate("phases", None, {"equals": 2}), count(1)),
        "+0.010": (PER_GAME, count("2.04")),
        "-0.050": (PER_GAME, count("1.9")),
        "-0.500": (PER_GAME, count("2.55")),
    }
)
def test_a_margin_is_negative_outside_the_bound(
    bound: Gate, measured: Measurement, text: str
) -> None:
    verdict = judge(bound, measured)
    assert verdict.margin is not None
    assert margin_text(bound, verdict.margin) == text
    assert text.startswith("+") == bool(verdict)


@pytest.mark.parametrize(
    ("bound", "text"),
    [
        (GAMES, ">= 5,600"),
        (gate(), ">= 99%"),
        (BELOW, "< 5%"),
        (NONE, "= 0"),
        (PER_GAME, "1.95 to 2.05"),
    ],
    ids=["games", "percent", "below", "none", "between"],
)
def test_a_threshold_in_a_few_characters(bound: Gate, text: str) -> None:
    assert threshold_text(bound) == text


@reads(
    {
        "98.960% (36,618 of 37,003 rows), runbook 3.4 asks for at least 99% (15 rows short)": (
            gate(),
            ratio(36_618, 37_003),
        ),
        "94.000% (94 of 100 days), runbook 3.4 asks for at least 95% (1 day short)": (
            gate(of="days", bound={"at_least": 95}),
            ratio(94, 100),
        ),
        "99.000% (99 of 100 rows), runbook 3.4 asks for at least 99%": (gate(), ratio(99, 100)),
        "4,000 games, runbook 3.4 asks for at least 5,600 games (1,600 games short)": (
            GAMES,
            count(4_000),
        ),
        "7.500% (15 of 200 rows), runbook 3.4 asks for less than 5%": (BELOW, ratio(15, 200)),
        "2 (11,586 over 5,793 games), runbook 3.4 asks for between 1.95 and 2.05": (
            PER_GAME,
            ratio(11_586, 5_793),
        ),
        "74.500 (149 over 2 rows), runbook 3.4 asks for at least 75": (
            gate("points", None, {"at_least": 75}),
            ratio(149, 2),
        ),
        "3 rows, runbook 3.4 asks for exactly 0 rows; see the log": (
            NONE,
            Measurement(Fraction(3), note="see the log"),
        ),
    }
)
def test_the_sentence_an_operator_reads(bound: Gate, measured: Measurement, text: str) -> None:
    assert repr(judge(bound, measured)) == f"phase2.games.measure: measured {text}"


def test_the_shortfall_is_just_what_makes_the_gate_hold() -> None:
    for short in range(1, 40):
        verdict = judge(gate(), ratio(36_633 - short, 37_003))
        assert f"({short} row{'s'[: short != 1]} short)" in verdict.detail


@reads(
    {
        "99%": (gate(), ratio(99, 100)),
        "31.2%": (gate(), ratio(312, 1_000)),
        "100%": (gate(), ratio(1, 1)),
        "99.97%": (gate(), ratio(9_997, 10_000)),
        "98.9996%": (gate(), ratio(989_996, 1_000_000)),
        "0.004%": (BELOW, ratio(4, 100_000)),
        "5,793": (GAMES, count(5_793)),
        "1.95": (PER_GAME, ratio(195, 100)),
        "2.05001": (PER_GAME, ratio(205_001, 100_000)),
    }
)
def test_people_write_a_value_without_noughts(
    bound: Gate, measured: Measurement, text: str
) -> None:
    verdict = judge(bound, measured)
    assert verdict.measured is not None
    assert short_value(bound, verdict.measured) == text


@pytest.mark.parametrize(
    ("margin", "text"),
    [("193", "+193"), ("-1.04", "-1"), ("-24.526", "-24.5"), ("0.0004", "+0.0004"), ("0", "+0")],
)
def test_people_write_a_margin_without_noughts(margin: str, text: str) -> None:
    assert short_margin(gate(), Fraction(margin)) == text
