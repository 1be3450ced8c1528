"""decision.json and summary.json: one model, that is written and read, and its JSON Schema."""

import json
import re
import subprocess
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import check_jsonschema
import pytest
from builders import altered, decided, failed, ratio, summarized, unknown
from harness import ROOT

from gates import VERSION
from gates.commands import docs
from gates.config.settings import Settings, load
from gates.decide import records
from gates.decide.record import Record, record_file
from gates.decide.recording import Run, record
from gates.decide.records import MissingRecordError, RecordError
from gates.decide.verdict import Verdict, judge
from gates.files import write_json
from gates.measure.summary import Summary
from gates.numbers import exact, plain

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
USAGE = "phase2.player_game_summary.usage_rate"
MINUTES = "phase2.player_game_summary.minutes_played"
PER_GAME = "phase1.team_offense_game_summary.records_per_game"
QUERY = {
    "file": "sql/a.sql",
    "source": "phase2/a",
    "job_id": "1",
    "elapsed_s": 0.1,
    "bytes_processed": None,
    "rows": 1,
    "sql": "SELECT\n  1",
}
COUNTS = {"dates": {"phase2.a": {"2025-01-03": [3, 4]}}, "bootstrap": ["2024-10-22"]}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    environ = {"GATES_CONFIG": str(ROOT / "gates.toml"), "GATES_REPORTS": str(tmp_path)}
    return load(environ, NOW)


def made(settings: Settings, stage: str = "phase12", **others: Any) -> Record:
    decision = decided(settings, stage, {USAGE: failed, MINUTES: unknown})
    return record(settings, decision, Run(NOW, NOW, NOW.isoformat(), [QUERY], COUNTS), **others)


def fits(name: str, content: dict[str, Any], folder: Path) -> bool:
    """Whether a program that knows JSON Schema alone takes `content` for such a record."""
    file = folder / "content.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    words = ["--schemafile", str(docs.SCHEMAS / f"{name}.json"), str(file)]
    return bool(check_jsonschema.main(words, standalone_mode=False) == 0)


def test_what_is_written_is_read_as_it_was(settings: Settings) -> None:
    written = made(settings, run_id="7")
    file = record_file(settings.reports, "phase12")
    written.write(file)
    assert records.load(settings, "phase12") == written
    content = json.loads(file.read_text(encoding="utf-8"))
    assert content == written.content()
    assert content["series"] == COUNTS
    assert "stages" not in content


@pytest.mark.parametrize("stage", ["phase12", "preflight", "phase4", "final"])
def test_a_record_is_what_its_schema_says(settings: Settings, stage: str) -> None:
    assert fits("decision", made(settings, stage).content(), settings.reports)


@pytest.mark.parametrize(
    ("key", "value"),
    [("schema_version", 2), ("decision", "MAYBE"), ("gates", [{}]), ("queries", 1)],
)
def test_the_schema_refuses_what_is_no_record(settings: Settings, key: str, value: object) -> None:
    assert not fits("decision", made(settings).content() | {key: value}, settings.reports)


def test_a_summary_is_what_its_schema_says(tmp_path: Path) -> None:
    content = summarized({"date": "2025-01-03"})
    assert fits("summary", content, tmp_path)
    assert Summary.model_validate_json(json.dumps(content)).content() == content


@pytest.mark.parametrize("name", docs.MODELS)
def test_the_schemas_are_those_of_the_models(name: str) -> None:
    file = docs.SCHEMAS / f"{name}.json"
    assert file.read_text(encoding="utf-8") == docs.schema(name), "run `make docs`"


@pytest.mark.parametrize("version", [0, 2, None, "1"])
def test_a_record_of_another_version_is_refused_with_what_to_run(
    settings: Settings, version: object
) -> None:
    file = record_file(settings.reports, "phase12")
    made(settings).write(file)
    content = json.loads(file.read_text(encoding="utf-8")) | {"schema_version": version}
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(RecordError) as problem:
        records.load(settings, "phase12")
    assert str(problem.value) == (
        f"phase12 has no decision that can be read: {file} (its schema_version is not 1, "
        "the one that is known); run `make validate-phase12`."
    )


@pytest.mark.parametrize("key", ["title", "threshold", "severity", "margin", "measured"])
def test_a_gate_that_lacks_a_field_is_no_gate(settings: Settings, key: str) -> None:
    content = made(settings).content()
    del content["gates"][0][key]
    file = record_file(settings.reports, "phase12")
    write_json(file, content)
    with pytest.raises(RecordError, match=rf"\(gates\.0\.{key}: Field required\); run "):
        records.load(settings, "phase12")


def judged_again(settings: Settings, of: str, **values: Any) -> Verdict:
    """What is made of the record's entry on a gate in which `values` have come to stand."""
    whole = made(settings)
    (entry,) = (each for each in whole.content()["gates"] if each["id"] == of)
    return records.verdicts(settings, altered(whole, gates=[entry | values]))[of]


PERIOD = {
    "period": "2025-01",
    "first_date": "2025-01-01",
    "last_date": "2025-01-31",
    "records": 3,
}


@pytest.mark.parametrize(
    ("of", "values", "why"),
    [
        (USAGE, {"status": "pass"}, "its record says pass, and its counts say fail"),
        (USAGE, {"numerator": 95}, "its record says fail, and its counts say pass"),
        (USAGE, {"numerator": None}, "its record says fail, and its counts say not_evaluated"),
        (
            PER_GAME,
            {"numerator": -40, "denominator": -20},
            "its record counts less than nothing",
        ),
        (
            PER_GAME,
            {"status": "fail", "numerator": -40, "denominator": 20},
            "its record counts less than nothing",
        ),
        (USAGE, {"table": [PERIOD | {"records": "3"}]}, "its record holds a table that cannot"),
        (USAGE, {"table": [{"period": "2025-01"}]}, "its record holds a table that cannot"),
    ],
    ids=[
        "status",
        "better",
        "no count",
        "below zero",
        "less than none",
        "no count in a table",
        "half a table",
    ],
)
def test_an_entry_that_cannot_be_as_it_was_written_is_not_evaluated(
    settings: Settings, of: str, values: dict[str, Any], why: str
) -> None:
    found = judged_again(settings, of, **values)
    assert found.detail.startswith(f"{of}: not evaluated, {why}")
    assert (found.remedy, found.query) == ("Run `make validate-phase12` again.", "sql/made/up.sql")


def test_an_entry_keeps_its_query_and_its_table(settings: Settings) -> None:
    assert judged_again(settings, USAGE, table=[PERIOD]).table == [PERIOD]
    assert judged_again(settings, USAGE).query == "sql/made/up.sql"
    assert judged_again(settings, MINUTES, query="sql/a.sql").query == "sql/a.sql"


def test_an_entry_keeps_the_keys_of_what_does_not_hold(settings: Settings) -> None:
    keys = [{"key": "2025-03-01", "found": "0 of 19"}]
    measurement = replace(ratio(1, 2), failing=keys)
    decision = decided(settings, "phase12", {USAGE: lambda gate: judge(gate, measurement)})
    read = altered(record(settings, decision, Run(NOW, NOW, None, [])))
    assert records.verdicts(settings, read)[USAGE].failing == keys


def test_what_was_too_little_yet_is_no_evidence_afterwards(settings: Settings) -> None:
    early = {
        "code": "too_little_yet",
        "parameters": {"judged_from": "2026-11-03"},
        "remedy": "Wait for it.",
    }
    for of in (USAGE, MINUTES):
        found = judged_again(settings, of, reason=early, query="sql/a.sql")
        assert (found.gate, found.query) == (settings.gates[of], "sql/a.sql")
        assert (found.status, found.remedy, found.blocks) == ("not_evaluated", "Wait for it.", True)
        assert found.reason.code == "no_evidence"
        assert found.said == "not evaluated, too little yet: it is judged from 2026-11-03 on"


def test_a_count_of_another_window_is_held_against_the_schedule_of_its_record(
    settings: Settings,
) -> None:
    given = load(
        {"GATES_CONFIG": str(ROOT / "gates.toml"), "GATES_REPORTS": str(settings.reports)},
        NOW,
        ["2025-10-21..2025-12-01"],
    )
    count = "phase1.team_offense_game_summary.game_count"
    found = judged_again(given, count, scheduled_games=5_001)
    assert (found.status, found.gate.games) == ("pass", 5_001)
    more = judged_again(given, count, scheduled_games=6_000)
    assert more.reason.code == "record_disagrees"


def test_none_of_none_is_no_count_below_zero(settings: Settings) -> None:
    found = judged_again(settings, USAGE, numerator=0)
    assert found.status == "fail"
    assert found.measured == 0


def test_a_drift_that_is_recorded_stays_with_a_pass_alone(settings: Settings) -> None:
    drifted = {
        "code": "drifted",
        "parameters": {"before": "99%", "usual": "1%"},
        "remedy": "Look at it.",
    }
    passing = judged_again(settings, PER_GAME, reason=drifted)
    assert (passing.status, passing.reason.code) == ("pass", "drifted")
    assert judged_again(settings, USAGE, reason=drifted).reason.code == "outside"


def test_a_record_of_another_stage_or_none_at_all_is_named_with_its_file(
    settings: Settings,
) -> None:
    file = record_file(settings.reports, "phase12")
    with pytest.raises(MissingRecordError) as missing:
        records.load(settings, "phase12")
    assert str(missing.value) == (
        f"phase12 has no decision: {file} was not found; run `make validate-phase12`."
    )
    assert missing.value.objection.remedy == "Run `make validate-phase12`."
    made(settings, "preflight").write(file)
    with pytest.raises(RecordError) as other:
        records.load(settings, "phase12")
    assert str(other.value) == (
        f"phase12 has no decision that can be read: {file} is of preflight; run "
        "`make validate-phase12`."
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (None, "No such file or directory"),
        ("GO", "Invalid JSON: expected value at line 1 column 1"),
        ("{}", "its schema_version is not 1, the one that is known"),
        ('{"schema_version": 1}', "stage: Field required"),
        (b"\xff", "UnicodeDecodeError"),
    ],
    ids=["no file", "no JSON", "no version", "no field", "no text"],
)
def test_a_file_of_any_name_that_is_no_record_says_why(
    tmp_path: Path, text: str | bytes | None, why: str
) -> None:
    file = tmp_path / "yesterday.json"
    if text is not None:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(RecordError) as found:
        records.read(file)
    assert str(found.value) == (
        f"{file} is not a record that can be read ({why}); name a decision.json that this version "
        "has written."
    )


def test_a_gate_is_recorded_as_measured_and_never_as_shown(settings: Settings) -> None:
    gates = made(settings).content()["gates"]
    with pytest.raises(ValueError, match="not how it is shown"):
        altered(made(settings), gates=[gates[0] | {"status": "warning"}])


def test_counts_over_time_that_cannot_be_shown_cost_no_decision(settings: Settings) -> None:
    run = Run(NOW, NOW, "0001-01-01T00:00:00+00:00", [], {"dates": {"a.b": {"soon": [1, 2]}}})
    found = record(settings, decided(settings, "phase12"), run)
    assert (found.decision, found.content()["series"], found.snapshot_at) == ("GO", {}, None)


def test_a_count_larger_than_any_table_is_recorded_exactly(settings: Settings) -> None:
    entries = made(settings).content()["gates"]
    large = entries[0] | {"numerator": 10**39, "measured": 10**39, "margin": -(10**39)}
    assert altered(made(settings), gates=[large]).content()["gates"][0] == large


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (1.95, Fraction(195, 100)),
        ("1.95", Fraction(195, 100)),
        (Decimal("1.950"), Fraction(195, 100)),
        (3, Fraction(3)),
        (1e-7, Fraction(1, 10**7)),
        (10**40, Fraction(10**40)),
    ],
)
def test_a_number_is_what_was_written(value: int | float | str | Decimal, number: Fraction) -> None:
    assert exact(value) == number


@pytest.mark.parametrize(
    ("number", "value"), [(Fraction(3), 3), (Decimal("3.0"), 3), (Fraction(39, 20), 1.95)]
)
def test_a_number_is_written_whole_where_it_is(number: Fraction | Decimal, value: float) -> None:
    assert plain(number) == value
    assert type(plain(number)) is type(value)
    assert exact(plain(number)) == number


def test_no_number_stays_none() -> None:
    assert (exact(None), plain(None)) == (None, None)


def test_every_record_has_the_version_and_one_without_is_read_all_the_same(
    settings: Settings, tmp_path: Path
) -> None:
    written = made(settings)
    assert written.content()["version"] == VERSION
    before = {name: value for name, value in written.content().items() if name != "version"}
    assert Record.model_validate_json(json.dumps(before)).content() == before
    assert fits("decision", before, tmp_path)
    assert fits("decision", written.content(), tmp_path)


def test_one_version_stands_in_the_project_the_changelog_and_the_help_of_make() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        assert tomllib.load(file)["project"]["version"] == VERSION
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (\d\S+) - \d{4}-\d\d-\d\d$", changelog, re.MULTILINE)[0] == VERSION
    shown = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert shown.splitlines()[0] == f"nba-gates {VERSION}"
