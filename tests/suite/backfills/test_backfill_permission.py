"""The backfill starts on two decisions that are GO when they are judged again, and fresh."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import Outcome, failed, recorded, unknown
from harness import ROOT

from backfill.permission import permission
from gates.config.settings import Settings, load
from gates.config.stages import ALLOWING, DECISIONS
from gates.decide.record import record_file

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
THEN = NOW - timedelta(minutes=30)
STOPPED = {
    "phase12": "orchestrator.run.stopped",
    "preflight": "preflight.schedule.unfinished_games",
}
Content = dict[str, Any]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    environ = {
        "GATES_CONFIG": str(ROOT / "gates.toml"),
        "GATES_REPORTS": str(tmp_path),
        "GATES_STATE": str(tmp_path / "state"),
        "BIGQUERY_EMULATOR_HOST": "127.0.0.1:9050",
    }
    return load(environ, NOW)


@pytest.fixture
def decided(settings: Settings) -> Settings:
    """Both records, GO, half an hour old."""
    for stage in ALLOWING:
        recorded(settings, stage, THEN)
    return settings


def change(settings: Settings, stage: str, edit: Callable[[Content], None]) -> None:
    file = record_file(settings.reports, stage)
    content = json.loads(file.read_text(encoding="utf-8"))
    edit(content)
    file.write_text(json.dumps(content), encoding="utf-8")


def values(**new: Any) -> Callable[[Content], None]:
    return lambda content: content.update(new)


def at(*, hours: float = 0, minutes: float = 0) -> Callable[[Content], None]:
    moment = (NOW - timedelta(hours=hours, minutes=minutes)).isoformat()
    return values(started_at=moment, finished_at=moment, snapshot_at=moment)


def target(**new: Any) -> Callable[[Content], None]:
    return lambda content: content["target"].update(new)


def against(settings: Settings) -> list[str]:
    return permission(settings, NOW).against


def test_two_fresh_decisions_leave_no_reason_and_are_named(decided: Settings) -> None:
    found = permission(decided, NOW)
    assert found.against == []
    assert found.decisions == dict.fromkeys(ALLOWING, THEN)


def test_without_records_there_is_a_reason_for_each(settings: Settings) -> None:
    commands = {"phase12": "validate-phase12", "preflight": "preflight"}
    assert against(settings) == [
        f"{stage} has no decision: {record_file(settings.reports, stage)} was not found; run "
        f"`make {commands[stage]}`."
        for stage in ALLOWING
    ]


@pytest.mark.parametrize("stage", ALLOWING)
@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (values(config_sha256="0" * 64), "another gates.toml"),
        (values(gates_sha256="0" * 64), "by other gates than these"),
        (values(windows={}), "other windows"),
        (target(name="bigquery"), "another target than local"),
        (target(project="another-project"), "another target than local"),
        (target(datasets={"nba_raw": "nba_raw"}), "another target than local"),
        (target(server="127.0.0.1:9051"), "another server (127.0.0.1:9051) than 127.0.0.1:9050"),
        (values(target="local"), "no decision that can be read"),
        (values(schema_version=2), "its schema_version is not 1"),
        (values(schema_version=True), "its schema_version is not 1"),
        (at(hours=1), "not within the last hour"),
        (at(minutes=-1), "not within the last hour"),
        (values(finished_at="2026-01-03T12:00:00"), "no decision that can be read"),
        (values(finished_at=None), "no decision that can be read"),
        (values(started_at=NOW.isoformat()), "before it began"),
        (values(snapshot_at=None), "does not say as of when it read the tables"),
        (values(snapshot_at=(NOW - timedelta(days=30)).isoformat()), "read the tables as of"),
        (values(snapshot_at=(NOW + timedelta(days=1)).isoformat()), "read the tables as of"),
        (values(snapshot_at=(THEN + timedelta(minutes=20)).isoformat()), "though it ran from"),
        (values(decision="NO-GO"), "says NO-GO, and its gates say GO"),
        (values(blockers=[{"gate": "a", "why": "b", "remedy": "c"}]), "lists what keeps from it"),
        (lambda content: content["gates"].append(content["gates"][0]), "has 2 entries of"),
        (
            lambda content: content["gates"].append(content["gates"][0] | {"id": "phase1.a.b"}),
            "has an entry of phase1.a.b, which is not a gate of it",
        ),
    ],
    ids=[
        *("configuration", "gates", "windows", "target", "project", "datasets", "server"),
        *("no target", "version", "true for a version", "an hour", "future", "no time zone"),
        *("no time", "ends before it begins", "no snapshot", "old snapshot", "future snapshot"),
        *("snapshot of another run", "NO-GO", "blockers", "two entries", "unknown gate"),
    ],
)
def test_one_thing_amiss_is_one_reason(
    stage: str, edit: Callable[[Content], None], reason: str, decided: Settings
) -> None:
    change(decided, stage, edit)
    (found,) = against(decided)
    assert found.startswith(stage)
    assert reason in found
    assert found.endswith(f"run `make {stage.replace('phase12', 'validate-phase12')}`.")
    assert permission(decided, NOW).decisions == {}


@pytest.mark.parametrize("stage", ALLOWING)
@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        (lambda stage, gates: gates.clear(), "is NO-GO, expected GO ("),
        (lambda stage, gates: gates.pop(), "is NO-GO, expected GO ("),
    ],
    ids=["no gates", "one gate left out"],
)
def test_the_word_go_over_too_few_gates_is_not_believed(
    stage: str, edit: Callable[[str, list[Any]], None], reason: str, decided: Settings
) -> None:
    change(decided, stage, lambda content: edit(stage, content["gates"]))
    (found,) = against(decided)
    assert found.startswith(f"{stage} {reason}")


@pytest.mark.parametrize("stage", ALLOWING)
@pytest.mark.parametrize("outcome", [failed, unknown])
def test_the_word_go_over_a_gate_that_does_not_hold_is_not_believed(
    stage: str, outcome: Outcome, decided: Settings
) -> None:
    gate = next(g.id for g in decided.gates_of(DECISIONS[stage]) if g.severity == "required")
    recorded(decided, stage, THEN, {gate: outcome})
    change(decided, stage, values(decision="GO", blockers=[]))
    (found,) = against(decided)
    assert f"{stage} is NO-GO, expected GO ({gate})" in found


@pytest.mark.parametrize(
    ("number", "more"), [(1, ""), (3, ""), (4, " and 1 more"), (5, " and 2 more")]
)
def test_a_no_go_names_three_of_its_blockers_and_counts_the_others(
    number: int, more: str, decided: Settings
) -> None:
    required = [g.id for g in decided.gates_of(DECISIONS["phase12"]) if g.severity == "required"]
    recorded(decided, "phase12", THEN, dict.fromkeys(required[:number], failed))
    found = permission(decided, NOW)
    assert found.decisions == {}
    assert found.against == [
        f"phase12 is NO-GO, expected GO ({', '.join(required[: min(number, 3)])}{more}); remove "
        "its blockers and run `make validate-phase12`."
    ]


def test_two_records_of_two_servers_do_not_belong_together(decided: Settings) -> None:
    change(decided, "phase12", target(server="a"))
    change(decided, "preflight", target(server="a"))
    assert len(against(decided)) == 2


def test_a_minute_less_than_an_hour_is_fresh(decided: Settings) -> None:
    for stage in ALLOWING:
        change(decided, stage, at(minutes=59))
    assert against(decided) == []


@pytest.mark.parametrize("text", ["", "[]", "{}", "GO", '{"decision": "GO"}', "[" * 10**6])
def test_a_damaged_record_is_no_decision(text: str, decided: Settings) -> None:
    record_file(decided.reports, "preflight").write_text(text, encoding="utf-8")
    (found,) = against(decided)
    assert found.startswith("preflight has no decision that can be read")
    assert len(found.splitlines()) == 1
