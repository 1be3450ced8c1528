"""The decision on the screen: compact, within 80 columns, coloured on a terminal only."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest
from builders import Outcome, decided, failed, unknown
from harness import ROOT
from wcwidth import wcswidth

from gates.config.settings import load
from gates.config.stages import DECISIONS, FINAL
from gates.decide import history
from gates.decide.decision import Decision, Run, record
from gates.decide.history import Past
from gates.report import console

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, NOW)
USAGE = "phase2.player_game_summary.usage_rate"
ZONES = "phase2.player_game_summary.shot_zones"


def lines(decision: Decision, past: Past | None = None) -> list[str]:
    content = record(SETTINGS, decision, Run(NOW, NOW, None, []))
    files = [Path("decision.json")]
    return list(console.decision_lines(decision, content, files, past or Past()))


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
    assert "❌ phase2: 41 of 43 gates passed, 1 failed, 1 warned" in lines(decision)
    decision = decided(SETTINGS, "preflight", rest=unknown)
    assert "❌ preflight: 0 of 54 gates passed, 54 not evaluated" in lines(decision)


def test_what_has_changed_is_said_in_a_line() -> None:
    before = record(SETTINGS, decided(SETTINGS, "phase12"), Run(NOW, NOW, None, []))
    found = lines(decided(SETTINGS, "phase12", {USAGE: failed}), Past([history.of(before)]))
    assert (
        "SINCE THE LAST RUN: GO before, NO-GO now. "
        "1 gate with another outcome, 0 gates with another value." in found
    )


def test_a_history_that_cannot_be_used_is_said() -> None:
    assert "HISTORY: It is locked." in lines(
        decided(SETTINGS, "phase12"), Past(problem="It is locked.")
    )


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colour_is_for_a_terminal_that_wants_it() -> None:
    assert console.has_colour(Terminal(), {})
    assert not console.has_colour(Terminal(), {"NO_COLOR": "1"})
    assert not console.has_colour(io.StringIO(), {})


@pytest.mark.parametrize(
    ("line", "code"),
    [("DECISION: GO", "1;32"), ("DECISION: NO-GO", "1;31"), ("⛔ x", "31"), ("⚠️  x", "33")],
)
def test_a_line_has_the_colour_of_its_outcome(line: str, code: str) -> None:
    assert console.painted(line, colour=True) == f"\x1b[{code}m{line}\x1b[0m"
    assert console.painted(line, colour=False) == line


def test_other_lines_have_no_colour() -> None:
    assert console.painted("REASONS: all well.", colour=True) == "REASONS: all well."
