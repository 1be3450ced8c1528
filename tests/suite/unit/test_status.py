"""An outcome has the same signs, word and rank wherever it is shown."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from builders import decided, failed, marginal, passed, unknown
from harness import ROOT

from gates.config.gate import Gate
from gates.config.settings import load
from gates.decide.history import History
from gates.decide.recording import Run, record
from gates.decide.status import Status
from gates.decide.verdict import Verdict
from gates.report import console, html_page
from gates.report.pictures import pictures
from gates.report.text_table import tables

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, NOW)
COVERAGE = "phase4.player_composite_factors.coverage"


def waived(gate: Gate) -> Verdict:
    return replace(failed(gate), status=Status.WAIVED)


OUTCOMES = {
    Status.FAIL: failed,
    Status.NOT_EVALUATED: unknown,
    Status.MARGINAL: marginal,
    Status.WAIVED: waived,
    Status.PASS: passed,
}


@pytest.mark.parametrize("status", OUTCOMES)
def test_an_outcome_has_one_sign_on_the_screen_and_one_on_the_page(status: Status) -> None:
    decision = decided(SETTINGS, "phase4", {COVERAGE: OUTCOMES[status]})
    (verdict,) = (each for each in decision.verdicts if each.gate.id == COVERAGE)
    content = record(SETTINGS, decision, Run(NOW, NOW, None, []))
    assert console.gate_line(verdict).startswith(f"{status.sign} ")
    for table in tables([verdict]):
        assert table.rows[0][-1] == f"{status.sign} {status.word.upper()}"
    page = html_page.page(decision, content, History())
    assert f'<span aria-hidden="true">{status.plain}</span> {status.word}</span>' in page
    (picture,) = pictures(content.gates, content.series)
    assert f">{status.plain}</text>" in picture.svg
    assert f"1 {status.word}" in picture.text or status is Status.PASS


def test_a_gate_that_only_warns_is_shown_as_a_warning_and_recorded_as_it_is() -> None:
    shown = {status: (status.shown("warn"), status.shown("required")) for status in OUTCOMES}
    assert shown[Status.FAIL] == (Status.WARNING, Status.FAIL)
    assert shown[Status.MARGINAL] == (Status.WARNING, Status.MARGINAL)
    for status in (Status.NOT_EVALUATED, Status.WAIVED, Status.PASS):
        assert shown[status] == (status, status)


def test_the_worst_is_first_and_counted_first() -> None:
    assert [each.rank for each in Status] == list(range(6))
    outcomes = [Status.PASS, Status.WAIVED, Status.FAIL, Status.WAIVED, Status.WARNING]
    assert console.counted(outcomes) == ["1 failed", "1 warned", "2 waived"]


def test_every_sign_of_a_page_is_one_that_a_printer_has() -> None:
    assert all(len(each.plain) == 1 and ord(each.plain) < 0x2800 for each in Status)
