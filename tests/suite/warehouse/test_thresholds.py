"""Every gate on both sides of its threshold: the last data that passes, the first that fails.

Each fault goes into the warehouse's tables (or into the logs, or the process table), and the gates
run on it as a user runs them; exactly the gate that it is meant for must notice.
"""

import subprocess
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from harness import GatesProject, TestWarehouse, counts_alone

TEAM = "nba_analytics.team_offense_game_summary"
PLAYER = "nba_analytics.player_game_summary"
WINDOWS = {
    TEAM: "game_date BETWEEN '2021-10-19' AND '2026-01-02'",
    PLAYER: "game_date BETWEEN '2024-05-01' AND '2026-01-02'",
}
TEAM_KEY = "CONCAT(game_id, team_abbr)"
PLAYER_KEY = "CONCAT(game_id, player_lookup)"


@pytest.fixture
def project(project: GatesProject) -> GatesProject:
    return counts_alone(project)


@dataclass(frozen=True)
class Edge:
    """`damage(n)` spoils n rows (or games); `spare` of them are the most that still pass."""

    gate: str
    damage: Callable[[int], str]
    spare: Callable[[TestWarehouse], int]
    decision: str = "NO-GO"
    name: str = ""


def count(table: str, what: str = "COUNT(*)") -> str:
    return f"SELECT {what} FROM {table} WHERE {WINDOWS[table]}"


def first(table: str, key: str, n: int, condition: str = "TRUE") -> str:
    rows = f"SELECT {key} FROM {table} WHERE {WINDOWS[table]} AND {condition} ORDER BY 1 LIMIT {n}"
    return f"{key} IN ({rows})"


def spoil(table: str, key: str, change: str, condition: str = "TRUE") -> Callable[[int], str]:
    """An UPDATE of the first n rows of the window for which `condition` holds."""
    return lambda n: f"UPDATE {table} SET {change} WHERE {first(table, key, n, condition)}"


def spare(table: str, percent: int, good: str, of: str) -> Callable[[TestWarehouse], int]:
    """How many good rows can go before fewer than `percent` of the rows `of` are good."""

    def counted(warehouse: TestWarehouse) -> int:
        every = warehouse.value(count(table, f"COUNTIF({of})"))
        needed = -(-percent * every // 100)
        return int(warehouse.value(count(table, f"COUNTIF({of} AND {good})")) - needed)

    return counted


def without_games(n: int) -> str:
    games = f"SELECT DISTINCT game_id FROM {TEAM} WHERE {WINDOWS[TEAM]} ORDER BY 1 LIMIT {n}"
    return f"DELETE FROM {TEAM} WHERE game_id IN ({games})"


def one_team_of_games(n: int) -> str:
    return f"DELETE FROM {TEAM} WHERE {first(TEAM, TEAM_KEY, n, 'home_game')}"


def doubled_rows(n: int) -> str:
    return f"INSERT INTO {TEAM} SELECT * FROM {TEAM} WHERE {first(TEAM, TEAM_KEY, n, 'home_game')}"


def twentieth_of_the_games(warehouse: TestWarehouse) -> int:
    return int(warehouse.value(count(TEAM, "COUNT(DISTINCT game_id)"))) // 20


def scores(table: str, key: str) -> Callable[[int], str]:
    """Every score at the bound, and n rows below it."""
    below = f"{key} IN (SELECT {key} FROM {table} WHERE {WINDOWS[table]} ORDER BY 1 LIMIT {{n}})"
    return lambda n: (
        f"UPDATE {table} SET quality_score = IF({below.format(n=n)}, 74.99, 75.0) WHERE TRUE"
    )


def share(
    table: str, key: str, measure: str, column: str, percent: int, decision: str = "NO-GO"
) -> Edge:
    """A coverage gate of the player table: n rows with points lose the column."""
    return Edge(
        f"phase2.player_game_summary.{measure}",
        spoil(table, key, f"{column} = NULL", f"points IS NOT NULL AND {column} IS NOT NULL"),
        spare(table, percent, f"{column} IS NOT NULL", "points IS NOT NULL"),
        decision,
    )


def quality(stage: str, table: str, key: str, percent: int) -> list[Edge]:
    """The three gates over the quality columns, of either table."""
    source = f"{stage}.{table.split('.')[1]}"
    issue = spoil(table, key, "quality_issues = ['missing_required']")
    return [
        Edge(f"{source}.quality_score", scores(table, key), lambda _: 0),
        Edge(
            f"{source}.production_ready",
            spoil(table, key, "is_production_ready = FALSE", "is_production_ready"),
            spare(table, percent, "is_production_ready", "TRUE"),
        ),
        Edge(f"{source}.critical_issues", issue, lambda _: 0),
    ]


EDGES = [
    Edge(
        "phase1.team_offense_game_summary.game_count",
        without_games,
        lambda warehouse: warehouse.value(count(TEAM, "COUNT(DISTINCT game_id)")) - 5_600,
    ),
    Edge(
        "phase1.team_offense_game_summary.records_per_game",
        one_team_of_games,
        twentieth_of_the_games,
        name="too few",
    ),
    Edge(
        "phase1.team_offense_game_summary.records_per_game",
        doubled_rows,
        twentieth_of_the_games,
        name="too many",
    ),
    *quality("phase1", TEAM, TEAM_KEY, 80),
    Edge(
        "phase2.player_game_summary.record_count",
        # Rows without a usage rate go first, so that the usage gate has no reason to fail.
        lambda n: (
            f"UPDATE {PLAYER} SET points = NULL WHERE {PLAYER_KEY} IN (SELECT {PLAYER_KEY} "
            f"FROM {PLAYER} WHERE {WINDOWS[PLAYER]} AND points IS NOT NULL "
            f"ORDER BY usage_rate IS NULL DESC, 1 LIMIT {n})"
        ),
        lambda warehouse: warehouse.value(count(PLAYER, "COUNT(points)")) - 35_000,
    ),
    share(PLAYER, PLAYER_KEY, "minutes_played", "minutes_played", 99),
    share(PLAYER, PLAYER_KEY, "usage_rate", "usage_rate", 95),
    share(PLAYER, PLAYER_KEY, "shot_zones", "paint_attempts", 40, decision="GO"),
    *quality("phase2", PLAYER, PLAYER_KEY, 95),
]


@pytest.mark.parametrize("edge", EDGES, ids=lambda edge: f"{edge.gate} {edge.name}".strip())
def test_a_table_gate_on_both_sides_of_its_threshold(
    edge: Edge, project: GatesProject, warehouse: TestWarehouse
) -> None:
    most = edge.spare(warehouse)
    with warehouse.fault(edge.damage(most)):
        last_pass = project.run()
    with warehouse.fault(edge.damage(most + 1)):
        first_fail = project.run()
    # The damage is not plausible data, so integrity gates may say more.
    assert last_pass.runbook_others_than_pass() == {}
    assert first_fail.runbook_others_than_pass() == {edge.gate: "fail"}
    assert first_fail.record is not None
    listed = first_fail.record["blockers" if edge.decision == "NO-GO" else "warnings"]
    assert edge.gate in [each["gate"] for each in listed]


def test_a_gate_that_only_warns_leaves_medium_confidence(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    # Whole games: a team of which some have shot zones is another warning.
    a_fifth = "TO_HEX(MD5(game_id)) < '3333'"
    with warehouse.fault(f"UPDATE {PLAYER} SET paint_attempts = NULL WHERE {a_fifth}"):
        run = project.run()
    assert run.record is not None
    assert (run.decision, run.record["confidence"]) == ("GO", "MEDIUM")
    assert [w["gate"] for w in run.record["warnings"]] == ["phase2.player_game_summary.shot_zones"]
    # Nor does pytest say that anything failed.
    last = run.output.splitlines()[-1]
    assert ", 1 warned in " in last
    assert "failed" not in last


def test_an_issue_that_does_not_block_is_no_critical_issue(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    with warehouse.fault(f"UPDATE {TEAM} SET quality_issues = ['shot_zones_missing'] WHERE TRUE"):
        assert project.run().decision == "GO"


@pytest.mark.parametrize(
    ("pattern", "gate"),
    [
        ("team_offense_backfill_phase1.log", "phase1.backfill_log.success_rate"),
        ("*player*summary*.log", "phase2.backfill_log.success_rate"),
    ],
    ids=["sequential", "parallel"],
)
def test_a_log_gate_on_both_sides_of_its_threshold(
    pattern: str, gate: str, project: GatesProject
) -> None:
    (log,) = project.logs.glob(pattern)
    for failed, outcome in ((5, "pass"), (6, "fail")):
        summary = (
            *("DAY-BY-DAY BACKFILL SUMMARY:", "  Total days: 100"),
            *(f"  Successful days: {100 - failed}", f"  Failed days: {failed}"),
            "  Total records processed: 1",
        )
        text = "".join(f"2026-01-03 13:15:20,001 - INFO - {line}\n" for line in summary)
        log.write_text(text, encoding="utf-8")
        run = project.run()
        assert run.statuses[gate] == outcome
        assert run.runbook_others_than_pass() == ({} if outcome == "pass" else {gate: "fail"})


@pytest.mark.parametrize(
    ("lines", "failing"),
    [
        (("Phase 2 validation PASSED",), ["orchestrator.run.validations_passed"]),
        (
            ("PHASE 2: VALIDATING DATA QUALITY", "Phase 2 validation PASSED"),
            ["orchestrator.run.phases_complete", "orchestrator.run.validations_passed"],
        ),
    ],
    ids=["not validated", "not complete"],
)
def test_an_orchestrator_log_that_lacks_a_phase(
    lines: tuple[str, ...], failing: list[str], project: GatesProject
) -> None:
    (log,) = project.logs.glob("orchestrator_*.log")
    kept = [
        line
        for line in log.read_text(encoding="utf-8").splitlines()
        if not any(words in line for words in lines)
    ]
    log.write_text("\n".join(kept) + "\n", encoding="utf-8")
    assert project.run().runbook_others_than_pass() == dict.fromkeys(failing, "fail")


def test_an_orchestrator_that_still_runs(project: GatesProject) -> None:
    # A name of its own, so that tests beside this one do not see the process.
    program = f"orchestrator_of_{project.folder.parent.name}"
    project.edit("gates.toml", '"backfill_orchestrator"', f'"{program}"')
    script = project.folder / f"run_{program}_v2.sh"
    script.write_text("sleep 60 & wait\n", encoding="utf-8")
    with subprocess.Popen(["bash", str(script)]) as orchestrator:
        try:
            running = project.run()
        finally:
            orchestrator.terminate()
    assert running.others_than_pass() == {"orchestrator.run.stopped": "fail"}
    assert str(orchestrator.pid) in running.details["orchestrator.run.stopped"]
    assert project.run().decision == "GO"
