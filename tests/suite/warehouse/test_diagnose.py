"""`make diagnose`: the rows behind a gate, from a real warehouse, as a table, files and dates."""

import csv
import json
import os
import pty
import shlex
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from harness import GATES_PYTHON, ROOT, GatesProject, TestWarehouse

from gates import program
from gates.commands.diagnose import main
from gates.config.calendar import Calendar
from gates.config.settings import load
from gates.decide.side_by_side import FailingRows
from gates.measure import queries

NOW = datetime.now(UTC)
SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, NOW)
OFFENSE = "nba_analytics.team_offense_game_summary"
PLAYERS = "nba_analytics.player_game_summary"
CONTEXT = "nba_analytics.upcoming_team_game_context"
FACTORS = "nba_precompute.player_composite_factors"
SCHEDULE = "nba_raw.nbac_schedule"
TEAM, PLAYER = "phase1.team_offense_game_summary", "phase2.player_game_summary"
COVERAGE = "phase4.player_composite_factors.coverage"
FATIGUE = "phase4.player_composite_factors.null_rate[fatigue_score]"
INCOMPLETE = "phase4.processors.incomplete_dates"
DAY = "2024-12-10"
# Enough for each query here, and quick.
SEASON = ("--window", "phase1=2024-11-05..2025-06-30", "--window", "phase2=2024-11-05..2025-06-30")

Rows = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def rows(project: GatesProject) -> Rows:
    """The rows behind a gate, as JSON."""

    def ask(gate: str, *words: str) -> list[dict[str, Any]]:
        done = diagnose(project, gate, "--format", "json", *words)
        assert done.returncode == 0, done.stderr
        return list(json.loads(done.stdout))

    return ask


def diagnose(
    project: GatesProject, *words: str, environ: dict[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    return project.python("-m", "gates", "diagnose", *words, environ=environ)


def games_of(warehouse: TestWarehouse, table: str, day: str) -> list[str]:
    found = f"SELECT DISTINCT game_id FROM {table} WHERE game_date = '{day}' ORDER BY game_id"
    return [row["game_id"] for row in warehouse.rows(found)]


def held_day(warehouse: TestWarehouse) -> str:
    """A full date that Phase 4's first state holds."""
    one = (
        f"SELECT game_date FROM {FACTORS} WHERE game_date > '2024-12-01' GROUP BY game_date "
        "HAVING COUNT(DISTINCT game_id) > 3 ORDER BY game_date LIMIT 1"
    )
    return str(warehouse.value(one))


def test_every_file_has_a_gate_and_every_gate_the_file_that_it_names() -> None:
    for gate in SETTINGS.gates.values():
        assert (queries.rows_source(gate) is None) == (gate.diagnose is None), gate.id
    named = {gate.diagnose for gate in SETTINGS.gates.values() if gate.diagnose}
    assert named == {file.stem for file in (queries.SQL / "diagnose").glob("*.sql")}


def test_the_games_that_phase_1_lacks(rows: Rows, warehouse: TestWarehouse) -> None:
    games = games_of(warehouse, OFFENSE, DAY)
    gone = f"DELETE FROM {OFFENSE} WHERE game_date = '{DAY}' AND game_id IN {tuple(games[:2])}"
    with warehouse.fault(gone):
        (found,) = rows(f"{TEAM}.game_count")
    assert found == {
        "game_date": DAY,
        "is_bootstrap": False,
        "found": len(games) - 2,
        "expected": len(games),
        "missing_games": ", ".join(games[:2]),
    }


@pytest.mark.parametrize(
    ("measure", "table", "change", "shown"),
    [
        ("records_per_game", OFFENSE, "team_abbr = 'ZZZ'", {"found": 2, "teams": 1}),
        ("quality_score", OFFENSE, "quality_score = 20", {"min_score": 20.0, "found": 20.0}),
        ("production_ready", OFFENSE, "is_production_ready = NULL", {"found": 0}),
        (
            "critical_issues",
            OFFENSE,
            "quality_issues = ['PLACEHOLDER_CREATED', 'odd']",
            {"found": "placeholder_created", "expected": "none"},
        ),
        ("minutes_played", PLAYERS, "minutes_played = NULL", {"null_pct": 100.0}),
        ("usage_rate", PLAYERS, "usage_rate = NULL", {"games_without_team_rows": 0}),
        ("shot_zones", PLAYERS, "paint_attempts = NULL", {"null_pct": 100.0}),
        ("record_count", PLAYERS, "game_id = 'other'", {"found": 0}),
    ],
)
def test_a_damaged_date_comes_first(
    measure: str,
    table: str,
    change: str,
    shown: dict[str, Any],
    rows: Rows,
    warehouse: TestWarehouse,
) -> None:
    # A date of many games, so that its name would not come first by chance.
    with warehouse.fault(f"UPDATE {table} SET {change} WHERE game_date = '2025-01-15'"):
        found = rows(f"{TEAM if table == OFFENSE else PLAYER}.{measure}", *SEASON)
    assert (found[0]["game_date"], found[0]) == ("2025-01-15", found[0] | shown)
    worst = [row for row in found if row["game_date"] == "2025-01-15"]
    assert found[: len(worst)] == worst


def test_games_whose_team_rows_do_not_join(rows: Rows, warehouse: TestWarehouse) -> None:
    games = games_of(warehouse, PLAYERS, DAY)
    with warehouse.fault(
        f"DELETE FROM {OFFENSE} WHERE game_id = '{games[0]}'",
        f"UPDATE {PLAYERS} SET usage_rate = NULL WHERE game_id = '{games[0]}'",
    ):
        (found,) = (r for r in rows(f"{PLAYER}.usage_rate", *SEASON) if r["game_date"] == DAY)
    assert found["games_without_team_rows"] == 1


def test_what_the_schedule_does_not_have_as_final(rows: Rows, warehouse: TestWarehouse) -> None:
    game = warehouse.value(f"SELECT MIN(game_id) FROM {SCHEDULE} WHERE game_date = '{DAY}'")
    behind = f"UPDATE {SCHEDULE} SET game_status = 2 WHERE game_id = '{game}'"
    with warehouse.fault(behind):
        found = rows("preflight.schedule.unfinished_games")
    assert found == [{"game_date": DAY, "game_id": game, "found": 2, "expected": 3}]


def test_dates_that_can_be_repaired_come_before_bootstrap(
    rows: Rows, warehouse: TestWarehouse
) -> None:
    with warehouse.fault(f"DELETE FROM {CONTEXT} WHERE game_date IN ('2024-10-25', '{DAY}')"):
        found = rows(f"preflight.phase3_coverage.{CONTEXT.split('.')[1]}")
    assert [(row["game_date"], row["is_bootstrap"]) for row in found] == [
        (DAY, False),
        ("2024-10-25", True),
    ]


def test_missing_and_partial_dates_of_phase_4(rows: Rows, warehouse: TestWarehouse) -> None:
    day = held_day(warehouse)
    games = games_of(warehouse, FACTORS, day)
    window = ("--window", f"phase4={day}..{day}")
    with warehouse.fault(f"DELETE FROM {FACTORS} WHERE game_id = '{games[1]}'"):
        (partial,) = rows(COVERAGE, *window)
    with warehouse.fault(f"DELETE FROM {FACTORS} WHERE game_date = '{day}'"):
        (missing,) = rows(COVERAGE, *window)
    assert (partial["status"], partial["missing_games"]) == ("PARTIAL", games[1])
    assert (missing["status"], missing["missing_games"]) == ("MISSING", ", ".join(games))
    assert (partial["expected"], partial["found"]) == (len(games), len(games) - 1)


def test_rows_on_bootstrap_dates_by_both_definitions(rows: Rows, warehouse: TestWarehouse) -> None:
    day = held_day(warehouse)
    # 2024-11-05 is the runbook's own last day; the calendar's is the day before.
    copies = [
        f"INSERT INTO {FACTORS} SELECT * REPLACE (DATE '{other}' AS game_date) "
        f"FROM {FACTORS} WHERE game_date = '{day}'"
        for other in ("2024-10-23", "2024-11-05")
    ]
    with warehouse.fault(*copies):
        found = rows("phase4.player_composite_factors.bootstrap_rows")
    assert [(row["game_date"], row["is_bootstrap"]) for row in found] == [
        ("2024-10-23", True),
        ("2024-11-05", False),
    ]


def test_nulls_of_one_month_are_those_of_that_month(rows: Rows, warehouse: TestWarehouse) -> None:
    before = {row["month"]: row for row in rows(FATIGUE)}
    with warehouse.fault(
        f"UPDATE {FACTORS} SET fatigue_score = NULL "
        "WHERE game_date BETWEEN '2025-11-01' AND '2025-11-30'"
    ):
        after = {row["month"]: row for row in rows(FATIGUE)}
    (changed,) = (month for month in after if after[month] != before[month])
    assert changed == "2025-11"
    assert after[changed]["null_rows__fatigue_score"] == after[changed]["total"] > 0
    assert list(after[changed]) == [
        "month",
        "total",
        "null_rows__fatigue_score",
        "found",
        "expected",
    ]


def test_an_entry_without_a_column_shows_all_of_its_columns(rows: Rows) -> None:
    found = rows(FATIGUE.partition("[")[0])
    columns = {gate.which for gate in SETTINGS.gates.values() if gate.measure == "null_rate"}
    assert {f"null_rows__{column}" for column in columns} < set(found[0])


def test_dates_with_too_many_rows_per_game(rows: Rows, warehouse: TestWarehouse) -> None:
    day = held_day(warehouse)
    window = ("--window", f"phase4={day}..{day}")
    gate = "phase4.player_composite_factors.records_per_date"
    assert rows(gate, *window) == []
    with warehouse.fault(
        f"INSERT INTO {FACTORS} SELECT * FROM {FACTORS} WHERE game_date = '{day}'"
    ):
        (found,) = rows(gate, *window)
    assert found["found"] == 2 * found["unique_players"]


def test_what_each_incomplete_date_lacks(rows: Rows, warehouse: TestWarehouse) -> None:
    day = held_day(warehouse)
    with warehouse.fault(
        f"DELETE FROM nba_precompute.player_daily_cache WHERE cache_date = '{day}'"
    ):
        (found,) = rows(INCOMPLETE, "--window", f"phase4={day}..{day}")
    assert found["game_date"] == day
    assert found["table"] == "player_daily_cache"
    assert found["processor"] == "PlayerDailyCacheProcessor"
    assert found["found"] == 0
    assert found["lacks"] == (
        f"player_daily_cache holds 0 players, at least {found['expected']} are needed"
    )


def test_a_logs_failures(rows: Rows, project: GatesProject) -> None:
    log = project.logs / "team_offense_backfill_phase1.log"
    lines = log.read_text(encoding="utf-8").splitlines()
    lines[9] = "2026-01-03 14:00:00,000 - INFO -   \x1b[31m✗ Failed: 2024-11-18"
    log.write_text("\n".join(lines), encoding="utf-8")
    found = rows("phase1.backfill_log.success_rate")
    assert found[-1] == {
        "line": 10,
        "found": "2026-01-03 14:00:00,000 - INFO - ✗ Failed: 2024-11-18",
        "expected": ">= 95%",
    }
    assert "Success rate: 100.0%" in found[0]["found"]


def test_a_log_that_is_not_there(project: GatesProject) -> None:
    for log in project.logs.iterdir():
        log.unlink()
    done = diagnose(project, "orchestrator.run.phases_complete")
    assert (done.returncode, done.stdout) == (1, "")
    assert "orchestrator_*.log was found. Copy the log there" in done.stderr


@pytest.fixture
def orchestrator() -> Iterator["subprocess.Popen[bytes]"]:
    script = ["-c", "import time; time.sleep(60)", "backfill_orchestrator.sh"]
    process = subprocess.Popen(["python3", *script])
    yield process
    process.kill()
    process.wait()


def test_the_processes_that_still_run(rows: Rows, orchestrator: "subprocess.Popen[bytes]") -> None:
    found = rows("orchestrator.run.stopped")
    assert str(orchestrator.pid) in [row["process"] for row in found]


def test_csv_and_json_hold_the_same_rows(project: GatesProject, rows: Rows) -> None:
    done = diagnose(project, COVERAGE, "--format", "csv")
    found = list(csv.DictReader(StringIO(done.stdout)))
    same = [
        {name: str(value).lower() if value in (True, False) else str(value)}
        for row in rows(COVERAGE)
        for name, value in row.items()
    ]
    assert [{name: value} for row in found for name, value in row.items()] == same
    assert (len(found), done.stderr) == (235, "")


def test_the_screen_shows_fifty_rows_and_how_to_see_the_rest(project: GatesProject) -> None:
    done = diagnose(project, COVERAGE)
    text, _, remedy = done.stdout.partition("Remedy: ")
    heading, *drawn, last = text.splitlines()
    *wrapped, command = remedy.splitlines()
    assert all(len(line) <= 80 for line in wrapped)
    assert command == f"Next: make diagnose GATE='{COVERAGE}' FORMAT=dates"
    assert heading == (
        f"{COVERAGE}: 235 rows (sql/diagnose/phase4_missing_dates.sql, 2024-10-01 to 2026-01-02)"
    )
    assert len([line for line in drawn if line.startswith("| 202")]) == 50
    assert last == "The first 50 of 235 rows; FORMAT=csv shows all of them."


def test_more_rows_than_are_read(project: GatesProject, warehouse: TestWarehouse) -> None:
    with warehouse.fault(f"UPDATE {OFFENSE} SET team_abbr = 'ZZZ' WHERE game_date > '2024-01-01'"):
        done = diagnose(project, f"{TEAM}.records_per_game", "--format", "csv")
    assert len(done.stdout.splitlines()) == 1 + 1_000
    assert done.stderr == "No more than 1,000 rows are read; a narrower --window shows others.\n"


@pytest.mark.parametrize(
    ("form", "stdout"),
    [("table", None), ("csv", "game_date,game_id,found,expected,teams\n"), ("json", "[]\n")],
)
def test_nothing_behind_a_gate_is_one_sentence(
    form: str, stdout: str | None, project: GatesProject
) -> None:
    done = diagnose(project, f"{TEAM}.records_per_game", "--format", form)
    sentence = (
        f"Nothing lies behind {TEAM}.records_per_game "
        "(sql/diagnose/rows_per_game.sql, 2021-10-19 to 2026-01-02).\n"
    )
    shown = f"{sentence}Next: make validate-phase12\n"
    assert done.returncode == 0
    assert (done.stdout, done.stderr) == ((stdout, sentence) if stdout else (shown, ""))


@pytest.mark.parametrize("gate", [COVERAGE, INCOMPLETE])
def test_the_backfill_takes_the_dates(gate: str, project: GatesProject) -> None:
    done = diagnose(project, gate, "--format", "dates")
    file = f"reports/diagnose/{gate}.csv"
    left_out = ", 28 left out as bootstrap or without a game" if gate == COVERAGE else ""
    assert done.stdout == (
        f'{file}: 207 dates{left_out}; process them with make backfill ARGS="--dates-file {file}"\n'
    )
    header, *days = (project.folder / file).read_text(encoding="utf-8").splitlines()
    assert (header, days) == ("date", sorted(set(days)))
    assert (project.folder / file).stat().st_mode & 0o777 == 0o600
    plan = project.python("-m", "backfill", "plan", "--dates-file", file)
    assert "Dates to process: 207" in plan.stdout, plan.stderr


def test_dates_of_bootstrap_alone_make_no_file(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    gate = f"preflight.phase3_coverage.{CONTEXT.split('.')[1]}"
    file = project.folder / f"reports/diagnose/{gate}.csv"
    with warehouse.fault(f"DELETE FROM {CONTEXT} WHERE game_date IN ('2024-10-25', '{DAY}')"):
        assert (
            "when upcoming_team_game_context holds their games"
            in diagnose(project, gate, "--format", "dates").stdout
        )
    assert file.read_text(encoding="utf-8") == f"date\n{DAY}\n"
    with warehouse.fault(f"DELETE FROM {CONTEXT} WHERE game_date = '2024-10-25'"):
        done = diagnose(project, gate, "--format", "dates")
    assert (done.returncode, file.exists()) == (0, False)
    assert done.stdout.startswith("No file: the dates behind")


def test_a_date_without_a_game_in_the_schedule_is_not_for_the_backfill() -> None:
    found = [
        {"game_date": "2025-02-16", "games_scheduled": 0},
        {"game_date": "2025-02-20", "games_scheduled": 9},
        {"game_date": "2025-02-13", "games_scheduled": 4},
        {"game_date": "2025-02-20", "games_scheduled": 9},
    ]
    calendar = Calendar((date(2024, 10, 22),), 14)
    behind = FailingRows("a query", ("game_date", "games_scheduled"), found)
    assert behind.dates(calendar) == [date(2025, 2, 13), date(2025, 2, 20)]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (
            ("phase4.player_composite_factors.coverge",),
            "'phase4.player_composite_factors.coverge' is not a gate; set GATE to one, "
            f"the closest are {COVERAGE}",
        ),
        (
            ("phase2.player_games.stale_rows",),
            "'phase2.player_games.stale_rows' is not a gate; set GATE to one, "
            "it is called phase2.player_games.outdated_rows now",
        ),
        (("x" * 3_000,), f"'{'x' * 298}… is not a gate; set GATE to one"),
        ((COVERAGE, "--window", "phase9=a..b"), "--window phase9=a..b is not understood"),
    ],
    ids=["misspelled", "old name", "long", "window"],
)
def test_what_is_not_understood_is_one_sentence(
    words: tuple[str, ...], why: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program.ended(lambda: main(words, {}, datetime.now(UTC))) == 4
    stdout, stderr = capsys.readouterr()
    assert (stdout, len(stderr.splitlines())) == ("", 1)
    assert stderr.startswith(why)


def test_all_keys_of_which_a_sentence_shows_ten(
    project: GatesProject, rows: Rows, warehouse: TestWarehouse
) -> None:
    games = games_of(warehouse, PLAYERS, DAY)
    again = f"INSERT INTO {PLAYERS} SELECT * FROM {PLAYERS} WHERE game_id = '{games[0]}'"
    with warehouse.fault(again):
        gate = "phase2.player_games.duplicate_rows"
        found = rows(gate)
        run = project.run("-m", "phase2")
    people = warehouse.rows(f"SELECT player_lookup FROM {PLAYERS} WHERE game_id = '{games[0]}'")
    keys = sorted(f"{games[0]} {row['player_lookup']}" for row in people)
    assert len(keys) > 10
    beside = {"found": "Rows beyond the first of a game and player", "expected": "none"}
    assert found == [{"game_date": DAY, "key": key, **beside} for key in keys]
    assert f"and {len(keys) - 10} more" in run.details[gate]
    assert f"make diagnose GATE='{gate}'" in run.output


def test_dates_of_a_gate_whose_rows_are_months(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    day = held_day(warehouse)
    with warehouse.fault(f"UPDATE {FACTORS} SET fatigue_score = NULL WHERE game_date = '{day}'"):
        done = diagnose(project, FATIGUE, "--format", "dates")
    assert (done.returncode, done.stderr) == (0, "")
    file = project.folder / f"reports/diagnose/{FATIGUE}.csv"
    assert file.read_text(encoding="utf-8") == f"date\n{day}\n"


def test_rows_without_dates_make_no_dates_file(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    gate = "phase4.factors.fatigue_month_mean"
    with warehouse.fault(f"UPDATE {FACTORS} SET fatigue_score = 0 WHERE fatigue_score > 0"):
        done = diagnose(project, gate, "--format", "dates")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == (
        f"The rows behind {gate} have no date, so they make no dates file; "
        "choose FORMAT=table, md, csv or json.\n"
    )


@pytest.mark.parametrize(
    ("gate", "why"),
    [
        (f"{TEAM}.game_count", "these rows are of phase1"),
        ("orchestrator.run.stopped", "these rows are of orchestrator"),
        ("preflight.schedule.moved_games", "these rows are the schedule's own"),
        ("phase4.player_composite_factors.bootstrap_rows", "it deletes no row"),
    ],
)
def test_no_dates_are_written_that_the_backfill_cannot_mend(
    gate: str, why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    environ = {"GATES_CONFIG": str(ROOT / "gates.toml"), "GATES_REPORTS": str(tmp_path)}
    assert program.ended(lambda: main([gate, "--format", "dates"], environ, NOW)) == 4
    stdout, stderr = capsys.readouterr()
    (sentence,) = stderr.splitlines()
    assert stdout == ""
    assert sentence.startswith(f"The backfill cannot mend {gate}: ")
    assert why in sentence
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ('diagnose = "minutes_played"', 'diagnose = "minutes"', "minutes.sql, which is not there"),
        ('"phase4_missing_dates"', '"missing_games"', "and player_composite_factors is none"),
    ],
    ids=["not there", "of another kind"],
)
def test_an_entry_with_a_wrong_file(
    old: str,
    new: str,
    why: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = (ROOT / "gates.toml").read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "gates.toml").write_text(text.replace(old, new), encoding="utf-8")
    environ = {"GATES_CONFIG": str(tmp_path / "gates.toml")}
    gate = COVERAGE if "dates" in old else f"{PLAYER}.minutes_played"
    assert program.ended(lambda: main([gate], environ, datetime.now(UTC))) == 4
    (sentence,) = capsys.readouterr().err.splitlines()
    assert why in sentence


def test_names_of_another_warehouse(
    rows: Rows, project: GatesProject, warehouse: TestWarehouse
) -> None:
    project.edit(
        "gates.toml",
        "# ── When",
        f'[targets.local.tables."{FACTORS}"]\nname = "factors_v2"\n'
        'columns = { game_date = "played_on", fatigue_score = "freshness" }\n\n# ── When',
    )
    warehouse.rows(
        "CREATE OR REPLACE TABLE nba_precompute.factors_v2 AS SELECT * EXCEPT (game_date, "
        f"fatigue_score), game_date AS played_on, fatigue_score AS freshness FROM {FACTORS}"
    )
    try:
        assert len(rows(COVERAGE)) == 235
        assert len(rows(FATIGUE)) == 11
    finally:
        warehouse.rows("DROP TABLE nba_precompute.factors_v2")


def test_a_column_that_is_missing(project: GatesProject, warehouse: TestWarehouse) -> None:
    without = f"CREATE OR REPLACE TABLE {FACTORS} AS SELECT * EXCEPT (fatigue_score) FROM {FACTORS}"
    with warehouse.fault(without):
        done = diagnose(project, FATIGUE)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"column fatigue_score is not in {FACTORS}. Restore the column, or name the right one in "
        "gates.toml, under [targets.<name>.tables].\n"
    )


def test_a_warehouse_that_does_not_answer(project: GatesProject) -> None:
    # No such port: the client does not try again for seconds, as it would with one that is closed.
    done = diagnose(project, COVERAGE, environ={"BIGQUERY_EMULATOR_HOST": "127.0.0.1:99999"})
    assert (done.returncode, done.stdout) == (1, "")
    (sentence,) = done.stderr.splitlines()
    assert "the embedded warehouse at 127.0.0.1:99999 does not answer" in sentence


def test_make_hands_over_any_text_as_it_is(warehouse: TestWarehouse) -> None:
    """Brackets, quotes and what a shell or make would run."""
    for gate, status in ((FATIGUE, 0), ("it's `touch x` $(touch x) $(shell touch x)", 2)):
        done = subprocess.run(
            ["make", "diagnose", f"GATE={gate}", "FORMAT=json"],
            cwd=ROOT,
            # Not what the make that runs these tests was given.
            env={"PATH": os.environ["PATH"], "BIGQUERY_EMULATOR_HOST": warehouse.host},
            capture_output=True,
            text=True,
        )
        assert done.returncode == status
        assert json.loads(done.stdout) if status == 0 else repr(gate) in done.stderr, shlex.join(
            done.args
        )
    assert not (ROOT / "x").exists()


def test_a_value_that_was_computed_again_stands_beside_what_it_should_be(
    rows: Rows, warehouse: TestWarehouse
) -> None:
    game = games_of(warehouse, OFFENSE, DAY)[0]
    one = f"game_id = '{game}' AND home_game"
    points = warehouse.value(f"SELECT points_scored FROM {OFFENSE} WHERE {one}")
    with warehouse.fault(f"UPDATE {OFFENSE} SET points_scored = {points - 7} WHERE {one}"):
        (found,) = rows("phase1.team_row_values.schedule_scores")
    assert found == {
        "game_date": DAY,
        "key": f"{game} {game[-3:]}",
        "found": str(points - 7),
        "expected": str(points),
    }


def test_a_finding_among_values_that_is_none_has_a_key_alone(
    rows: Rows, warehouse: TestWarehouse
) -> None:
    one = f"SELECT MIN(player_lookup) FROM {PLAYERS} WHERE game_date = '{DAY}'"
    name = warehouse.value(one)
    with warehouse.fault(
        f"UPDATE {PLAYERS} SET player_lookup = CONCAT(player_lookup, 'jr') "
        f"WHERE game_date = '{DAY}' AND player_lookup = '{name}'"
    ):
        found = rows("phase2.player_row_values.two_names")
    beside = {"found": "Players of a season under two player_lookups", "expected": "none"}
    assert found == [{"game_date": None, "key": f"2024 {name} and {name}jr", **beside}]


def test_the_rows_behind_a_share_of_values(rows: Rows, warehouse: TestWarehouse) -> None:
    day = f"game_date = '{DAY}'"
    records = warehouse.value(f"SELECT COUNT(*) FROM {PLAYERS} WHERE {day}")
    lost = [
        f"UPDATE {PLAYERS} SET {what} WHERE {day} AND points IS NOT NULL AND is_dnp IS NOT TRUE"
        for what in ("steals = NULL", "usage_rate = usage_rate * 2", "is_production_ready = FALSE")
    ]
    with warehouse.fault(*lost):
        (steals,) = rows("phase2.player_share_values.worst_filled")
        usage = rows("phase2.player_share_values.worst_game_usage_near")
        (ready,) = rows("phase2.quality_values.worst_date_ready[player_game_summary]")
    assert (steals["game_date"], steals["column_name"], steals["found"]) == (DAY, "steals", 0)
    assert {row["game_date"] for row in usage} == {DAY}
    assert all(float(row["found"]) > 1.5 * float(row["expected"]) for row in usage)
    assert (ready["game_date"], ready["expected"]) == (DAY, records)


def recorded_no_go(project: GatesProject, warehouse: TestWarehouse) -> None:
    with warehouse.fault(f"UPDATE {PLAYERS} SET usage_rate = NULL WHERE game_date = '{DAY}'"):
        assert project.run("-m", "phase2").decision == "NO-GO"


def test_without_a_gate_those_that_fail_are_listed(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    nothing = diagnose(project)
    assert (nothing.returncode, nothing.stdout) == (1, "")
    assert "phase12 has no decision: " in nothing.stderr
    recorded_no_go(project, warehouse)
    listed = diagnose(project, "--format", "json")
    failing = json.loads(listed.stdout)
    assert listed.returncode == 2
    assert [each["number"] for each in failing] == list(range(1, len(failing) + 1))
    record = json.loads(project.record_file().read_text(encoding="utf-8"))
    not_held = [each["id"] for each in record["gates"] if each["status"] not in ("pass", "waived")]
    assert [each["gate"] for each in failing] == not_held
    # Of the other stages there is no record, and that is said.
    assert "preflight has no decision" in listed.stderr
    last = listed.stderr.splitlines()[-1]
    assert last == (
        f"No gate is named; set GATE to one of these: make diagnose GATE='{failing[0]['gate']}'"
    )
    table = diagnose(project)
    assert table.returncode == 2
    source, _, measure = not_held[0].rpartition(".")
    assert f"|     | {source} " in table.stdout
    assert f"|   1 | ⛔ {measure} " in table.stdout
    assert diagnose(project, "--format", "md").stdout.startswith("### Gates that do not hold\n")


def test_a_number_at_a_terminal_chooses_one(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    recorded_no_go(project, warehouse)
    failing = json.loads(diagnose(project, "--format", "json").stdout)
    gate = "phase2.player_share_values.worst_date_usage"
    number = next(each["number"] for each in failing if each["gate"] == gate)
    keyboard, terminal = pty.openpty()
    command = [str(GATES_PYTHON), "-m", "gates", "diagnose", *SEASON[2:]]
    child = subprocess.Popen(
        command,
        cwd=project.folder,
        env=project.environ(),
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    os.write(keyboard, f"none\n{number}\n".encode())
    printed = b""
    with suppress(OSError):
        while part := os.read(keyboard, 65_536):
            printed += part
    os.close(keyboard)
    assert child.wait() == 0
    assert "'none' is not one of these numbers." in printed.decode()
    shown = printed.decode().rpartition("Number, 1 to")[2]
    # The damage has been taken back since, and other dates of that gate are as they were.
    assert f"{gate}: " in shown or f"Nothing lies behind {gate} " in shown


def test_a_record_of_another_window_is_listed_by_the_bounds_of_that_window(
    project: GatesProject,
) -> None:
    games = "phase1.team_offense_game_summary.game_count"
    season = project.run("-m", "phase1", *SEASON[:2])
    # Not 5,600 games: so many as the schedule has there.
    assert season.statuses[games] == "pass"
    failing = json.loads(diagnose(project, "--format", "json").stdout)
    assert failing
    assert games not in {each["gate"] for each in failing}
    # One that is named is looked at in the window of gates.toml, and that is said.
    hint = f"The last record is of another window; its rows: WINDOW={SEASON[1]}\n"
    assert diagnose(project, games).stderr == hint
    assert diagnose(project, games, *SEASON).stderr == ""
    assert diagnose(project, f"{PLAYER}.usage_rate", "--format", "json").stderr == ""


def test_as_markdown(project: GatesProject, warehouse: TestWarehouse) -> None:
    with warehouse.fault(f"UPDATE {PLAYERS} SET usage_rate = NULL WHERE game_date = '{DAY}'"):
        done = diagnose(project, f"{PLAYER}.usage_rate", *SEASON[2:], "--format", "md")
    lines = done.stdout.splitlines()
    assert lines[0] == f"### `{PLAYER}.usage_rate`"
    heads = "| game_date | found | expected | null_rows | null_pct | games_without_team_rows |"
    assert heads in done.stdout.replace("\\_", "_")
    (row,) = (line for line in lines if line.startswith(f"| {DAY} | 0 | "))
    assert row.count("|") == heads.count("|")
    assert lines[-1].startswith("Remedy: ")
