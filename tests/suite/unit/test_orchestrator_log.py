"""The orchestrator's log vouches for two phases only when it closes with its final report."""

import random
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from harness import ROOT
from hypothesis import given
from hypothesis import settings as property_of
from hypothesis import strategies as st

from gates.config.settings import load
from gates.measure.orchestrator_log import OrchestratorLog, orchestrator_log

NOW = datetime(2026, 1, 4, tzinfo=UTC)
SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, NOW)

RULE = "═" * 56
VALIDATION = "PHASE {}: VALIDATING DATA QUALITY"
PASSED = "✓ Phase {} validation PASSED - data quality confirmed"
FAILED = "✗ Phase {} validation FAILED"
INCOMPLETE = "✗ Phase {} did not complete properly"
DONE = "✓ ALL PHASES COMPLETE & VALIDATED ✓"


def coloured(*lines: str) -> list[str]:
    return [f"\x1b[0;34m[13:47:{n % 60:02}]\x1b[0m {line}" for n, line in enumerate(lines)]


def section(title: str) -> list[str]:
    return coloured(RULE, title, RULE)


def phase_1(*ends: str) -> list[str]:
    start = section("BACKFILL ORCHESTRATOR STARTED")
    monitoring = section("PHASE 1: MONITORING TEAM_OFFENSE BACKFILL")
    return [*start, *monitoring, *coloured("Progress: 800/1537 (52%)"), *ends]


def validated(phase: int, outcome: str) -> list[str]:
    return section(VALIDATION.format(phase)) + coloured(outcome.format(phase))


def phase_2(*ends: str) -> list[str]:
    return [*section("PHASE 2: PLAYER_GAME_SUMMARY BACKFILL"), *coloured("Starting"), *ends]


REPORT = section("ORCHESTRATOR FINAL REPORT")
WHOLE = [
    *phase_1(*validated(1, PASSED)),
    *phase_2(*validated(2, PASSED)),
    *REPORT,
    *coloured("Phase 1: 1,537 days", DONE),
]


def read(folder: Path, lines: list[str] | str, started: str = "20260103_134700") -> OrchestratorLog:
    text = lines if isinstance(lines, str) else "\n".join(lines)
    (folder / f"orchestrator_{started}.log").write_text(text, encoding="utf-8")
    return orchestrator_log(replace(SETTINGS, logs=folder))


def numbers(log: OrchestratorLog) -> tuple[object, object]:
    return log.phases_complete.numerator, log.validations_passed.numerator


def assert_vouches_for_nothing(log: OrchestratorLog, how: str) -> None:
    assert numbers(log) == (None, None)
    for measured in (log.phases_complete, log.validations_passed):
        assert measured.why is not None
        assert f"orchestrator_20260103_134700.log {how}" in measured.why


@pytest.mark.parametrize(
    "lines",
    [WHOLE, [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in WHOLE], ["INFO:a:b", *WHOLE, ""]],
    ids=["coloured", "plain", "among other lines"],
)
def test_both_phases_complete_and_validated(lines: list[str], tmp_path: Path) -> None:
    log = read(tmp_path, lines)
    assert numbers(log) == (2, 2)
    place = next(n for n, line in enumerate(lines, 1) if "ORCHESTRATOR FINAL REPORT" in line)
    file = tmp_path / "orchestrator_20260103_134700.log"
    assert log.phases_complete.note == f"{file}:{place} says so"


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (phase_1(*validated(1, FAILED)), (1, 0)),
        (phase_1(*coloured(INCOMPLETE.format(1))), (0, 0)),
        ([*phase_1(*validated(1, PASSED)), *phase_2(*validated(2, FAILED))], (2, 1)),
        (
            [*phase_1(*validated(1, PASSED)), *phase_2(*coloured(INCOMPLETE.format(2)))],
            (1, 1),
        ),
        (
            [*phase_1(*validated(1, PASSED)), *phase_2(*validated(2, FAILED)), *REPORT],
            (2, 1),
        ),
    ],
    ids=[
        "validation 1 failed",
        "phase 1 incomplete",
        "validation 2 failed",
        "phase 2 incomplete",
        "reported all the same",
    ],
)
def test_a_run_that_ended_badly_is_counted(
    lines: list[str], found: tuple[int, int], tmp_path: Path
) -> None:
    assert numbers(read(tmp_path, lines)) == found


def test_a_log_that_is_cut_off_anywhere_is_no_success(tmp_path: Path) -> None:
    text = "\n".join(WHOLE)
    for end in range(text.index(DONE)):
        if end % 5 == 0 or end > text.index("FINAL REPORT"):
            assert numbers(read(tmp_path, text[:end])) == (None, None)


@pytest.mark.parametrize(
    ("lines", "how"),
    [
        ([], "is empty"),
        (coloured("Waiting"), "holds no started run of the orchestrator"),
        (phase_1(*validated(1, PASSED)), "ends without the orchestrator's final report"),
        (WHOLE[:-5], "ends without the orchestrator's final report"),
        (WHOLE[:-1], "ends within the orchestrator's final report"),
    ],
    ids=["empty", "not started", "in phase 2", "before the report", "in the report"],
)
def test_where_it_is_cut_off_is_said(lines: list[str], how: str, tmp_path: Path) -> None:
    assert_vouches_for_nothing(read(tmp_path, lines), how)


def test_a_missing_log_names_the_file_that_was_looked_for(tmp_path: Path) -> None:
    log = orchestrator_log(replace(SETTINGS, logs=tmp_path))
    assert numbers(log) == (None, None)
    assert log.phases_complete.why == f"no log {tmp_path / 'orchestrator_*.log'} was found"


def test_a_restart_in_the_same_file_takes_the_first_runs_word_back(tmp_path: Path) -> None:
    again = [*WHOLE, *phase_1()]
    assert_vouches_for_nothing(read(tmp_path, again), "ends without the orchestrator's final")


def test_a_restart_that_succeeds_makes_good_for_a_failure(tmp_path: Path) -> None:
    assert numbers(read(tmp_path, [*phase_1(*validated(1, FAILED)), *WHOLE])) == (2, 2)


def test_the_newest_of_several_logs_is_read(tmp_path: Path) -> None:
    (tmp_path / "orchestrator_20260102_090000.log").write_text("\n".join(WHOLE), encoding="utf-8")
    assert numbers(read(tmp_path, phase_1(*validated(1, FAILED)))) == (1, 0)


def test_a_second_run_cut_off_within_its_heading_takes_the_first_ones_word_back(
    tmp_path: Path,
) -> None:
    begun = coloured(RULE, "BACKFILL ORCHESTRATOR STARTED")
    assert_vouches_for_nothing(read(tmp_path, [*WHOLE, *begun]), "ends without")


@pytest.mark.parametrize(
    ("started", "how"),
    [
        ("20160103_134700", "is of 2016-01-03, before the window's last day, 2026-01-02"),
        ("20260101_235959", "is of 2026-01-01, before the window's last day, 2026-01-02"),
        ("20360103_134700", "is of 2036-01-03, after today, 2026-01-04"),
    ],
)
def test_a_log_of_another_time(started: str, how: str, tmp_path: Path) -> None:
    log = read(tmp_path, WHOLE, started)
    assert numbers(log) == (None, None)
    assert f"orchestrator_{started}.log {how}" in str(log.phases_complete.why)


def test_a_log_older_than_the_targets_limit(tmp_path: Path) -> None:
    read(tmp_path, WHOLE)
    target = SETTINGS.target.model_copy(update={"log_age_days": 30})
    for days, found in ((29, (2, 2)), (31, (None, None))):
        later = replace(SETTINGS, logs=tmp_path, target=target, now=NOW + timedelta(days=days))
        assert numbers(orchestrator_log(later)) == found


@pytest.mark.parametrize(
    "quoted",
    [
        'last time: "Phase 1 validation PASSED"',
        '"Phase 1 validation PASSED"',
    ],
)
def test_a_validation_that_another_line_quotes_is_none(quoted: str, tmp_path: Path) -> None:
    lines = [line if "Phase 1 validation" not in line else quoted for line in WHOLE]
    assert lines != WHOLE
    assert numbers(read(tmp_path, lines)) == (2, 1)


def test_an_end_that_another_line_quotes_is_none(tmp_path: Path) -> None:
    lines = [*WHOLE[:-1], *coloured(f"last time: {DONE}")]
    assert_vouches_for_nothing(read(tmp_path, lines), "ends within the orchestrator's final report")


def test_a_dry_run_has_done_nothing(tmp_path: Path) -> None:
    lines = [*WHOLE[:3], *coloured("DRY RUN: nothing is started"), *WHOLE[3:]]
    assert_vouches_for_nothing(read(tmp_path, lines), "is of a dry run")


@property_of(max_examples=200, deadline=None)
@given(draw=st.randoms(use_true_random=False))
def test_no_damage_ends_in_a_traceback_or_in_a_second_validation(
    tmp_path_factory: pytest.TempPathFactory, draw: random.Random
) -> None:
    damaged = [*phase_1(*validated(1, PASSED)), *phase_2(*validated(2, FAILED)), *REPORT]
    for _ in range(draw.randint(1, 6)):
        place, other = draw.randrange(len(damaged)), draw.randrange(len(damaged))
        line = damaged[place]
        cut = draw.randint(0, len(line))
        damaged[place] = draw.choice(
            ["", damaged[other], line[:cut], f"{line[:cut]}\x00{line[cut:]}", line * 2]
        )
    log = read(tmp_path_factory.getbasetemp(), damaged)
    assert log.validations_passed.numerator in (None, 0, 1)
