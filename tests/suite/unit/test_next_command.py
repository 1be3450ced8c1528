"""What is run next: the last line of a command's output, in the runbook's order."""

import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from builders import Outcome, decided, failed, unknown
from harness import ROOT

from gates.commands.history import of_stages
from gates.config import next_command
from gates.config.settings import load
from gates.config.stages import COMMANDS, FINAL, stages_of
from gates.decide.decision import decide
from gates.decide.history import of as of_record
from gates.decide.recording import Run, record
from gates.report.comparison import next_command_of

NOW = datetime.now(UTC)
SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, NOW)
USAGE = "phase2.player_game_summary.usage_rate"
MINUTES = "phase2.player_game_summary.minutes_played"
# It warns.
ZONES = "phase2.player_game_summary.shot_zones"
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


def test_over_a_window_of_its_own_a_run_leads_to_no_step() -> None:
    def after_asking(failing: list[str], *asked: str) -> str:
        outcome = "NO-GO" if failing else "GO"
        return next_command.after_decision("phase12", outcome, failing, "make doctor", asked)

    assert after_asking([], "2023-24") == "make validate-phase12"
    assert after_asking([USAGE], "2023-24") == f"make diagnose GATE='{USAGE}' WINDOW=2023-24"
    two = "phase1=2024-10-22..2025-01-01", "phase2=2024-10-22..2025-01-01"
    assert after_asking([USAGE], *two) == f"make diagnose GATE='{USAGE}'"


def test_the_rows_behind_a_blocker_are_those_of_the_window_that_was_asked_for() -> None:
    usage = SETTINGS.gates[USAGE]
    made = decide(SETTINGS, "phase12", {USAGE: failed(usage)}, ["2023-24"])
    shown = [cause.command for cause in made.causes if cause.blockers[0].gate is usage]
    assert shown == [f"make diagnose GATE='{USAGE}' WINDOW=2023-24"]


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


def test_after_the_messages_comes_the_jobs_last_step_or_what_is_kept_here() -> None:
    assert next_command.after_announcing("nba_gates.gate_runs") == "make history-store"
    assert next_command.after_announcing(None) == "make history"


def runs(stages: Sequence[str], others: dict[str, Outcome] | None = None) -> dict[str, list[Any]]:
    """The runs of each stage as `make history` has them: those of `stages`, and no others."""
    made = {}
    for stage in stages:
        of = {id: each for id, each in (others or {}).items() if id in gates_of(stage)}
        decision = decided(SETTINGS, stage, of)
        made[stage] = [of_record(record(SETTINGS, decision, Run(NOW, NOW, NOW.isoformat(), [])))]
    return {stage: made.get(stage, []) for stage in COMMANDS}


def gates_of(stage: str) -> set[str]:
    return {gate.id for gate in SETTINGS.gates_of(stages_of(stage))}


def after_history(found: dict[str, list[Any]]) -> str:
    (command,) = [each for each in of_stages(found, SETTINGS) if each.startswith("Next: ")]
    return command.removeprefix("Next: ")


def test_the_history_leads_to_the_gate_that_came_off_worst() -> None:
    first, *rest = COMMANDS
    assert after_history(runs([first], {ZONES: failed})) == f"make history GATE='{ZONES}'"
    # What blocks goes before what warns.
    worst = runs([first], {ZONES: failed, USAGE: failed, MINUTES: failed})
    assert after_history(worst) == f"make history GATE='{MINUTES}'"
    # What the final decision found was so when it was made.
    again = runs([first, *rest], {}) | {FINAL: runs([FINAL], {USAGE: failed})[FINAL]}
    assert after_history(again) == "make decide"


def test_a_history_without_a_fault_leads_on() -> None:
    assert after_history(runs([])) == "make validate-phase12"
    assert after_history(runs(["phase12", "phase4"])) == "make preflight"
    assert after_history(runs([*COMMANDS])) == "make handoff"


def test_a_gate_that_is_none_any_more_is_not_led_to() -> None:
    found = runs(["phase12"], {USAGE: failed})
    (run,) = found["phase12"]
    found["phase12"] = [replace(run, gates={"phase2.gone.since": run.gates[USAGE]})]
    assert after_history(found) == "make preflight"


def test_every_command_is_a_target_and_fits_a_terminal() -> None:
    commands = [
        *(after(stage) for stage in COMMANDS),
        next_command.DOCTOR,
        next_command.PLAN,
        next_command.BACKFILL,
        next_command.backfill(["--retry-failed"]),
        next_command.HISTORY,
        next_command.STORE,
    ]
    for command in commands:
        assert command.split()[1] in TARGETS
        assert len(next_command.line(command)) <= 80
