"""Settings files that are too large, too deep or junk: one sentence, soon, never a traceback."""

import os
import random
import re
import time
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest
from harness import MEASURED, ROOT, forked
from hypothesis import given, settings
from hypothesis import strategies as st

from gates.config.schema import ConfigError
from gates.config.settings import Settings, load
from gates.config.toml_text import MOST_BYTES
from gates.decide.sentence import threshold_text

TEXT = (ROOT / "gates.toml").read_text(encoding="utf-8")
NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
GAME_COUNT = "at_least = 5_600"
WAIVER = """
[[waiver]]
gate = "phase2.player_game_summary.usage_rate"
reason = "A source was lost."
approver = "data platform"
expires = 2026-03-31
floor = 92
"""
# A minute on a busy machine is not a hang; what these cases did before had no end.
SOON = 60
NUMBERS = ["1e999999999", "-1e-999999999", "0e999999999", "1e400", "9" * 5_000, "0x" + "f" * 5_000]
NUMBERS += ["0." + "1" * 100, "0x7fffffffffffffffffff"]


def refusal(folder: Path, text: str, waivers: str = "") -> str:
    """The sentence with which settings are refused, by a process of its own, which ends soon."""
    (folder / "gates.toml").write_text(text, encoding="utf-8")
    if waivers:
        (folder / "waivers.toml").write_text(waivers, encoding="utf-8")
    environ = {"GATES_CONFIG": str(folder / "gates.toml"), "GATES_REPORTS": str(folder)}
    started = time.monotonic()
    done = forked(ROOT, ["-m", "gates", "decide"], environ | MEASURED, folder)
    assert time.monotonic() - started < SOON
    assert (done.returncode, done.stdout) == (4, "")
    sentence = done.stderr.removesuffix("\n")
    assert sentence.isprintable()
    assert len(sentence) < 1_000
    return sentence


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number[:20])
def test_a_number_that_no_person_writes_is_refused(number: str, tmp_path: Path) -> None:
    sentence = refusal(tmp_path, TEXT.replace(GAME_COUNT, f"at_least = {number}"))
    assert "phase1.team_offense_game_summary.game_count.at_least: " in sentence or (
        "a number or a nesting that is too long" in sentence
    )


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: number[:20])
def test_nor_in_a_waiver(number: str, tmp_path: Path) -> None:
    sentence = refusal(tmp_path, TEXT, WAIVER.replace("floor = 92", f"floor = {number}"))
    assert sentence.startswith("waivers.toml: ")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (f"{'k' * 5_000} = 1", "is too long or cannot be shown"),
        ('"a\\u001bb" = 1', "is too long or cannot be shown"),
        (f"{'a.' * 20_000}b = 1", "holds more than 100 dots"),
        (f"{'a.' * 50}b = 1", "levels deep"),
        (f"x = {'[' * 20}1{']' * 20}", "levels deep"),
        (f"x = {'[' * 50_000}1{']' * 50_000}", "a number or a nesting that is too long"),
        (f"x = {'{a=' * 50_000}1{'}' * 50_000}", "a number or a nesting that is too long"),
        (f"# {'x' * MOST_BYTES}", "cannot be read (larger than"),
        ("\n".join(f"[profile.a{n}]" for n in range(10_000)), "profile: "),
        ("\n".join("a." * 99 + f"b{n} = 1" for n in range(1_000)), "levels deep"),
    ],
    ids=[
        *("long key", "key that moves the cursor", "key of many parts", "deep key", "deep list"),
        *("list without end", "tables without end", "large", "many profiles", "many deep keys"),
    ],
)
def test_what_is_too_large_is_refused_by_its_size(more: str, says: str, tmp_path: Path) -> None:
    assert says in refusal(tmp_path, f"{more}\n{TEXT}" if "." in more[:3] else f"{TEXT}\n{more}\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("bootstrap_days = 14", "bootstrap_days = 100_000_000"),
        ("season_starts = [2021-10-19", "season_starts = [9999-12-31"),
        ("season_starts = [2021-10-19", "season_starts = [0001-01-01"),
        ("phase1 = [2021-10-19", "phase1 = [0001-01-01"),
        ("phase1 = [2021-10-19", 'phase1 = ["0001-01-01"'),
        ("query_timeout_s = 120", "query_timeout_s = 999_999_999_999"),
        ("timeout_s = 300 # for", "timeout_s = 999_999_999_999 # for"),
        ("min_interval_s = 0 #", "min_interval_s = 1e15 #"),
        ('logs = ".local/logs"', 'logs = "a\\u0000b"'),
        ('title = "Game count"', 'title = "a\\u001b[2Kb"'),
        ('title = "Game count"', 'title = "a\\u202eb"'),
    ],
)
def test_what_no_clock_or_terminal_can_take_is_refused(old: str, new: str, tmp_path: Path) -> None:
    assert old in TEXT
    assert old.split(" = ")[0] in refusal(tmp_path, TEXT.replace(old, new, 1))


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "gates.toml")
    with pytest.raises(ConfigError, match="not a regular file"):
        load({"GATES_CONFIG": str(tmp_path / "gates.toml")}, NOW)


JUNK = [
    *("1e999999999", "-1", "0", "nan", "inf", "true", '""', '"\\u001b"', "[]", "{}", "[[]]"),
    *("9999-12-31", "0001-01-01", "2026-01-03T12:00:00Z", "12:00:00", "9" * 30, "'''", '"', "="),
    *("[", "]", "\n[a]\n", "\x00", "\u202e", "é", "x" * 2_000, "1_0", "0x7f", "1979-13-41"),
]
TOKEN = re.compile(r"[\w.\-]+|\"[^\"\n]*\"|\S")


def harmed(text: str, rnd: random.Random) -> str:
    """The text after one or two slips of a hand, or an accident of a disk."""
    for _ in range(rnd.choice([1, 1, 2])):
        if not TOKEN.search(text):
            break
        kind, at = rnd.randrange(5), rnd.randrange(len(text))
        token = rnd.choice(list(TOKEN.finditer(text)))
        if kind <= 1:
            text = text[: token.start()] + rnd.choice(JUNK) + text[token.end() :]
        elif kind == 2:
            text = text[:at]
        elif kind == 3:
            text = text[:at] + text[at + rnd.randrange(1, 200) :]
        else:
            text = text[:at] + rnd.choice(JUNK) + text[at:]
    return text


@given(seed=st.integers(0, 2**32))
@settings(max_examples=150, deadline=None)
def test_a_slip_is_a_sentence_or_the_settings_hold(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder, rnd = tmp_path_factory.mktemp("toml"), random.Random(seed)  # noqa: S311
    of_waivers = rnd.randrange(3) == 0
    (folder / "gates.toml").write_text(TEXT if of_waivers else harmed(TEXT, rnd), encoding="utf-8")
    if of_waivers:
        (folder / "waivers.toml").write_text(harmed(WAIVER, rnd), encoding="utf-8")
    found = settings_or_sentence(folder)
    if isinstance(found, str):
        assert found.isprintable()
        assert len(found) < 1_500
    else:
        # Whatever was accepted can be worked with.
        assert found.calendar.bootstrap_dates()
        for gate in found.gates.values():
            assert abs(gate.bound.margin(Fraction(1))) < 10**19
            assert len(threshold_text(gate)) < 100


def settings_or_sentence(folder: Path) -> Settings | str:
    try:
        return load({"GATES_CONFIG": str(folder / "gates.toml")}, NOW)
    except ConfigError as problem:
        return str(problem)
