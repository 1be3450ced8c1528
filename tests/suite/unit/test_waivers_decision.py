"""What waivers change in a decision, and where they are shown."""

import json
from pathlib import Path

import pytest
from builders import Outcome, failed, gate, passed, unknown
from waiver_harness import (
    COUNT,
    COVERAGE,
    NOW,
    REASON,
    SHOWN,
    USAGE,
    decided,
    settings,
    waived_by,
    waiver,
)

from gates.config.settings import Settings
from gates.config.stages import DECISIONS, FINAL
from gates.config.waivers import Applied
from gates.decide.decision import Decision
from gates.decide.history import History
from gates.decide.record import Record
from gates.decide.recording import Run, record
from gates.report import html_page
from gates.report.console import decision_lines

ZONES = "phase2.player_game_summary.shot_zones"
FIELDS = ["gate", "reason", "approver", "expires", "floor", "ceiling", "used", "outcome"]


def record_of(made: Settings, decision: Decision) -> Record:
    return record(made, decision, Run(NOW, NOW, None, []))


def test_go_with_a_waiver_is_low(folder: Path) -> None:
    made = settings(folder, waiver(also="floor = 90"))
    decision = decided(made, "phase12", {USAGE: failed})
    every = len(decision.verdicts)
    assert (decision.decision, decision.confidence, decision.exit_status) == ("GO", "LOW", 0)
    assert decision.reasons == [
        f"All {every} gates were measured and no required gate failed without a waiver.",
        f"1 gate of {every} failed under a waiver.",
    ]
    found = record_of(made, decision).content()
    assert found["waivers"] == [
        {
            "gate": USAGE,
            "reason": REASON,
            "approver": "an owner",
            "expires": "2026-01-31",
            "floor": 90,
            "ceiling": None,
            "used": True,
            "outcome": "used",
            "tighter": "floor = 94, now 90",
        }
    ]
    (entry,) = [each for each in found["gates"] if each["id"] == USAGE]
    assert (entry["status"], entry["measured"], entry["margin"]) == ("waived", 94, -1)
    assert (found["blockers"], found["warnings"]) == ([], [])
    assert json.loads(json.dumps(found)) == found


def test_a_waived_gate_that_only_warns_leaves_no_warning(folder: Path) -> None:
    made = settings(folder, waiver(ZONES))
    decision = decided(made, "phase12", {ZONES: failed})
    assert (decision.confidence, decision.warnings) == ("LOW", [])


@pytest.mark.parametrize(
    ("text", "outcome", "expected", "use"),
    [
        (waiver(), passed, ("GO", "HIGH", 0), "not needed"),
        (waiver(expires="2026-01-02"), passed, ("GO", "HIGH", 0), "expired"),
        (waiver(expires="2026-01-02"), failed, ("NO-GO", "HIGH", 1), "expired"),
        (waiver(also="floor = 94.5"), failed, ("NO-GO", "HIGH", 1), "limit broken"),
        (waiver(), unknown, ("NO-GO", "LOW", 6), "not evaluated"),
    ],
)
def test_one_that_was_not_used_is_reported_and_changes_nothing(
    folder: Path, text: str, outcome: Outcome, expected: tuple[str, str, int], use: str
) -> None:
    made = settings(folder, text)
    decision = decided(made, "phase12", {USAGE: outcome})
    assert (decision.decision, decision.confidence, decision.exit_status) == expected
    (entry,) = record_of(made, decision).content()["waivers"]
    assert list(entry) == FIELDS
    assert (entry["used"], entry["outcome"]) == (False, use)


def test_a_waiver_does_not_lift_other_blockers(folder: Path) -> None:
    made = settings(folder, waiver())
    decision = decided(made, "phase12", {USAGE: failed, COUNT: failed})
    assert (decision.decision, decision.confidence) == ("NO-GO", "HIGH")
    assert [blocker.gate.id for blocker in decision.blockers] == [COUNT]


def test_waivers_of_other_stages_are_theirs(folder: Path) -> None:
    made = settings(folder, waiver(), waiver(COVERAGE))
    listed = {
        stage: [applied.waiver.gate for applied in decided(made, stage, {}).waivers]
        for stage in (*DECISIONS, FINAL)
    }
    assert listed == {
        "phase12": [USAGE],
        "preflight": [],
        "phase4": [COVERAGE],
        FINAL: [USAGE, COVERAGE],
    }


def test_it_stands_on_the_screen_before_the_reasons(folder: Path) -> None:
    made = settings(folder, waiver(), waiver(COUNT))
    decision = decided(made, "phase12", {USAGE: failed})
    lines = list(decision_lines(decision, record_of(made, decision), [Path("decision.json")]))
    at_ = lines.index("WAIVERS:")
    assert lines[at_ - 1 : at_ + 3] == [
        "CONFIDENCE: LOW",
        "WAIVERS:",
        f"  - {COUNT}: approved by {SHOWN} (not needed, the gate passed; remove it): {REASON}",
        f"  - {USAGE}: approved by {SHOWN} (used): {REASON}",
    ]
    assert lines[at_ + 3].startswith("REASONS: ")
    assert any(line.startswith("⚠️  phase2: ") and line.endswith(", 1 waived") for line in lines)


def test_a_proposal_stands_beside_its_waiver_wherever_that_is_shown(folder: Path) -> None:
    made = settings(folder, waiver(also="floor = 90"))
    decision = decided(made, "phase12", {USAGE: failed})
    (applied,) = decision.waivers
    said = "(used; better than that, so tighten it: floor = 94, now 90): "
    assert f"at least 90% {said}" in applied.text
    found = record_of(made, decision)
    assert found.waivers[0].tighter == "floor = 94, now 90"
    (entry,) = [each for each in found.gates if each.id == USAGE]
    assert entry.reason.parameters["tighter"] == "floor = 94, now 90"


def test_a_limit_is_said() -> None:
    applied = Applied(
        waived_by("floor = 90", gate=gate()).by_gate["phase2.games.measure"], gate(), "used"
    )
    assert f"approved by {SHOWN}, at least 90% (used): " in applied.text


def test_the_report_has_it_near_its_top_as_text(folder: Path) -> None:
    made = settings(folder, waiver())
    decision = decided(made, "phase12", {USAGE: failed})
    page = html_page.page(decision, record_of(made, decision), History())
    waivers = page.split('<h2 id="waivers">')[1].split("</section>")[0]
    assert "&lt;b&gt;see&lt;/b&gt;" in waivers
    assert '<tr class="gate waived"' in page
    assert "<b>" not in page
