"""One date through the processors: Phase 3 read, Phase 4 computed and written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from threading import Lock
from typing import Any

import pyarrow as pa
from google.cloud import bigquery

from gates.files import ROOT
from local.phase4_service.merge import held, merge
from local.phase4_service.phase3 import Reader
from season.calendar import is_bootstrap
from season.columns import Schemas
from season.precompute import PROCESSORS, Phase3, compute

Result = dict[str, Any]


def _unchanged(_processor: str, rows: pa.Table) -> pa.Table:
    return rows


@dataclass(frozen=True)
class Plan:
    """What a request asks for, and how a fault changes it."""

    day: date
    processors: Sequence[str] = ()  # all when empty; unknown names count for nothing
    failing: Mapping[str, Result] = field(default_factory=dict)  # these do not run
    # (processor, its rows) -> the rows that are written
    change: Callable[[str, pa.Table], pa.Table] = _unchanged

    @property
    def names(self) -> list[str]:
        """The processors that run, in the order in which they do."""
        return [name for name in PROCESSORS if not self.processors or name in self.processors]


def result(processor: str, status: str, error: str | None = None) -> Result:
    """A processor's entry in the answer; `stats` says nothing, as on the platform."""
    found: Result = {"processor": processor, "status": status, "stats": {}}
    return found if error is None else {**found, "error": error}


class Processing:
    """The processors on a warehouse; may be used by several threads."""

    def __init__(self, client: bigquery.Client) -> None:
        self._client = client
        self._reader = Reader(client)
        self._schemas = Schemas(ROOT / "schemas")
        self._dates: dict[date, Lock] = {}

    def run(self, plan: Plan) -> list[Result]:
        """Each processor's result; what goes wrong in one is an `exception` and stops no other."""
        if not plan.names:
            return []
        # A client that gives up and asks again must not have two requests write the same keys.
        with self._dates.setdefault(plan.day, Lock()):
            try:
                phase3, start = self._reader.read(plan.day)
                there = held(self._client, plan.day)
            except Exception as error:
                return [result(name, "exception", _text(error)) for name in plan.names]
            early = is_bootstrap(plan.day, start)
            return [self._one(name, plan, phase3, there, early) for name in plan.names]

    def _one(
        self, name: str, plan: Plan, phase3: Phase3, there: set[str], bootstrap: bool
    ) -> Result:
        if name in plan.failing:
            return plan.failing[name]
        try:
            for table, rows in self._made(name, phase3, bootstrap).items():
                changed = plan.change(name, rows)
                merge(self._client, table, plan.day, changed, held=table in there)
        except Exception as error:
            return result(name, "exception", _text(error))
        return result(name, "success")

    def _made(self, name: str, phase3: Phase3, bootstrap: bool) -> dict[str, pa.Table]:
        if phase3.today not in phase3.player_history.days:
            # Nobody has played on that date.
            return {}
        return compute(
            phase3, self._schemas, lambda: datetime.now(UTC), bootstrap=bootstrap, processors=[name]
        )


def _text(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:500]
