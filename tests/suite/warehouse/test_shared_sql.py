"""What queries share: relations of sql/common/, and findings that become measures."""

import os
import subprocess
import sys

import sqlglot
from harness import ROOT
from sqlglot import exp

from gates.measure import queries, shared

FILES = sorted(queries.SQL.glob("*/*.sql"))
FINDINGS = """
WITH findings AS (
  SELECT finding.measure, finding.found, finding.number
  FROM UNNEST([
    STRUCT('missing_games' AS measure, 'a' AS found, 1 AS number), ('incomplete_games', 'b', 2),
    (NULL, 'not a finding', 3)
  ]) AS finding
  UNION ALL
  SELECT IF(1 = 1, 'duplicate_rows', 'duplicate_dates') AS measure, 'c' AS found, 1 AS number
  UNION ALL
  SELECT 'constant_columns' AS measure, 'd' AS found, 1 AS number
)

SELECT COUNT(*) AS window_rows FROM placed_findings
"""


def added(text: str) -> exp.Select:
    tree = sqlglot.parse_one(text, dialect="bigquery", into=exp.Select)
    shared.add(tree)
    return tree


def test_each_measure_of_the_findings_is_a_column() -> None:
    names = [column.alias_or_name for column in added(FINDINGS).selects]
    found = {
        "missing_games",
        "incomplete_games",
        "duplicate_rows",
        "duplicate_dates",
        "constant_columns",
    }
    assert names[0] == "window_rows"
    assert set(names[1:]) == found
    assert len(names) == 6


def test_the_text_is_the_same_in_every_process() -> None:
    sent = (
        "from gates.measure import parsed; "
        "print(parsed.tree_of('phase1/team_row_values', ()).sql())"
    )
    texts = {
        subprocess.run(
            [sys.executable, "-c", sent],
            cwd=ROOT,
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("1", "2")
    }
    (text,) = texts
    assert "team_totals AS" in text


def test_a_query_without_findings_is_left_as_it_is() -> None:
    text = "SELECT x FROM d.t"
    assert added(text).sql(dialect="bigquery") == text


def test_relations_stand_before_those_that_read_them() -> None:
    relations = [cte.alias for cte in queries.read("phase1/team_offense_games").tree.ctes]
    for later, earlier in (
        ("placed_findings", "findings"),
        ("findings", "schedule_findings"),
        ("schedule_findings", "dated_games"),
        ("dated_games", "compared_games"),
        ("compared_games", "scheduled_games"),
        ("held_games", "table_rows"),
    ):
        assert relations.index(earlier) < relations.index(later)


def test_a_query_narrows_a_shared_relation_by_one_of_the_same_name() -> None:
    relations = {cte.alias: cte for cte in queries.read("phase4/factors").tree.ctes}
    own = relations["scheduled_games"]
    assert [table.name for table in own.find_all(exp.Table)] == ["shared_scheduled_games"]
    assert "bootstrap_dates" in own.sql()
    shared_one = relations["shared_scheduled_games"]
    assert [table.name for table in shared_one.find_all(exp.Table)] == ["nbac_schedule"]


def test_the_table_of_a_message_is_that_whose_rows_are_counted() -> None:
    counted = {
        source: queries.read(source).counted
        for source in ("phase1/team_offense_games", "preflight/phase3_coverage/player_game_summary")
    }
    assert list(counted.values()) == [
        "nba_analytics.team_offense_game_summary",
        "nba_raw.nbac_schedule",
    ]


def test_who_played_is_said_in_the_same_words_in_every_file() -> None:
    texts = [" ".join(file.read_text(encoding="utf-8").split()) for file in FILES]
    assert sum(queries.PLAYED in text for text in texts) >= 3
    for text in texts:
        assert text.count("points IS NOT NULL") == text.count(queries.PLAYED)


def test_a_game_is_over_only_with_a_score_in_every_file() -> None:
    texts = [file.read_text(encoding="utf-8") for file in FILES]
    over = [text for text in texts if "game_status = @final_status" in text]
    assert len(over) >= 4
    for text in over:
        assert "home_team_score > 0" in text
        assert "away_team_score > 0" in text


def test_only_a_table_that_lists_others_too_has_to_say_who_played() -> None:
    players = queries.read("preflight/phase3_tables/player_game_summary")
    teams = queries.read("preflight/phase3_tables/team_offense_game_summary")
    assert "is_dnp" in players.tree.sql()
    assert "is_dnp" not in teams.tree.sql()
