"""The logs that the generator writes beside the tables: their form, and what they claim."""

import re
from collections import Counter
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path

import pytest
from harness import TestWarehouse

PHASE1 = "team_offense_backfill_phase1.log"
PHASE2 = "player_game_summary_backfill_phase2.log"
DAY = r"\d{4}-\d\d-\d\d"
PREFIX = rf"{DAY} \d\d:\d\d:\d\d,\d{{3}} - INFO - "
RULE = "=" * 80
LIBRARY = r"INFO:[\w.]+:.*\S"
SEQUENTIAL = [
    rf"{PREFIX}Starting day-by-day backfill from {DAY} to {DAY}",
    rf"{PREFIX}Processing day \d+/\d+: {DAY}",
    rf"{PREFIX}  ✓ Success: \d+ records",
    rf"{PREFIX}Progress: \d+/\d+ days \(\d+\.\d% success\), .*",
    rf"{PREFIX}{RULE}",
    rf"{PREFIX}DAY-BY-DAY BACKFILL SUMMARY:",
    rf"{PREFIX}  Date range: {DAY} to {DAY}",
    rf"{PREFIX}  (Total|Successful|Failed) days: \d+",
    rf"{PREFIX}  Success rate: \d+\.\d%",
    rf"{PREFIX}  Total records processed: \d+",
    LIBRARY,
]
PARALLEL = [
    rf"{PREFIX}🚀 PARALLEL BACKFILL MODE - 15 CONCURRENT WORKERS",
    rf"{PREFIX}Date range: {DAY} to {DAY}",
    rf"{PREFIX}Processing \d+ days with 15 parallel workers",
    rf"{PREFIX}  ✓ {DAY}: \d+ records",
    rf"{PREFIX}PROGRESS: \d+/\d+ days \(\d+\.\d%\)",
    rf"{PREFIX}{RULE}",
    rf"{PREFIX}PARALLEL BACKFILL COMPLETE",
    rf"{PREFIX}  (Total days|Successful|Failed): \d+",
    rf"{PREFIX}  Success rate: \d+\.\d%",
    rf"{PREFIX}  Total records: \d{{1,3}}(,\d{{3}})*",
    LIBRARY,
]
ORCHESTRATOR = [r"\x1b\[0;3\dm\[\d\d:\d\d:\d\d\]\x1b\[0m \S.*"]
SECTIONS = [
    "BACKFILL ORCHESTRATOR STARTED",
    "PHASE 1: MONITORING TEAM_OFFENSE BACKFILL",
    "PHASE 1: VALIDATING DATA QUALITY",
    "PHASE 2: PLAYER_GAME_SUMMARY BACKFILL",
    "PHASE 2: VALIDATING DATA QUALITY",
    "ORCHESTRATOR FINAL REPORT",
]


@pytest.fixture(scope="module")
def logs(filled_home: Path) -> dict[str, list[str]]:
    """Each log's lines; the orchestrator's name tells when it began."""
    return {
        re.sub(r"_\d{8}_\d{6}", "", file.name): file.read_text(encoding="utf-8").splitlines()
        for file in (filled_home / "logs").iterdir()
    }


def said(lines: list[str], pattern: str) -> list[tuple[str, ...]]:
    """The groups of `pattern` in each line that ends with it."""
    found = (re.fullmatch(PREFIX + pattern, line) for line in lines)
    return [match.groups() for match in found if match]


def window(first: date, last: date) -> list[str]:
    return [str(first + timedelta(days=n)) for n in range((last - first).days + 1)]


PHASE1_DAYS = window(date(2021, 10, 19), date(2026, 1, 2))
PHASE2_DAYS = window(date(2024, 5, 1), date(2026, 1, 2))


def records(warehouse: TestWarehouse, table: str, days: list[str]) -> dict[str, int]:
    """Rows of the table on each of the days."""
    rows = warehouse.rows(f"""
        SELECT game_date, COUNT(*) AS n FROM nba_analytics.{table}
        WHERE game_date BETWEEN '{days[0]}' AND '{days[-1]}' GROUP BY game_date""")
    return dict.fromkeys(days, 0) | {str(row["game_date"]): row["n"] for row in rows}


def test_there_are_three_logs_with_the_names_of_production(filled_home: Path) -> None:
    names = {file.name for file in (filled_home / "logs").iterdir()}
    (orchestrator,) = names - {PHASE1, PHASE2}
    assert re.fullmatch(r"orchestrator_\d{8}_\d{6}\.log", orchestrator)
    assert list((filled_home / "logs").glob("*player*summary*.log")) == [
        filled_home / "logs" / PHASE2
    ]
    assert len(names) == 3


@pytest.mark.parametrize(
    ("name", "shapes"),
    [(PHASE1, SEQUENTIAL), (PHASE2, PARALLEL), ("orchestrator.log", ORCHESTRATOR)],
)
def test_every_line_has_one_of_the_shapes_and_every_shape_occurs(
    logs: dict[str, list[str]], name: str, shapes: list[str]
) -> None:
    odd = [line for line in logs[name] if not any(re.fullmatch(s, line) for s in shapes)]
    unseen = [s for s in shapes if not any(re.fullmatch(s, line) for line in logs[name])]
    assert (odd, unseen) == ([], [])


@pytest.mark.parametrize("name", [PHASE1, PHASE2])
def test_the_time_of_a_log_never_goes_back(logs: dict[str, list[str]], name: str) -> None:
    times = [line[:23] for line in logs[name] if re.match(PREFIX, line)]
    assert times == sorted(times)


def test_the_sequential_job_went_through_1537_of_1537_days(
    logs: dict[str, list[str]], warehouse: TestWarehouse
) -> None:
    lines = logs[PHASE1]
    days = said(lines, rf"Processing day (\d+)/1537: ({DAY})")
    counts = said(lines, r"  ✓ Success: (\d+) records")
    assert days == [(str(n), day) for n, day in enumerate(PHASE1_DAYS, start=1)]
    assert len(days) == 1537
    logged = {day: int(n) for (_, day), (n,) in zip(days, counts, strict=True)}
    assert logged == records(warehouse, "team_offense_game_summary", PHASE1_DAYS)
    progress = said(lines, r"Progress: (\d+)/1537 days \(100\.0% success\), .*")
    assert progress == [(str(n),) for n in range(10, 1537, 10)]


def test_each_day_of_the_sequential_job_is_begun_and_ended_in_turn(
    logs: dict[str, list[str]],
) -> None:
    marks = [
        re.sub(PREFIX, "", line).split()[0]
        for line in logs[PHASE1]
        if "Processing day" in line or "✓ Success" in line
    ]
    assert marks == ["Processing", "✓"] * 1537


def test_the_sequential_job_ends_with_its_summary(logs: dict[str, list[str]]) -> None:
    assert [re.sub(f"^{PREFIX}", "", line) for line in logs[PHASE1][-9:]] == [
        RULE,
        "DAY-BY-DAY BACKFILL SUMMARY:",
        "  Date range: 2021-10-19 to 2026-01-02",
        "  Total days: 1537",
        "  Successful days: 1537",
        "  Failed days: 0",
        "  Success rate: 100.0%",
        "  Total records processed: 11586",
        RULE,
    ]


def test_the_parallel_job_did_each_day_of_its_window_once_in_any_order(
    logs: dict[str, list[str]], warehouse: TestWarehouse
) -> None:
    done = said(logs[PHASE2], rf"  ✓ ({DAY}): (\d+) records")
    assert Counter(day for day, _ in done) == Counter(PHASE2_DAYS)
    assert [day for day, _ in done] != PHASE2_DAYS
    logged = {day: int(n) for day, n in done}
    assert logged == records(warehouse, "player_game_summary", PHASE2_DAYS)
    progress = said(logs[PHASE2], r"PROGRESS: (\d+)/612 days \((\S+)%\)")
    assert progress == [(str(n), f"{100 * n / 612:.1f}") for n in range(10, 612, 10)]


def test_the_parallel_job_ends_with_its_summary(
    logs: dict[str, list[str]], warehouse: TestWarehouse
) -> None:
    total = sum(records(warehouse, "player_game_summary", PHASE2_DAYS).values())
    assert [re.sub(f"^{PREFIX}", "", line) for line in logs[PHASE2][-8:]] == [
        RULE,
        "PARALLEL BACKFILL COMPLETE",
        "  Total days: 612",
        "  Successful: 612",
        "  Failed: 0",
        "  Success rate: 100.0%",
        f"  Total records: {total:,}",
        RULE,
    ]


def test_the_orchestrators_six_sections_stand_between_double_rules(
    logs: dict[str, list[str]],
) -> None:
    texts = [line.split("m ", 1)[1] for line in logs["orchestrator.log"]]
    rules = [place for place, text in enumerate(texts) if text == "═" * 56]
    assert [texts[place + 1] for place in rules[::2]] == SECTIONS
    assert [place + 2 for place in rules[::2]] == rules[1::2]


def test_the_orchestrator_says_that_all_went_well(logs: dict[str, list[str]]) -> None:
    texts = [line.split("m ", 1)[1] for line in logs["orchestrator.log"]]
    told = [key for key, _ in groupby(text for text in texts if "PASSED" in text)]
    assert told == [f"Phase {n} validation PASSED - data quality confirmed" for n in (1, 2)]
    assert texts[-1] == "ALL PHASES COMPLETE & VALIDATED ✓"
    assert not [text for text in texts if "FAILED" in text or "did not complete" in text]
