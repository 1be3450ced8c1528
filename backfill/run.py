"""The run: dates to the service, answers and tables read back, the ledger kept.

Only the calling thread touches the ledger; workers ask the service and the tables.
"""

import threading
import time
import traceback
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from backfill.attempts import Attempt
from backfill.ledger import Ledger
from backfill.queue import Queue
from backfill.service import Answer, Service
from backfill.tokens import TokenError
from gates.config.settings import Settings
from gates.files import in_background
from gates.measure import readback
from gates.measure.all_runs import State
from gates.measure.failure import Failure, FailureCode, failure
from gates.measure.readback import DateCoverage
from gates.measure.warehouse import Warehouse, WarehouseError

GIVE_UP_S = 10
OnAttempt = Callable[[Attempt, Answer, bool], None]


@dataclass(frozen=True)
class AttemptResult:
    """What an attempt came to: the service's answer, and what the tables hold after it."""

    answer: Answer
    held: DateCoverage | None
    failures: Sequence[Failure] = ()


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
        self._settings = settings
        self._service = service
        self._warehouse = warehouse
        self._ledger = ledger
        self._on_attempt = on_attempt
        self._workers = workers
        self._min_interval_s = min_interval_s
        self._queue = Queue((), settings.backfill.attempts)
        self._in_flight: dict[Future[AttemptResult], Attempt] = {}
        self._given_up = threading.Event()

    def send(self, days: Iterable[date], unsettled: frozenset[date] = frozenset()) -> str | None:
        """Why the run stopped before its end, else None.

        `unsettled` dates were sent by a run that did not see their answer.
        """
        self._queue = queue = Queue(days, self._settings.backfill.attempts)
        last_start = -self._min_interval_s
        while True:
            while len(self._in_flight) < self._workers and (
                day := queue.next(len(self._in_flight))
            ):
                time.sleep(max(0.0, last_start + self._min_interval_s - time.monotonic()))
                last_start = time.monotonic()
                self._start(day, queue.begun(day) and day in unsettled)
            if not self._in_flight:
                return queue.why
            self._collect_finished()

    def give_up(self) -> None:
        """Finish what is under way within GIVE_UP_S seconds, and wait no longer for the rest."""
        self._given_up.set()
        self._service.give_up()
        deadline = time.monotonic() + GIVE_UP_S
        while self._in_flight and time.monotonic() < deadline:
            self._collect_finished(max(0.0, deadline - time.monotonic()))

    def _start(self, day: date, unsettled: bool) -> None:
        started = datetime.now(UTC)
        number = self._ledger.begin(day, started)
        work = partial(self._try, day, unsettled)
        self._in_flight[in_background(work)] = Attempt(day, number, started)

    def _collect_finished(self, timeout: float | None = None) -> None:
        """Enter the attempts that have ended in the queue and in the ledger."""
        done, _ = wait(self._in_flight, timeout, FIRST_COMPLETED)
        for future in done:
            attempt, tried = self._in_flight.pop(future), future.result()
            ended = replace(
                attempt,
                ended=datetime.now(UTC),
                http_status=tried.answer.http_status,
                processors=tried.answer.processors,
                held=tried.held.rows() if tried.held else {},
                failures=tried.failures,
            )
            self._ledger.end(ended, self._state(attempt.day, tried))
            self._on_attempt(ended, tried.answer, not tried.failures)

    def _state(self, day: date, tried: AttemptResult) -> State:
        """What a date is after an attempt: it has failed only when there is no further one."""
        if not tried.failures:
            self._queue.succeeded(day)
            return "complete"
        refused = tried.answer.outcome == "refused"
        return "failed" if self._queue.failed(day, tried.failures, refused=refused) else "pending"

    def _try(self, day: date, unsettled: bool) -> AttemptResult:
        answer = Answer("answered")
        try:
            if unsettled and (held := self._settle(day)) and not self._shortfalls(held):
                return AttemptResult(Answer("unknown"), held)
            answer = self._service.process(day)
            held = self._settle(day) if answer.outcome == "unknown" else self._held(day)
        except Exception as error:
            # Whatever went wrong costs the date, and not the run; what was answered is kept.
            wrong = _failure(error, self._service.text(error))
            return AttemptResult(answer, None, [*answer.failures, wrong])
        lacks = self._shortfalls(held)
        if answer.outcome == "unknown" and not lacks:
            # The answer was lost, the work was not.
            return AttemptResult(answer, held)
        return AttemptResult(answer, held, answer.failures or lacks)

    def _held(self, day: date) -> DateCoverage:
        (held,) = readback.read(self._settings, self._warehouse, (day, day))
        return held

    def _shortfalls(self, held: DateCoverage) -> list[Failure]:
        return held.shortfalls(self._settings.backfill)

    def _settle(self, day: date) -> DateCoverage:
        """Ask the tables until the date is complete, its rows stand still or its time is over.

        Rows that never moved do not stand still: the service may not have come to write them.
        """
        service = self._settings.target.phase4
        end = time.monotonic() + float(service.service_timeout_s)
        held = self._held(day)
        while self._shortfalls(held) and not self._given_up.is_set() and time.monotonic() < end:
            time.sleep(float(service.settle_s) / 4)
            again = self._held(day)
            if again != held:
                held, end = again, min(end, time.monotonic() + float(service.settle_s))
        return held


def _failure(error: Exception, said: str) -> Failure:
    """What went wrong; of an error that nobody foresaw with its type and place."""
    if isinstance(error, TokenError):
        return failure(FailureCode.NO_TOKEN, said=said)
    if isinstance(error, WarehouseError):
        return failure(FailureCode.NOT_READ_BACK, said=said)
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(last.filename).name}:{last.lineno}"
    return failure(FailureCode.UNEXPECTED, error=type(error).__name__, place=place, said=said)
