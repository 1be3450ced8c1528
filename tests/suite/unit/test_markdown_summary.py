"""decision.md of a stage, as a CI job's summary page shows it."""

from datetime import UTC, datetime
from typing import Any

from builders import altered, decided, failed, unknown
from harness import ROOT

from gates.config.gate import Gate
from gates.config.settings import load
from gates.decide import history
from gates.decide.decision import Decision
from gates.decide.history import History
from gates.decide.reason import Code, reason
from gates.decide.record import Record
from gates.decide.recording import Run, record
from gates.decide.verdict import Verdict, not_evaluated
from gates.report import markdown_summary

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, NOW)
USAGE = "phase2.player_game_summary.usage_rate"
ZONES = "phase2.player_game_summary.shot_zones"


def made(decision: Decision, **others: Any) -> Record:
    return altered(record(SETTINGS, decision, Run(NOW, NOW, None, [])), **others)


def page(decision: Decision, past: History | None = None, **others: Any) -> str:
    return markdown_summary.page(decision, made(decision, **others), past or History())


def test_the_verdict_comes_first_then_blockers_and_warnings() -> None:
    text = page(decided(SETTINGS, "phase12", {USAGE: failed, ZONES: failed}))
    assert text.startswith("## phase12: NO-GO\n\n**DECISION: NO-GO** · **CONFIDENCE: HIGH**\n")
    places = [text.index(f"### {each}") for each in ("Blockers", "Warnings", "Gates that did not")]
    assert places == sorted(places)
    assert f"  - Rows: `make diagnose GATE='{USAGE}'`" in text
    of = len(SETTINGS.gates_of(["phase2"]))
    assert f"- ❌ phase2: {of - 2} of {of} gates passed, 1 failed, 1 warned" in text


def test_a_go_is_short() -> None:
    text = page(decided(SETTINGS, "preflight"))
    assert "###" not in text
    assert len(text.splitlines()) < 20
    assert f"| Configuration | SHA-256 {SETTINGS.config_sha256} |" in text


def test_only_the_gates_that_did_not_pass_are_listed() -> None:
    text = page(decided(SETTINGS, "phase12", {USAGE: unknown}))
    table = text.split("### Gates that did not pass")[1].split("| provenance")[0]
    assert len(table.strip().splitlines()) == 3
    assert "not evaluated |" in table


def test_what_has_changed_and_what_was_left_out_is_said() -> None:
    before = history.of(made(decided(SETTINGS, "phase12")))
    left = [{"gate": "orchestrator.run.stopped", "reason": "needs the operator's machine"}]
    text = page(
        decided(SETTINGS, "phase12", {USAGE: failed}),
        History([before]),
        profile={"name": "scheduled", "left_out": left},
    )
    assert "- Since the last run: GO before, NO-GO now. 1 gate with another outcome, " in text
    assert f"  - `{USAGE}`: pass 95.000% → fail 94.000%\n" in text
    assert "- LEFT OUT by the profile scheduled: `orchestrator.run.stopped`: needs the " in text


def test_what_others_wrote_is_no_markup() -> None:
    def hostile(gate: Gate) -> Verdict:
        what = "<img src=x> [here](//evil) | *"
        return not_evaluated(gate, reason(Code.UNAVAILABLE, "# <b>do</b>", what=what))

    text = page(decided(SETTINGS, "phase12", {USAGE: hostile}), History(problem="<script>`"))
    assert "\\<img src=x> \\[here](//evil) \\| \\*" in text
    assert "  - Remedy: \\# \\<b>do\\</b>" in text
    assert "- \\<script>\\`" in text
