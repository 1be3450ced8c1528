"""What is done for a run in threads of its own: ask the service for a date, and read dates back."""

import time
import traceback
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Event

from backfill.service import Answer, Service
from backfill.tokens import TokenError
from gates.config.schema import Backfill
from gates.config.settings import Settings
from gates.measure import readback
from gates.measure.failure import Failure, FailureCode, failure
from gates.measure.readback import DateCoverage
from gates.measure.warehouse import Warehouse, WarehouseError


@dataclass(frozen=True)
class AttemptResult:
    """What an attempt has come to so far.

    `held` is what the tables hold after the answer, `problem` why that cannot be known; without
    either the date has still to be read back.
    """

    answer: Answer
    held: DateCoverage | None = None
    problem: Failure | None = None

    def failures(self, asked: Backfill) -> Sequence[Failure]:
        """Why the date is not complete; empty where it is."""
        if self.held is None:
            return [*self.answer.failures, *([self.problem] if self.problem else [])]
        lacks = self.held.shortfalls(asked)
        if self.answer.outcome == "unknown" and not lacks:
            # The answer was lost, the work was not.
            return []
        return self.answer.failures or lacks


class Worker:
    """Asks the service and the tables; for many threads."""

    def __init__(self, settings: Settings, service: Service, warehouse: Warehouse) -> None:
        self._settings = settings
        self._service = service
        self._warehouse = warehouse
        self._given_up = Event()

    def process(self, day: date, unsettled: bool) -> AttemptResult:
        """One attempt; a date whose answer was lost is read back here, the others are not.

        `unsettled`: the service may still be at work on the date for another run.
        """
        answer, held = Answer("answered"), None
        try:
            if unsettled and self._is_complete(held := self._settle(day)):
                return AttemptResult(Answer("unknown"), held)
            answer = self._service.process(day)
            # The service may go on, so the date keeps its worker.
            held = self._settle(day) if answer.outcome == "unknown" else None
        except Exception as error:
            # Whatever went wrong costs the date, and not the run; what was answered is kept.
            return AttemptResult(answer, None, self.problem(error))
        return AttemptResult(answer, held)

    def read(self, days: Collection[date]) -> Mapping[date, DateCoverage]:
        """What the tables hold of each of `days`, by one query from the first to the last.

        Raises WarehouseError, also for a date that the schedule no longer has.
        """
        found = readback.read(self._settings, self._warehouse, (min(days), max(days)))
        held = {each.game_date: each for each in found}
        if gone := sorted({*days} - held.keys()):
            raise readback.no_dates([day.isoformat() for day in gone])
        return {day: held[day] for day in days}

    def problem(self, error: Exception) -> Failure:
        """What went wrong; of an error that nobody foresaw with its type and place."""
        said = self._service.text(error)
        if isinstance(error, TokenError):
            return failure(FailureCode.NO_TOKEN, said=said)
        if isinstance(error, WarehouseError):
            return failure(FailureCode.NOT_READ_BACK, said=said)
        last = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(last.filename).name}:{last.lineno}"
        return failure(FailureCode.UNEXPECTED, error=type(error).__name__, place=place, said=said)

    def give_up(self) -> None:
        """Repeat no request and no look at the tables from now on."""
        self._given_up.set()
        self._service.give_up()

    def _is_complete(self, held: DateCoverage) -> bool:
        return held.is_complete(self._settings.backfill)

    def _settle(self, day: date) -> DateCoverage:
        """Ask the tables until the date is complete, its rows stand still or its time is over.

        Rows that never moved do not stand still: the service may not have come to write them.
        """
        service = self._settings.target.phase4
        end = time.monotonic() + float(service.service_timeout_s)
        held = self.read([day])[day]
        while not (self._is_complete(held) or self._given_up.is_set() or time.monotonic() >= end):
            time.sleep(float(service.settle_s) / 4)
            again = self.read([day])[day]
            if again != held:
                held, end = again, min(end, time.monotonic() + float(service.settle_s))
        return held
