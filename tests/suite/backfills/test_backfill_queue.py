"""Which dates are sent when: soon again, held back, and not at all once a run cannot succeed."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from builders import broken, http, no_games

from backfill.queue import MOST_BEHIND, Queue
from gates.measure.failure import Failure

DAYS = [date(2024, 11, 5) + timedelta(days=n) for n in range(200)]
# What an attempt (date, number of the attempt) comes to: why it failed, None where it did not.
Service = Callable[[date, int], list[Failure] | None]


def run(
    service: Service, days: list[date], workers: int = 3, attempts: int = 3, refused: bool = False
) -> tuple[Queue, list[date]]:
    """The queue after a run over `days`, and what was sent in order."""
    queue = Queue(days, attempts)
    sent: list[date] = []
    under_way: list[date] = []
    for _ in range(10_000):
        while len(under_way) < workers and (day := queue.next(len(under_way))):
            queue.begun(day)
            sent.append(day)
            under_way.append(day)
        if not under_way:
            return queue, sent
        day = under_way.pop(0)
        if why := service(day, sent.count(day)):
            queue.failed(day, why, refused=refused)
        else:
            queue.succeeded(day)
    raise AssertionError("The run does not end.")


def test_every_date_is_sent_once_in_order_when_all_is_well() -> None:
    queue, sent = run(lambda _day, _n: None, DAYS)
    assert (queue.why, sent) == (None, DAYS)


def test_six_dates_of_25_that_fail_once_are_made_good() -> None:
    odd = DAYS[:25:4][:6]
    queue, sent = run(lambda day, n: http(500) if day in odd and n == 1 else None, DAYS[:25])
    assert queue.why is None
    assert Counter(sent) == Counter(DAYS[:25]) + Counter(odd)


def test_a_date_is_tried_again_before_new_ones_begin_and_then_at_the_end() -> None:
    _, sent = run(lambda day, _n: broken("odd") if day == DAYS[3] else None, DAYS[:9], workers=1)
    assert sent == [*DAYS[:4], DAYS[3], *DAYS[4:9], DAYS[3]]


@pytest.mark.parametrize("workers", [1, 3, 5])
def test_a_dead_service_is_found_out_with_a_few_dates(workers: int) -> None:
    queue, sent = run(lambda _day, _n: http(503), DAYS, workers)
    assert str(queue.why).endswith("dates in a row failed for the same reason: HTTP 503")
    assert 5 <= len(set(sent)) < 5 + workers
    # What was begun was also finished.
    assert set(Counter(sent).values()) == {3}


def test_refused_dates_are_not_tried_again() -> None:
    queue, sent = run(lambda _day, _n: http(403), DAYS, refused=True)
    assert queue.why == "5 dates in a row failed for the same reason: HTTP 403"
    assert max(Counter(sent).values()) == 1
    assert len(sent) < 8


def test_a_service_that_comes_back_is_gone_on_with() -> None:
    asked = []

    def service(day: date, _n: int) -> list[Failure] | None:
        asked.append(day)
        return http(503) if len(asked) <= 12 else None

    queue, sent = run(service, DAYS)
    assert queue.why is None
    assert set(sent) == set(DAYS)


def test_too_many_dates_that_never_succeed_stop_the_run() -> None:
    # Each weekday fails for its own reason.
    queue, sent = run(lambda day, _n: broken(f"{day:%A}") if day.day % 4 == 0 else None, DAYS)
    assert "dates failed, more than 10%" in str(queue.why)
    assert len(set(sent)) < 60


def test_a_few_bad_dates_are_finished_and_do_not_stop_the_run() -> None:
    bad = DAYS[::25]
    queue, sent = run(lambda day, _n: no_games(0, 8) if day in bad else None, DAYS)
    assert queue.why is None
    assert all(sent.count(day) == 3 for day in bad)


def test_random_faults_in_a_fifth_of_all_requests_leave_no_date_out() -> None:
    days = [DAYS[0] + timedelta(days=n) for n in range(2_000)]
    faults = random.Random(12)  # noqa: S311
    queue, sent = run(lambda _day, _n: broken("odd") if faults.random() < 0.2 else None, days)
    assert queue.why is None
    assert set(sent) == set(days)


def test_with_one_attempt_a_date_that_fails_has_failed() -> None:
    queue, sent = run(
        lambda day, _n: broken("odd") if day == DAYS[0] else None, DAYS[:30], attempts=1
    )
    assert (queue.why, sent) == (None, DAYS[:30])


def run_ahead(service: Service, workers: int) -> tuple[Queue, list[date], int]:
    """A run whose read-back comes as late as the queue lets it, and the most dates under way."""
    queue, most = Queue(DAYS, 3), 0
    sent: list[date] = []
    under_way: list[date] = []
    while True:
        while len(under_way) < workers + queue.most_behind and (day := queue.next(len(under_way))):
            queue.begun(day)
            sent.append(day)
            under_way.append(day)
        most = max(most, len(under_way))
        if not under_way:
            return queue, sent, most
        day = under_way.pop(0)
        if why := service(day, sent.count(day)):
            queue.failed(day, why, refused=False)
        else:
            queue.succeeded(day)


@pytest.mark.parametrize("workers", [1, 3, 5])
def test_far_ahead_of_the_read_back_a_dead_service_is_found_out_with_as_few_dates(
    workers: int,
) -> None:
    queue, sent, _ = run_ahead(lambda _day, _n: no_games(0, 8), workers)
    assert "dates in a row failed for the same reason" in str(queue.why)
    assert 5 <= len(set(sent)) < 5 + workers
    assert set(Counter(sent).values()) == {3}


@pytest.mark.parametrize("workers", [1, 3, 5])
def test_a_service_that_stops_writing_later_costs_no_more_dates_than_were_under_way(
    workers: int,
) -> None:
    queue, sent, _ = run_ahead(lambda day, _n: no_games(0, 8) if day >= DAYS[50] else None, workers)
    assert "dates in a row failed for the same reason" in str(queue.why)
    assert len({day for day in sent if day >= DAYS[50]}) <= workers + MOST_BEHIND


@pytest.mark.parametrize("workers", [1, 3, 5])
def test_the_run_is_never_further_ahead_of_the_read_back_than_ten_dates(workers: int) -> None:
    queue, sent, most = run_ahead(lambda _day, _n: None, workers)
    assert (queue.why, sent, most) == (None, DAYS, workers + MOST_BEHIND)
    assert MOST_BEHIND == 10
