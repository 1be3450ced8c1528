import random
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gates.decide import history
from gates.decide.changes import Changes, changes
from gates.decide.history import GateResult, HistoryError, PastRun
from gates.decide.status import Status
from gates.report import console, since

MINUTES = "phase2.player_game_summary.minutes_played"
USAGE = "phase2.player_game_summary.usage_rate"


Gates = tuple[str, GateResult]


def gate(id_: str, measured: float | None, status: Status = Status.PASS) -> Gates:
    return id_, GateResult(status, measured, 95)


def run(*gates: Gates, **others: Any) -> PastRun:
    """A run of phase12 that had these gates."""
    passed = all(point.status is Status.PASS for _, point in gates)
    made = PastRun(
        stage="phase12",
        target="local",
        project="nba",
        profile="",
        decision="GO" if passed else "NO-GO",
        confidence="HIGH",
        finished_at="2026-01-03T09:00:00+00:00",
        code_version="c" * 40,
        config_sha256="a" * 64,
        windows={"phase2": ["2024-05-01", "2026-01-02"]},
        gates=dict(gates),
    )
    return replace(made, **others)


def test_a_run_is_remembered_as_it_was_recorded(tmp_path: Path) -> None:
    odd = (MINUTES, GateResult(Status.FAIL, 98.9604, [1.95, 2.05]))
    record = run(odd, gate(USAGE, None, Status.NOT_EVALUATED))
    history.append(tmp_path, record)
    assert history.last(tmp_path, record) == [record]


def test_only_the_last_runs_are_read_and_the_oldest_comes_first(tmp_path: Path) -> None:
    for number in range(25):
        history.append(tmp_path, run(gate(MINUTES, number)))
    found = history.last(tmp_path, run())
    assert [each.gates[MINUTES].measured for each in found] == list(range(5, 25))
    assert len(history.last(tmp_path, run(), runs=3)) == 3


@pytest.mark.parametrize(
    "other",
    [
        {"stage": "phase4"},
        {"target": "bigquery"},
        {"project": "other"},
        {"profile": "scheduled"},
    ],
)
def test_a_run_of_another_stage_target_or_profile_is_not_compared(
    tmp_path: Path, other: dict[str, Any]
) -> None:
    history.append(tmp_path, run(gate(MINUTES, 99), **other))
    assert history.last(tmp_path, run()) == []
    assert len(history.last(tmp_path, run(**other))) == 1


def test_what_was_there_before_is_given_and_the_run_itself_is_added(tmp_path: Path) -> None:
    first, second = run(gate(MINUTES, 99)), run(gate(MINUTES, 98, Status.FAIL))
    assert history.record_run(tmp_path, first) == history.History([])
    assert history.record_run(tmp_path, second) == history.History([first])
    assert len(history.last(tmp_path, first)) == 2


def test_a_gate_that_came_out_differently_changes_the_verdict() -> None:
    before = run(gate(MINUTES, 99.5), gate(USAGE, 96))
    after = run(gate(MINUTES, 98, Status.FAIL), gate(USAGE, 96))
    found = changes(before, after)
    assert found.verdict == ("GO", "NO-GO")
    assert [change.gate for change in found.outcomes] == [MINUTES]
    assert not found.values


def test_another_value_with_the_same_outcome_changes_no_verdict() -> None:
    before = run(gate(MINUTES, 99.5), gate(USAGE, 96))
    after = run(gate(MINUTES, 99.6), gate(USAGE, 96))
    found = changes(before, after)
    assert found.verdict is None
    assert not found.outcomes
    assert [change.gate for change in found.values] == [MINUTES]


def test_a_sum_of_floats_in_another_order_is_no_change() -> None:
    before, after = run(gate(MINUTES, 0.1 + 0.2)), run(gate(MINUTES, 0.3))
    assert before != after
    assert not changes(before, after).gates


def test_a_gate_that_is_new_or_gone_is_a_change_of_outcome() -> None:
    before, after = run(gate(MINUTES, 99)), run(gate(USAGE, 96))
    found = changes(before, after)
    assert [(each.gate, each.before is None) for each in found.outcomes] == [
        (USAGE, True),
        (MINUTES, False),
    ]


def test_another_window_or_configuration_is_said() -> None:
    before = run(gate(MINUTES, 99))
    same = changes(before, before)
    assert same == Changes(before.finished_at, None, [], False, False)
    window = run(gate(MINUTES, 99), windows={"phase2": ["2025-01-01", "2026-01-02"]})
    assert changes(before, window).other_windows
    configuration = run(gate(MINUTES, 99), config_sha256="b" * 64)
    assert changes(before, configuration).other_configuration


def test_a_window_that_ends_yesterday_is_the_same_a_day_later() -> None:
    before = run(gate(MINUTES, 99))
    windows = {"phase2": ["2024-05-01", "2026-01-03"]}
    next_day = replace(before, finished_at="2026-01-04T09:00:00+00:00", windows=windows)
    assert not changes(before, next_day).other_windows
    # Two days later it would end on the 4th.
    late = replace(next_day, finished_at="2026-01-05T09:00:00+00:00")
    assert changes(before, late).other_windows
    assert changes(before, replace(before, windows={})).other_windows


def test_the_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    history.append(tmp_path / "state", run(gate(MINUTES, 99)))
    assert stat.S_IMODE((tmp_path / "state" / history.FILE).stat().st_mode) == 0o600


def damaged(state: Path) -> None:
    (state / history.FILE).write_bytes(b"no database" * 100)


def cut_short(state: Path) -> None:
    history.append(state, run(gate(MINUTES, 99)))
    file = state / history.FILE
    file.write_bytes(file.read_bytes()[:5000])


def of_another_version(state: Path) -> None:
    with closing(sqlite3.connect(state / history.FILE)) as connection:
        connection.execute("PRAGMA user_version = 99")


def a_folder(state: Path) -> None:
    (state / history.FILE).mkdir()


def with_another_table(state: Path) -> None:
    with closing(sqlite3.connect(state / history.FILE)) as connection:
        connection.execute("CREATE TABLE runs (run INTEGER)")


@pytest.mark.parametrize(
    "spoil", [damaged, cut_short, of_another_version, a_folder, with_another_table]
)
def test_a_history_that_cannot_be_used_is_said_in_a_sentence(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    spoil(tmp_path)
    past = history.record_run(tmp_path, run(gate(MINUTES, 99)))
    assert past.runs == ()
    assert past.problem is not None
    assert past.problem.startswith(f"The history {tmp_path / history.FILE} cannot be used (")
    assert past.problem.endswith("or move it away to begin a new one.")


def test_a_history_damaged_anywhere_costs_a_sentence_or_nothing(tmp_path: Path) -> None:
    record, file = run(gate(MINUTES, 99), gate(USAGE, 96)), tmp_path / history.FILE
    for number in range(30):
        history.append(tmp_path, run(gate(MINUTES, number), gate(USAGE, 95.5)))
    whole, chance = file.read_bytes(), random.Random(7)  # noqa: S311 - the same damages each time
    sentences = 0
    for _ in range(300):
        damaged_bytes = bytearray(whole)
        for _ in range(chance.choice((1, 8, 200))):
            damaged_bytes[chance.randrange(len(whole))] = chance.randrange(256)
        file.write_bytes(damaged_bytes)
        past = history.record_run(tmp_path, record)
        sentences += past.problem is not None
        for line in console.past_lines(past, record):
            assert line.isprintable()
        if past.runs:
            for change in changes(past.runs[-1], record).gates:
                assert since.change_text(change, {}).isprintable()
    assert 0 < sentences < 300


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("finished_at", "yesterday"),
        ("decision", "MAYBE"),
        ("windows", "[1]"),
        ("windows", '{"phase2": 7}'),
        ("windows", "[" * 100_000),
        ("code_version", b"\xff\xfe"),
    ],
)
def test_junk_in_a_history_is_a_sentence(tmp_path: Path, column: str, value: object) -> None:
    history.append(tmp_path, run(gate(MINUTES, 99)))
    with closing(sqlite3.connect(tmp_path / history.FILE)) as connection, connection:
        # Of a text column a strict table takes no bytes, but a damaged page holds them.
        text = value if isinstance(value, str) else None
        connection.execute(
            f"UPDATE runs SET {column} = coalesce(?, CAST(? AS TEXT))", (text, value)
        )
    past = history.record_run(tmp_path, run(gate(MINUTES, 99)))
    assert past.problem is not None
    assert len(past.problem.splitlines()) == 1


def test_a_locked_history_is_given_up_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "BUSY_SECONDS", 0.05)
    history.append(tmp_path, run(gate(MINUTES, 99)))
    with closing(sqlite3.connect(tmp_path / history.FILE)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert "locked" in str(history.record_run(tmp_path, run(gate(MINUTES, 98))).problem)
    assert len(history.last(tmp_path, run())) == 1


def test_a_run_that_cannot_be_added_whole_leaves_nothing(tmp_path: Path) -> None:
    history.append(tmp_path, run())
    with closing(sqlite3.connect(tmp_path / history.FILE)) as connection, connection:
        connection.execute(
            f"CREATE TRIGGER full BEFORE INSERT ON gates WHEN NEW.gate = '{USAGE}' "
            "BEGIN SELECT RAISE(ABORT, 'no room is left'); END"
        )
    with pytest.raises(HistoryError, match="no room is left"):
        history.append(tmp_path, run(gate(MINUTES, 99), gate(USAGE, 98)))
    assert history.last(tmp_path, run()) == [run()]
