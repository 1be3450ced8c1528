"""The run: dates to the service, answers and tables read back, the ledger kept.

Only the calling thread touches the ledger; workers ask the service and the tables.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial

from backfill.breaker import Breaker
from backfill.ledger import Attempt, Ledger
from backfill.service import Answer, Service
from backfill.tokens import TokenError
from gates import readback
from gates.config import Settings
from gates.files import in_background
from gates.readback import Held
from gates.warehouse import Warehouse, WarehouseError

GIVE_UP_S = 10
Tell = Callable[[Attempt, Answer, bool], None]


@dataclass(frozen=True)
class Tried:
    """What an attempt came to: the service's answer, and what the tables hold after it."""

    answer: Answer
    held: Held | None
    error: str | None


class Run:
    """Send `days` until each is complete, has failed too often, or the run has to stop."""

    def __init__(
        self,
        settings: Settings,
        service: Service,
        warehouse: Warehouse,
        ledger: Ledger,
        tell: Tell,
        workers: int,
        pause_s: float,
    ) -> None:
        self._settings = settings
        self._service = service
        self._warehouse = warehouse
        self._ledger = ledger
        self._tell = tell
        self._workers = workers
        self._pause_s = pause_s
        self._breaker = Breaker()
        self._flying: dict[Future[Tried], Attempt] = {}
        self._given_up = threading.Event()

    def send(self, days: Iterable[date], unsettled: frozenset[date] = frozenset()) -> str | None:
        """Why the run stopped before its end, else None.

        `unsettled` dates were sent by a run that did not see their answer.
        """
        waiting = deque(days)
        left = dict.fromkeys(waiting, self._settings.backfill.attempts)
        last_start = -self._pause_s
        while (waiting and not self._breaker.why) or self._flying:
            while waiting and len(self._flying) < self._workers and not self._breaker.why:
                time.sleep(max(0.0, last_start + self._pause_s - time.monotonic()))
                last_start = time.monotonic()
                day = waiting.popleft()
                left[day] -= 1
                self._start(day, day in unsettled and left[day] + 1 == self._attempts)
            waiting += [day for day in self._landed() if left[day]]
        return self._breaker.why

    def give_up(self) -> None:
        """Finish what is under way within GIVE_UP_S seconds, and wait no longer for the rest."""
        self._given_up.set()
        deadline = time.monotonic() + GIVE_UP_S
        while self._flying and time.monotonic() < deadline:
            self._landed(timeout=max(0.0, deadline - time.monotonic()))

    @property
    def _attempts(self) -> int:
        return self._settings.backfill.attempts

    def _start(self, day: date, unsettled: bool) -> None:
        started = datetime.now(UTC)
        number = self._ledger.begin(day, started)
        work = partial(self._try, day, unsettled)
        self._flying[in_background(work)] = Attempt(day, number, started)

    def _landed(self, timeout: float | None = None) -> list[date]:
        """Enter the attempts that have ended in the ledger; the dates that are worth another."""
        done, _ = wait(self._flying, timeout, FIRST_COMPLETED)
        again = []
        for future in done:
            attempt, tried = self._flying.pop(future), future.result()
            ended = replace(
                attempt,
                ended=datetime.now(UTC),
                http_status=tried.answer.http_status,
                processors=tried.answer.processors,
                held=tried.held.rows() if tried.held else {},
                error=tried.error,
            )
            self._ledger.end(ended, "failed" if tried.error else "complete")
            if tried.error is None:
                self._breaker.succeeded(attempt.day)
            else:
                self._breaker.failed(attempt.day, tried.error)
                if tried.answer.outcome != "refused":
                    again.append(attempt.day)
            self._tell(ended, tried.answer, tried.error is None)
        return again

    def _try(self, day: date, unsettled: bool) -> Tried:
        try:
            if unsettled and (held := self._settle(day)) and not self._lacks(held):
                return Tried(Answer("unknown"), held, None)
            answer = self._service.process(day)
            held = self._settle(day) if answer.outcome == "unknown" else self._held(day)
        except (TokenError, WarehouseError) as error:
            return Tried(Answer("answered"), None, str(error))
        lacks = self._lacks(held)
        if answer.outcome == "unknown" and not lacks:
            # The answer was lost, the work was not.
            return Tried(answer, held, None)
        return Tried(answer, held, answer.error or ("; ".join(lacks) or None))

    def _held(self, day: date) -> Held:
        (held,) = readback.read(self._settings, self._warehouse, (day, day))
        return held

    def _lacks(self, held: Held) -> list[str]:
        return held.lacks(self._settings.backfill)

    def _settle(self, day: date) -> Held:
        """Ask the tables until the date is complete, its rows stand still or its time is over.

        Rows that never moved do not stand still: the service may not have come to write them.
        """
        manners = self._settings.target.phase4
        end = time.monotonic() + float(manners.own_time_s)
        held = self._held(day)
        while self._lacks(held) and not self._given_up.is_set() and time.monotonic() < end:
            time.sleep(float(manners.still_s) / 4)
            again = self._held(day)
            if again != held:
                held, end = again, min(end, time.monotonic() + float(manners.still_s))
        return held
