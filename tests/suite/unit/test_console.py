"""The decision on the screen: compact, within 80 columns, coloured on a terminal only."""

import io
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import Outcome, decided, failed, passed, unknown
from harness import ROOT
from wcwidth import wcswidth

from gates.config.settings import load
from gates.config.stages import DECISIONS, FINAL
from gates.decide import history
from gates.decide.decision import Decision
from gates.decide.history import History
from gates.decide.recording import Run, record
from gates.report import console

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, NOW)
USAGE = "phase2.player_game_summary.usage_rate"
ZONES = "phase2.player_game_summary.shot_zones"
OF = len(SETTINGS.gates_of(["phase2"]))


def lines(decision: Decision, past: History | None = None) -> list[str]:
    content = record(SETTINGS, decision, Run(NOW, NOW, None, []))
    files = [Path("decision.json")]
    return list(console.decision_lines(decision, content, files, past or History()))


def test_only_what_did_not_pass_is_listed_below_its_source() -> None:
    decision = decided(SETTINGS, "phase12", {USAGE: failed, ZONES: failed})
    found = list(console.not_passed_lines(decision))
    assert [line.strip("| ").split() for line in found[4:-1]] == [
        ["phase2.player_game_summary"],
        ["❌", "usage_rate", "|", "94.000%", "|", ">=", "95%"],
        ["⚠️", "shot_zones", "|", "39.000%", "|", ">=", "40%"],
    ]


def test_when_all_passed_there_is_no_such_table() -> None:
    assert list(console.not_passed_lines(decided(SETTINGS, FINAL))) == []


@pytest.mark.parametrize("stage", [*DECISIONS, FINAL])
@pytest.mark.parametrize("outcome", [failed, unknown])
def test_the_table_fits_into_80_columns_and_ends(stage: str, outcome: Outcome) -> None:
    decision = decided(SETTINGS, stage, rest=outcome)
    found = list(console.not_passed_lines(decision))
    assert max(wcswidth(line) for line in found) <= 80
    more = len(decision.verdicts) - console.ROWS
    assert found[-1] == f"and {more:,} more, all of them in the record"
    assert len(found) <= 2 * console.ROWS + 6


def test_each_stage_says_what_became_of_its_gates() -> None:
    decision = decided(SETTINGS, "phase12", {USAGE: failed, ZONES: failed})
    assert f"❌ phase2: {OF - 2} of {OF} gates passed, 1 failed, 1 warned" in lines(decision)
    decision = decided(SETTINGS, "preflight", rest=unknown)
    of = len(decision.verdicts)
    assert f"❌ preflight: 0 of {of} gates passed, {of} not evaluated" in lines(decision)


def test_what_has_changed_is_said_in_a_line() -> None:
    before = record(SETTINGS, decided(SETTINGS, "phase12"), Run(NOW, NOW, None, []))
    found = lines(decided(SETTINGS, "phase12", {USAGE: failed}), History([history.of(before)]))
    assert (
        "SINCE THE LAST RUN: GO before, NO-GO now. "
        "1 gate with another outcome, 0 gates with another value." in found
    )


def test_a_history_that_cannot_be_used_is_said() -> None:
    assert "HISTORY: It is locked." in lines(
        decided(SETTINGS, "phase12"), History(problem="It is locked.")
    )


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colour_is_for_a_terminal_that_wants_it() -> None:
    assert console.has_colour(Terminal(), {})
    assert not console.has_colour(Terminal(), {"NO_COLOR": "1"})
    assert not console.has_colour(io.StringIO(), {})


def coloured(decision: Decision) -> dict[str, str]:
    """Line without its colour -> the colour, of the summary as a terminal gets it."""
    found = [console.painted(line, colour=True) for line in lines(decision)]
    parts = [re.fullmatch(r"\x1b\[([\d;]+)m(.*)\x1b\[0m", line) for line in found]
    return {part[2]: part[1] for part in parts if part}


@pytest.mark.parametrize(
    ("others", "line", "code"),
    [
        ({}, "DECISION: GO", "1;32"),
        ({USAGE: failed}, "DECISION: NO-GO", "1;31"),
        ({USAGE: failed}, f"❌ phase2: {OF - 1} of {OF} gates passed, 1 failed", "31"),
        ({ZONES: failed}, f"⚠️  phase2: {OF - 1} of {OF} gates passed, 1 warned", "33"),
    ],
)
def test_a_line_has_the_colour_of_its_outcome(
    others: dict[str, Outcome], line: str, code: str
) -> None:
    decision = decided(SETTINGS, "phase12", others)
    assert coloured(decision)[line] == code
    assert line in [console.painted(each, colour=False) for each in lines(decision)]


@pytest.mark.parametrize(
    ("outcome", "code"), [(failed, "31"), (unknown, "31"), (passed, None)], ids=["❌", "⛔", "✅"]
)
def test_a_gates_line_has_the_colour_of_its_outcome(outcome: Outcome, code: str | None) -> None:
    line = console.gate_line(outcome(SETTINGS.gates[USAGE]))
    shown = f"\x1b[{code}m{line}\x1b[0m" if code else line
    assert console.painted(line, colour=True) == shown


def test_no_line_is_coloured_by_what_it_says() -> None:
    for said in ("REASONS: all well.", "❌ DECISION: NO-GO", "DECISION: GO"):
        assert console.painted(said, colour=True) == said
