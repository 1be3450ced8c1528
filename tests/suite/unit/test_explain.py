"""`make explain`: what is known of a gate, from settings, incidents, history and its query."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import failed, passed, recorded
from harness import ROOT

from gates import program
from gates.commands.explain import explained, main
from gates.config import incidents
from gates.config.bound_source import source_of_bound
from gates.config.owners import strangers
from gates.config.settings import Settings, load
from gates.decide import history, records
from gates.report import explanation

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
CONFIG = ROOT / "gates.toml"
TEXT = CONFIG.read_text(encoding="utf-8")
USAGE = "phase2.player_game_summary.usage_rate"
COUNT = "phase1.team_offense_game_summary.game_count"
MONTH = "phase4.factors.fatigue_month_mean"


def environ(folder: Path) -> dict[str, str]:
    return {
        "GATES_CONFIG": str(CONFIG),
        "GATES_STATE": str(folder / "state"),
        "GATES_REPORTS": str(folder / "reports"),
    }


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load(environ(tmp_path), NOW)


GATES = load({"GATES_CONFIG": str(CONFIG)}, NOW).every_gate()


def said(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    assert main(words, environ(folder), NOW) == 0
    return capsys.readouterr().out


def as_json(folder: Path, capsys: pytest.CaptureFixture[str], gate: str) -> dict[str, Any]:
    (found,) = json.loads(said(folder, capsys, gate, "--format", "json"))
    return dict(found)


def test_every_pattern_of_the_incidents_matches_a_gate() -> None:
    patterns = [pattern for each in incidents.every() for pattern in each.gates]
    assert strangers(patterns, [gate.id for gate in GATES]) == []
    told = [each.happened for each in incidents.every()]
    assert len(set(told)) == len(told)


@pytest.mark.parametrize(
    ("gate", "what"),
    [
        (USAGE, "home and away reversed"),
        ("phase1.team_offense_games.partial_dates", "2 of 16 teams"),
        ("phase2.player_games.duplicate_rows", "354 extra rows"),
        ("preflight.phase3_coverage.upcoming_player_game_context", "2 of the 5 Phase 3 tables"),
        ("phase4.processors.incomplete_dates", "281 dates were fine"),
        ("phase4.factors.fatigue_date_mean", "for six days"),
        ("phase2.player_game_summary.production_ready", "80% production-ready"),
        ("phase2.player_game_summary.minutes_played", "98.96%"),
    ],
)
def test_a_gate_has_the_incident_behind_it(gate: str, what: str) -> None:
    assert any(what in happened for happened in incidents.behind(gate))


def test_where_none_is_recorded_none_is_made_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert incidents.behind("orchestrator.run.stopped") == []
    assert "no incident of the platform is recorded" in said(
        tmp_path, capsys, "orchestrator.run.stopped"
    )


def test_the_source_of_each_bound_is_its_line() -> None:
    lines = TEXT.splitlines()
    names = {">=": "at_least", "<=": "at_most", "<": "below", "=": "equals", "between": "between"}
    for gate in GATES:
        found = source_of_bound(gate, CONFIG.name, TEXT)
        number = int(found.partition("line ")[2].partition(":")[0])
        line = lines[number - 1]
        assert line.startswith(f"{names[gate.bound.comparison]} = "), gate.id
        assert found.startswith("runbook" if gate.kind == "runbook" else "this project")


def test_the_comment_over_an_entry_is_said_and_a_heading_of_the_file_is_not() -> None:
    found = {gate.id: source_of_bound(gate, CONFIG.name, TEXT) for gate in GATES}
    assert found["phase2.player_share_values.worst_month_zones"].endswith("it is 45% of that.")
    assert found["orchestrator.run.stopped"].rpartition(" ")[2].isdecimal()


def test_every_gate_is_explained_in_eighty_columns(settings: Settings) -> None:
    for gate in GATES:
        bound = source_of_bound(gate, CONFIG.name, TEXT)
        made = explanation.Explanation(gate, incidents.behind(gate.id), bound, [], None, None, None)
        *lines, last = explanation.table([made]).splitlines()
        assert [line for line in lines if len(line) > explanation.WIDTH] == []
        assert last == f"Next: make diagnose GATE='{gate.id}'"
        assert gate.remedy in " ".join(" ".join(lines).split())


def test_the_last_runs_are_those_of_the_history_newest_first(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for day, outcome in enumerate((failed, passed)):
        recorded(settings, "phase12", NOW - timedelta(days=2 - day), {USAGE: outcome})
        history.append(settings.state, history.of(records.load(settings, "phase12")))
    found = as_json(tmp_path, capsys, USAGE)
    assert [(run["status"], run["measured"]) for run in found["runs"]] == [
        ("fail", 94.0),
        ("pass", 95.0),
    ]
    lines = said(tmp_path, capsys, USAGE).splitlines()
    rows = [line for line in lines if line.startswith("    | 2026-01-0")]
    assert [row.split("|")[2].strip() for row in rows] == ["pass", "fail"]


def test_looking_leaves_nothing_behind(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "No run of it is remembered" in said(tmp_path, capsys, USAGE)
    assert list(tmp_path.iterdir()) == []


def test_the_query_is_how_the_measure_is_computed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    usage = as_json(tmp_path, capsys, USAGE)
    assert usage["query"] == "sql/phase2/player_game_summary.sql"
    assert "COUNTIF(has_played AND NOT usage_rate IS NULL) AS numerator" in usage["sql"]
    # What this measure does not read is left out.
    assert "is_malformed" not in usage["sql"]
    month = as_json(tmp_path, capsys, MONTH)
    assert "FROM factor_months" in month["sql"]
    assert as_json(tmp_path, capsys, "orchestrator.run.stopped")["query"] is None


def test_every_gate_of_a_query_shows_it(settings: Settings) -> None:
    for gate in settings.gates_of(["phase2", "phase4"]):
        found = explained(gate, settings, "")
        if found.file and gate.source != "processors":
            assert found.sql, gate.id
            assert gate.measure in found.sql


def test_markdown_has_the_same_facts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = said(tmp_path, capsys, COUNT, "--format", "md")
    assert text.startswith(f"### `{COUNT}`\n")
    assert "- Passes when: at least 5,600\n" in text
    assert "```sql\nSELECT\n" in text


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([""], "No gate is named; set GATE to an id, which `make diagnose` lists."),
        ([USAGE[:-1]], "is not a gate; set GATE to one, the closest are"),
    ],
)
def test_what_is_no_gate_is_one_sentence(
    words: list[str], why: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program.ended(lambda: main(words, environ(tmp_path), NOW)) == program.EXIT_USAGE
    (sentence,) = capsys.readouterr().err.splitlines()
    assert why in sentence
