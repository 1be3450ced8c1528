"""The plan: what Phase 4 owes by the schedule and the tables, and why the rest is left out."""

import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from harness import ROOT, GatesProject, TestWarehouse

from backfill.__main__ import main
from backfill.plan import DateSelection, PlanError, check_range, dates_from, plan, sample
from gates.config.settings import load
from gates.measure import readback
from gates.measure.readback import DateCoverage

WINDOW = (date(2024, 10, 1), date(2026, 1, 2))
SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, datetime.now(UTC))
ASKED = SETTINGS.backfill
WHOLE = DateCoverage(
    game_date=date(2025, 1, 10),
    is_bootstrap=False,
    games=5,
    games_found=5,
    players=100,
    players_found=95,
    factor_rows=165,
    cached_players=80,
    teams_due=30,
    teams_found=30,
    zones_due=400,
    zones_found=380,
)


def dates(*games: int) -> list[DateCoverage]:
    """Dates that Phase 4 owes, with so many games each."""
    return [
        replace(WHOLE, game_date=WHOLE.game_date + timedelta(days=n), games=count, games_found=0)
        for n, count in enumerate(games)
    ]


def test_a_date_is_complete_at_the_edge_of_every_bound() -> None:
    assert WHOLE.shortfalls(ASKED) == []


@pytest.mark.parametrize(
    ("change", "clause"),
    [
        ({"games_found": 4}, "player_composite_factors holds 4 of 5 games"),
        ({"games": 0, "games_found": 0}, "player_composite_factors holds 0 of 0 games"),
        ({"players_found": 94}, "player_composite_factors holds 94 of 100 players"),
        ({"players": 0, "players_found": 0}, "player_composite_factors holds 0 of 0 players"),
        ({"cached_players": 64}, "player_daily_cache holds 64 players, at least 65 are needed"),
        ({"teams_found": 29}, "team_defense_zone_analysis holds 29 of 30 teams"),
        ({"zones_found": 379}, "player_shot_zone_analysis holds 379 of 400 players"),
    ],
    ids=["game", "no game", "players", "no player", "cache", "team zones", "player zones"],
)
def test_a_date_that_lacks_one_thing_is_not_complete(change: dict[str, Any], clause: str) -> None:
    (lacks,) = replace(WHOLE, **change).shortfalls(ASKED)
    assert lacks.clause.startswith(clause)


def test_each_table_is_written_by_a_processor_that_a_date_requires() -> None:
    assert {*readback.PROCESSORS.values()} == {*ASKED.required_processors}
    assert {*readback.PROCESSORS} == {*WHOLE.rows()}


def test_a_young_season_owes_no_zones() -> None:
    young = replace(WHOLE, teams_due=0, teams_found=0, zones_due=0, zones_found=0)
    assert young.shortfalls(ASKED) == []


def test_a_sample_is_a_spread_with_the_largest_and_a_small_one() -> None:
    found = sample(dates(*[5] * 20, 12, *[6] * 30, 1, *[7] * 20))
    assert len(found) == 5
    assert {1, 12} < {held.games for held in found}
    assert found[0].game_date == WHOLE.game_date
    assert found == sorted(found, key=lambda held: held.game_date)


@pytest.mark.parametrize("number", range(6))
def test_a_sample_of_five_dates_or_fewer_has_all_of_them(number: int) -> None:
    held = dates(*[5] * number)
    assert sample(held) == held


def test_a_choice_leaves_the_rest_out() -> None:
    owed = dates(3, 4, 5, 6)
    early = replace(WHOLE, game_date=date(2024, 10, 25), is_bootstrap=True)
    held = [early, replace(WHOLE, game_date=date(2024, 12, 1)), *owed]
    found = plan(held, DateSelection(start=owed[1].game_date, limit=2), ASKED, WINDOW)
    assert list(found.dates) == owed[1:3]
    assert (found.complete, found.bootstrap, found.not_chosen) == (1, 1, 2)
    content = found.content()
    assert [each["date"] for each in content["dates"]] == [str(h.game_date) for h in owed[1:3]]
    assert content["left_out"] == {"bootstrap": 1, "complete": 1, "not_chosen": 2}


def test_nothing_to_do_is_told_from_nothing_chosen() -> None:
    later = replace(WHOLE, game_date=date(2025, 1, 11))
    early = replace(WHOLE, game_date=date(2024, 10, 25), is_bootstrap=True)
    whole = plan([early, WHOLE, later], DateSelection(), ASKED, WINDOW)
    assert whole.nothing == "Nothing to backfill: all 2 eligible dates are complete."
    one = plan([WHOLE, later], DateSelection(start=later.game_date), ASKED, WINDOW)
    assert one.nothing == "Nothing to backfill: the one chosen date is complete."
    owed = replace(later, games_found=0)
    assert plan([WHOLE, owed], DateSelection(), ASKED, WINDOW).nothing is None
    for none in (
        DateSelection(end=early.game_date),
        DateSelection(dates=frozenset()),
        DateSelection(start=WINDOW[1]),
    ):
        with pytest.raises(PlanError, match="No eligible game date was chosen: "):
            plan([early, WHOLE, later], none, ASKED, WINDOW)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ("day\n2025-01-10\n", "has no column date"),
        ("date\n", "holds no date"),
        ("date\n2025-01-10\n2025-02-30\n", "line 3: '2025-02-30' is not a date"),
        ("date\n\n10.01.2025\n", "'10.01.2025' is not a date"),
        ("why,date\nlate\n", "line 2: '' is not a date"),
        ("date\n2023-01-10\n", "line 2: 2023-01-10 is outside the window 2024-10-01 to 2026-01-02"),
        ("date\n2025-02-16\n", "line 2: the schedule has no final league game on 2025-02-16"),
        ("date\n2024-10-25\n", "line 2: 2024-10-25 is a bootstrap date"),
    ],
    ids=[
        "header",
        "empty",
        "no date",
        "another format",
        "a short line",
        "window",
        "no game",
        "bootstrap",
    ],
)
def test_a_dates_file_with_a_bad_line_names_it(tmp_path: Path, lines: str, message: str) -> None:
    file = tmp_path / "dates.csv"
    file.write_text(lines, encoding="utf-8")
    held = [replace(WHOLE, game_date=date(2024, 10, 25), is_bootstrap=True), WHOLE]
    with pytest.raises(PlanError, match=message.replace("(", r"\(")):
        dates_from(file, held, WINDOW)


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"\r"], ids=["Windows", "Unix", "old Macs"])
def test_a_dates_file_from_a_spreadsheet(end: bytes, tmp_path: Path) -> None:
    file = tmp_path / "dates.csv"
    file.write_bytes(end.join((b"\xef\xbb\xbfdate,why", b"2025-01-10,late", b"")))
    assert dates_from(file, [WHOLE], WINDOW) == {WHOLE.game_date}


def test_a_dates_file_that_cannot_be_read_says_why(tmp_path: Path) -> None:
    file = tmp_path / "dates.csv"
    with pytest.raises(PlanError) as found:
        dates_from(file, [WHOLE], WINDOW)
    assert str(found.value) == (
        f"{file} cannot be read ([Errno 2] No such file or directory: '{file}'); "
        "correct --dates-file."
    )


@pytest.mark.parametrize("edge", WINDOW, ids=["first", "last"])
def test_a_dates_file_may_name_both_ends_of_the_window_and_no_day_outside(
    edge: date, tmp_path: Path
) -> None:
    file = tmp_path / "dates.csv"
    file.write_text(f"date\n{edge}\n", encoding="utf-8")
    assert dates_from(file, [replace(WHOLE, game_date=edge)], WINDOW) == {edge}
    outside = edge + timedelta(days=1 if edge == WINDOW[1] else -1)
    file.write_text(f"date\n{outside}\n", encoding="utf-8")
    with pytest.raises(PlanError, match="is outside the window"):
        dates_from(file, [replace(WHOLE, game_date=outside)], WINDOW)


@pytest.mark.parametrize(
    ("workers", "measured", "says"),
    [
        (1, 60.0, "0:04:00 (60.0 s per date, measured, 1 at once, 2 s between two starts)"),
        (4, 60.0, "0:01:00 (60.0 s per date, measured, 4 at once, 2 s between two starts)"),
        # Four workers would start one each second, but the pause lets them not.
        (4, 4.0, "0:00:08 (4.0 s per date, measured, 4 at once, 2 s between two starts)"),
        (2, None, "0:01:40 (50.0 s per date, configured, 2 at once, 2 s between two starts)"),
    ],
)
def test_the_estimate_counts_workers_and_the_pause_between_two_starts(
    workers: int, measured: float | None, says: str
) -> None:
    made = plan(dates(3, 4, 5, 6), DateSelection(), ASKED, WINDOW)
    phase4 = SETTINGS.target.phase4
    service = phase4.model_copy(
        update={"min_interval_s": Decimal(2), "seconds_per_date": Decimal(50)}
    )
    assert f"Expected duration: {says}" in [*made.lines(service, workers, measured)]


def test_a_dates_file_without_an_end_is_not_waited_for(tmp_path: Path) -> None:
    pipe, long = tmp_path / "pipe.csv", tmp_path / "long.csv"
    os.mkfifo(pipe)
    # One line, as of /dev/zero, takes the memory of the machine.
    long.write_text("date\n" + "0" * 2_000_000, encoding="utf-8")
    for file in (pipe, Path("/dev/zero"), long):
        with pytest.raises(PlanError, match=r"cannot be read .*; correct --dates-file"):
            dates_from(file, [WHOLE], WINDOW)


def test_what_is_no_date_is_shown_in_a_line_of_bounded_length(tmp_path: Path) -> None:
    file = tmp_path / "dates.csv"
    file.write_text("date\n" + "\x1b[31m" * 1_000, encoding="utf-8")
    with pytest.raises(PlanError, match=r"line 2: .* is not a date") as found:
        dates_from(file, [WHOLE], WINDOW)
    assert len(str(found.value)) < 1_000
    assert "\x1b" not in str(found.value)


def planned(project: GatesProject, *words: str) -> str:
    done = project.python("-m", "backfill", "plan", *words)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_embedded_warehouse_owes_207_dates(project: GatesProject) -> None:
    output = planned(project)
    assert "Dates to process: 207 (2024-11-" in output
    assert "28 bootstrap (Phase 4 writes nothing then), 50 complete in the tables" in output
    assert "Expected duration: 0:01:57 (1.7 s per date, configured, 3 at once, 0 s" in output


def test_a_date_of_which_a_player_in_ten_is_gone_is_owed(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    factors = "nba_precompute.player_composite_factors"
    day = warehouse.value(f"SELECT MAX(game_date) FROM {factors}")
    some = f"game_date = '{day}' AND TO_HEX(MD5(player_lookup)) < '199a'"
    with warehouse.fault(f"DELETE FROM {factors} WHERE {some}"):
        output = planned(project, "--start", str(day))
    assert f"Dates to process: 1 ({day} to {day})" in output
    assert "of these, in part there already: 1" in output


@pytest.mark.parametrize(
    "table",
    [
        "nba_precompute.player_daily_cache",
        "nba_precompute.player_shot_zone_analysis",
        "nba_precompute.team_defense_zone_analysis",
    ],
)
def test_a_table_without_its_rows_owes_them(
    table: str, project: GatesProject, warehouse: TestWarehouse
) -> None:
    with warehouse.fault(f"DELETE FROM {table} WHERE TRUE"):
        owed = int(planned(project).split("Dates to process: ")[1].split()[0])
    assert 240 <= owed <= 257


def test_nothing_is_planned_from_a_schedule_that_is_empty(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    with warehouse.fault("DELETE FROM nba_raw.nbac_schedule WHERE TRUE"):
        done = project.python("-m", "backfill", "plan")
    assert (done.returncode, done.stdout) == (1, "")
    assert "nbac_schedule has no final league game from 2024-10-01 to 2026-01-02" in done.stderr


def test_a_bad_dates_file_is_a_usage_error(project: GatesProject, tmp_path: Path) -> None:
    file = tmp_path / "dates.csv"
    file.write_text("date\n2024-10-25\n", encoding="utf-8")
    done = project.python("-m", "backfill", "plan", "--dates-file", str(file))
    assert (done.returncode, done.stdout) == (4, "")
    assert "line 2: 2024-10-25 is a bootstrap date" in done.stderr


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "x" * 3_000, "9" * 5_000])
def test_a_limit_that_is_no_number_of_dates(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["plan", f"--limit={text}"])
    said = capsys.readouterr().err.splitlines()[-1]
    assert "is not a number of dates, expected 1 or more" in said
    assert len(said) < 1_000


def lines(*games: int) -> list[str]:
    """What is printed of so many dates, of which the second is there in part."""
    owed = [replace(each, factor_rows=int(place == 1)) for place, each in enumerate(dates(*games))]
    early = replace(WHOLE, game_date=date(2024, 10, 25), is_bootstrap=True)
    done = replace(WHOLE, game_date=date(2024, 12, 1))
    made = plan([early, done, *owed], DateSelection(limit=len(owed) - 1), ASKED, WINDOW)
    return [*made.lines(SETTINGS.target.phase4, 3, 60.0)]


def test_the_plan_says_how_many_dates_from_when_to_when_and_which_are_left_out() -> None:
    first, count, begun, left_out, duration = lines(3, 4, 5, 6, 7, 8, 9)
    assert first == "PHASE 4 BACKFILL PLAN  2024-10-01 to 2026-01-02"
    assert count == "Dates to process: 6 (2025-01-10 to 2025-01-15)"
    assert begun == "  of these, in part there already: 1"
    assert left_out == (
        "Left out: 1 bootstrap (Phase 4 writes nothing then), 1 complete in the tables, "
        "1 not chosen"
    )
    assert duration.startswith("Expected duration: 0:02:00 (60.0 s per date, measured, 3 at once")


def test_five_dates_or_fewer_are_listed() -> None:
    assert lines(3, 4, 5, 6, 7, 8)[5:] == [
        f"  2025-01-{day}: {games} games" for day, games in enumerate((3, 4, 5, 6, 7), 10)
    ]
    nothing = plan([WHOLE], DateSelection(), ASKED, WINDOW)
    assert "Dates to process: 0" in [*nothing.lines(SETTINGS.target.phase4, 1, None)]


def test_as_json_a_plan_has_its_window_its_dates_and_what_is_left_out() -> None:
    (first,) = (replace(each, factor_rows=7) for each in dates(3))
    done = replace(WHOLE, game_date=date(2024, 12, 1))
    assert plan([first, done], DateSelection(), ASKED, WINDOW).content() == {
        "window": [day.isoformat() for day in WINDOW],
        "dates": [{"date": "2025-01-10", "games": 3, "factor_rows": 7}],
        "left_out": {"bootstrap": 0, "complete": 1, "not_chosen": 0},
    }


def test_a_sample_is_planned_and_the_rest_is_not_chosen() -> None:
    held = dates(*[5] * 41)
    found = plan(held, DateSelection(sample=True), ASKED, WINDOW)
    assert (list(found.dates), found.not_chosen) == (sample(held), 36)


@pytest.mark.parametrize(
    ("smallest", "largest", "places"),
    [(0, 40, [0, 10, 20, 30, 40]), (40, 0, [0, 10, 20, 30, 40]), (5, 33, [0, 5, 20, 33, 40])],
)
def test_a_sample_takes_the_ends_before_the_middle_and_the_middle_before_the_quarters(
    smallest: int, largest: int, places: list[int]
) -> None:
    held = dates(*({smallest: 1, largest: 15}.get(place, 5) for place in range(41)))
    assert [held.index(each) for each in sample(held)] == places


def test_a_selection_over_dates_keeps_what_else_was_asked() -> None:
    asked = DateSelection(start=WINDOW[0], end=WINDOW[1], limit=3, sample=True)
    some = frozenset({WHOLE.game_date})
    assert asked.over(some) == replace(asked, dates=some)
    assert asked.over(some).over(None) == asked


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        (
            DateSelection(start=WINDOW[0] - timedelta(days=1)),
            "--start: 2024-09-30 is outside the window 2024-10-01 to 2026-01-02; choose another.",
        ),
        (
            DateSelection(end=WINDOW[1] + timedelta(days=1)),
            "--end: 2026-01-03 is outside the window 2024-10-01 to 2026-01-02; choose another.",
        ),
        (
            DateSelection(start=date(2025, 1, 2), end=date(2025, 1, 1)),
            "--end: 2025-01-01 is before --start 2025-01-02; swap or correct them.",
        ),
    ],
    ids=["start", "end", "swapped"],
)
def test_a_range_that_is_none_of_the_window_is_a_sentence(
    selection: DateSelection, message: str
) -> None:
    with pytest.raises(PlanError) as found:
        check_range(selection, WINDOW)
    assert str(found.value) == message


def test_a_range_may_be_one_day_or_the_whole_window_or_nothing() -> None:
    for start, end in ((WINDOW[0], WINDOW[0]), WINDOW, (None, None), (WINDOW[1], None)):
        check_range(DateSelection(start=start, end=end), WINDOW)


@pytest.mark.parametrize(
    ("selection", "ends"),
    [
        (DateSelection(end=date(2024, 10, 25)), "from 2024-10-01 to 2024-10-25; choose others."),
        (DateSelection(start=WINDOW[1]), "from 2026-01-02 to 2026-01-02; choose others."),
        (
            DateSelection(dates=frozenset({date(2024, 10, 25)})),
            "from 2024-10-01 to 2026-01-02, and 1 dates were named; choose others.",
        ),
    ],
    ids=["end", "start", "named"],
)
def test_a_selection_of_no_eligible_date_says_between_which_days(
    selection: DateSelection, ends: str
) -> None:
    with pytest.raises(PlanError) as found:
        plan([WHOLE], selection, ASKED, WINDOW)
    assert str(found.value) == (
        f"No eligible game date was chosen: the schedule has none after bootstrap {ends}"
    )


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2023-01-10", "2023-01-10 is outside the window 2024-10-01 to 2026-01-02"),
        ("2025-02-16", "the schedule has no final league game on 2025-02-16"),
        ("2024-10-25", "2024-10-25 is a bootstrap date, Phase 4 writes nothing"),
    ],
)
def test_a_date_that_has_to_leave_the_file_is_a_sentence(
    day: str, why: str, tmp_path: Path
) -> None:
    file = tmp_path / "dates.csv"
    file.write_text(f"date\n{day}\n", encoding="utf-8")
    held = [replace(WHOLE, game_date=date(2024, 10, 25), is_bootstrap=True), WHOLE]
    with pytest.raises(PlanError) as found:
        dates_from(file, held, WINDOW)
    assert str(found.value) == f"{file}, line 2: {why}; remove it."
