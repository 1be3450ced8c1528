"""What CI systems and catalogues read of a decision: junit.xml, ctrf.json, openlineage.json."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID
from xml.etree import ElementTree

from builders import Outcome, decided, failed, marginal, ratio, unknown
from harness import ROOT

from gates.config.gate import Gate
from gates.config.settings import Settings, load
from gates.decide.decision import Decision
from gates.decide.record import Record
from gates.decide.recording import Run, record
from gates.decide.verdict import Verdict, judge
from gates.report import ctrf, junit, open_lineage

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
RUN_ID = "8d3f8a3c6a1b4d0c9f5e2b7a1c0d4e6f"
MINUTES = "phase2.player_game_summary.minutes_played"
USAGE = "phase2.player_game_summary.usage_rate"
GAMES = "phase1.team_offense_game_summary.game_count"
COVERAGE = "phase4.player_composite_factors.coverage"
STOPPED = "orchestrator.run.stopped"


def loaded(**environ: str) -> Settings:
    return load({"GATES_CONFIG": str(ROOT / "gates.toml")} | environ, NOW)


SETTINGS = loaded()
WARNS = "phase2.player_game_summary.shot_zones"


def made(
    others: Mapping[str, Outcome], stage: str = "phase12", settings: Settings = SETTINGS
) -> tuple[Decision, Record]:
    decision = decided(settings, stage, others)
    run = Run(NOW, NOW + timedelta(seconds=2.5), None, [])
    return decision, record(settings, decision, run, run_id=RUN_ID)


def suite(others: Mapping[str, Outcome], **options: Any) -> ElementTree.Element:
    written = junit.document(*made(others, **options))
    root = ElementTree.fromstring(written.encode())  # noqa: S314 - our own
    (found,) = root
    return found


def case(of: ElementTree.Element, gate: str) -> ElementTree.Element:
    stage, source, measure = gate.split(".", 2)
    (found,) = of.findall(f"testcase[@classname='{stage}.{source}'][@name='{measure}']")
    return found


def properties(of: ElementTree.Element) -> dict[str, str]:
    return {each.attrib["name"]: each.attrib["value"] for each in of.findall("properties/property")}


def counts(of: ElementTree.Element) -> dict[str, int]:
    return {name: int(of.attrib[name]) for name in ("failures", "errors", "skipped")}


def test_what_could_not_be_evaluated_is_an_error_and_what_failed_a_failure() -> None:
    found = suite({MINUTES: failed, USAGE: unknown, GAMES: unknown})
    assert counts(found) == {"failures": 1, "errors": 2, "skipped": 0}
    assert int(found.attrib["tests"]) == len(found.findall("testcase"))
    error, failure = case(found, USAGE).find("error"), case(found, MINUTES).find("failure")
    assert error is not None
    assert failure is not None
    assert error.attrib["message"] == "not evaluated, the log is missing"
    assert error.text == "Copy it."
    assert failure.attrib["message"].startswith(
        "measured 98.000% (98 of 100 rows of those who played)"
    )
    assert failure.attrib["type"] == "fail"


def test_a_marginal_gate_is_a_failure_that_says_marginal() -> None:
    found = suite({COVERAGE: marginal}, stage="phase4")
    failure = case(found, COVERAGE).find("failure")
    assert failure is not None
    assert failure.attrib["type"] == "marginal"


def test_a_gate_that_warns_passes_with_its_text() -> None:
    found = suite({WARNS: failed})
    assert counts(found) == {"failures": 0, "errors": 0, "skipped": 0}
    text = case(found, WARNS).findtext("system-out") or ""
    assert text.startswith(f"{WARNS}: measured ")
    assert properties(case(found, WARNS))["status"] == "warning"


def test_what_passes_has_its_numbers_and_nothing_to_say() -> None:
    found = case(suite({}), MINUTES)
    assert [each.tag for each in found] == ["properties"]
    assert properties(found) == {
        "measured": "99",
        "margin": "0",
        "threshold": ">= 99%",
        "unit": "%",
        "severity": "required",
        "status": "pass",
    }


def test_a_suite_says_what_was_decided_and_how_long_it_took() -> None:
    found = suite({MINUTES: failed})
    assert (found.attrib["name"], found.attrib["time"]) == ("phase12", "2.500")
    assert found.attrib["timestamp"] == "2026-01-03T12:00:00+00:00"
    assert properties(found) == {"decision": "NO-GO", "confidence": "HIGH"}


def test_what_a_profile_leaves_out_is_skipped_with_its_reason() -> None:
    settings = loaded(GATES_PROFILE="scheduled")
    decision, kept = made({}, settings=settings)
    assert kept.profile is not None
    left_out = {each.gate: each.reason for each in kept.profile.left_out}
    assert STOPPED in left_out
    found = suite({}, settings=settings)
    assert counts(found)["skipped"] == len(left_out)
    skipped = case(found, STOPPED).find("skipped")
    assert skipped is not None
    assert skipped.attrib["message"] == left_out[STOPPED]
    summary = ctrf.content(decision, kept, RUN_ID)["results"]["summary"]
    assert summary["skipped"] == len(left_out)


def test_ctrf_counts_what_it_lists() -> None:
    others = {MINUTES: failed, USAGE: unknown, WARNS: failed}
    content = ctrf.content(*made(others), RUN_ID)
    results = content["results"]
    summary, tests = results["summary"], {test["name"]: test for test in results["tests"]}
    assert content["reportId"] == str(UUID(RUN_ID))
    assert (
        summary["tests"]
        == len(tests)
        == len(SETTINGS.gates_of(["orchestrator", "phase1", "phase2"]))
    )
    assert sum(summary[status] for status in ctrf.STATUSES) == summary["tests"]
    assert (summary["failed"], summary["other"]) == (1, 1)
    assert summary["stop"] - summary["start"] == 2500
    assert summary["extra"]["decision"] == "NO-GO"
    assert [(tests[g]["status"], tests[g]["rawStatus"]) for g in others] == [
        ("failed", "fail"),
        ("other", "not_evaluated"),
        ("passed", "warning"),
    ]
    assert tests[MINUTES]["suite"] == ["phase2", "player_game_summary"]
    assert tests[MINUTES]["extra"]["threshold"] == ">= 99%"
    assert "message" in tests[WARNS]
    assert "message" not in tests[GAMES]


def assertions(event: dict[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    return {
        table["name"]: {
            each["name"]: each
            for each in table["inputFacets"]["dataQualityAssertions"]["assertions"]
        }
        for table in event["inputs"]
    }


def test_a_catalogue_reads_the_gates_of_each_table() -> None:
    others = {MINUTES: failed, USAGE: unknown, WARNS: failed}
    event = open_lineage.content(SETTINGS, *made(others), RUN_ID)
    tables = assertions(event)
    dataset = "nba-props-platform.nba_analytics"
    players = tables[f"{dataset}.player_game_summary"]
    assert f"{dataset}.team_offense_game_summary" in tables
    assert event["run"]["runId"] == str(UUID(RUN_ID))
    assert players[MINUTES] == {
        "assertion": "minutes_played",
        "success": False,
        "severity": "error",
        "name": MINUTES,
        "description": SETTINGS.gates[MINUTES].title,
        "expected": ">= 99%",
        "actual": "98",
    }
    assert players[USAGE]["success"] is False
    assert "actual" not in players[USAGE]
    (warning,) = [each[WARNS] for each in tables.values() if WARNS in each]
    assert (warning["success"], warning["severity"]) == (False, "warn")


def test_a_catalogue_hears_of_no_gate_that_is_about_no_table() -> None:
    tables = assertions(open_lineage.content(SETTINGS, *made({}), RUN_ID))
    told = {gate for table in tables.values() for gate in table}
    silent = {gate.id for gate in SETTINGS.gates_of(["orchestrator", "phase1", "phase2"])} - told
    assert {gate.split(".")[1] for gate in silent} == {"run", "backfill_log"}


def test_a_table_held_against_the_schedule_has_the_gate_and_not_the_schedule() -> None:
    tables = assertions(open_lineage.content(SETTINGS, *made({}, stage="phase4"), RUN_ID))
    factors = tables["nba-props-platform.nba_precompute.player_composite_factors"]
    assert "phase4.factors.missing_games" in factors
    schedule = tables["nba-props-platform.nba_raw.nbac_schedule"]
    assert {gate.split(".")[1] for gate in schedule} == {"full_schedule"}


def test_a_waived_gate_passes_with_its_text_and_has_not_succeeded(tmp_path: Path) -> None:
    config = tmp_path / "gates.toml"
    config.write_bytes((ROOT / "gates.toml").read_bytes())
    waiver = (
        f'[[waiver]]\ngate = "{MINUTES}"\nreason = "A known gap"\napprover = "the data team"\n'
        "expires = 2026-01-31\nfloor = 98\n"
    )
    config.with_name("waivers.toml").write_text(waiver, encoding="utf-8")
    settings = loaded(GATES_CONFIG=str(config))

    def waived(gate: Gate) -> Verdict:
        return judge(gate, ratio(98, 100), settings.waivers)

    decision, kept = made({MINUTES: waived}, settings=settings)
    found = case(suite({MINUTES: waived}, settings=settings), MINUTES)
    assert properties(found)["status"] == "waived"
    assert "A known gap" in (found.findtext("system-out") or "")
    (test,) = [
        each
        for each in ctrf.content(decision, kept, RUN_ID)["results"]["tests"]
        if each["name"] == MINUTES
    ]
    assert (test["status"], test["rawStatus"]) == ("passed", "waived")
    tables = assertions(open_lineage.content(settings, decision, kept, RUN_ID))
    told = tables["nba-props-platform.nba_analytics.player_game_summary"][MINUTES]
    assert (told["success"], told["severity"]) == (False, "warn")
