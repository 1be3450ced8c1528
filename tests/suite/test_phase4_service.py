import signal
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests
from harness import until_signal
from phase4_harness import (
    MLFS,
    PCF,
    PDC,
    PROCESSORS,
    PSZA,
    TDZA,
    Order,
    Phase4,
    ServiceHome,
    TestService,
)

NAMES = list(PROCESSORS)
SUCCESS = dict.fromkeys(NAMES, "success")
NOTHING = dict.fromkeys(PROCESSORS.values(), 0)
PLAYERS = "nba_analytics.player_game_summary"


@pytest.fixture
def home(phase4: Phase4, tmp_path: Path) -> Iterator[ServiceHome]:
    home = ServiceHome(tmp_path / "home", phase4.warehouse.host)
    yield home
    if home.servers():
        home.run("down")
    assert not home.servers()


def test_all_processors_run_in_order_and_the_answer_says_nothing_of_rows(
    service: TestService, phase4: Phase4
) -> None:
    day = phase4.fresh()
    answer = service.post(day)
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "completed",
        "analysis_date": str(day),
        "results": [{"processor": name, "status": "success", "stats": {}} for name in NAMES],
    }


def test_named_processors_run_in_their_own_order_and_unknown_names_are_dropped(
    service: TestService, phase4: Phase4
) -> None:
    day = phase4.fresh()
    asked = [NAMES[3], "NoSuchProcessor", NAMES[0]]
    assert list(service.statuses(day, processors=asked)) == [NAMES[0], NAMES[3]]
    found = phase4.counts(day)
    assert {table for table, rows in found.items() if rows} == {TDZA, PCF}
    assert service.statuses(day, processors=["NoSuchProcessor"]) == {}


@pytest.mark.parametrize("body", [{}, {"analysis_date": ""}, {"analysis_date": None}])
def test_a_request_without_a_date_is_refused(service: TestService, body: dict[str, Any]) -> None:
    answer = requests.post(f"{service.url}/process-date", json=body, timeout=60)
    assert (answer.status_code, answer.json()) == (400, {"error": "analysis_date required"})


@pytest.mark.parametrize("body", ["", "no json", "[]", '{"analysis_date": "2024-13-01"}'])
def test_a_request_that_cannot_be_read_is_an_error(service: TestService, body: str) -> None:
    answer = requests.post(f"{service.url}/process-date", data=body, timeout=60)
    assert answer.status_code == 500
    assert list(answer.json()) == ["error"]


def test_each_table_gets_the_rows_that_its_date_should_have(
    service: TestService, phase4: Phase4
) -> None:
    day = phase4.fresh("2025-01-10")
    assert service.statuses(day) == SUCCESS
    rows, games = phase4.counts(day), phase4.games(day)
    assert rows[TDZA] == 30
    assert 290 <= rows[PSZA] <= 510
    assert 19 * games <= rows[PDC] <= 24 * games
    assert 32 * games <= rows[PCF] <= 36 * games
    assert rows[MLFS] == rows[PCF]
    assert phase4.games(day, PCF) == games
    assert phase4.duplicates(day) == 0
    means = phase4.warehouse.rows(
        "SELECT AVG(fatigue_score) AS fatigue, MAX(ABS(pace_score)) AS pace, "
        f"COUNTIF(total_composite_adjustment IS NULL) AS missing FROM {PCF} "
        f"WHERE game_date = DATE '{day}'"
    )[0]
    assert 80 < means["fatigue"] <= 100
    assert means["pace"] <= 8
    assert means["missing"] == 0


def test_team_defense_has_no_rows_while_the_season_is_young(
    service: TestService, phase4: Phase4
) -> None:
    day = phase4.fresh("2024-11-05")
    assert day < date(2024, 11, 14)
    assert service.statuses(day) == SUCCESS
    rows = phase4.counts(day)
    assert rows[TDZA] == 0
    assert rows[PCF] > 0


def test_a_rerun_gives_the_same_rows_and_deletes_none_that_do_not_belong(
    service: TestService, phase4: Phase4
) -> None:
    day = phase4.fresh()
    service.post(day)
    first = {table: phase4.content(table, day) for table in PROCESSORS.values()}
    columns = ", ".join(first[PCF][0])
    changed = columns.replace("game_id", "'20200101_XXX_YYY'", 1)
    phase4.warehouse.rows(
        f"INSERT INTO {PCF} ({columns}) SELECT {changed} FROM {PCF} "
        f"WHERE game_date = DATE '{day}' LIMIT 1"
    )
    phase4.warehouse.rows(f"DELETE FROM {PDC} WHERE cache_date = DATE '{day}'")
    phase4.warehouse.rows(f"UPDATE {PSZA} SET data_hash = '' WHERE analysis_date = DATE '{day}'")
    assert service.statuses(day) == SUCCESS
    assert phase4.duplicates(day) == 0
    second = {table: phase4.content(table, day) for table in PROCESSORS.values()}
    stray = [row for row in second[PCF] if row["game_id"] == "20200101_XXX_YYY"]
    assert len(stray) == 1
    second[PCF].remove(stray[0])
    assert second == first


def test_a_date_that_was_done_before_has_the_rows_that_it_had(
    service: TestService, phase4: Phase4
) -> None:
    day = phase4.warehouse.value(
        f"SELECT MIN(game_date) FROM {PCF} WHERE game_date BETWEEN '2025-12-01' AND '2026-01-02'"
    )
    before = {table: phase4.content(table, day) for table in PROCESSORS.values()}
    assert service.statuses(day) == SUCCESS
    assert {table: phase4.content(table, day) for table in PROCESSORS.values()} == before


def test_requests_for_one_date_at_the_same_time_leave_no_duplicates(
    service: TestService, phase4: Phase4
) -> None:
    day = phase4.fresh()
    assert [answer.status_code for answer in service.at_once([day, day, day])] == [200] * 3
    assert phase4.duplicates(day) == 0


def test_a_bootstrap_date_is_a_success_and_writes_placeholders_only(
    service: TestService, phase4: Phase4
) -> None:
    day = date(2024, 10, 30)
    phase4.warehouse.rows(f"DELETE FROM {MLFS} WHERE game_date = DATE '{day}'")
    assert service.statuses(day) == SUCCESS
    rows = phase4.counts(day)
    assert rows == {**NOTHING, MLFS: rows[MLFS]}
    assert 32 <= rows[MLFS] / phase4.games(day) <= 36
    for row in phase4.content(MLFS, day):
        assert row["data_source"] == "early_season"
        assert row["is_production_ready"] is False
        assert row["features"] == []


@pytest.mark.parametrize("day", ["2024-11-28", "2031-01-01", "2025-08-01"])
def test_a_date_without_games_is_a_success_without_rows(
    service: TestService, phase4: Phase4, day: str
) -> None:
    assert service.statuses(day) == SUCCESS
    assert phase4.counts(day) == NOTHING


def test_damage_to_phase_3_is_seen_although_its_rows_are_kept(
    service: TestService, phase4: Phase4
) -> None:
    day = phase4.fresh()
    assert service.statuses(day, processors=[NAMES[1]]) == {NAMES[1]: "success"}
    with phase4.warehouse.fault(f"DELETE FROM {PLAYERS} WHERE game_date = DATE '{day}'"):
        assert service.statuses(day, processors=[NAMES[3]]) == {NAMES[3]: "success"}
        assert phase4.counts(day)[PCF] == 0
    with phase4.warehouse.fault(f"ALTER TABLE {PLAYERS} DROP COLUMN ts_pct"):
        answer = service.post(day).json()
        assert {each["status"] for each in answer["results"]} == {"exception"}
        assert "ts_pct" in answer["results"][0]["error"]
    assert service.statuses(day) == SUCCESS
    assert phase4.counts(day)[PCF] > 0


def test_a_damaged_table_fails_its_processor_and_no_other(
    service: TestService, phase4: Phase4
) -> None:
    day = phase4.fresh()
    with phase4.warehouse.fault(f"ALTER TABLE {PDC} DROP COLUMN cache_date"):
        assert service.statuses(day) == {**SUCCESS, NAMES[2]: "exception"}
    assert phase4.counts(day)[PCF] > 0


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
    service: TestService, faults: Path, home: ServiceHome, orders: str, words: list[str]
) -> None:
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


def test_at_most_five_requests_are_handled_at_once(service: TestService, order: Order) -> None:
    order("*", [{"fault": "hang", "seconds": 2}])
    with ThreadPoolExecutor(6) as pool:
        days = [f"2031-02-{day:02d}" for day in range(1, 7)]
        waiting = [pool.submit(service.post, day, processors=["none"]) for day in days]
        ended = sorted(each.result().elapsed.total_seconds() for each in waiting)
    assert ended[4] - ended[0] < 1
    assert ended[5] - ended[4] > 1


@pytest.fixture
def quick(tmp_path: Path) -> Path:
    """Orders under which every request is answered without any work."""
    file = tmp_path / "quick.json"
    file.write_text('{"*": [{"fault": "empty_results", "times": "always"}]}')
    return file


def test_a_token_is_good_for_so_many_requests(home: ServiceHome, quick: Path) -> None:
    service = home.up("--faults", quick, "--token-requests", 2)
    first = [service.post_with_token("first-secret") for _ in range(3)]
    assert [answer.status_code for answer in first] == [200, 200, 401]
    assert service.post_with_token("second-secret").status_code == 200
    assert service.post_with_token(None).status_code == 403
    with pytest.raises(requests.JSONDecodeError):
        first[2].json()
    assert [line["status"] for line in service.log("2024-12-01")] == [200, 200, 401, 200, 403]
    kept = [path.read_text() for path in home.folder.rglob("*") if path.is_file()]
    assert not [text for text in kept if "secret" in text]


def test_a_token_is_good_for_so_long(home: ServiceHome, quick: Path) -> None:
    service = home.up("--faults", quick, "--token-seconds", 1.5)
    assert service.post_with_token("t").status_code == 200
    assert service.post_with_token("t").status_code == 200
    time.sleep(1.6)
    assert service.post_with_token("t").status_code == 401
    assert service.post_with_token("u").status_code == 200


def test_up_prints_the_url_and_the_same_again_and_its_files_are_private(
    home: ServiceHome, quick: Path
) -> None:
    service = home.up("--faults", quick)
    assert service.url.startswith("http://127.0.0.1:")
    assert home.up("--faults", quick) == service
    assert len(home.servers()) == 1
    service.post("2024-12-01")
    for path in [home.folder, *home.folder.rglob("*")]:
        assert not stat.S_IMODE(path.lstat().st_mode) & 0o077, path


def test_up_with_other_options_restarts_the_service_at_the_same_url(
    home: ServiceHome, quick: Path
) -> None:
    service = home.up("--faults", quick)
    assert home.up("--faults", quick, "--token-requests", 1) == service
    assert service.post("2024-12-01").status_code == 403


def test_down_stops_it_and_is_no_error_where_nothing_runs(home: ServiceHome, quick: Path) -> None:
    home.up("--faults", quick)
    assert "is stopped" in home.run("down").stderr
    done = home.run("down")
    assert (done.returncode, done.stdout) == (0, "")
    assert "was not running" in done.stderr


def test_a_hanging_request_does_not_keep_the_service_from_stopping(
    home: ServiceHome, tmp_path: Path
) -> None:
    file = tmp_path / "hang.json"
    file.write_text('{"*": [{"fault": "hang"}]}')
    service = home.up("--faults", file)
    with pytest.raises(requests.ReadTimeout):
        service.post("2024-12-01", timeout=0.5)
    started = time.monotonic()
    assert home.run("down").returncode == 0
    assert time.monotonic() - started < 10


def test_exec_starts_a_service_for_its_command_and_hands_its_status_on(home: ServiceHome) -> None:
    done = home.run("exec", command=["bash", "-c", "echo $PHASE4_URL; exit 6"])
    assert (done.returncode, done.stderr) == (6, "")
    assert done.stdout.startswith("http://127.0.0.1:")
    assert not home.servers()
    assert home.run("exec", command=["no-such-program"]).returncode == 127
    assert not home.servers()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_exec_stops_its_service_when_a_signal_has_ended_the_command(
    home: ServiceHome, number: signal.Signals
) -> None:
    # In a session of its own there is no terminal, so that SIGINT does not come from Ctrl-C.
    with home.begin("exec", command=until_signal(number), start_new_session=True) as running:
        assert running.stdout
        assert running.stdout.readline() == "ready\n"
        running.send_signal(number)
        assert running.wait(30) == 7
    assert not home.servers()


def test_exec_uses_a_service_that_is_up_and_leaves_it(home: ServiceHome, quick: Path) -> None:
    service = home.up("--faults", quick)
    done = home.run("exec", command=["bash", "-c", "echo $PHASE4_URL"])
    assert done.stdout == f"{service.url}\n"
    assert service.post("2024-12-01").status_code == 200


def test_exec_refuses_a_service_with_other_options_or_another_warehouse(
    home: ServiceHome, quick: Path
) -> None:
    home.up("--faults", quick)
    elsewhere = ServiceHome(home.folder, "127.0.0.1:1")
    for done in (
        home.run("exec", "--token-requests", 3, command=["true"]),
        elsewhere.run("exec", command=["true"]),
    ):
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (125, "", 1)
        assert "make service-down" in done.stderr


def test_without_a_warehouse_it_says_what_to_do(tmp_path: Path) -> None:
    home = ServiceHome(tmp_path / "home", None)
    for do, status, command in (("up", 1, []), ("exec", 125, ["true"])):
        done = home.run(do, command=command)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (status, "", 1)
        assert "make service-up" in done.stderr
