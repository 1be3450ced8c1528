"""Which columns gates judge: by the parsed SQL, through every relation, and as a record has it."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlglot
from builders import decided
from harness import ROOT, GatesProject, TestWarehouse, make
from sqlglot import exp

from gates.commands import docs
from gates.config.gate import Gate
from gates.config.settings import Settings, load
from gates.config.stages import DECISIONS
from gates.decide.recording import Run, record
from gates.measure import column_shares, queries
from gates.measure.column_shares import ColumnShare
from gates.measure.columns import Columns, columns
from gates.measure.lineage import Lineage
from gates.report.provenance import facts

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
NOBODY = "127.0.0.1:9"
SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, NOW)
FACTORS = "nba_precompute.player_composite_factors"
PLAYERS = "nba_analytics.player_game_summary"
COUNT = "phase2.player_game_summary.record_count"
SCHEMAS = {
    "d.rows": dict.fromkeys(["day", "game", "team", "points", "shots", "made", "minutes"], "INT64")
    | {"issues": "ARRAY<STRING>"},
    "d.teams": dict.fromkeys(["game", "team", "total"], "INT64"),
}


def lineage(sql: str) -> Lineage:
    tree = sqlglot.parse_one(sql, dialect="bigquery", into=exp.Select)
    return Lineage(tree, SCHEMAS)


def behind(sql: str, *measures: str) -> set[str]:
    """The columns behind measures, rows' own without their table."""
    found = lineage(sql).behind(measures)
    return {name if table == "d.rows" else f"teams.{name}" for table, name in found}


# ── Of one query ──────────────────────────────────────────────────────────────


def test_a_measure_follows_from_what_it_counts_and_not_from_where_it_looks() -> None:
    sql = "SELECT COUNTIF(points IS NULL) AS bad FROM d.rows WHERE day BETWEEN @a AND @b"
    assert behind(sql, "bad") == {"points"}
    assert lineage(sql).read() == {("d.rows", "points"), ("d.rows", "day")}


def test_what_only_another_measure_reads_is_not_behind_this_one() -> None:
    sql = "SELECT COUNT(points) AS bad, ARRAY_AGG(minutes) AS series_minutes FROM d.rows"
    assert behind(sql, "bad") == {"points"}
    assert behind(sql, "bad", "series_minutes") == {"points", "minutes"}
    assert behind(sql, "nothing") == set()


def test_the_keys_of_a_sentence_are_not_what_is_judged() -> None:
    sql = """SELECT STRUCT(
      COUNTIF(points > shots) AS numerator, COUNT(*) AS denominator, MIN(game) AS first
    ) AS bad FROM d.rows"""
    assert behind(sql, "bad") == {"points", "shots"}


def test_relations_are_followed_to_their_tables_with_joins_and_groups() -> None:
    sql = """WITH sides AS (
      SELECT game, team, SUM(points) AS points, MAX(minutes) AS longest
      FROM d.rows WHERE day > @a GROUP BY game, team
    ), joined AS (
      SELECT sides.points != teams.total AS is_other, sides.longest
      FROM sides LEFT JOIN d.teams AS teams ON sides.game = teams.game
    )
    SELECT COUNTIF(is_other) AS bad FROM joined"""
    assert behind(sql, "bad") == {"points", "game", "team", "teams.total", "teams.game"}


def test_a_star_of_a_relation_takes_only_what_is_used_of_it() -> None:
    sql = """WITH inner_rows AS (SELECT points, minutes, shots FROM d.rows),
    outer_rows AS (SELECT inner_rows.*, 1 AS one FROM inner_rows)
    SELECT SUM(shots) AS bad FROM outer_rows"""
    assert behind(sql, "bad") == {"shots"}


def test_what_is_asked_of_a_group_is_judged() -> None:
    sql = """WITH names AS (SELECT game FROM d.rows GROUP BY game HAVING COUNT(DISTINCT team) > 2)
    SELECT COUNT(*) AS bad FROM names"""
    assert behind(sql, "bad") == {"game", "team"}


def test_in_findings_the_where_says_what_is_wrong_and_the_text_does_not() -> None:
    sql = """WITH findings AS (
      SELECT 'bad' AS measure, CAST(day AS STRING) AS found, 1 AS number
      FROM d.rows WHERE points > 2 * made
      UNION ALL
      SELECT NULL AS measure, NULL AS found, COUNT(*) AS number FROM d.rows WHERE minutes > 0
    )
    SELECT STRUCT(SUM(IF(measure = 'bad', number, 0)) AS numerator, MIN(found) AS first) AS bad
    FROM findings"""
    assert behind(sql, "bad") == {"points", "made", "minutes"}


def test_of_an_array_of_rows_only_the_field_that_is_read_counts() -> None:
    sql = """WITH findings AS (
      SELECT finding.measure, finding.found, 1 AS number
      FROM d.rows AS r
      CROSS JOIN UNNEST([
        STRUCT('one' AS measure, r.game AS found, r.points > 9 AS is_so),
        ('other', r.team, r.shots < r.made)
      ]) AS finding
      WHERE finding.is_so
    )
    SELECT SUM(IF(measure = 'one', number, 0)) AS one FROM findings"""
    assert behind(sql, "one") == {"points", "shots", "made"}


def test_an_array_that_a_relation_holds_is_followed_by_its_field() -> None:
    sql = """WITH sides AS (
      SELECT game, [
        STRUCT('points' AS what, MAX(points) AS held, COUNT(minutes) AS due),
        ('shots', MAX(shots), COUNT(made))
      ] AS pairs
      FROM d.rows GROUP BY game
    ), findings AS (
      SELECT 'bad' AS measure, pair.what AS found, 1 AS number
      FROM sides CROSS JOIN UNNEST(sides.pairs) AS pair
      WHERE pair.held > 5
    )
    SELECT SUM(number) AS bad FROM findings"""
    assert behind(sql, "bad") == {"game", "points", "shots"}


def test_a_field_of_a_struct_is_followed_alone() -> None:
    sql = """WITH days AS (
      SELECT IF(day > 5, STRUCT(MAX(points) AS gap, MAX(minutes) AS held), NULL) AS d
      FROM d.rows GROUP BY day
    )
    SELECT MAX(d.gap) AS bad FROM days"""
    assert behind(sql, "bad") == {"day", "points"}


def test_a_subquery_over_an_array_of_the_row_is_followed() -> None:
    sql = """SELECT COUNTIF(EXISTS (
      SELECT 1 FROM UNNEST(issues) AS issue WHERE LOWER(issue) IN UNNEST(@blocking)
    )) AS bad FROM d.rows"""
    assert behind(sql, "bad") == {"issues"}


def test_the_worst_of_several_follows_from_what_it_is_ordered_by() -> None:
    sql = """WITH shares AS (
      SELECT game, COUNT(points) AS held, COUNT(*) AS due, MAX(minutes) AS longest
      FROM d.rows GROUP BY game
    )
    SELECT ARRAY_AGG(
      STRUCT(held AS numerator, due AS denominator, game AS game) ORDER BY longest LIMIT 1
    )[OFFSET(0)] AS bad FROM shares"""
    assert behind(sql, "bad") == {"game", "points", "minutes"}


# ── Of all gates ──────────────────────────────────────────────────────────────


def test_every_column_of_every_table_stands_in_one_list() -> None:
    found = columns(SETTINGS.every_gate())
    for each in found:
        every = Counter([*each.judged, *each.counted, *each.unread])
        assert every == Counter([*queries.expected_columns(each.table)])
        assert each.number == len(every)
    judged = {each.table: each.judged for each in found}
    assert {"points", "usage_rate", "quality_issues"} <= {*judged[PLAYERS]}
    assert "pace_score" in judged[FACTORS]


def of(table: str, gates: Sequence[Gate]) -> Columns:
    return next(each for each in columns(gates) if each.table == table)


def test_a_gate_more_judges_its_column() -> None:
    gates = SETTINGS.every_gate()
    other = of(FACTORS, gates).unread[0]
    null_rate = next(each for each in gates if each.measure == "null_rate")
    more = of(FACTORS, [*gates, replace(null_rate, which=other)])
    assert other in more.judged


def test_without_its_gate_a_column_is_only_counted_and_without_any_unread() -> None:
    gates = SETTINGS.every_gate()
    alone = of(PLAYERS, [each for each in gates if each.id == COUNT])
    assert "usage_rate" in of(PLAYERS, gates).judged
    assert "usage_rate" in alone.counted
    assert "points" in alone.judged
    assert of(PLAYERS, []).unread == tuple(queries.expected_columns(PLAYERS))


def test_the_file_that_reports_read_is_current() -> None:
    written = column_shares.FILE.read_text(encoding="utf-8")
    assert json.loads(written) == docs.shares(SETTINGS).model_dump(), "Run `make docs`."


def test_what_nobody_reads_can_be_anything(project: GatesProject, warehouse: TestWarehouse) -> None:
    def measured() -> dict[str, Any]:
        project.run_all(list(DECISIONS))
        files = [project.record_file(stage) for stage in DECISIONS]
        records = [json.loads(file.read_text(encoding="utf-8")) for file in files]
        return {
            gate["id"]: [gate[name] for name in ("status", "numerator", "denominator", "reason")]
            for each in records
            for gate in each["gates"]
        }

    before = measured()
    statements = [
        f"UPDATE {each.table} SET {', '.join(f'{name} = NULL' for name in each.unread)} WHERE TRUE"
        for each in columns(SETTINGS.every_gate())
        if each.unread
    ]
    with warehouse.fault(*statements):
        assert measured() == before


# ── In a record ───────────────────────────────────────────────────────────────


def recorded(settings: Settings) -> Any:
    return record(settings, decided(settings, "phase12"), Run(NOW, NOW, None, []))


def test_a_record_and_its_report_say_how_much_is_judged() -> None:
    made = recorded(SETTINGS)
    assert made.columns is not None
    share = made.columns[FACTORS]
    said = facts(made)["Columns judged"]
    assert f"{share.judged} of {share.columns} in player_composite_factors" in said
    every = [sum(getattr(s, n) for s in made.columns.values()) for n in ("judged", "columns")]
    assert said.startswith(f"{every[0]} of {every[1]}: ")


def test_under_other_gates_or_with_a_damaged_file_nothing_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fewer = replace(SETTINGS, gates=dict([*SETTINGS.gates.items()][1:]))
    assert recorded(fewer).columns is None
    assert "Columns judged" not in facts(recorded(fewer))
    file = tmp_path / "columns.json"
    monkeypatch.setattr(column_shares, "FILE", file)
    for text in ("", "{}", '{"made_of": 1, "tables": {}}'):
        file.write_text(text, encoding="utf-8")
        assert recorded(SETTINGS).columns is None
    file.unlink()
    assert recorded(SETTINGS).columns is None


def test_a_table_of_a_record_is_shown_as_one_line() -> None:
    odd = recorded(SETTINGS).content()
    odd["columns"] = {"a\n\x1b[2Jb": {"judged": 1, "counted": 0, "columns": 2}}
    made = type(recorded(SETTINGS)).model_validate_json(json.dumps(odd))
    assert made.columns is not None
    assert [*made.columns.values()] == [ColumnShare(judged=1, counted=0, columns=2)]
    assert facts(made)["Columns judged"].isprintable()


def test_make_columns_lists_them(tmp_path: Path) -> None:
    done = make(tmp_path, NOBODY, "columns", "FORMAT=json")
    found = {each["table"]: each for each in json.loads(done.stdout)}
    assert "pace_score" in found[FACTORS]["judged"]
    printed = make(tmp_path, NOBODY, "columns").stdout
    assert "judged by a gate (" in printed
    assert "| all tables " in printed
    lines = printed.splitlines()
    assert max(map(len, lines)) <= 80
    assert (ROOT / lines[-2].rpartition(" ")[2]).is_file()
    assert lines[-1] == "Next: make validate-phase12"
    assert make(tmp_path, NOBODY, "columns", "FORMAT=csv").returncode != 0
