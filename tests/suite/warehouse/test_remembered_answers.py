"""The embedded warehouse's memory of answers: never one of a table that was written to since."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from harness import TestWarehouse

from local.warehouse.answers import MOST_ANSWERS, Answers

ROWS = 'SELECT COUNT(*) FROM "p__d"."games"'


@dataclass
class Table:
    """An answer, by how often DuckDB was asked."""

    nbytes: int = 8
    asked: list[int] = field(default_factory=list)

    def __call__(self) -> Any:
        self.asked.append(1)
        return self


def times(answers: Answers, sql: str = ROWS, parameters: list[Any] | None = None) -> int:
    """How often DuckDB is asked when the same question comes twice."""
    table = Table()
    answers.of(sql, parameters, table)
    answers.of(sql, parameters, table)
    return len(table.asked)


def test_the_same_question_is_asked_once() -> None:
    answers = Answers()
    assert [times(answers), times(answers)] == [1, 0]
    assert times(answers, parameters=[1]) == 1
    assert times(answers, ROWS.replace("games", "rows")) == 1


@pytest.mark.parametrize(
    ("change", "asked"),
    [
        (lambda answers: answers.written("INSERT INTO x", [("p__d", "games")]), 1),
        (lambda answers: answers.written("INSERT INTO x", [("p__d", "others")]), 0),
        (lambda answers: answers.written("DELETE FROM something", []), 1),
        (lambda answers: answers.written("DROP SCHEMA p__d CASCADE", [("p__d", "others")]), 1),
        (lambda answers: answers.written("ALTER TABLE x RENAME TO y", [("p__d", "others")]), 1),
        (lambda answers: answers.written("CREATE VIEW v AS SELECT 1", [("p__d", "v")]), 2),
        (lambda answers: answers.written("CREATE OR REPLACE MACRO m() AS 1", []), 2),
    ],
    ids=["table", "another", "unknown", "dropped", "renamed", "view", "macro"],
)
def test_what_was_written_since_is_asked_again(
    change: Callable[[Answers], None], asked: int
) -> None:
    answers = Answers()
    assert times(answers) == 1
    change(answers)
    assert times(answers) == asked


@pytest.mark.parametrize(
    "sql", ["SELECT now()", "WITH a AS (SELECT current_date) SELECT 1", "PRAGMA x", "SHOW TABLES"]
)
def test_what_changes_by_itself_is_always_asked(sql: str) -> None:
    assert times(Answers(), sql) == 2


def test_what_was_written_while_it_was_asked_is_not_remembered() -> None:
    answers = Answers()

    def ask() -> Table:
        answers.written("INSERT INTO x", [("p__d", "games")])
        return Table()

    answers.of(ROWS, None, ask)
    assert times(answers) == 1


def test_what_is_large_or_long_ago_is_forgotten() -> None:
    answers, large = Answers(), Table(nbytes=10_000_000)
    answers.of(ROWS, None, large)
    answers.of(ROWS, None, large)
    assert len(large.asked) == 2
    assert times(answers) == 1
    for number in range(MOST_ANSWERS):
        times(answers, f"{ROWS} -- {number}")
    assert times(answers) == 1


def test_what_is_taken_back_is_as_it_was() -> None:
    answers = Answers()
    assert times(answers) == 1
    answers.begun()
    answers.written("DELETE FROM x", [("p__d", "games")])
    assert times(answers) == 1
    answers.rolled_back()
    assert times(answers) == 0
    answers.begun()
    answers.written("UPDATE x", [("p__d", "games")])
    # Another write than that which was taken back.
    assert times(answers) == 1


def test_the_warehouse_sees_its_own_writes(warehouse: TestWarehouse) -> None:
    counted = "SELECT COUNT(*) FROM nba_analytics.upcoming_team_game_context"
    before = warehouse.value(counted)
    assert warehouse.value(counted) == before > 0
    where = (
        "WHERE game_date = (SELECT MAX(game_date) FROM nba_analytics.upcoming_team_game_context)"
    )
    with warehouse.fault(f"DELETE FROM nba_analytics.upcoming_team_game_context {where}"):
        fewer = warehouse.value(counted)
        assert 0 < fewer < before
    assert warehouse.value(counted) == before
    made = "CREATE OR REPLACE TABLE nba_analytics.upcoming_team_game_context AS SELECT * FROM "
    with warehouse.fault(f"{made} nba_analytics.upcoming_team_game_context {where}"):
        assert warehouse.value(counted) == before - fewer
    assert warehouse.value(counted) == before


def test_the_warehouse_sees_what_is_behind_a_view(warehouse: TestWarehouse) -> None:
    warehouse.client.create_dataset("views", exists_ok=True)
    warehouse.rows("CREATE OR REPLACE TABLE views.behind AS SELECT 1 AS x")
    warehouse.rows("CREATE OR REPLACE VIEW views.front AS SELECT x FROM views.behind")
    assert warehouse.value("SELECT COUNT(*) FROM views.front") == 1
    warehouse.rows("INSERT INTO views.behind (x) VALUES (2)")
    assert warehouse.value("SELECT COUNT(*) FROM views.front") == 2
    warehouse.rows("DROP VIEW views.front")
    warehouse.rows("DROP TABLE views.behind")
