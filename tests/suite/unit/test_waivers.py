"""Known exceptions: what a waiver changes, what it never changes, and where it is shown."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from builders import Outcome, at, failed, gate, marginal, passed, recorded, unknown
from freezegun import freeze_time
from harness import ALONE_OR_WITH_A_WORKER, ROOT, GatesProject

from backfill.permission import permission
from gates.commands import decide as final
from gates.commands import handoff
from gates.config.gate import Gate
from gates.config.schema import ConfigError
from gates.config.settings import Settings, load
from gates.config.stages import DECISIONS, FINAL
from gates.config.waivers import Applied, Waiver, Waivers, read
from gates.decide.collector import MEASUREMENT, VerdictCollector, to_text
from gates.decide.decision import Decision, decide
from gates.decide.history import History
from gates.decide.record import Record, record_file
from gates.decide.recording import Run, record
from gates.decide.verdict import Verdict, judge
from gates.measure.result import Measurement
from gates.report import html_page
from gates.report.console import decision_lines, gate_line

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
TODAY = date(2026, 1, 3)
USAGE = "phase2.player_game_summary.usage_rate"
COUNT = "phase1.team_offense_game_summary.game_count"
PAIR = "phase1.team_offense_game_summary.records_per_game"
ISSUES = "phase2.player_game_summary.critical_issues"
ZONES = "phase2.player_game_summary.shot_zones"
COVERAGE = "phase4.player_composite_factors.coverage"
BOOTSTRAP = "phase4.player_composite_factors.bootstrap_rows"
NULLS = "phase4.player_composite_factors.null_rate[pace_score]"
FIELDS = ["gate", "reason", "approver", "expires", "floor", "ceiling", "used", "outcome"]
REASON = "source lost | <b>see</b> `mail` [here](x)"


def waiver(of: str = USAGE, *, expires: str = "2026-01-31", also: str = "") -> str:
    """A [[waiver]] as an operator writes it."""
    return (
        f'[[waiver]]\ngate = "{of}"\nreason = "{REASON}"\napprover = "an owner"\n'
        f"expires = {expires}\n{also}\n"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the gates.toml of this project."""
    (tmp_path / "gates.toml").write_bytes((ROOT / "gates.toml").read_bytes())
    return tmp_path


def environ(folder: Path) -> dict[str, str]:
    return {
        "GATES_CONFIG": str(folder / "gates.toml"),
        "GATES_REPORTS": str(folder / "reports"),
        "GATES_STATE": str(folder / "state"),
    }


def settings(folder: Path, *waivers: str, now: datetime = NOW) -> Settings:
    """The settings with these waivers, or with those that are there."""
    if waivers:
        (folder / "waivers.toml").write_text("".join(waivers), encoding="utf-8")
    return load(environ(folder), now)


def under(made: Settings, outcome: Outcome) -> Outcome:
    """The same outcome, under the waivers of `made`."""

    def judged(gate: Gate) -> Verdict:
        plain = outcome(gate)
        counts = Measurement(plain.numerator, plain.denominator, query=plain.query)
        return judge(gate, counts, made.waivers) if plain.measured is not None else plain

    return judged


def decided(made: Settings, stage: str, others: Mapping[str, Outcome]) -> Decision:
    verdicts = {
        gate.id: under(made, others.get(gate.id, passed))(gate) for gate in made.gates.values()
    }
    return decide(made, stage, verdicts)


def record_of(made: Settings, decision: Decision) -> Record:
    return record(made, decision, Run(NOW, NOW, None, []))


def refusal(folder: Path, text: str) -> str:
    """The one sentence with which waivers.toml is refused."""
    with pytest.raises(ConfigError) as found:
        settings(folder, text)
    sentence = str(found.value)
    assert sentence.startswith("waivers.toml: ")
    assert sentence.endswith(".")
    assert len(sentence.splitlines()) == 1
    return sentence


# ── The file ──────────────────────────────────────────────────────────────────


def test_without_the_file_there_is_no_waiver(folder: Path) -> None:
    made = settings(folder)
    assert made.waivers == Waivers({}, TODAY)
    assert made.config_sha256 == hashlib.sha256((folder / "gates.toml").read_bytes()).hexdigest()


def test_the_file_lies_beside_gates_toml_and_is_part_of_the_hash(folder: Path) -> None:
    made = settings(folder, waiver(also="floor = 90.5"))
    assert made.waivers.by_gate == {
        USAGE: Waiver(
            gate=USAGE,
            reason=REASON,
            approver="an owner",
            expires=date(2026, 1, 31),
            floor=Decimal("90.5"),
        )
    }
    both = (folder / "gates.toml").read_bytes() + (folder / "waivers.toml").read_bytes()
    assert made.config_sha256 == hashlib.sha256(both).hexdigest()
    other = settings(folder, waiver(also="floor = 90.4"))
    assert other.config_sha256 != made.config_sha256


def test_the_readme_shows_one_that_can_be_used(folder: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (block,) = (each for each in re.findall(r"```toml\n(.*?)```", readme, re.DOTALL))
    assert list(settings(folder, block).waivers.by_gate) == [USAGE]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("waiver", "Expected '='"),
        ("waiver = 1", "waiver: "),
        (waiver().replace("[[waiver]]", "[waiver]"), "waiver: "),
        (waiver().replace("[[waiver]]", "[[waivers]]"), "waivers is not a known key"),
        (waiver(also="owner = 'me'"), "waiver.1.owner is not a known key"),
        (waiver() + waiver(COUNT, also="flor = 1"), "waiver.2.flor is not a known key"),
        (waiver(also="gate = 'x'"), "`gate = 'x'` stands there twice"),
        (waiver(expires='"2026-01-31"'), "waiver.1.expires: "),
        (waiver(expires="2026-01-31T00:00:00"), "waiver.1.expires: "),
        (waiver(expires="2026-02-30"), "line 5"),
        (waiver(expires="20260131"), "waiver.1.expires: "),
        (waiver().replace("expires", "#"), "waiver.1.expires is missing"),
        (waiver().replace("approver", "#"), "waiver.1.approver is missing"),
        (waiver().replace("reason", "#"), "waiver.1.reason is missing"),
        (waiver().replace("gate =", "#"), "waiver.1.gate is missing"),
        (waiver().replace('"an owner"', '" "'), "waiver.1.approver: ' ' says nothing"),
        (waiver().replace("an owner", ""), "waiver.1.approver is empty; fill it in"),
        (waiver().replace('"an owner"', "7"), "waiver.1.approver: "),
        (waiver().replace("an owner", r"\u001b[2K"), "waiver.1.approver: "),
        (waiver(also='floor = "90"'), "waiver.1.floor: '90' is not a number"),
        (waiver(also="floor = true"), "waiver.1.floor: True is not a number"),
        (waiver(also="floor = nan"), "waiver.1.floor: NaN is not a finite number"),
    ],
)
def test_what_is_malformed_is_refused_with_its_place(folder: Path, text: str, says: str) -> None:
    assert says in refusal(folder, text)


def test_an_unknown_gate_is_refused(folder: Path) -> None:
    sentence = refusal(folder, waiver() + waiver("phase2.player_game_summary.usage"))
    assert (
        "waiver.2.gate: 'phase2.player_game_summary.usage' is not a gate of gates.toml" in sentence
    )
    sentence = refusal(folder, waiver("preflight.phase3_tables.thin_games[player_game_summary]"))
    assert "is called preflight.phase3_tables.incomplete_games[player_game_summary] now" in sentence
    # A gate with columns is waived column by column.
    assert "is not a gate" in refusal(folder, waiver(NULLS.partition("[")[0]))


def test_a_duplicate_is_refused(folder: Path) -> None:
    sentence = refusal(folder, waiver() + waiver(COUNT) + waiver(also="floor = 80"))
    assert f"waiver.3.gate: {USAGE} has a waiver already" in sentence


@pytest.mark.parametrize(
    ("of", "limit", "says"),
    [
        (USAGE, "ceiling = 99", "ceiling: {} asks for >= 95, which a ceiling does not loosen"),
        (NULLS, "floor = 1", "floor: {} asks for < 5, which a floor does not loosen"),
        (USAGE, "floor = 95", "floor: 95 does not lie outside the bound, {} asks for >= 95"),
        (USAGE, "floor = 96", "floor: 96 does not lie outside the bound"),
        (NULLS, "ceiling = 4.9", "ceiling: 4.9 does not lie outside the bound"),
        (ISSUES, "ceiling = 0", "ceiling: 0 does not lie outside the bound, {} asks for = 0"),
        (ISSUES, "floor = 3", "floor: 3 does not lie outside the bound"),
        (PAIR, "floor = 2", "floor: 2 does not lie outside the bound, {} asks for between 1.95 to"),
        (PAIR, "floor = 3", "floor: 3 does not lie outside the bound"),
        (PAIR, "ceiling = 1", "ceiling: 1 does not lie outside the bound"),
    ],
)
def test_a_limit_lies_outside_the_bound_on_its_open_side(
    folder: Path, of: str, limit: str, says: str
) -> None:
    assert f"waiver.1.{says.format(of)}" in refusal(folder, waiver(of, also=limit))


@pytest.mark.parametrize("damage", ["folder", "bytes", "dangling"])
def test_a_file_that_cannot_be_read_is_no_absent_file(folder: Path, damage: str) -> None:
    file = folder / "waivers.toml"
    if damage == "folder":
        file.mkdir()
    elif damage == "bytes":
        file.write_bytes(b"\xff")
    else:
        file.symlink_to(folder / "nowhere")
    with pytest.raises(ConfigError, match=r"waivers\.toml cannot be read"):
        settings(folder)


# ── The verdict ───────────────────────────────────────────────────────────────


def waived_by(limits: str = "", expires: str = "2026-01-31", **gates: Gate) -> Waivers:
    made = gates["gate"]
    return read(waiver(made.id, expires=expires, also=limits), {made.id: made}, TODAY)


def verdict(made: Gate, value: object, limits: str = "", expires: str = "2026-01-31") -> Verdict:
    plain = at(made, Decimal(str(value)))
    counts = Measurement(plain.numerator, plain.denominator)
    return judge(made, counts, waived_by(limits, expires, gate=made))


def test_a_failure_under_a_waiver_is_waived_and_keeps_what_was_measured() -> None:
    plain, found = at(gate(), 90), verdict(gate(), 90)
    assert (found.status, bool(found), found.blocks, found.warns) == ("waived", True, False, False)
    assert found.detail == f"{plain.detail}; waived by an owner until 2026-01-31: {REASON}"
    names = ("measured", "margin", "numerator", "denominator", "remedy")
    assert [getattr(found, n) for n in names] == [getattr(plain, n) for n in names]
    assert gate_line(found) == "🟡 Measure: 90.000% (threshold: >= 99%, margin -9), waived"


def test_what_comes_out_marginal_can_be_waived() -> None:
    made = gate(bound={"at_least": 88, "marginal": 80})
    assert verdict(made, 84).status == "waived"
    assert verdict(made, 79).status == "waived"
    assert verdict(made, 84, "floor = 85").status == "marginal"


def test_a_pass_stays_a_pass() -> None:
    found = verdict(gate(), 99)
    assert (found.status, found.detail) == ("pass", at(gate(), 99).detail)


@pytest.mark.parametrize(
    "nothing",
    [Measurement(why="the log is missing"), Measurement(), Measurement(*map(Decimal, (0, 0)))],  # type: ignore[arg-type]
    ids=["missing", "no value", "of nothing"],
)
def test_what_was_not_evaluated_cannot_be_waived(nothing: Measurement) -> None:
    found = judge(gate(), nothing, waived_by(gate=gate()))
    assert found.status == "not_evaluated"
    assert "waive" not in found.detail


@pytest.mark.parametrize(
    ("bound", "limits", "waived", "not_waived"),
    [
        ({"at_least": 99}, "floor = 90", ["90", "98.9"], ["89.9", "0"]),
        ({"at_most": 5}, "ceiling = 10", ["5.1", "10"], ["10.1"]),
        ({"below": 5}, "ceiling = 10", ["5", "10"], ["10.1"]),
        ({"below": 5}, "ceiling = 5", ["5"], ["5.1"]),
        ({"equals": 0}, "ceiling = 3", ["1", "3"], ["4"]),
        ({"equals": 2}, "floor = 1", ["1"], ["0", "3"]),
        ({"between": [2, 4]}, "floor = 1", ["1", "1.9"], ["0.9", "4.1"]),
        ({"between": [2, 4]}, "ceiling = 5", ["5", "4.1"], ["1.9", "5.1"]),
        ({"between": [2, 4]}, "floor = 1\nceiling = 5", ["1", "5"], ["0.9", "5.1"]),
        ({"between": [2, 4]}, "", ["0", "100"], []),
        ({"at_least": 99}, "", ["0"], []),
    ],
)
def test_a_limit_must_still_hold(
    bound: dict[str, object], limits: str, waived: list[str], not_waived: list[str]
) -> None:
    made = gate(unit="points", of=None, bound=bound)
    assert {verdict(made, value, limits).status for value in waived} == {"waived"}
    for value in not_waived:
        found = verdict(made, value, limits)
        assert (found.status, bool(found)) == ("fail", False)
        assert "; its waiver by an owner asks for at " in found.detail


def test_a_broken_limit_stands_in_the_sentence() -> None:
    floor = verdict(gate(), 89, "floor = 90")
    assert floor.detail.endswith("; its waiver by an owner asks for at least 90%, which it is not")
    both = verdict(gate("games", None, {"between": [2, 4]}), 5, "floor = 1")
    assert "asks for at least 1 and at most 4, which it is not" in both.detail


@pytest.mark.parametrize(
    ("expires", "status"),
    [("2026-01-04", "waived"), ("2026-01-03", "waived"), ("2026-01-02", "fail")],
)
def test_its_last_day_is_the_last_on_which_it_holds(expires: str, status: str) -> None:
    assert verdict(gate(), 90, expires=expires).status == status


def test_what_has_become_better_proposes_the_tighter_limit() -> None:
    found = verdict(gate(), 91, "floor = 90")
    assert (found.status, found.tighter) == ("waived", "floor = 91, now 90")
    assert found.detail.endswith(
        "; it has become better than its waiver asks for, so tighten that: floor = 91, now 90"
    )
    assert verdict(gate(), 90, "floor = 90").tighter == ""
    assert verdict(gate(), 91).tighter == ""
    above = gate("points", None, {"between": [2, 4]})
    both = "floor = 0\nceiling = 6"
    assert verdict(above, 5, both).tighter == "ceiling = 5, now 6"
    assert verdict(above, 1, both).tighter == "floor = 1, now 0"


def test_an_expired_one_is_no_silence() -> None:
    found = verdict(gate(), 90, expires="2026-01-02")
    assert found.detail == f"{at(gate(), 90).detail}; its waiver by an owner expired on 2026-01-02"
    assert found.blocks


@pytest.mark.parametrize(
    ("now", "holds"),
    [("2026-02-01T04:59:59Z", True), ("2026-02-01T05:00:00Z", False)],
    ids=["23:59 in New York", "midnight in New York"],
)
def test_days_are_those_of_the_league(folder: Path, now: str, holds: bool) -> None:
    with freeze_time(now):
        made = settings(folder, waiver(), now=datetime.now(UTC))
    assert made.waivers.holds(USAGE) == holds


def report_of(made: Settings, value: int, outcome: str) -> pytest.TestReport:
    node = "tests/phase2/test_player_game_summary.py::test_usage_rate"
    noted = [(MEASUREMENT, to_text(Measurement(Decimal(value), Decimal(100))))]  # type: ignore[arg-type]
    words: Any = {"outcome": outcome, "when": "call"}
    return pytest.TestReport(
        node, (node, 1, node), {}, longrepr="x", user_properties=noted, **words
    )


def test_a_test_that_fails_under_a_waiver_is_no_evidence(folder: Path) -> None:
    made = settings(folder, waiver())
    outcomes = VerdictCollector(made)
    outcomes.add(report_of(made, 90, "failed"))
    assert outcomes.verdicts()[USAGE].status == "not_evaluated"


def test_a_second_report_never_improves_a_waived_gate(folder: Path) -> None:
    made = settings(folder, waiver(also="floor = 90"))
    outcomes = VerdictCollector(made)
    for value, status in ((92, "waived"), (96, "waived"), (80, "fail"), (96, "fail")):
        outcomes.add(report_of(made, value, "passed"))
        assert outcomes.verdicts()[USAGE].status == status


# ── The decision ──────────────────────────────────────────────────────────────


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


# ── Where it is shown ─────────────────────────────────────────────────────────

SHOWN = "an owner until 2026-01-31"


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


# ── Records ───────────────────────────────────────────────────────────────────


@pytest.fixture
def here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which three stages were decided half an hour ago, usage_rate waived."""
    monkeypatch.chdir(folder)
    made = settings(folder, waiver(), waiver(BOOTSTRAP))
    for stage in DECISIONS:
        others = {USAGE: under(made, failed), BOOTSTRAP: under(made, failed)}
        recorded(made, stage, NOW - timedelta(minutes=30), others)
    return folder


def decide_all(folder: Path, now: datetime = NOW) -> tuple[int, dict[str, Any]]:
    with freeze_time(now):
        status = final.main([], environ(folder), datetime.now(UTC))
    text = record_file(folder / "reports", FINAL).read_text(encoding="utf-8")
    return status, json.loads(text)


def change(folder: Path, stage: str, gate: str, **values: Any) -> None:
    file = record_file(folder / "reports", stage)
    found = json.loads(file.read_text(encoding="utf-8"))
    for entry in found["gates"]:
        entry.update(values if entry["id"] == gate else {})
    file.write_text(json.dumps(found), encoding="utf-8")


def test_the_final_decision_confirms_it(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, found = decide_all(here)
    assert (status, found["decision"], found["confidence"]) == (0, "GO", "LOW")
    assert [(each["gate"], each["used"]) for each in found["waivers"]] == [
        (USAGE, True),
        (BOOTSTRAP, True),
    ]
    out = capsys.readouterr().out
    assert f"WAIVERS:\n  - {USAGE}: approved by {SHOWN} (used): {REASON}\n" in out
    assert "🟡 usage_rate: 94.000% (>= 95% required - CRITICAL)" in out
    assert "🟡 Bootstrap period: PRESENT, rows: 1 (= 0 required)" in out
    assert "🟡 All critical checks PASSED, 2 waived" in out
    text = (here / "reports/final/decision.md").read_text(encoding="utf-8")
    assert "<b>" not in text.replace(r"\<b>", "")
    assert r"source lost \| \<b>see\</b> `mail` \[here](x)" in text
    assert text.index("- WAIVER: ") < text.index("- REASONING: ")


def test_the_backfill_may_start_on_it(here: Path) -> None:
    assert permission(settings(here), NOW).against == []


def test_the_handoff_shows_it_at_the_top_of_each_document(here: Path) -> None:
    decide_all(here)
    made = settings(here)
    place = handoff.write(made, handoff.figures(made, NOW), NOW, "me", Path("handoff"))
    documents = {file.name: file.read_text(encoding="utf-8") for file in place.glob("*.md")}
    assert len(documents) == 4
    for name, text in documents.items():
        assert r"source lost \| \<b>see\</b> `mail` \[here](x)" in text, name
        assert "an owner until 2026-01-31" in text.partition("\n## ")[0], name
    session = documents["2026-01-03-SESSION-4-PHASE4-EXECUTION.md"]
    assert f"| Waiver | {USAGE}: approved by " in session
    assert f"- Least to spare: {USAGE}" not in session
    assert f"- {USAGE}: measured 94.000%" in session
    assert "| waived |" in session


@pytest.mark.parametrize(
    "text",
    ["", waiver(), waiver(also="floor = 94") + waiver(BOOTSTRAP)],
    ids=["removed", "one removed", "a floor more"],
)
def test_a_record_under_other_waivers_is_refused(here: Path, text: str) -> None:
    if text:
        (here / "waivers.toml").write_text(text, encoding="utf-8")
    else:
        (here / "waivers.toml").unlink()
    made = settings(here)
    assert all("another gates.toml or waivers.toml" in why for why in permission(made, NOW).against)
    assert len(permission(made, NOW).against) >= 2
    with pytest.raises(handoff.RefusedError, match=r"another gates\.toml or waivers\.toml"):
        handoff.figures(made, NOW)
    status, found = decide_all(here)
    assert (status, found["decision"]) == (6, "NO-GO")
    assert {each["status"] for each in found["gates"]} == {"not_evaluated"}


def test_a_waiver_added_after_a_record_does_not_lift_its_failure(folder: Path) -> None:
    made = settings(folder)
    for stage in DECISIONS:
        recorded(made, stage, NOW, {USAGE: failed})
    settings(folder, waiver())
    assert decide_all(folder)[0] == 6


def test_one_that_expired_since_is_no_evidence(folder: Path) -> None:
    evening = datetime(2026, 1, 4, 4, 50, tzinfo=UTC)
    made = settings(folder, waiver(expires="2026-01-03"), now=evening)
    for stage in DECISIONS:
        recorded(made, stage, evening, {USAGE: under(made, failed)})
    assert decide_all(folder, evening)[0] == 0
    after = evening + timedelta(minutes=20)
    later = settings(folder, now=after)
    (why,) = permission(later, after).against
    said = f"phase12 was decided with a waiver of {USAGE} that does not hold; "
    assert why == f"{said}run `make validate-phase12`."
    with pytest.raises(handoff.RefusedError, match="does not hold; "):
        handoff.figures(later, after)
    status, found = decide_all(folder, after)
    assert (status, found["decision"], found["confidence"]) == (6, "NO-GO", "LOW")
    assert said.rstrip("; ") in found["blockers"][0]["why"]
    assert found["waivers"][0]["used"] is False


@pytest.mark.parametrize(
    ("stage", "of", "values", "says"),
    [
        ("phase12", USAGE, {"numerator": 95}, "its record says waived, and its counts say pass"),
        ("phase12", USAGE, {"status": "pass"}, "its record says pass, and its counts say waived"),
        ("phase12", USAGE, {"status": "fail"}, "its record says fail, and its counts say waived"),
        ("phase12", USAGE, {"numerator": None}, "its record says waived, and its counts say not"),
        ("phase4", COVERAGE, {"status": "waived"}, f"a waiver of {COVERAGE} that does not hold"),
    ],
)
def test_a_status_that_its_counts_and_waivers_deny_is_no_evidence(
    here: Path, stage: str, of: str, values: dict[str, Any], says: str
) -> None:
    change(here, stage, of, **values)
    status, found = decide_all(here)
    assert (status, found["decision"]) == (6, "NO-GO")
    assert any(says in blocker["why"] for blocker in found["blockers"])


def test_a_marginal_one_is_confirmed_too(here: Path) -> None:
    made = settings(here, waiver(COVERAGE, also="floor = 80"))
    for stage in DECISIONS:
        recorded(made, stage, NOW, {COVERAGE: under(made, marginal)})
    status, found = decide_all(here)
    assert (status, found["confidence"]) == (0, "LOW")
    coverage = replace(under(made, marginal)(made.gates[COVERAGE]))
    assert coverage.status == "waived"


# ── As an operator runs it ────────────────────────────────────────────────────


def failing(project: GatesProject, *waivers: str) -> None:
    """More is asked of usage_rate than the seasons hold; these waivers."""
    asked = 'title = "usage_rate"\ncritical = true\nrunbook = "3.4"'
    project.edit("gates.toml", f"{asked}\nat_least = 95", f"{asked}\nat_least = 100")
    (project.folder / "waivers.toml").write_text("".join(waivers), encoding="utf-8")


@ALONE_OR_WITH_A_WORKER
def test_a_failing_gate_is_waived(project: GatesProject, workers: str) -> None:
    failing(project, waiver(expires="2099-12-31", also="floor = 90"), waiver(COUNT))
    run = project.run("-n", workers, "--html", "reports/phase12/report.html")
    assert run.record is not None
    assert (run.status, run.decision, run.record["confidence"]) == (0, "GO", "LOW")
    assert run.others_than_pass() == {USAGE: "waived"}
    assert [(w["gate"], w["used"]) for w in run.record["waivers"]] == [
        (COUNT, False),
        (USAGE, True),
    ]
    assert "CONFIDENCE: LOW\nWAIVERS:\n" in run.output
    assert " failed" not in run.output.splitlines()[-1]
    page = (project.folder / "reports/phase12/report.html").read_text(encoding="utf-8")
    assert '<h2 id="waivers">' in page
    assert "<b>see</b>" not in page


@ALONE_OR_WITH_A_WORKER
@pytest.mark.parametrize(
    ("text", "says"),
    [
        (waiver(expires="2026-01-02"), "; its waiver by an owner expired on 2026-01-02"),
        (waiver(expires="2099-12-31", also="floor = 99.99"), "asks for at least 99.99%, which"),
    ],
    ids=["expired", "below its floor"],
)
def test_or_it_is_not(project: GatesProject, workers: str, text: str, says: str) -> None:
    failing(project, text)
    run = project.run("-n", workers)
    assert (run.status, run.decision) == (1, "NO-GO")
    assert run.others_than_pass() == {USAGE: "fail"}
    assert run.details[USAGE] in run.output
    assert says in run.details[USAGE]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[waiver]", "waivers.toml: "),
        (waiver("phase2.players.usage"), "waivers.toml: waiver.1.gate: 'phase2.players.usage'"),
        (waiver() * 2, f"waivers.toml: waiver.2.gate: {USAGE} has a waiver already"),
    ],
    ids=["malformed", "unknown gate", "duplicate"],
)
def test_what_is_wrong_is_a_usage_error_and_leaves_no_record(
    project: GatesProject, text: str, says: str
) -> None:
    project.record_file().parent.mkdir(parents=True)
    project.record_file().write_text('{"decision": "GO"}', encoding="utf-8")
    failing(project, text)
    run = project.run()
    assert (run.status, run.record) == (4, None)
    assert says in run.output
    assert "SELECT" not in run.output
