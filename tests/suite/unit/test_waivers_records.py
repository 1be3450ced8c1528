"""Records that were made under waivers: what each of them is evidence for."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from builders import failed, marginal, recorded
from freezegun import freeze_time
from waiver_harness import (
    COVERAGE,
    NOW,
    REASON,
    SHOWN,
    USAGE,
    environ,
    settings,
    under,
    waiver,
)

from backfill.permission import permission
from gates.commands import decide as final
from gates.commands import handoff
from gates.config.stages import DECISIONS, FINAL
from gates.decide.record import record_file

BOOTSTRAP = "phase4.player_composite_factors.bootstrap_rows"


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
    assert "🟡 usage_rate: 94% (>= 95% required - CRITICAL)" in out
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
