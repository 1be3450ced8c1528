"""Rows of gates that have no file for them: their own query, turned into what is behind it."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from harness import ROOT, TestWarehouse
from sqlglot import exp, parse_one

from gates.config.gate import Bound, Comparison, Gate
from gates.config.settings import Settings, load
from gates.decide.failing_rows import failing_rows
from gates.measure import listing, queries, readback

NOW = datetime.now(UTC)
GATES = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, NOW).every_gate()
PLAYERS = "nba_analytics.player_game_summary"
FACTORS = "nba_precompute.player_composite_factors"
DAY = "2025-01-15"
FAR = Decimal(10) ** 9
# What no count, share or mean is.
NEVER: dict[Comparison, tuple[Decimal, ...]] = {
    ">=": (FAR,),
    "<=": (-FAR,),
    "<": (-FAR,),
    "=": (-FAR,),
    "between": (FAR, FAR),
}


def derived() -> list[Gate]:
    """Gates of a query whose rows neither a file nor their own keys give."""
    return [
        gate
        for gate in GATES
        if (source := queries.source_of(gate)) and source != readback.SOURCE
        if not gate.diagnose and not queries.lists_keys(gate)
    ]


@pytest.fixture
def settings(warehouse: TestWarehouse) -> Settings:
    environ = {"GATES_CONFIG": str(ROOT / "gates.toml"), "BIGQUERY_EMULATOR_HOST": warehouse.host}
    return load(environ, NOW)


def gate_of(gate: str) -> Gate:
    return next(each for each in GATES if each.id == gate)


def counts_rows(gate: Gate) -> bool:
    """Whether its rows are those that it counts, of which healthy data has none."""
    statement = queries.read(str(queries.source_of(gate)))
    made = listing.rows_of(statement.tree, gate.measure)
    return made is not None and "key" in made.named_selects


def test_a_gate_that_holds_for_nothing_has_rows_with_found_beside_expected(
    settings: Settings,
) -> None:
    gates = derived()
    assert len(gates) > 50
    for gate in gates:
        never = replace(gate, bound=Bound(gate.bound.comparison, NEVER[gate.bound.comparison]))
        behind = failing_rows([never], settings)
        place = list(behind.columns).index("found")
        assert behind.columns[place + 1] == "expected", gate.id
        # joinable_games lists the games that do not join, of which there is none.
        if not counts_rows(gate) and gate.measure != "joinable_games":
            assert behind.rows, gate.id
            assert all(row["found"] is not None for row in behind.rows), gate.id


def test_healthy_data_has_no_rows_behind_its_gates(settings: Settings) -> None:
    for gate in derived():
        if gate.stage in ("phase1", "phase2") and gate.bound.comparison in (">=", "="):
            assert list(failing_rows([gate], settings).rows) == [], gate.id


def test_a_row_that_is_counted_says_what_it_is_counted_for(
    settings: Settings, warehouse: TestWarehouse
) -> None:
    one = warehouse.rows(
        f"SELECT game_id, player_lookup FROM {PLAYERS} WHERE game_date = '{DAY}' "
        "AND minutes_played > 10 ORDER BY game_id, player_lookup LIMIT 1"
    )[0]
    with warehouse.fault(
        f"UPDATE {PLAYERS} SET minutes_played = 99 WHERE game_id = '{one['game_id']}' "
        f"AND player_lookup = '{one['player_lookup']}'"
    ):
        found = failing_rows([gate_of("phase2.player_game_summary.minutes_range")], settings)
    assert json.loads(json.dumps(found.rows)) == [
        {
            "game_date": DAY,
            "key": f"{one['game_id']} {one['player_lookup']}",
            "found": "minutes_played 99",
            "expected": "none",
        }
    ]


def test_a_share_of_the_window_shows_the_dates_that_are_worse(
    settings: Settings, warehouse: TestWarehouse
) -> None:
    with warehouse.fault(
        f"UPDATE {PLAYERS} SET usage_rate = 0.5 WHERE game_date = '{DAY}' "
        "AND usage_rate IS NOT NULL"
    ):
        found = failing_rows([gate_of("phase2.player_game_summary.zero_usage")], settings)
    first = found.rows[0]
    assert (first["game_date"], first["found"], first["expected"]) == (DAY, "100.000%", "<= 10%")
    assert first["counted"] == first["of"] > 0


def test_all_dates_that_are_worse_than_the_bound_not_the_worst_alone(
    settings: Settings, warehouse: TestWarehouse
) -> None:
    days = [
        str(row["game_date"])
        for row in warehouse.rows(
            f"SELECT DISTINCT game_date FROM {FACTORS} WHERE game_date > '2024-11-20' "
            "ORDER BY game_date LIMIT 3"
        )
    ]
    gate = gate_of("phase4.factors.fatigue_date_mean")
    before = {row["game_date"] for row in failing_rows([gate], settings).rows}
    with warehouse.fault(
        f"UPDATE {FACTORS} SET fatigue_score = 1 WHERE CAST(game_date AS STRING) IN {tuple(days)}"
    ):
        found = failing_rows([gate], settings)
    assert {row["game_date"] for row in found.rows} == before | set(days)
    assert found.columns[:3] == ("game_date", "found", "expected")


def test_what_is_no_candidate_for_the_worst_is_not_listed() -> None:
    tree = parse_one(
        "WITH parts AS (SELECT a, b, f, day FROM d.t) "
        "SELECT 1 AS window_rows, ARRAY_AGG(STRUCT(a AS numerator, b AS denominator, day AS day) "
        "ORDER BY IF(f, a / b, 2), day LIMIT 1)[OFFSET(0)] AS worst FROM parts",
        dialect="bigquery",
        into=exp.Select,
    )
    made = listing.rows_of(tree, "worst")
    assert made is not None
    assert made.sql("bigquery") == (
        "WITH parts AS (SELECT a, b, f, day FROM d.t) "
        "SELECT a AS numerator, b AS denominator, day AS day FROM parts WHERE f "
        "ORDER BY IF(f, a / b, 2), day, numerator, denominator LIMIT @row_limit"
    )
