"""A gate that holds and moves towards its bound: when that is a warning, and that it is no more."""

import json
import random
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from builders import failed, gate, passed, recorded, unknown
from freezegun import freeze_time
from harness import ROOT, GatesProject

from gates.commands import decide as final
from gates.config.gate import Gate
from gates.config.settings import load
from gates.config.stages import DECISIONS, FINAL
from gates.decide import drift, history, records
from gates.decide.decision import Decision, decide
from gates.decide.history import GateResult, PastRun
from gates.decide.reason import Code
from gates.decide.record import record_file
from gates.decide.status import Status
from gates.decide.verdict import Verdict, judge
from gates.measure.result import Measurement

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
USAGE = "phase2.player_game_summary.usage_rate"
RATE = "phase1.backfill_log.success_rate"
FIXED = {"phase2": ["2024-05-01", "2026-01-02"]}
SHARE = gate(bound={"at_least": 95})
COUNT = gate("rows", None, {"at_least": 35_000})
GAP = gate("dates", None, {"at_most": 1})


def run(of: Gate, value: float | None, **others: Any) -> PastRun:
    """A run of phase12 that measured this."""
    made = PastRun(
        stage="phase12",
        target="local",
        project="nba",
        profile="",
        decision="GO",
        confidence="HIGH",
        finished_at=NOW.isoformat(),
        code_version=None,
        config_sha256="a" * 64,
        windows=FIXED,
        gates={of.id: GateResult(Status.PASS, value, 95)},
    )
    return replace(made, **others)


def measured(of: Gate, value: float | str) -> Verdict:
    """The verdict on a value, of counts where it is a share."""
    exact = Fraction(str(value))
    counts = (exact * 1000, Fraction(100_000)) if of.unit == "%" else (exact, None)
    return judge(of, Measurement(*counts))


def after(of: Gate, values: Sequence[float], now: float | str, **others: Any) -> Verdict:
    """The verdict on `now`, after runs that measured `values`."""
    runs = [run(of, value, **others) for value in values]
    verdict = measured(of, now)
    return drift.noted({of.id: verdict}, runs, run(of, None))[of.id]


def drifts(of: Gate, values: Sequence[float], now: float | str, **others: Any) -> bool:
    return after(of, values, now, **others).reason.code is Code.DRIFTED


# ── What is one ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("of", "values", "now"),
    [
        (SHARE, [99] * 8, "98"),
        (SHARE, [99.1, 99, 98.9, 99, 99.1, 98.9, 99, 99.1], "97.5"),
        # A slide, of which each step is the usual one.
        (SHARE, [99 - n / 5 for n in range(12)], "96.6"),
        # A jump after a rise that had taken it far away.
        (SHARE, [96 + n / 5 for n in range(12)], "97"),
        (COUNT, [38_000 + 100 * n for n in range(10)], 38_000),
        (GAP, [0] * 8, 1),
        (gate("rows", "games", {"between": [1, 3]}), [2] * 8, "2.5"),
    ],
    ids=["step", "noise", "slide", "jump", "count", "gap", "two ends"],
)
def test_a_real_movement_is_a_drift(of: Gate, values: list[float], now: float) -> None:
    found = after(of, values, now)
    assert found.reason.code is Code.DRIFTED
    assert (found.status, bool(found), found.blocks, found.warns) == ("pass", True, False, True)


@pytest.mark.parametrize(
    ("of", "values", "now"),
    [
        (SHARE, [99] * 20, "98.999"),
        (SHARE, [99] * 20, "99"),
        (SHARE, [99] * 20, "99.9"),
        # A share that is repeated is no step, however its decimals end.
        (SHARE, [float(Fraction(9966, 100))] * 8, "99.66"),
        # A count that grows and loses a few rows, a thousand runs on or in the same window.
        (COUNT, [36_000 + 500 * n for n in range(10)], 40_450),
        (COUNT, [40_000] * 20, 39_990),
        # Steps as large as it always takes.
        (SHARE, [99, 97, 99, 97, 99, 97, 99, 97, 99], "97"),
        # It was outside, and is inside now.
        (SHARE, [94] * 8, "95"),
        (gate("rows", None, {"equals": 0}), [0] * 8, 0),
        # It stands on its bound as before.
        (SHARE, [95] * 8, "95"),
        (GAP, [1] * 8, 1),
    ],
)
def test_what_is_usual_is_none(of: Gate, values: list[float], now: float) -> None:
    assert not drifts(of, values, now)


def test_it_takes_eight_runs_to_know_what_is_usual() -> None:
    assert not drifts(SHARE, [99] * 7, 97)
    assert drifts(SHARE, [99] * 8, 97)


def test_runs_that_did_not_measure_it_do_not_count() -> None:
    empty = run(SHARE, None, gates={})
    runs = [*[run(SHARE, 99)] * 7, run(SHARE, None), empty]
    found = drift.noted({SHARE.id: measured(SHARE, 97)}, runs, run(SHARE, None))
    assert found[SHARE.id].reason.code is Code.HOLDS


def test_noise_alone_hardly_ever_is_one() -> None:
    chance = random.Random(11)  # noqa: S311 - the same noise each time
    found = 0
    for _ in range(300):
        values = [98 + chance.gauss(0, 0.3) for _ in range(21)]
        found += drifts(SHARE, values[:-1], f"{min(values[-1], 100):.3f}")
    assert found <= 6


@pytest.mark.parametrize("of", [SHARE, COUNT])
def test_what_does_not_hold_has_no_drift(of: Gate) -> None:
    bad = measured(of, 90)
    runs = [run(of, 99_000)] * 8
    assert drift.noted({of.id: bad}, runs, run(of, None)) == {of.id: bad}


# ── Which runs are comparable ─────────────────────────────────────────────────


def rolling(back: int, window: str = "2024-05-01") -> PastRun:
    """A run so many days ago, whose window ended on its yesterday."""
    then = NOW - timedelta(days=back)
    ends = (then - timedelta(days=1)).date().isoformat()
    return run(SHARE, 99, finished_at=then.isoformat(), windows={"phase2": [window, ends]})


def noted(runs: Sequence[PastRun], current: PastRun) -> bool:
    verdicts = {SHARE.id: measured(SHARE, 97)}
    return drift.noted(verdicts, runs, current)[SHARE.id].reason.code is Code.DRIFTED


def test_windows_that_end_yesterday_are_of_a_kind() -> None:
    assert noted([rolling(back) for back in range(8, 0, -1)], rolling(0))


def test_a_part_of_the_window_is_another_kind() -> None:
    part = run(SHARE, 99, windows={"phase2": ["2024-11-06", "2024-11-30"]})
    assert not noted([part] * 20, run(SHARE, None))
    assert noted([*[part] * 12, *[run(SHARE, 99)] * 8], run(SHARE, None))
    assert not noted([rolling(back, "2025-05-01") for back in range(8, 0, -1)], rolling(0))
    assert not noted([run(SHARE, 99, windows={})] * 8, run(SHARE, None))


@pytest.mark.parametrize("time", ["2026-01-03T12:00:00", "0001-01-01T00:00:00+00:00"])
def test_a_time_that_came_to_harm_is_no_yesterday(time: str) -> None:
    odd = run(SHARE, 99, finished_at=time, windows={"phase2": ["2024-05-01", "2026-01-01"]})
    assert not noted([odd] * 8, run(SHARE, None))


# ── What it leads to ──────────────────────────────────────────────────────────


def settings(folder: Path) -> Any:
    return load(environ(folder), NOW)


def environ(folder: Path) -> dict[str, str]:
    return {
        "GATES_CONFIG": str(ROOT / "gates.toml"),
        "GATES_REPORTS": str(folder / "reports"),
        "GATES_STATE": str(folder / "state"),
    }


def drifted(of: Gate) -> Verdict:
    return after(of, [99.0] * 8, "96", windows={of.stage: FIXED["phase2"]})


def decided(folder: Path, others: dict[str, Any]) -> Decision:
    made = settings(folder)
    gates = made.gates_of(DECISIONS["phase12"])
    return decide(made, "phase12", {each.id: others.get(each.id, passed)(each) for each in gates})


def test_a_go_stays_go_and_a_no_go_stays_no_go(tmp_path: Path) -> None:
    go = decided(tmp_path, {USAGE: drifted})
    assert (go.decision, go.confidence, go.exit_status) == ("GO", "MEDIUM", 0)
    assert [verdict.gate.id for verdict in go.warnings] == [USAGE]
    other = "phase2.player_game_summary.minutes_played"
    for outcome, confidence, status in ((failed, "HIGH", 1), (unknown, "LOW", 6)):
        no_go = decided(tmp_path, {USAGE: drifted, other: outcome})
        expected = ("NO-GO", confidence, status)
        assert (no_go.decision, no_go.confidence, no_go.exit_status) == expected


def test_its_sentence_has_both_values(tmp_path: Path) -> None:
    (warning,) = decided(tmp_path, {USAGE: drifted}).warnings
    assert "measured 96.000%" in warning.said
    assert warning.said.endswith(
        "; it was 99.000% and usually moves by 0.000% at most, so it drifts towards its bound"
    )


def test_the_final_decision_takes_it_from_the_record(tmp_path: Path) -> None:
    made = settings(tmp_path)
    for stage in DECISIONS:
        recorded(made, stage, NOW - timedelta(minutes=5), {USAGE: drifted})
    with freeze_time(NOW):
        assert final.main([], environ(tmp_path), NOW) == 0
    found = records.load(made, FINAL)
    assert (found.decision, found.confidence) == ("GO", "MEDIUM")
    assert [warning.gate for warning in found.warnings] == [USAGE]
    assert "it was 99.000%" in found.warnings[0].why


def test_a_record_whose_counts_fail_is_not_saved_by_a_drift(tmp_path: Path) -> None:
    made = settings(tmp_path)
    recorded(made, "phase12", NOW, {USAGE: drifted})
    file = record_file(made.reports, "phase12")
    content = json.loads(file.read_text(encoding="utf-8"))
    for entry in content["gates"]:
        entry.update({"numerator": 1} if entry["id"] == USAGE else {})
    file.write_text(json.dumps(content), encoding="utf-8")
    found = records.verdicts(made, records.load(made, "phase12"))[USAGE]
    assert found.status is Status.NOT_EVALUATED


def test_a_run_warns_on_screen_in_its_record_and_in_its_report(logs_alone: GatesProject) -> None:
    first = logs_alone.run()
    assert first.record is not None
    state = logs_alone.folder / "state"
    (known,) = history.last(state, history.of(records.read(logs_alone.record_file())))
    for _ in range(8):
        history.append(state, known)
    with closing(sqlite3.connect(state / history.FILE)) as connection, connection:
        # More than a share can be, so that any log's share has come down from there.
        connection.execute("UPDATE gates SET measured = 110 WHERE gate = ?", (RATE,))
    again = logs_alone.run("--html", "reports/phase12/report.html")
    assert again.record is not None
    assert (first.decision, again.decision, again.status) == (first.decision, "GO", 0)
    assert [warning["gate"] for warning in again.record["warnings"]] == [RATE]
    assert f"WARNINGS:\n  - {RATE}: measured " in again.output
    assert "so it drifts towards its bound" in again.output
    for page in ("report.html", "decision.md"):
        text = (logs_alone.folder / "reports/phase12" / page).read_text(encoding="utf-8")
        assert "so it drifts towards its bound" in text
