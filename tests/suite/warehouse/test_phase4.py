"""Phase 4: what the backfill has written, on a warehouse that it has been through."""

from fractions import Fraction
from math import ceil

import pytest
from corpus import STANDING
from harness import GatesProject, GatesRun, TestWarehouse, counts_alone, lines_with

from gates.measure.readback import PROCESSORS

FIRST, LAST = "2024-10-01", "2026-01-02"
IN_WINDOW = f"game_date BETWEEN '{FIRST}' AND '{LAST}'"
PCF = "nba_precompute.player_composite_factors"
UPGC = "nba_analytics.upcoming_player_game_context"
PGS = "nba_analytics.player_game_summary"
SCHEDULE = "nba_raw.nbac_schedule"
STAGE = "phase4.player_composite_factors"
COVERAGE = f"{STAGE}.coverage"
BOOTSTRAP = f"{STAGE}.bootstrap_rows"
RECORDS = f"{STAGE}.records_per_date"
INCOMPLETE = "phase4.processors.incomplete_dates"
COLUMNS = ["fatigue_score", "shot_zone_mismatch_score", "pace_score", "total_composite_adjustment"]
LAST_DAY = f"(SELECT MAX(game_date) FROM {PGS} WHERE {IN_WINDOW})"


@pytest.fixture(scope="module")
def warehouse(complete_warehouse: TestWarehouse) -> TestWarehouse:
    return complete_warehouse


@pytest.fixture
def project(project: GatesProject, warehouse: TestWarehouse) -> GatesProject:
    project.host = warehouse.host
    return counts_alone(project)


def validated(project: GatesProject, *words: str) -> GatesRun:
    return project.run(*words, stage="phase4")


def others_than_pass(run: GatesRun) -> dict[str, str]:
    """Without the warnings that seasons like the platform's always have."""
    return {gate: now for gate, now in run.others_than_pass().items() if gate not in STANDING}


def games(warehouse: TestWarehouse, table: str = PGS) -> int:
    return int(warehouse.value(f"SELECT COUNT(DISTINCT game_id) FROM {table} WHERE {IN_WINDOW}"))


def keeping(n: int) -> str:
    """Only the first n games of the window are left in player_composite_factors."""
    kept = f"SELECT DISTINCT game_id FROM {PCF} WHERE {IN_WINDOW} ORDER BY 1 LIMIT {n}"
    return f"DELETE FROM {PCF} WHERE {IN_WINDOW} AND game_id NOT IN ({kept})"


def rows_on(day: str, n: int = 1) -> str:
    """The first n rows of player_composite_factors once more, on another date."""
    return (
        f"INSERT INTO {PCF} SELECT * REPLACE (DATE '{day}' AS game_date) FROM {PCF} "
        f"WHERE {IN_WINDOW} ORDER BY game_id, player_lookup LIMIT {n}"
    )


def test_a_complete_window_is_go_with_a_query_a_source(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    run = validated(project)
    assert (run.status, run.decision, others_than_pass(run)) == (0, "GO", {})
    assert run.record is not None
    assert [query["file"] for query in run.record["queries"]] == [
        "sql/phase4/factors.sql",
        "sql/every_stage/full_schedule.sql",
        "sql/phase4/player_composite_factors.sql",
        "sql/phase4/player_daily_cache.sql",
        "sql/phase4/player_shot_zone_analysis.sql",
        "sql/phase4/processors.sql",
        "sql/phase4/team_defense_zone_analysis.sql",
    ]
    assert games(warehouse) == 1_832
    assert "(1,621 of 1,832 games of player_game_summary)" in run.details[COVERAGE]
    assert "could be reached at all: 1,621 of 1,832 (88.5%)" in run.details[COVERAGE]


@pytest.mark.parametrize(
    ("percent", "holds", "below"), [(88, "pass", "marginal"), (80, "marginal", "fail")]
)
def test_coverage_is_exact_on_both_sides(
    percent: int, holds: str, below: str, project: GatesProject, warehouse: TestWarehouse
) -> None:
    n = games(warehouse)
    least = -(-percent * n // 100)
    with warehouse.fault(keeping(least)):
        on = validated(project)
    with warehouse.fault(keeping(least - 1)):
        under = validated(project)
    assert (on.statuses[COVERAGE], under.statuses[COVERAGE]) == (holds, below)
    assert f"({least - 1:,} of {n:,} games" in under.details[COVERAGE]
    assert (on.decision, under.decision, under.status) == ("NO-GO", "NO-GO", 1)
    assert lines_with(under.output, [f"{n:,} |", f"{least - 1:,} |", below.upper()])


def test_marginal_alone_is_no_go(project: GatesProject, warehouse: TestWarehouse) -> None:
    with warehouse.fault(keeping(-(-80 * games(warehouse) // 100))):
        run = validated(project, "-k", "coverage")
    assert run.record is not None
    (blocker,) = [each for each in run.record["blockers"] if each["gate"] == COVERAGE]
    assert "from 80% up it is marginal, which is not GO" in blocker["why"]
    assert (run.decision, run.status) == ("NO-GO", 1)
    of = len(run.record["gates"])
    assert f"1 required gate of {of} came out marginal." in run.record["reasons"]


@pytest.mark.parametrize(
    ("day", "periods"),
    [
        ("2024-10-22", {"season 2024": 1, "runbook 7.4": 1}),
        ("2024-11-04", {"season 2024": 1, "runbook 7.4": 1}),
        ("2024-11-05", {"season 2024": 0, "runbook 7.4": 1}),
        ("2025-11-03", {"season 2024": 0, "season 2025": 1, "runbook 7.4": 0}),
    ],
)
def test_one_row_on_a_bootstrap_date(
    day: str, periods: dict[str, int], project: GatesProject, warehouse: TestWarehouse
) -> None:
    with warehouse.fault(rows_on(day)):
        run = validated(project)
    assert run.statuses[BOOTSTRAP] == "fail"
    assert "measured 1 row," in run.details[BOOTSTRAP]
    assert run.record is not None
    (gate,) = [gate for gate in run.record["gates"] if gate["id"] == BOOTSTRAP]
    found = {row["period"]: row["records"] for row in gate["table"]}
    assert {name: found[name] for name in periods} == periods


@pytest.mark.parametrize("day", ["2024-11-06", "2025-11-04"])
def test_the_day_after_bootstrap_may_have_rows(
    day: str, project: GatesProject, warehouse: TestWarehouse
) -> None:
    with warehouse.fault(rows_on(day)):
        run = validated(project)
    assert run.statuses[BOOTSTRAP] == "pass"


def test_no_rows_at_all_excludes_nothing(project: GatesProject, warehouse: TestWarehouse) -> None:
    with warehouse.fault(f"DELETE FROM {PCF} WHERE TRUE"):
        run = validated(project)
    gates = [BOOTSTRAP, COVERAGE, RECORDS, *(f"{STAGE}.null_rate[{name}]" for name in COLUMNS)]
    assert run.runbook_others_than_pass() == dict.fromkeys(gates, "not_evaluated") | {
        INCOMPLETE: "fail"
    }
    for measure in ("missing_games", "worst_date_players", "longest_gap"):
        assert run.statuses[f"phase4.factors.{measure}"] == "fail"
    assert f"{PCF} has no rows from {FIRST} to {LAST}" in run.details[BOOTSTRAP]


def nulls(n: int) -> str:
    """Exactly n rows of the window have NULLs, in place of those that had one."""
    key = "CONCAT(game_id, player_lookup)"
    first = f"SELECT {key} FROM {PCF} WHERE {IN_WINDOW} ORDER BY 1 LIMIT {n}"
    columns = ", ".join(f"{column} = IF({key} IN ({first}), NULL, 1)" for column in COLUMNS)
    return f"UPDATE {PCF} SET {columns} WHERE {IN_WINDOW}"


def test_the_null_rate_of_each_column_is_below_five_percent(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    # 5% of so many rows is a whole number, which is one too many.
    key = "CONCAT(game_id, player_lookup)"
    rows = int(warehouse.value(f"SELECT COUNT(*) FROM {PCF} WHERE {IN_WINDOW}")) // 20 * 20
    # Not the last ones, which would be all of one date.
    kept = f"SELECT {key} FROM {PCF} WHERE {IN_WINDOW} ORDER BY MD5({key}) LIMIT {rows}"
    fewer = f"DELETE FROM {PCF} WHERE {IN_WINDOW} AND {key} NOT IN ({kept})"
    limit = rows // 20
    with warehouse.fault(fewer, nulls(limit - 1)):
        last_pass = validated(project)
    with warehouse.fault(fewer, nulls(limit)):
        first_fail = validated(project)
    gates = [f"{STAGE}.null_rate[{column}]" for column in COLUMNS]
    assert last_pass.runbook_others_than_pass() == {}
    assert first_fail.runbook_others_than_pass() == dict.fromkeys(gates, "fail")
    for gate in gates:
        assert f"({limit:,} of {rows:,} rows outside bootstrap)" in first_fail.details[gate]


def test_a_null_counts_for_its_own_column(project: GatesProject, warehouse: TestWarehouse) -> None:
    with warehouse.fault(f"UPDATE {PCF} SET pace_score = NULL WHERE {IN_WINDOW}"):
        run = validated(project)
    assert run.runbook_others_than_pass() == {f"{STAGE}.null_rate[pace_score]": "fail"}


def test_nulls_on_bootstrap_dates_are_not_counted(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    with warehouse.fault(
        rows_on("2024-10-25", 500),
        f"UPDATE {PCF} SET pace_score = NULL WHERE game_date = '2024-10-25'",
    ):
        run = validated(project)
    assert run.statuses[f"{STAGE}.null_rate[pace_score]"] == "pass"


def test_the_columns_are_settings(project: GatesProject) -> None:
    project.edit("gates.toml", f'each = ["{COLUMNS[0]}", ', 'each = ["advanced_metrics", ')
    run = validated(project)
    gate = f"{STAGE}.null_rate[advanced_metrics]"
    assert others_than_pass(run) == {gate: "not_evaluated"}
    assert f"column advanced_metrics is not in {PCF}" in run.details[gate]
    assert f"{STAGE}.null_rate[{COLUMNS[0]}]" not in run.statuses


def test_a_column_of_another_name_is_a_setting(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    project.edit(
        "gates.toml",
        "# ── When",
        f'[targets.local.tables."{PCF}"]\ncolumns = {{ pace_score = "pace" }}\n\n# ── When',
    )
    renamed = f"SELECT * EXCEPT (pace_score), pace_score AS pace FROM {PCF}"
    with warehouse.fault(f"CREATE OR REPLACE TABLE {PCF} AS {renamed}"):
        assert others_than_pass(validated(project)) == {}


@pytest.mark.parametrize(("fewer", "outcome"), [(1, "warned"), (0, "pass")])
def test_rows_of_the_last_ten_dates_are_held_against_rosters(
    fewer: int, outcome: str, project: GatesProject, warehouse: TestWarehouse
) -> None:
    first = f"SELECT MIN(CONCAT(game_id, team_abbr)) FROM {UPGC} WHERE game_date = {LAST_DAY}"
    team = f"SELECT DISTINCT player_lookup FROM {UPGC} WHERE CONCAT(game_id, team_abbr) = ({first})"
    roster = sorted(row["player_lookup"] for row in warehouse.rows(team))
    # 80% of a team's roster are the least.
    kept = roster[: ceil(Fraction(80, 100) * len(roster)) - fewer]
    gone = ", ".join(f"'{player}'" for player in roster if player not in kept)
    on_the_day = f"SELECT COUNT(*) FROM {PCF} WHERE game_date = {LAST_DAY}"
    with warehouse.fault(
        f"DELETE FROM {PCF} WHERE game_date = {LAST_DAY} AND player_lookup IN ({gone})"
    ):
        left = warehouse.value(on_the_day)
        run = validated(project, "-k", "records_per_date")
    assert (run.statuses[RECORDS] == "pass") == (outcome == "pass")
    assert lines_with(run.output, [LAST, f" {left} "])
    assert run.record is not None
    assert (RECORDS in str(run.record["warnings"])) == (outcome == "warned")


def test_a_date_that_is_missing_is_one_of_the_last_ten(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    with warehouse.fault(f"DELETE FROM {PCF} WHERE game_date >= '2025-12-31' AND {IN_WINDOW}"):
        run = validated(project)
    assert run.statuses[RECORDS] == "fail"
    assert "measured 3 dates" in run.details[RECORDS]


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("player_composite_factors", "game_date"),
        ("player_daily_cache", "cache_date"),
        ("player_shot_zone_analysis", "analysis_date"),
        ("team_defense_zone_analysis", "analysis_date"),
    ],
)
def test_a_date_that_one_processor_did_not_write(
    table: str, column: str, project: GatesProject, warehouse: TestWarehouse
) -> None:
    day = "2024-12-20"
    with warehouse.fault(f"DELETE FROM nba_precompute.{table} WHERE {column} = '{day}'"):
        run = validated(project)
    assert run.statuses[INCOMPLETE] == "fail"
    said = f"incomplete: {day} {table} ({PROCESSORS[table]})"
    assert run.details[INCOMPLETE].endswith(said)
    if table != "player_composite_factors":
        assert others_than_pass(run) == {INCOMPLETE: "fail"}


def test_one_player_of_a_date_is_not_the_date(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    only = f"(SELECT MIN(player_lookup) FROM {PCF} WHERE game_date = '2024-12-20')"
    with warehouse.fault(
        f"DELETE FROM {PCF} WHERE game_date = '2024-12-20' AND player_lookup != {only}"
    ):
        assert validated(project).statuses[INCOMPLETE] == "fail"


@pytest.mark.parametrize("fault", ["empty", "gone"])
def test_without_the_schedule_nothing_is_complete(
    fault: str, project: GatesProject, warehouse: TestWarehouse
) -> None:
    statement = (
        f"DROP TABLE {SCHEDULE}" if fault == "gone" else f"DELETE FROM {SCHEDULE} WHERE TRUE"
    )
    with warehouse.fault(statement):
        run = validated(project)
    assert run.statuses[INCOMPLETE] == "not_evaluated"
    assert (run.decision, run.status) == ("NO-GO", 6)


def test_a_window_of_bootstrap_dates_alone_is_not_evaluated(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    with warehouse.fault(rows_on("2024-10-25")):
        run = validated(project, "--window", "phase4=2024-10-22..2024-11-04")
    assert run.statuses[INCOMPLETE] == "not_evaluated"
    assert run.statuses[BOOTSTRAP] == "fail"
    assert run.statuses[f"{STAGE}.null_rate[pace_score]"] == "not_evaluated"
