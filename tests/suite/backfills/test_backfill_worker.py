"""Whatever goes wrong with a date costs that date, is said in a line, and the run goes on."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from harness import ROOT
from phase4_harness import NAMES
from raw_server import serving, whole
from test_backfill_plan import WHOLE

from backfill.attempts import Attempt
from backfill.ledger import opened
from backfill.run import Run
from backfill.service import Answer, RetryPolicy, Service
from backfill.tokens import Tokens
from gates.config.settings import Window, load
from gates.measure import readback
from gates.measure.readback import DateCoverage
from gates.measure.warehouse import Warehouse, WarehouseError

GONE, MISSING, LOST, DEEP, GOOD = (date(2025, 1, day) for day in range(10, 15))
COMPLETED = {"results": [{"processor": name, "status": "success"} for name in NAMES]}


def odd_tables(_settings: object, _warehouse: object, days: Window) -> list[DateCoverage]:
    """A read-back that goes wrong in another way for each date."""
    held = replace(WHOLE, game_date=days[0])
    if days[0] == MISSING:
        DateCoverage(**{name: value for name, value in vars(held).items() if name != "zones_found"})
    if days[0] == LOST:
        raise WarehouseError("the warehouse is gone\n✅ forged", "Start it.")
    if days[0] == DEEP:
        json.loads("[" * 100_000)
    return [] if days[0] == GONE else [held]


def test_an_error_in_one_dates_worker_costs_that_date_and_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readback, "read", odd_tables)
    settings = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, datetime.now(UTC))
    said: list[tuple[Attempt, bool]] = []
    days = [GONE, MISSING, LOST, DEEP, GOOD]
    with (
        serving(whole("200 OK", json.dumps(COMPLETED).encode())) as server,
        opened(tmp_path / "ledger.sqlite", "local", settings.windows["preflight"]) as ledger,
    ):
        tokens = Tokens("none", server.url)
        policy = RetryPolicy(20, 0, 0.1, 1)
        service = Service(server.url, tokens, policy, NAMES[:4], NAMES[4:], print)
        ledger.plan(days)

        def tell(attempt: Attempt, _answer: Answer, complete: bool) -> None:
            said.append((attempt, complete))

        run = Run(settings, service, Warehouse(settings), ledger, tell, 2, 0)
        assert run.send(days) is None
    last = {attempt.day: attempt for attempt, _ in said}
    assert {attempt.day for attempt, complete in said if complete} == {GOOD}
    assert [last[day].number for day in days] == [3, 3, 3, 3, 1]
    assert last[GONE].error == (
        "the tables could not be read back: nba_raw.nbac_schedule has no final league game from "
        "2025-01-10 to 2025-01-10"
    )
    assert "zones_found" in str(last[MISSING].error)
    assert str(last[MISSING].error).startswith("unexpected TypeError at test_backfill_worker.py:")
    assert last[LOST].error == "the tables could not be read back: the warehouse is gone ✅ forged"
    assert str(last[DEEP].error).startswith("unexpected RecursionError at ")
    # What the service answered is kept.
    assert {attempt.http_status for attempt, _ in said} == {200}
