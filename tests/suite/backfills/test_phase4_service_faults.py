"""The embedded Phase 4 service: the ways in which it can be told to fail."""

import time
from pathlib import Path
from typing import Any

import pytest
import requests
from phase4_harness import (
    MLFS,
    NAMES,
    NOTHING,
    PCF,
    PDC,
    PSZA,
    SUCCESS,
    TDZA,
    Order,
    Phase4,
    ServiceHome,
    TestService,
)


def test_a_failed_processor_writes_nothing_and_the_answer_is_still_completed(
    service: TestService, phase4: Phase4, order: Order
) -> None:
    day = phase4.fresh()
    failed = {"fault": "processor_failed", "processor": NAMES[2]}
    order(day, [{**failed, "error": "KeyError: minutes"}, {**failed, "status": "error"}])
    answer = service.post(day)
    assert (answer.status_code, answer.json()["status"]) == (200, "completed")
    result = {"processor": NAMES[2], "status": "exception", "stats": {}}
    assert answer.json()["results"][2] == {**result, "error": "KeyError: minutes"}
    assert service.post(day).json()["results"][2] == {**result, "status": "error"}
    assert {table for table, rows in phase4.counts(day).items() if not rows} == {PDC}
    assert service.statuses(day) == SUCCESS
    assert phase4.counts(day)[PDC] > 0


def test_every_processor_may_fail(service: TestService, phase4: Phase4, order: Order) -> None:
    day = phase4.fresh()
    order(day, [{"fault": "processor_failed", "error": "x"}])
    assert service.statuses(day) == dict.fromkeys(NAMES, "exception")
    assert phase4.counts(day) == NOTHING


def test_a_success_may_stand_for_no_rows(
    service: TestService, phase4: Phase4, order: Order
) -> None:
    day = phase4.fresh()
    order(day, [{"fault": "zero_rows"}, {"fault": "zero_rows", "processor": NAMES[:2]}])
    assert service.statuses(day) == SUCCESS
    assert phase4.counts(day) == NOTHING
    assert service.statuses(day) == SUCCESS
    assert {table for table, rows in phase4.counts(day).items() if not rows} == {TDZA, PSZA}


def test_a_success_may_stand_for_some_of_the_players_or_games(
    service: TestService, phase4: Phase4, order: Order
) -> None:
    few, some, whole = (phase4.fresh("2025-02-01") for _ in range(3))
    order(few, [{"fault": "partial_players", "processor": NAMES[3], "share": 0.1}])
    assert service.statuses(few) == SUCCESS
    rows, games = phase4.counts(few), phase4.games(few)
    assert rows[PCF] == rows[MLFS] // 10
    order(some, [{"fault": "partial_games", "games": 1}])
    assert service.statuses(some) == SUCCESS
    assert phase4.games(some, PCF) == 1
    assert service.statuses(whole) == SUCCESS
    assert games
    assert phase4.games(whole, PCF) == phase4.games(whole)


@pytest.mark.parametrize(
    ("fault", "status", "retry_after"),
    [
        ({"fault": "401"}, 401, None),
        ({"fault": "403"}, 403, None),
        ({"fault": "429", "retry_after": 3}, 429, "3"),
        (
            {"fault": "429", "retry_after": "Wed, 21 Oct 2026 07:28:00 GMT"},
            429,
            "Wed, 21 Oct 2026 07:28:00 GMT",
        ),
        ({"fault": "429"}, 429, None),
        ({"fault": "503", "retry_after": 0}, 503, "0"),
        ({"fault": "503"}, 503, None),
        ({"fault": "504"}, 504, None),
    ],
)
def test_the_platform_answers_in_place_of_the_service(
    service: TestService,
    phase4: Phase4,
    order: Order,
    fault: dict[str, Any],
    status: int,
    retry_after: str | None,
) -> None:
    day = "2025-03-05"
    order(day, [fault])
    before = phase4.counts(day)
    answer = service.post(day)
    assert (answer.status_code, answer.headers.get("Retry-After")) == (status, retry_after)
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert phase4.counts(day) == before


def test_an_error_of_the_service_is_json(service: TestService, order: Order) -> None:
    order("2025-03-05", [{"fault": "500", "error": "out of memory"}])
    answer = service.post("2025-03-05")
    assert (answer.status_code, answer.json()) == (500, {"error": "out of memory"})


@pytest.mark.parametrize("fault", ["500", "503", "504"])
def test_an_error_may_come_after_the_rows_were_written(
    service: TestService, phase4: Phase4, order: Order, fault: str
) -> None:
    day = phase4.fresh()
    order(day, [{"fault": fault, "after_write": True}])
    assert service.post(day).status_code == int(fault)
    assert phase4.counts(day)[MLFS] > 0


def test_the_service_goes_on_when_a_client_has_given_up(
    service: TestService, phase4: Phase4, order: Order
) -> None:
    for after in (False, True):
        day = phase4.fresh()
        order(day, [{"fault": "hang", "seconds": 2, "after_write": after}])
        with pytest.raises(requests.ReadTimeout):
            service.post(day, timeout=1)
        assert service.statuses(day) == SUCCESS
        deadline = time.monotonic() + 30
        while len(service.log(day)) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert phase4.counts(day)[PCF] > 0
        assert phase4.duplicates(day) == 0


@pytest.mark.parametrize("after", [False, True])
def test_a_connection_may_end_without_an_answer(
    service: TestService, phase4: Phase4, order: Order, after: bool
) -> None:
    day = phase4.fresh()
    order(day, [{"fault": "dropped", "after_write": after}])
    with pytest.raises(requests.ConnectionError):
        service.post(day)
    assert (phase4.counts(day)[PCF] > 0) is after
    assert [line["status"] for line in service.log(day)] == [None]


def test_an_answer_may_be_none_that_the_contract_knows(
    service: TestService, phase4: Phase4, order: Order
) -> None:
    day = phase4.fresh()
    body = {"ok": True}
    kinds = ["html", "empty_results", "other_shape"]
    order(day, [*({"fault": kind} for kind in kinds), {"fault": "other_shape", "body": body}])
    page, empty, odd, told = (service.post(day) for _ in range(4))
    assert {answer.status_code for answer in (page, empty, odd, told)} == {200}
    assert page.headers["Content-Type"].startswith("text/html")
    assert empty.json() == {"status": "completed", "analysis_date": str(day), "results": []}
    assert odd.json() == ["completed"]
    assert told.json() == body
    assert phase4.counts(day) == NOTHING


def test_a_processor_may_be_missing_from_the_results(
    service: TestService, phase4: Phase4, order: Order
) -> None:
    day = phase4.fresh()
    order(day, [{"fault": "missing_processor", "processor": NAMES[3]}])
    assert list(service.statuses(day)) == [name for name in NAMES if name != NAMES[3]]
    assert phase4.counts(day)[PCF] == 0
    order(day, [{"fault": "missing_processor"}])
    assert service.statuses(day) == {}


def statuses(service: TestService, day: str, requests: int) -> list[int]:
    return [service.post(day).status_code for _ in range(requests)]


def test_orders_are_used_up_and_a_changed_list_begins_anew(
    service: TestService, order: Order
) -> None:
    day, empty = "2025-03-06", {"fault": "empty_results", "times": "always"}
    order(day, [{"fault": "503", "times": 2}, {"fault": "500"}, empty])
    assert statuses(service, day, 5) == [503, 503, 500, 200, 200]
    order(day, [{"fault": "429"}, empty])
    assert statuses(service, day, 2) == [429, 200]
    assert [line["fault"] for line in service.log(day)][-2:] == ["429", "empty_results"]


def test_orders_for_any_date_are_used_up_by_each_date(service: TestService, order: Order) -> None:
    order("*", [{"fault": "503"}, {"fault": "empty_results", "times": "always"}])
    for day in ("2025-03-07", "2025-03-08"):
        assert statuses(service, day, 2) == [503, 200]


@pytest.mark.parametrize(
    ("orders", "words"),
    [
        ('{"2024-12-01": [{"fault": "nonsense"}]}', ["'nonsense'", "processor_failed"]),
        ('{"2024-12-01": [{"fault": "401", "seconds": 3}]}', ["401", "'seconds'"]),
        ('{"2024-12-01": [{"fault": "zero_rows", "processor": "X"}]}', ["'X'", NAMES[0]]),
        ('{"2024-12-01": [{"fault": "html", "often": 3}]}', ["often"]),
        ('{"2024-12-01": [{"fault": "html", "times": 0}]}', ["times"]),
        ('{"someday": []}', ["someday"]),
        ("{", ["Expecting property name"]),
    ],
)
def test_an_order_that_cannot_be_understood_is_an_error_at_the_start_and_later(
    service: TestService,
    phase4: Phase4,
    faults: Path,
    orders: str,
    words: list[str],
    tmp_path: Path,
) -> None:
    home = ServiceHome(tmp_path / "home", phase4.warehouse.host)
    faults.write_text(orders)
    try:
        answer = service.post("2024-12-01")
        done = home.run("up", "--faults", faults)
    finally:
        faults.write_text("{}")
    assert answer.status_code == 500
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert all(word in answer.json()["error"] for word in words)
    assert all(word in done.stderr for word in words)
