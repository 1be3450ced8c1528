from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlglot
from harness import ROOT
from sqlglot import exp

from gates.config.settings import Settings, load
from gates.config.stages import STAGES
from gates.measure import listing, queries, readback, shared
from gates.measure.rewrite import Unusable, combine, prune, render

if TYPE_CHECKING:
    from zetasql.api import Analyzer

SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, datetime.now(UTC))
GATED = sorted({source for g in SETTINGS.gates.values() if (source := queries.source_of(g))})
PLAYERS = "nba_analytics.player_game_summary"
SNAPSHOT = "2026-01-03T12:00:00.000001+00:00"
DIAGNOSED = sorted({source for g in SETTINGS.gates.values() if (source := queries.rows_source(g))})
# What BigQuery's planner is asked for at once: it evaluates a CTE anew for each reference to it,
# and refuses a statement that outgrows it ("too many subqueries or query is too complex").
MOST_SCANS, MOST_SELECTS = 40, 100
STAGES_OF_TABLES = [stage for stage in STAGES if any(s.startswith(f"{stage}/") for s in GATED)]
each_query = pytest.mark.parametrize("source", GATED + DIAGNOSED)


@pytest.fixture(scope="module")
def google() -> "Analyzer":
    # Importing it takes longer than the tests that need no analyzer.
    from googlesql import analyzer, parameter_types

    return analyzer(parameter_types(SETTINGS.parameters))


def sent(source: str, settings: Settings = SETTINGS, unusable: Unusable | None = None) -> str:
    return render(prune(statement(source), unusable or {}).tree, settings, SNAPSHOT)


def statement(source: str) -> queries.Statement:
    """The query of a source, for the columns that gates.toml names."""
    return queries.read(source, queries.columns_for(SETTINGS.gates.values(), source))


def selects(source: str) -> list[exp.Select]:
    """The SELECTs that read a table of the warehouse."""
    tree = statement(source).tree
    tables = [table for table in tree.find_all(exp.Table) if table.db]
    return [select for table in tables if (select := table.find_ancestor(exp.Select))]


def expanded(node: exp.Expr, known: dict[str, tuple[int, int]]) -> tuple[int, int]:
    """Table scans and SELECTs of a query, each reference to a CTE counted as all that it reads."""
    if isinstance(node, exp.Table):
        return (1, 0) if node.db else known.get(node.name, (0, 0))
    with_ = node.args.get("with_")
    for cte in with_.expressions if with_ else ():
        known = {**known, cte.alias: expanded(cte.this, known)}
    below = [
        expanded(each, known) for each in node.iter_expressions() if not isinstance(each, exp.With)
    ]
    scans, selects = (sum(each[place] for each in below) for place in (0, 1))
    return scans, selects + isinstance(node, exp.Select)


def jobs() -> dict[str, dict[str, exp.Select]]:
    """Job -> source -> query, of all that the stages send, without the read-back."""
    found: dict[str, dict[str, exp.Select]] = {}
    for source in GATED:
        if source != readback.SOURCE:
            name = queries.job_of(statement(source), source)
            found.setdefault(name, {})[source] = statement(source).tree.copy()
    return found


@pytest.mark.parametrize("name", jobs())
def test_a_job_as_sent_is_none_that_the_planner_refuses(name: str) -> None:
    scans, selects = expanded(combine(jobs()[name]), {})
    assert scans <= MOST_SCANS
    assert selects <= MOST_SELECTS


def test_a_reference_to_a_relation_costs_all_that_it_reads() -> None:
    text = "WITH a AS (SELECT x FROM d.t), b AS (SELECT x FROM a) SELECT (SELECT 1 FROM b) FROM b"
    assert expanded(sqlglot.parse_one(text, dialect="bigquery"), {}) == (2, 6)


def test_no_file_is_longer_than_one_reads_at_once() -> None:
    lengths = {
        file.name: len(file.read_text(encoding="utf-8").splitlines())
        for file in queries.SQL.glob("*/*.sql")
    }
    assert {name: length for name, length in lengths.items() if length > 150} == {}


def test_every_shared_relation_is_read_by_a_query() -> None:
    read = {cte.alias for source in GATED + DIAGNOSED for cte in statement(source).tree.ctes}
    there = {file.stem for file in shared.COMMON.glob("*.sql")}
    assert there <= {name.removeprefix("shared_") for name in read}


@each_query
def test_google_accepts_it_as_sent(source: str, google: "Analyzer") -> None:
    google.analyze_statement(sent(source))


def test_google_accepts_what_is_behind_a_gate_of_its_own_query(google: "Analyzer") -> None:
    gates = [gate for gate in SETTINGS.gates.values() if queries.source_of(gate)]
    trees: dict[tuple[str, str], exp.Select | None] = {}
    for gate in gates:
        source = str(queries.source_of(gate))
        tree = statement(source).tree
        for measure in {gate.measure, f"{gate.measure}__{gate.which}"} & set(tree.named_selects):
            trees[source, measure] = listing.rows_of(tree, measure)
    made = {place: tree for place, tree in trees.items() if tree is not None}
    assert len(made) > 50
    for tree in made.values():
        google.analyze_statement(render(tree, SETTINGS, None))


def test_google_refuses_an_unknown_column(google: "Analyzer") -> None:
    text = sent("phase2/player_game_summary").replace("quality_issues", "quality_issue")
    with pytest.raises(Exception, match="Unrecognized name: quality_issue"):
        google.analyze_statement(text)


@pytest.mark.parametrize("source", {"/".join(s.split("/")[:2]): s for s in GATED}.values())
def test_google_accepts_it_without_any_one_column(source: str, google: "Analyzer") -> None:
    whole = statement(source)
    found = {
        frozenset(pruned.unavailable): pruned.tree
        for table in whole.tables
        for column in queries.expected_columns(table)
        if (pruned := prune(whole, {table: {column: "missing"}})).unavailable
    }
    for unavailable, tree in found.items():
        if len(unavailable) < len(whole.measures):
            google.analyze_statement(render(tree, SETTINGS, SNAPSHOT))


@each_query
def test_each_table_is_read_by_a_select_of_its_own(source: str) -> None:
    for select in selects(source):
        beside = [
            table
            for table in select.find_all(exp.Table)
            if table.db and table.find_ancestor(exp.CTE) is select.find_ancestor(exp.CTE)
        ]
        assert len(beside) == 1
        assert not select.args.get("joins")


@each_query
def test_it_is_bounded_by_the_window_on_the_bare_partition_column(source: str) -> None:
    for select in selects(source):
        bounds = [
            between
            for between in select.args["where"].find_all(exp.Between)
            if isinstance(between.this, exp.Column) and between.this.name.endswith("_date")
        ]
        ends = [(b.args["low"].sql(), b.args["high"].sql()) for b in bounds]
        # Games before the window count for what is due in it, back to the start of its season, and
        # games after it show that the schedule goes on.
        assert ends in (
            [("@window_start", "@window_end")],
            [("@season_start", "@window_end")],
            [("@window_start", "@schedule_end")],
        )


@each_query
def test_every_table_is_read_as_of_the_snapshot(source: str) -> None:
    text = sent(source)
    assert text.count("FOR SYSTEM_TIME AS OF") == len(selects(source))
    assert text.count(SNAPSHOT) == text.count("FOR SYSTEM_TIME AS OF")


@pytest.mark.parametrize("source", DIAGNOSED)
def test_the_rows_behind_a_gate_are_never_too_many(source: str) -> None:
    limit = statement(source).tree.args["limit"]
    assert limit.expression.sql() == "@row_limit"


@pytest.mark.parametrize("source", [source for source in GATED if source != readback.SOURCE])
def test_it_says_how_many_rows_its_window_holds(source: str) -> None:
    assert queries.WINDOW_ROWS in queries.read(source).measures


def test_a_missing_column_costs_the_measures_that_read_it() -> None:
    whole = statement("phase2/player_game_summary")
    pruned = prune(whole, {PLAYERS: {"usage_rate": "column usage_rate is not there"}})
    unavailable = ("usage_rate", "usage_range", "zero_usage")
    assert pruned.unavailable == dict.fromkeys(unavailable, "column usage_rate is not there")
    assert "usage_rate" not in pruned.tree.sql()


@pytest.mark.parametrize(
    ("source", "table", "column"),
    [
        ("phase2/player_game_summary", PLAYERS, "game_date"),
        ("preflight/phase3_coverage/player_game_summary", PLAYERS, "game_id"),
        ("preflight/phase3_coverage/player_game_summary", "nba_raw.nbac_schedule", "game_status"),
    ],
)
def test_a_column_that_all_rests_on_costs_every_measure(
    source: str, table: str, column: str
) -> None:
    whole = statement(source)
    pruned = prune(whole, {table: {column: "not there"}})
    assert pruned.unavailable == dict.fromkeys(whole.measures, "not there")


def test_a_column_of_a_table_that_is_not_read_costs_nothing() -> None:
    whole = statement("preflight/phase3_coverage/player_game_summary")
    assert prune(whole, {PLAYERS: {"game_status": "not there"}}).unavailable == {}


def test_names_of_another_warehouse_are_settings(tmp_path: Path) -> None:
    text = (ROOT / "gates.toml").read_text(encoding="utf-8")
    text = text.replace('nba_analytics = "nba_analytics"', 'nba_analytics = "mirror"')
    text += """
[targets.local.tables."nba_analytics.player_game_summary"]
name = "pgs_v2"
columns = { usage_rate = "usage_pct" }
"""
    config = tmp_path / "gates.toml"
    config.write_text(text, encoding="utf-8")
    settings = load({"GATES_CONFIG": str(config)}, datetime.now(UTC))
    found = sent("phase2/player_game_summary", settings)
    assert "`nba-props-platform`.`mirror`.`pgs_v2`" in found
    assert "usage_pct AS usage_rate" in found
    assert "NOT usage_pct BETWEEN 0 AND" in found
    assert "usage_rate BETWEEN" not in found


def test_a_renamed_column_keeps_its_name_for_the_rest_of_the_query(
    tmp_path: Path, google: "Analyzer"
) -> None:
    text = (ROOT / "gates.toml").read_text(encoding="utf-8")
    text += f"""
[targets.local.tables."{PLAYERS}"]
columns = {{ game_id = "assists" }}
"""
    config = tmp_path / "gates.toml"
    config.write_text(text, encoding="utf-8")
    settings = load({"GATES_CONFIG": str(config)}, datetime.now(UTC))
    found = sent("preflight/phase3_coverage/player_game_summary", settings)
    assert "assists AS game_id" in found
    assert "SUBSTR(game_id" in found
