"""The embedded Phase 4 service: what it answers, and the rows that it writes."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import requests
from harness import running
from phase4_harness import (
    MLFS,
    NAMES,
    NOTHING,
    PCF,
    PDC,
    PROCESSORS,
    PSZA,
    SUCCESS,
    TDZA,
    Order,
    Phase4,
    ServiceHome,
    TestService,
)

PLAYERS = "nba_analytics.player_game_summary"


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
    complete_home: Path, tmp_path: Path
) -> None:
    # Its seasons are like the platform's, as those are that the service writes for.
    with running(complete_home, tmp_path / "warehouse") as warehouse:
        phase4, home = Phase4(warehouse), ServiceHome(tmp_path / "service", warehouse.host)
        day = warehouse.value(
            f"SELECT MIN(game_date) FROM {PCF} "
            "WHERE game_date BETWEEN '2025-12-01' AND '2026-01-02'"
        )
        before = {table: phase4.content(table, day) for table in PROCESSORS.values()}
        assert home.up().statuses(day) == SUCCESS
        assert {table: phase4.content(table, day) for table in PROCESSORS.values()} == before
        home.run("down")


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


def test_at_most_five_requests_are_handled_at_once(service: TestService, order: Order) -> None:
    order("*", [{"fault": "hang", "seconds": 2}])
    with ThreadPoolExecutor(6) as pool:
        days = [f"2031-02-{day:02d}" for day in range(1, 7)]
        waiting = [pool.submit(service.post, day, processors=["none"]) for day in days]
        ended = sorted(each.result().elapsed.total_seconds() for each in waiting)
    assert ended[4] - ended[0] < 1
    assert ended[5] - ended[4] > 1
