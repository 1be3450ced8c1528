"""summary.json, the closing block, the lines of attempts and of the status: all from the ledger."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from builders import begun, broken, http, together
from test_backfill_plan import dates

from backfill.attempts import Attempt
from backfill.entries import Content
from backfill.plan import Plan
from backfill.summary import (
    Closing,
    attempt_line,
    closing_lines,
    status_lines,
    summary,
)
from gates.measure.all_runs import Begun, State
from gates.measure.failure import Failure
from gates.measure.summary import Override

NOON = datetime(2026, 1, 3, 12, tzinfo=UTC)
HELD = dates(5, 8, 3)
FIRST, SECOND, THIRD = (held.game_date for held in HELD)
PLAN = Plan((FIRST, THIRD), HELD, frozenset({date(2025, 1, 1)}), bootstrap=28, not_chosen=2)
CLOSING = Closing(NOON, NOON + timedelta(hours=1), None, {"phase12": NOON}, {}, "local", "a" * 64)
REQUIRED = ["PDC", "PSZA"]


def attempt(
    day: date, number: int = 1, seconds: float = 10, error: Sequence[Failure] = (), after: float = 0
) -> Attempt:
    began = NOON + timedelta(seconds=after)
    said = {"PDC": "success", "PSZA": "exception" if error else "success"}
    over = began + timedelta(seconds=seconds)
    return Attempt(day, number, began, over, 200, said, {"player_composite_factors": 171}, error)


ATTEMPTS = [
    attempt(FIRST),
    attempt(SECOND, 1, 5, http(500)),
    attempt(SECOND, 2, 7, http(503)),
]
STATES: dict[date, State] = {FIRST: "complete", SECOND: "failed", THIRD: "sent"}


def test_every_planned_date_is_counted_once_in_the_summary() -> None:
    found = summary(PLAN, STATES, together(ATTEMPTS), CLOSING)
    assert (found.planned, found.succeeded, found.failed, found.remaining) == (3, 1, 1, 1)
    assert found.success_rate == 100 / 3
    assert (found.already_complete, found.bootstrap_skipped) == (1, 28)
    assert [entry.status for entry in found.dates] == ["complete", "failed", "pending"]
    assert (found.target, found.config_sha256) == ("local", "a" * 64)


def test_a_date_is_told_by_its_last_attempt() -> None:
    complete, failed, pending = summary(PLAN, STATES, together(ATTEMPTS), CLOSING).dates
    assert (failed.attempts, failed.error, failed.elapsed_s) == (2, "HTTP 503", 7.0)
    assert complete.rows == {"player_composite_factors": 171}
    assert complete.finished_at == NOON + timedelta(seconds=10)
    assert (pending.attempts, pending.http_status, pending.error) == (0, None, None)


def test_a_date_that_the_ledger_does_not_know_is_pending() -> None:
    found = summary(PLAN, {}, together([]), CLOSING)
    assert (found.remaining, found.success_rate) == (3, 0)


def test_an_attempt_under_way_has_no_seconds() -> None:
    (entry, *_) = summary(PLAN, {FIRST: "sent"}, together([Attempt(FIRST, 1, NOON)]), CLOSING).dates
    assert (entry.status, entry.attempts, entry.elapsed_s) == ("pending", 1, None)


def closing(states: dict[date, State], **changed: object) -> list[str]:
    found = summary(PLAN, states, together(ATTEMPTS), CLOSING)
    return [*closing_lines(found.model_copy(update=changed))]


def test_the_closing_block_says_complete_only_when_nothing_is_left() -> None:
    assert "BACKFILL INCOMPLETE" in closing(STATES)
    assert "Success: 1/3 (33.3%)" in closing(STATES)
    assert "Failed: 1 · Remaining: 1" in closing(STATES)
    assert "BACKFILL COMPLETE" in closing(dict.fromkeys((FIRST, SECOND, THIRD), "complete"))
    for state in ("failed", "pending"):
        left: dict[date, State] = {FIRST: "complete", SECOND: "complete", THIRD: state}
        assert "BACKFILL INCOMPLETE" in closing(left)


def test_the_closing_block_says_why_a_run_stopped_and_who_overrode() -> None:
    assert "Stopped: three dates failed" in closing(STATES, stopped_because="three dates failed")
    overrides = [Override(started_at=NOON, reason="a drill")]
    said = "Started by override at 2026-01-03T12:00:00+00:00: a drill"
    assert said in closing(STATES, overrides=overrides)


def test_the_seconds_of_a_date_are_the_median_of_what_made_one_complete() -> None:
    taken = [attempt(FIRST, number, seconds) for number, seconds in enumerate((2, 30, 4))]
    assert together(taken).seconds_per_date == 4
    assert together([*taken, attempt(SECOND, 1, 900, http(500))]).seconds_per_date == 4
    failed = [attempt(SECOND, 1, 9, http(500)), Attempt(THIRD, 1, NOON)]
    assert together(failed).seconds_per_date is None


def test_the_line_of_an_attempt_has_its_seconds_processors_and_players() -> None:
    line = attempt_line(attempt(FIRST, seconds=98.24), REQUIRED, 171, [])
    assert line == "✅ 2025-01-10: 98.2s - 2/2 processors, 171 players"
    assert attempt_line(attempt(FIRST), REQUIRED, 0, broken("late")).endswith(
        "; warning: unexpected late at run.py:1"
    )
    failed = attempt_line(attempt(FIRST, error=http(500)), REQUIRED, 0, broken("late"))
    assert failed == "❌ 2025-01-10: 10.0s - 1/2 processors, 0 players; HTTP 500"


def status(
    states: dict[date, State], attempts: Sequence[Attempt], now: datetime, *runs: Begun
) -> list[str]:
    return [*status_lines(Content("local", PLAN.window, states, together(attempts), runs), now)]


def test_without_a_ledger_the_status_names_the_command() -> None:
    assert [*status_lines(None, NOON)] == ["No date was planned yet; run `make backfill`."]
    assert status({}, [], NOON) == ["No date was planned yet; run `make backfill`."]


def test_the_status_counts_and_groups_failures_by_their_last_reason() -> None:
    progress, *rest = status(STATES, ATTEMPTS, NOON + timedelta(days=1))
    assert progress == "--- Progress: 2/3 (66.7%) - 1 successful (50.0%) ---"
    assert rest == ["Failed: 1 · HTTP 503"]


def test_nothing_tried_is_no_division_by_zero() -> None:
    assert status({FIRST: "pending"}, [], NOON) == [
        "--- Progress: 0/1 (0.0%) - 0 successful (0.0%) ---"
    ]


def test_the_rate_is_of_the_last_hour_and_the_eta_of_what_is_pending() -> None:
    # One ends every ten minutes: six an hour, however often a date was asked for.
    days = (FIRST, SECOND, THIRD)
    attempts = [attempt(day, 2, 0, after=600 * n) for n, day in enumerate(days)]
    assert all((b.started - a.started).total_seconds() == 600 for a, b in pairwise(attempts))
    now = NOON + timedelta(minutes=30)
    again = [attempt(day, 1, 0, after=-1) for day in days]
    lines = status({FIRST: "complete", SECOND: "pending"}, [*again, *attempts], now)
    assert "Rate: 6 dates/hour over the last hour" in lines
    assert "ETA: 2026-01-03T12:40:00+00:00 for 1 date" in lines
    done = status({FIRST: "complete"}, attempts, now)
    assert not [line for line in done if line.startswith("ETA")]
    late = status({FIRST: "complete"}, attempts, now + timedelta(days=1))
    assert not [line for line in late if line.startswith("Rate")]


def test_a_run_that_had_nothing_to_do_says_so() -> None:
    idle = begun(NOON, nothing="Nothing to backfill: all 3 dates are complete.")
    assert status({FIRST: "complete"}, [], NOON, idle)[-1] == (
        "Last run, 2026-01-03T12:00:00+00:00: Nothing to backfill: all 3 dates are complete."
    )
