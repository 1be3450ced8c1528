"""The run: dates to the service, the tables read back behind it, the ledger kept.

Only the calling thread touches the ledger. A worker is free for the next date as soon as the
service has answered; how far the run may be ahead of the read-back is the queue's to say.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from backfill.attempts import Attempt
from backfill.ledger import Ledger
from backfill.queue import Queue
from backfill.read_backs import Answered, ReadBacks
from backfill.service import Answer, Service
from backfill.worker import AttemptResult, Worker
from gates.config.settings import Settings
from gates.files import in_background
from gates.measure.all_runs import State
from gates.measure.failure import Failure
from gates.measure.warehouse import Warehouse

GIVE_UP_S = 10
OnAttempt = Callable[[Attempt, Answer, bool], None]


class Run:
    """Send `days` until each is complete, has failed too often, or the run has to stop."""

    def __init__(
        self,
        settings: Settings,
        service: Service,
        warehouse: Warehouse,
        ledger: Ledger,
        on_attempt: OnAttempt,
        workers: int,
        min_interval_s: float,
    ) -> None:
        self._asked = settings.backfill
        self._worker = Worker(settings, service, warehouse)
        self._ledger = ledger
        self._on_attempt = on_attempt
        self._workers = workers
        self._min_interval_s = min_interval_s
        self._last_start = -min_interval_s
        self._queue = Queue((), self._asked.attempts)
        self._in_flight: dict[Future[AttemptResult], Attempt] = {}
        self._behind = ReadBacks(self._worker.read, self._worker.problem)
        self._given_up = False

    def send(self, days: Iterable[date], unsettled: frozenset[date] = frozenset()) -> str | None:
        """Why the run stopped before its end, else None.

        `unsettled` dates were sent by a run that did not see their answer.
        """
        self._queue = Queue(days, self._asked.attempts)
        while True:
            self._start_dates(unsettled)
            if not self._under_way:
                return self._queue.why
            self._collect_finished()

    def give_up(self) -> None:
        """Finish what is under way within GIVE_UP_S seconds, and wait no longer for the rest."""
        self._given_up = True
        self._worker.give_up()
        deadline = time.monotonic() + GIVE_UP_S
        while self._under_way and time.monotonic() < deadline:
            self._collect_finished(max(0.0, deadline - time.monotonic()))

    @property
    def _under_way(self) -> int:
        """Dates that were begun and are neither complete nor failed yet."""
        return len(self._in_flight) + len(self._behind)

    def _start_dates(self, unsettled: frozenset[date]) -> None:
        queue = self._queue
        while (
            len(self._in_flight) < self._workers
            and self._under_way < self._workers + queue.most_behind
            and (day := queue.next(self._under_way))
        ):
            time.sleep(max(0.0, self._last_start + self._min_interval_s - time.monotonic()))
            self._last_start = time.monotonic()
            self._start(day, queue.begun(day) and day in unsettled)

    def _start(self, day: date, unsettled: bool) -> None:
        started = datetime.now(UTC)
        number = self._ledger.begin(day, started)
        work = partial(self._worker.process, day, unsettled)
        self._in_flight[in_background(work)] = Attempt(day, number, started)

    def _collect_finished(self, timeout: float | None = None) -> None:
        """Take answers to be read back, and enter what was read in the queue and the ledger."""
        # Where no answer is to come, nothing more is waited for.
        no_more = self._given_up or not self._in_flight
        self._behind.start(1 if no_more else self._queue.together)
        under_way: set[Future[Any]] = {*self._in_flight, *self._behind.reading}
        done, _ = wait(under_way, timeout, FIRST_COMPLETED)
        for future in done:
            if future in self._in_flight:
                self._take_answer(future)
            else:
                for answered in self._behind.finish(future):
                    self._end(answered)

    def _take_answer(self, future: Future[AttemptResult]) -> None:
        attempt, result = self._in_flight.pop(future), future.result()
        ended = replace(
            attempt,
            ended=datetime.now(UTC),
            http_status=result.answer.http_status,
            processors=result.answer.processors,
        )
        answered = Answered(ended, result)
        if result.held is None and result.problem is None:
            self._behind.add(answered)
        else:
            self._end(answered)

    def _end(self, answered: Answered) -> None:
        """Enter a date that was read back, or cannot be."""
        result, failures = answered.result, answered.result.failures(self._asked)
        rows = result.held.rows() if result.held else {}
        ended = replace(answered.attempt, held=rows, failures=failures)
        self._ledger.end(ended, self._state(ended.day, result.answer, failures))
        self._on_attempt(ended, result.answer, not failures)

    def _state(self, day: date, answer: Answer, failures: Sequence[Failure]) -> State:
        """What a date is after an attempt: it has failed only when there is no further one."""
        if not failures:
            self._queue.succeeded(day)
            return "complete"
        refused = answer.outcome == "refused"
        return "failed" if self._queue.failed(day, failures, refused=refused) else "pending"
