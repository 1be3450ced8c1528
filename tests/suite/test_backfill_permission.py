"""The backfill starts on two decisions, GO, of this configuration, less than an hour old."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from harness import ROOT

from backfill.permission import ALLOWING, reasons_against
from gates.config import Settings, load
from gates.decision import Run, decide, record, record_file
from gates.files import write_json

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    environ = {"GATES_CONFIG": str(ROOT / "gates.toml"), "GATES_REPORTS": str(tmp_path)}
    return load(environ, NOW)


@pytest.fixture
def decided(settings: Settings) -> Settings:
    """Both records as a run writes them, made GO by hand half an hour ago."""
    then = NOW - timedelta(minutes=30)
    for stage in ("phase12", "preflight"):
        content = record(settings, decide(settings, stage, {}), Run(then, then, None, []))
        write_json(record_file(settings.reports, stage), {**content, "decision": "GO"})
    return settings


def change(settings: Settings, stage: str, **values: Any) -> None:
    file = record_file(settings.reports, stage)
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}), encoding="utf-8")


def test_two_fresh_decisions_leave_no_reason(decided: Settings) -> None:
    assert reasons_against(decided, NOW) == []


def test_without_records_there_is_a_reason_for_each(settings: Settings) -> None:
    phase12, preflight = reasons_against(settings, NOW)
    assert phase12.startswith("phase12 has no decision: ")
    assert preflight.endswith("run `make preflight`.")


@pytest.mark.parametrize("stage", ["phase12", "preflight"])
@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"decision": "NO-GO"}, "is NO-GO, expected GO"),
        ({"config_sha256": "0" * 64}, "another gates.toml"),
        ({"windows": {}}, "other windows"),
        ({"target": {"name": "bigquery", "project": "p"}}, "another target than local"),
        ({"target": "local"}, "no decision that can be read"),
        ({"finished_at": (NOW - timedelta(hours=1)).isoformat()}, "not within the last hour"),
        ({"finished_at": (NOW + timedelta(minutes=1)).isoformat()}, "not within the last hour"),
        ({"finished_at": "2026-01-03T12:00:00"}, "no decision that can be read"),
        ({"finished_at": None}, "no decision that can be read"),
    ],
    ids=[
        *("decision", "configuration", "windows", "target", "no target"),
        *("an hour", "future", "no time zone", "no time"),
    ],
)
def test_one_thing_amiss_is_one_reason(
    stage: str, values: dict[str, Any], reason: str, decided: Settings
) -> None:
    change(decided, stage, **values)
    (found,) = reasons_against(decided, NOW)
    assert found.startswith(stage)
    assert reason in found


def test_a_minute_less_than_an_hour_is_fresh(decided: Settings) -> None:
    for stage in ALLOWING:
        change(decided, stage, finished_at=(NOW - timedelta(minutes=59)).isoformat())
    assert reasons_against(decided, NOW) == []


@pytest.mark.parametrize("text", ["", "[]", "{}", "GO", '{"decision": "GO"}'])
def test_a_damaged_record_is_no_decision(text: str, decided: Settings) -> None:
    record_file(decided.reports, "preflight").write_text(text, encoding="utf-8")
    (found,) = reasons_against(decided, NOW)
    assert found.startswith("preflight has no decision that can be read")
