"""What is run next: the last line of a command's output, in the runbook's order."""

import re
import shlex
from datetime import UTC, datetime

import pytest
from builders import Outcome, decided, failed, unknown
from harness import ROOT

from gates.config import next_command
from gates.config.settings import load
from gates.config.stages import COMMANDS, FINAL
from gates.decide.decision import decide
from gates.decide.recording import Run, record
from gates.report.comparison import next_command_of

NOW = datetime.now(UTC)
SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, NOW)
USAGE = "phase2.player_game_summary.usage_rate"
MINUTES = "phase2.player_game_summary.minutes_played"
COVERAGE = "phase4.player_composite_factors.coverage"
TARGETS = set(
    re.findall(
        r"^([a-z0-9-]+):.* ## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE
    )
)


def after(stage: str, others: dict[str, Outcome] | None = None) -> str:
    return decided(SETTINGS, stage, others).next_command


def test_a_go_leads_through_the_runbook() -> None:
    assert [after(stage) for stage in COMMANDS] == [
        "make preflight",
        "make backfill",
        "make decide",
        "make handoff",
    ]


def test_a_no_go_leads_to_the_rows_of_the_first_gate_that_fails() -> None:
    assert after("phase12", {USAGE: failed, MINUTES: unknown}) == (f"make diagnose GATE='{USAGE}'")
    assert after(FINAL, {COVERAGE: failed}) == f"make diagnose GATE='{COVERAGE}'"


def test_where_nothing_was_measured_the_doctor_or_the_stage_comes_next() -> None:
    assert after("phase12", {USAGE: unknown}) == "make doctor"
    assert after(FINAL, {COVERAGE: unknown}) == "make validate-phase4"
    # Deselected, so that it left no verdict at all.
    nothing = decide(SETTINGS, "preflight", {})
    assert nothing.next_command == "make preflight"


@pytest.mark.parametrize("others", [{}, {USAGE: failed}, {USAGE: failed, MINUTES: unknown}])
def test_a_record_leads_where_its_decision_did(others: dict[str, Outcome]) -> None:
    decision = decided(SETTINGS, "phase12", others)
    made = record(SETTINGS, decision, Run(NOW, NOW, NOW.isoformat(), []))
    assert next_command_of(made) == decision.next_command


@pytest.mark.parametrize(
    ("failed_dates", "remaining", "chosen", "expected"),
    [
        (0, 0, False, "make validate-phase4"),
        (0, 0, True, "make backfill-plan"),
        (0, 3, True, "make backfill"),
        (2, 3, False, "make backfill ARGS=--retry-failed"),
    ],
)
def test_after_the_backfill(failed_dates: int, remaining: int, chosen: bool, expected: str) -> None:
    found = next_command.after_backfill(failed=failed_dates, remaining=remaining, chosen=chosen)
    assert found == expected


def test_words_with_spaces_are_one_word_of_args() -> None:
    command = next_command.backfill(["--limit", "5", "--dates-file", "a b.csv"])
    make, target, args = shlex.split(command)
    assert (make, target) == ("make", "backfill")
    assert shlex.split(args.removeprefix("ARGS=")) == ["--limit", "5", "--dates-file", "a b.csv"]


def test_every_command_is_a_target_and_fits_a_terminal() -> None:
    commands = [
        *(after(stage) for stage in COMMANDS),
        next_command.DOCTOR,
        next_command.PLAN,
        next_command.BACKFILL,
        next_command.backfill(["--retry-failed"]),
    ]
    for command in commands:
        assert command.split()[1] in TARGETS
        assert len(next_command.line(command)) <= 80
