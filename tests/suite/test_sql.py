from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlglot
from googlesql import analyzer, parameter_types
from harness import ROOT
from sqlglot import exp

from gates import sql
from gates.config import Settings, load

FILES = sorted((ROOT / "sql").rglob("*.sql"))
SNAPSHOT = "2026-01-03T12:00:00.000001+00:00"


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load({"GATES_CONFIG": str(ROOT / "gates.toml")}, datetime.now(UTC))


@pytest.fixture(scope="module")
def google() -> object:
    return analyzer(parameter_types())


def sent(file: Path, settings: Settings, unusable: dict[str, str] | None = None) -> str:
    return sql.as_sent(sql.prune(sql.read(file), unusable or {}), settings, SNAPSHOT)


def each_file() -> pytest.MarkDecorator:
    return pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])


@each_file()
def test_google_accepts_it_as_sent(file: Path, settings: Settings, google: object) -> None:
    google.analyze_statement(sent(file, settings))  # type: ignore[attr-defined]


def test_google_refuses_an_unknown_column(settings: Settings, google: object) -> None:
    text = sent(FILES[0], settings).replace("quality_score AS", "quality_scores AS")
    with pytest.raises(Exception, match="Unrecognized name: quality_scores"):
        google.analyze_statement(text)  # type: ignore[attr-defined]


@each_file()
def test_google_accepts_it_without_any_one_column(
    file: Path, settings: Settings, google: object
) -> None:
    statement = sql.read(file)
    (table,) = statement.tables
    used = {c.name for c in statement.tree.find_all(exp.Column)} & sql.expected_columns(
        table
    ).keys()
    for column in used - {"game_date"}:
        google.analyze_statement(  # type: ignore[attr-defined]
            sent(file, settings, {column: f"column {column} is missing"})
        )


@each_file()
def test_it_is_bounded_by_the_window_on_the_bare_partition_column(file: Path) -> None:
    tree = sqlglot.parse_one(file.read_text(encoding="utf-8"), dialect="bigquery")
    for select in tree.find_all(exp.Select):
        if not any(table.db for table in (select.args["from_"].find_all(exp.Table))):
            continue
        bounds = [
            between
            for between in select.args["where"].find_all(exp.Between)
            if isinstance(between.this, exp.Column) and between.this.name.endswith("_date")
        ]
        assert [(b.args["low"].sql(), b.args["high"].sql()) for b in bounds] == [
            ("@window_start", "@window_end")
        ]


@each_file()
def test_every_table_is_read_as_of_the_snapshot(file: Path, settings: Settings) -> None:
    text = sent(file, settings)
    assert text.count("FOR SYSTEM_TIME AS OF") == len(sql.read(file).tables)
    assert text.count(SNAPSHOT) == text.count("FOR SYSTEM_TIME AS OF")


@each_file()
def test_it_says_how_many_rows_its_window_holds(file: Path) -> None:
    assert sql.WINDOW_ROWS in sql.read(file).measures


def test_a_missing_column_costs_the_measures_that_read_it() -> None:
    statement = sql.read(sql.path_of("phase2/player_game_summary"))
    pruned = sql.prune(statement, {"usage_rate": "column usage_rate is not there"})
    assert pruned.lost == {"usage_rate": "column usage_rate is not there"}
    assert "usage_rate" not in pruned.tree.sql()


def test_a_missing_partition_column_costs_every_measure() -> None:
    statement = sql.read(sql.path_of("phase2/player_game_summary"))
    pruned = sql.prune(statement, {"game_date": "column game_date is not there"})
    assert set(pruned.lost) == set(statement.measures)


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
    found = sent(sql.path_of("phase2/player_game_summary"), settings)
    assert "`nba-props-platform`.`mirror`.`pgs_v2`" in found
    assert "NOT usage_pct IS NULL" in found
    assert "usage_rate IS" not in found
