"""Waivers as an operator runs the gates with them."""

import pytest
from harness import ALONE_OR_WITH_A_WORKER, GatesProject
from waiver_harness import COUNT, USAGE, waiver


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
