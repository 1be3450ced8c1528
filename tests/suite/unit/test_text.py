"""Text from elsewhere is one printable line of bounded length."""

import sys
import unicodedata
from fractions import Fraction

import pytest

from gates.text import MOST, REPLACEMENT, noun, one_line


@pytest.mark.parametrize("control", ["\n", "\r", "\t", "\v", "\f", "\x85", "\u2028", "\u2029"])
def test_whatever_breaks_a_line_is_a_space(control: str) -> None:
    assert one_line(f"a{control}{control}b") == "a b"


@pytest.mark.parametrize(
    "unseen", ["\x1b", "\x00", "\x07", "\x7f", "\x9b", "\u202e", "\u2066", "\u200b", "\ud800"]
)
def test_what_cannot_be_seen_is_shown_as_a_replacement(unseen: str) -> None:
    assert one_line(f"a{unseen}b") == f"a{REPLACEMENT}b"


def test_no_character_at_all_moves_a_cursor_or_breaks_a_line() -> None:
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    line = one_line(every, len(every))
    assert line.isprintable()
    assert line.splitlines() == [line]
    assert not {unicodedata.category(each) for each in line} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_text_as_people_write_it_stays() -> None:
    assert one_line("Nikola Jokić scored 31; café ✅ 2024-11-18") == (
        "Nikola Jokić scored 31; café ✅ 2024-11-18"
    )


def test_a_long_text_is_cut_and_says_so() -> None:
    assert one_line("x" * MOST) == "x" * MOST
    cut = one_line("x" * (MOST + 1))
    assert len(cut) == MOST
    assert cut.endswith("…")
    assert one_line("a" + " " * 10_000_000 + "b") == "a…"


def test_what_is_no_text_is_shown_as_python_shows_it() -> None:
    assert one_line(ValueError("1\n2")) == "1 2"
    assert one_line(None) == "None"


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("rows", "row"),
        ("rows per game", "row per game"),
        ("processes", "process"),
        ("phases", "phase"),
        ("games and teams", "games and teams"),
    ],
)
def test_a_noun_agrees_with_its_count(plural: str, one: str) -> None:
    assert noun(plural, 1) == noun(plural, Fraction(1)) == one
    assert [noun(plural, number) for number in (0, 2, Fraction(3, 2))] == [plural] * 3
