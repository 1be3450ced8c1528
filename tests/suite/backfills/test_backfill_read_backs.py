"""Dates are read back behind the service, several in one query; no worker waits for it.

The service and the threads are real. What the tables say, and when, is the test's to choose.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from threading import Condition

import pytest
from harness import ROOT, TestWarehouse
from http_faults import Answer, Request, as_json, serving
from phase4_harness import NAMES
from test_backfill_plan import WHOLE

from backfill.attempts import Attempt
from backfill.entries import read
from backfill.ledger import opened
from backfill.queue import TOGETHER
from backfill.run import Run
from backfill.service import RetryPolicy, Service
from backfill.tokens import Tokens
from gates.config.settings import Settings, Window, load
from gates.measure import readback
from gates.measure.cost import FLOOR, costs
from gates.measure.readback import DateCoverage
from gates.measure.warehouse import Warehouse, WarehouseError

SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, datetime.now(UTC))
DAYS = [date(2024, 11, 5) + timedelta(days=n) for n in range(207)]
COMPLETED = {"results": [{"processor": name, "status": "success"} for name in NAMES]}
# Only what hangs takes so long.
LIMIT_S = 60
TABLES = 6


@dataclass
class World:
    """A service that answers at once, tables, and what was asked of both."""

    file: Path
    sent: list[date] = field(default_factory=list)
    windows: list[Window] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    changed: Condition = field(default_factory=Condition)
    # What the tables say of a date, or an error.
    tables: Callable[[date], DateCoverage] = lambda day: replace(WHOLE, game_date=day)
    before: Callable[[Window], None] = lambda days: None

    def answer(self, request: Request) -> Answer:
        with self.changed:
            self.sent.append(date.fromisoformat(json.loads(request.body)["analysis_date"]))
            self.changed.notify_all()
        return as_json(COMPLETED)

    def read(self, _settings: object, _warehouse: object, days: Window) -> list[DateCoverage]:
        with self.changed:
            self.windows.append(days)
        self.before(days)
        return [self.tables(day) for day in DAYS if days[0] <= day <= days[1]]

    def until_sent(self, number: int) -> bool:
        """Whether so many requests came, sooner or later."""
        with self.changed:
            return self.changed.wait_for(lambda: len(self.sent) >= number, LIMIT_S)

    def run(self, days: list[date], workers: int) -> str | None:
        window = SETTINGS.windows["preflight"]
        with (
            serving(self.answer) as (host, _),
            opened(self.file, "local", window) as ledger,
        ):
            url = f"http://{host}"
            policy = RetryPolicy(LIMIT_S, 0, 0.1, 1)
            service = Service(url, Tokens("none", url), policy, NAMES[:4], NAMES[4:], print)
            ledger.plan(days)

            def tell(attempt: Attempt, _answer: object, _complete: bool) -> None:
                self.attempts.append(attempt)

            run = Run(SETTINGS, service, Warehouse(SETTINGS), ledger, tell, workers, 0)
            return run.send(days)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    made = World(tmp_path / "backfill.sqlite")
    monkeypatch.setattr(readback, "read", made.read)
    return made


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_every_worker_gets_a_further_date_while_dates_are_read_back(
    workers: int, world: World
) -> None:
    days = DAYS[:40]

    def until_each_worker_has_another(days_read: Window) -> None:
        further = days.index(days_read[1]) + 1 + workers
        assert world.until_sent(min(len(days), further)), "the workers wait for the read-back"

    world.before = until_each_worker_has_another
    assert world.run(days, workers) is None
    assert {attempt.error for attempt in world.attempts} == {None}
    assert sorted(world.sent) == days


def test_a_date_is_complete_only_after_its_read_back(world: World) -> None:
    seen: list[set[str]] = []

    def look_at_the_ledger(days: Window) -> None:
        held = read(world.file)
        assert held is not None
        seen.append({held.states[day] for day in days})

    world.before = look_at_the_ledger
    assert world.run(DAYS[:1], 1) is None
    assert seen == [{"sent"}]
    held = read(world.file)
    assert held is not None
    assert held.states == {DAYS[0]: "complete"}
    assert held.attempts.last[DAYS[0]].held == WHOLE.rows()


def test_dates_that_are_complete_are_read_back_five_at_a_time(world: World) -> None:
    assert world.run(DAYS, 3) is None
    assert [attempt.failures for attempt in world.attempts] == [[]] * len(DAYS)
    # Each alone until the first is known to be complete, and what is left at the end.
    alone = TOGETHER - 1 + 3
    assert len(world.windows) <= alone + (len(DAYS) - alone) // TOGETHER + 1


@pytest.mark.parametrize("workers", [1, 3, 5])
def test_a_service_that_writes_nothing_is_found_out_with_a_few_dates(
    workers: int, world: World
) -> None:
    world.tables = lambda day: replace(WHOLE, game_date=day, games_found=0)
    why = world.run(DAYS, workers)
    assert str(why).startswith("5 dates in a row failed for the same reason: player_composite_fac")
    assert 5 <= len(set(world.sent)) < 5 + workers
    assert all(world.sent.count(day) == 3 for day in set(world.sent))


def test_what_cannot_be_read_with_others_is_read_alone(world: World) -> None:
    bad = DAYS[20]

    def tables(day: date) -> DateCoverage:
        if day == bad:
            raise WarehouseError("the answer cannot be understood", "Look at it.")
        return replace(WHOLE, game_date=day)

    world.tables = tables
    assert world.run(DAYS[:40], 3) is None
    failed = [attempt.error for attempt in world.attempts if attempt.failures]
    assert failed == ["the tables could not be read back: the answer cannot be understood"] * 3
    assert {attempt.day for attempt in world.attempts if attempt.failures} == {bad}
    assert len([attempt for attempt in world.attempts if not attempt.failures]) == 39
    assert all(world.sent.count(day) == 1 for day in DAYS[:40] if day != bad)


def test_of_207_dates_a_third_is_billed_of_what_each_alone_was(
    world: World, complete_warehouse: TestWarehouse
) -> None:
    assert world.run(DAYS, 3) is None
    settings = load(
        {
            "GATES_CONFIG": str(ROOT / "gates.toml"),
            "BIGQUERY_EMULATOR_HOST": complete_warehouse.host,
        },
        datetime.now(UTC),
    )
    # A query costs the same wherever its dates lie: what it reads of a season is less than the
    # least that is billed, so the widest stands for all.
    widest = billed(settings, (DAYS[0], DAYS[-1]))
    assert widest == billed(settings, (DAYS[0], DAYS[0])) == TABLES * FLOOR
    assert Fraction(len(world.windows) * widest, len(DAYS) * TABLES * FLOOR) <= Fraction(1, 3)


def billed(settings: Settings, days: Window) -> int:
    """What the model says of a read-back of these days."""
    windows = {**settings.windows, "phase4": days}
    gates = [gate for gate in settings.gates.values() if gate.source == "processors"]
    (found,) = costs(gates, replace(settings, windows=windows))
    assert (found.sources, len(found.tables), found.modelled) == ((readback.SOURCE,), TABLES, True)
    return found.bytes_billed
