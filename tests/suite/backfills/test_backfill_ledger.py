"""The ledger: what is noted of dates, attempts and runs, and what is refused."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from builders import begun, http, no_games, together

from backfill import entries
from backfill.attempts import Attempt
from backfill.entries import Content, LedgerError, read
from backfill.ledger import Ledger, opened, publish_anew
from backfill.lock import LockedError, only_run
from gates.files import write_json
from gates.measure.all_runs import AllRuns, State, file_in, ledger_in
from gates.measure.failure import Failure

WINDOW = (date(2024, 10, 1), date(2025, 6, 30))
DAY, LATER = date(2024, 11, 18), date(2024, 11, 19)
NOON = datetime(2026, 1, 3, 12, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return ledger_in(tmp_path / "state")


@pytest.fixture
def ledger(file: Path) -> Iterator[Ledger]:
    with opened(file, "local", WINDOW) as found:
        yield found


def ended(number: int, failures: Sequence[Failure] = ()) -> Attempt:
    over = NOON + timedelta(seconds=9)
    return Attempt(
        DAY, number, NOON, over, 200, {"PDC": "success"}, {"factors": 171}, tuple(failures)
    )


def test_what_is_planned_is_pending(ledger: Ledger) -> None:
    ledger.plan([LATER, DAY])
    assert list(ledger.content().states.items()) == [(DAY, "pending"), (LATER, "pending")]


def test_a_date_that_is_begun_is_sent_before_it_is_answered(ledger: Ledger) -> None:
    ledger.plan([DAY, LATER])
    assert ledger.begin(DAY, NOON) == 1
    found = ledger.content()
    assert found.states == {DAY: "sent", LATER: "pending"}
    assert found.attempts == together([Attempt(DAY, 1, NOON)])


def test_an_attempt_that_has_ended_is_read_as_it_was_noted(ledger: Ledger) -> None:
    ledger.plan([DAY])
    ledger.begin(DAY, NOON)
    ledger.end(ended(1), "complete")
    found = ledger.content()
    assert found.attempts == together([ended(1)])
    assert found.states == {DAY: "complete"}


def test_why_an_attempt_failed_is_read_as_it_was_noted(ledger: Ledger) -> None:
    ledger.plan([DAY])
    ledger.begin(DAY, NOON)
    failed = ended(1, [*http(503, "the service is at its limit"), *no_games(3, 7)])
    ledger.end(failed, "failed")
    assert ledger.content().attempts == together([failed])
    assert failed.error == (
        "HTTP 503: the service is at its limit; player_composite_factors holds 3 of 7 games"
    )


def test_what_the_gates_are_told_groups_attempts_that_failed_alike(ledger: Ledger) -> None:
    ledger.plan([DAY])
    for number, failures in enumerate(
        [no_games(3, 7), http(500, "disk"), no_games(0, 9), http(500, "quota")], 1
    ):
        ledger.begin(DAY, NOON)
        ledger.end(ended(number, failures), "failed")
    told = ledger.content().all_runs(under_way=False)
    assert [(each.reason, each.requests) for each in told.failures] == [
        ("player_composite_factors holds … of … games", 2),
        ("HTTP 500: quota", 2),
    ]
    assert (told.attempts, told.states, told.unanswered_since) == (4, {"failed": 1}, None)
    assert (told.first_started_at, told.last_ended_at) == (NOON, NOON + timedelta(seconds=9))


def test_the_gates_are_told_the_window_and_how_long_a_good_attempt_takes(ledger: Ledger) -> None:
    ledger.plan([DAY])
    states: list[State] = ["failed", "complete", "complete"]
    for number, state in enumerate(states, 1):
        ledger.begin(DAY, NOON)
        took = replace(ended(number), ended=NOON + timedelta(seconds=10 * number))
        failed = http(500) if state == "failed" else []
        ledger.end(replace(took, failures=tuple(failed)), state)
    told = ledger.content().all_runs(under_way=False)
    assert told.window == ("2024-10-01", "2025-06-30")
    assert told.seconds_per_date == 25


def test_an_attempt_that_took_no_time_and_left_no_rows_can_be_noted(ledger: Ledger) -> None:
    ledger.plan([DAY])
    ledger.begin(DAY, NOON)
    empty = Attempt(DAY, 1, NOON, NOON, 200, {}, {"factors": 0}, tuple(no_games(0, 7)))
    ledger.end(empty, "failed")
    # The same text may have been read before, and is remembered.
    entries._held.cache_clear()
    assert ledger.content().attempts == together([empty])


def test_however_often_a_date_was_sent_it_is_kept_once(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.plan([DAY, LATER])
    for number in range(1, 21):
        ledger.begin(DAY, NOON)
        ledger.end(ended(number, http(500) if number % 2 else ()), "failed")
    for _ in range(2):
        ledger.begin(LATER, NOON)
    made = []

    def counted(**values: Any) -> Attempt:
        made.append(values["day"])
        return Attempt(**values)

    monkeypatch.setattr(entries, "Attempt", counted)
    found = ledger.content().attempts
    # That without an end is there as one of these too.
    assert sorted(made) == [DAY, LATER, LATER, LATER]
    assert (found.last[DAY], found.last[LATER]) == (ended(20), Attempt(LATER, 2, NOON))
    assert found.unanswered == [Attempt(LATER, 1, NOON), Attempt(LATER, 2, NOON)]
    assert (found.ended, found.failures) == (20, [(tuple(http(500)), 10)])


def test_attempts_come_to_the_same_however_many_are_looked_at_together(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.plan([DAY])
    east = timezone(timedelta(hours=-5))
    seconds = [7, 3.25, 11, 0, 4.000001, 9]
    every = []
    for number, took in enumerate(seconds, 1):
        # The second is the first by its moment, and the last but one the last to end.
        begun_at = NOON + timedelta(hours=[3, 0, 2, 1, 4, 3][number - 1])
        begun_at = begun_at.astimezone(east) if number % 2 else begun_at
        over, failed = begun_at + timedelta(seconds=took), http(500) if number == 1 else ()
        every.append(replace(ended(number, failed), started=begun_at, ended=over))
        ledger.begin(DAY, begun_at)
        ledger.end(every[-1], "failed")
    for several in (1, 2, 4, 6, 7):
        monkeypatch.setattr(entries, "SEVERAL", several)
        found = ledger.content().attempts
        assert (found.ended, found.failures) == (6, [(tuple(http(500)), 1)])
        assert (found.first_started_at, found.last_ended_at) == (every[1].started, every[4].ended)
        assert found.seconds_per_date == 4.000001
        assert (found.last, found.unanswered) == ({DAY: every[5]}, [])


@pytest.mark.parametrize(
    "moment",
    ["1900-01-01T00:00:00+14:00", "1900-01-01T00:00:00-12:00", "2200-12-31T23:59:59.999999-12:00"],
)
def test_a_time_at_either_end_of_the_years_is_read(moment: str, ledger: Ledger) -> None:
    ledger.plan([DAY])
    at = datetime.fromisoformat(moment)
    ledger.begin(DAY, at)
    ledger.end(replace(ended(1), started=at, ended=at), "complete")
    assert ledger.content().attempts.first_started_at == at


def test_attempts_of_a_date_are_counted_over_all_runs(ledger: Ledger) -> None:
    ledger.plan([DAY, LATER])
    for number in (1, 2):
        assert ledger.begin(DAY, NOON) == number
        ledger.end(ended(number, http(500)), "failed")
    # Another date's do not count.
    assert ledger.begin(LATER, NOON) == 1


@pytest.mark.parametrize("state", ["complete", "failed", "sent"])
def test_a_date_that_is_planned_anew_is_pending_again_and_keeps_its_attempts(
    ledger: Ledger, state: State
) -> None:
    ledger.plan([DAY])
    ledger.begin(DAY, NOON)
    ledger.end(ended(1), state)
    ledger.plan([DAY])
    found = ledger.content()
    assert found.states == {DAY: "pending"}
    assert found.attempts == together([ended(1)])


def test_of_dates_that_are_planned_or_marked_twice_there_is_one(ledger: Ledger) -> None:
    ledger.plan([DAY, DAY])
    ledger.mark([DAY, DAY], "failed")
    assert ledger.content().states == {DAY: "failed"}
    ledger.plan([LATER, DAY, LATER])
    assert ledger.content().states == {DAY: "pending", LATER: "pending"}


def test_to_plan_or_mark_no_date_changes_none(ledger: Ledger) -> None:
    ledger.plan([DAY])
    ledger.plan([])
    ledger.mark([], "complete")
    assert ledger.content().states == {DAY: "pending"}


def test_a_date_is_marked_without_an_attempt(ledger: Ledger) -> None:
    ledger.plan([DAY])
    ledger.mark([DAY], "complete")
    found = ledger.content()
    assert (found.states, found.attempts) == ({DAY: "complete"}, together([]))


def test_what_is_not_planned_is_neither_begun_nor_marked(ledger: Ledger) -> None:
    ledger.plan([LATER])
    with pytest.raises(LedgerError, match="2024-11-18 is not in the ledger's plan; plan it first"):
        ledger.mark([DAY], "complete")
    assert ledger.content().states == {LATER: "pending"}


def test_where_one_date_cannot_be_marked_none_is(ledger: Ledger) -> None:
    ledger.plan([LATER])
    with pytest.raises(LedgerError, match="2024-11-18 is not in the ledger's plan"):
        ledger.mark([LATER, DAY], "complete")
    assert ledger.content().states == {LATER: "pending"}


def test_an_attempt_without_an_end_is_not_one_that_has_ended(ledger: Ledger) -> None:
    ledger.plan([DAY])
    ledger.begin(DAY, NOON)
    with pytest.raises(ValueError, match="has no end"):
        ledger.end(Attempt(DAY, 1, NOON), "complete")
    assert ledger.content().states == {DAY: "sent"}


def test_an_attempt_without_an_end_is_found_before_others_that_have_one(ledger: Ledger) -> None:
    ledger.plan([DAY, LATER])
    ledger.begin(DAY, NOON)
    ledger.begin(LATER, NOON)
    ledger.end(replace(ended(1), day=LATER), "complete")
    assert ledger.content().attempts.unanswered == [Attempt(DAY, 1, NOON)]


def test_runs_and_overrides_are_kept_in_their_order(ledger: Ledger) -> None:
    allowed = begun(NOON, "embedded-1", decisions={"phase12": NOON})
    drill = "a drill, " * 100 + "and no more"
    override = begun(NOON + timedelta(hours=1), None, decisions={}, reason=drill)
    idle = begun(NOON + timedelta(hours=2), nothing="Nothing to backfill.")
    for run in (idle, override, allowed):
        ledger.run(run)
    found = ledger.content()
    assert found.runs == [allowed, override, idle]
    assert found.overrides == {override.started_at.isoformat(): drill}


def test_it_is_found_again_as_it_was_left(ledger: Ledger, file: Path) -> None:
    ledger.plan([DAY])
    ledger.begin(DAY, NOON)
    before = ledger.content()
    assert read(file) == before
    assert (before.target, before.window) == ("local", WINDOW)
    # What it holds is nobody else's business.
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("target", "window"),
    [("bigquery", WINDOW), ("local", (WINDOW[0], date(2025, 6, 29)))],
    ids=["target", "window"],
)
def test_one_of_another_target_or_window_is_refused(
    ledger: Ledger, file: Path, target: str, window: tuple[date, date]
) -> None:
    with (
        pytest.raises(LedgerError, match="is of target local, 2024-10-01 to 2025-06-30, not of"),
        opened(file, target, window),
    ):
        pass


def test_there_is_none_before_the_first_backfill(tmp_path: Path) -> None:
    assert read(ledger_in(tmp_path)) is None


def told(file: Path) -> AllRuns:
    return AllRuns.model_validate_json(file_in(file.parent).read_text(encoding="utf-8"))


def test_the_gates_are_told_that_it_is_under_way_before_it_changes(file: Path) -> None:
    with opened(file, "local", WINDOW) as ledger:
        assert told(file).under_way
        ledger.run(begun(NOON))
        assert told(file).runs == []
    assert not told(file).under_way
    assert told(file).runs == [begun(NOON)]


def test_they_are_told_what_it_holds_also_where_a_run_breaks_off(file: Path) -> None:
    def broken_off() -> None:
        with opened(file, "local", WINDOW) as ledger:
            ledger.plan([DAY])
            ledger.begin(DAY, NOON)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken_off()
    assert (told(file).under_way, told(file).unanswered_since) == (False, NOON)


def test_they_are_told_anew_only_where_they_were_told_something_else(file: Path) -> None:
    with opened(file, "local", WINDOW) as ledger:
        ledger.plan([DAY])
    held = read(file)
    assert held is not None
    assert publish_anew(file, held) is False
    whole = told(file)
    for damage in (
        file_in(file.parent).unlink,
        lambda: file_in(file.parent).write_text("{", encoding="utf-8"),
        lambda: write_json(file_in(file.parent), {**whole.model_dump(mode="json"), "attempts": 7}),
        lambda: write_json(
            file_in(file.parent), held.all_runs(under_way=True).model_dump(mode="json")
        ),
    ):
        damage()
        assert publish_anew(file, held) is True
        assert told(file) == whole


def test_they_are_told_nothing_by_who_looks_while_a_run_is_under_way(file: Path) -> None:
    with only_run(file.parent), opened(file, "local", WINDOW) as ledger:
        assert publish_anew(file, ledger.content()) is False
        assert told(file).under_way


def test_who_starts_a_run_while_somebody_looks_is_told_so(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened(file, "local", WINDOW):
        pass
    held = read(file)
    assert held is not None
    file_in(file.parent).unlink()

    def looked_at(ledger: Path) -> Content | None:
        with pytest.raises(LockedError, match=r"^A look at the ledger is running already, "):
            only_run(file.parent).__enter__()
        return read(ledger)

    monkeypatch.setattr("backfill.ledger.read", looked_at)
    assert publish_anew(file, held) is True


def test_a_ledger_lies_in_a_folder_that_is_made_for_it(tmp_path: Path) -> None:
    file = ledger_in(tmp_path / "some/where")
    with opened(file, "local", WINDOW):
        pass
    assert file.stat().st_mode & 0o777 == 0o600


def test_an_attempt_is_ended_with_its_end(ledger: Ledger) -> None:
    ledger.plan([DAY])
    ledger.begin(DAY, NOON)
    with pytest.raises(ValueError, match=r"^Attempt 1 of 2024-11-18 has no end, expected one\.$"):
        ledger.end(Attempt(DAY, 1, NOON), "complete")


def test_a_date_that_was_not_planned_has_no_attempt(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match=r"^2024-11-18 is not in the ledger's plan; plan it"):
        ledger.end(ended(1), "complete")


def test_a_ledger_that_comes_to_harm_while_it_is_open_is_named(ledger: Ledger, file: Path) -> None:
    with closing(sqlite3.connect(file)) as other:
        other.execute("PRAGMA user_version = 1")
    with pytest.raises(LedgerError, match=r"backfill\.sqlite has version 1, 3 is known"):
        ledger.content()
    with closing(sqlite3.connect(file)) as other:
        other.execute("PRAGMA user_version = 3")


@pytest.mark.parametrize(
    ("target", "window", "said"),
    [
        ("bigquery", WINDOW, "target bigquery, 2024-10-01 to 2025-06-30"),
        ("local", (WINDOW[0], DAY), "target local, 2024-10-01 to 2024-11-18"),
        ("local", (DAY, WINDOW[1]), "target local, 2024-11-18 to 2025-06-30"),
    ],
    ids=["target", "end", "start"],
)
def test_a_ledger_of_something_else_is_refused_in_one_sentence(
    target: str, window: tuple[date, date], said: str, file: Path
) -> None:
    with opened(file, "local", WINDOW):
        pass
    with pytest.raises(LedgerError) as found, opened(file, target, window):
        pass
    assert str(found.value) == (
        f"The ledger {file} is of target local, 2024-10-01 to 2025-06-30, not of {said}; set "
        "GATES_STATE to another folder or move it away."
    )


def test_a_ledger_that_cannot_be_used_says_why_and_what_to_do(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"no ledger at all" * 100)
    with pytest.raises(LedgerError) as found:
        read(file)
    assert str(found.value) == (
        f"The ledger {file} cannot be used (file is not a database); `mv {file} {file}.old && make "
        "backfill` builds a new one from the tables."
    )


def test_a_ledger_of_another_version_is_named_where_it_is_read(file: Path) -> None:
    with opened(file, "local", WINDOW):
        pass
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 2")
    with pytest.raises(LedgerError) as found:
        read(file)
    assert str(found.value) == (
        f"The ledger {file} has version 2, 3 is known; `mv {file} {file}.old && make backfill` "
        "builds a new one from the tables."
    )
