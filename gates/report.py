"""The static part of report.html: the decision and every gate, readable without JavaScript.

pytest-html draws its own rows by script and leaves out a test whose worker crashed, so what counts
is taken from the decision.
"""

from html import escape

from gates.console import mark
from gates.decision import Decision
from gates.verdict import Verdict, margin_text, threshold_text, value_text

HEADS = ("Runbook", "Gate", "Measured", "Threshold", "Margin", "Severity", "Outcome")


def banner(decision: Decision) -> list[str]:
    """HTML fragments: GO or NO-GO, reasons, blockers with remedies, the table of all gates."""
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in decision.reasons)
    blockers = "".join(
        f"<li>{escape(v.detail)}.<br><strong>Remedy:</strong> {escape(v.remedy)}</li>"
        for v in decision.blockers
    )
    heads = "".join(f'<th scope="col">{head}</th>' for head in HEADS)
    rows = "".join(_row(verdict) for verdict in decision.verdicts)
    return [
        f"<h2>Decision: {decision.decision} (confidence {decision.confidence})</h2>",
        f"<ul>{reasons}</ul>",
        f"<h3>Blockers</h3><ul>{blockers}</ul>" if blockers else "",
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>",
    ]


def _row(verdict: Verdict) -> str:
    gate = verdict.gate
    measured = "" if verdict.measured is None else value_text(gate, verdict.measured)
    margin = "" if verdict.margin is None else margin_text(gate, verdict.margin)
    cells = (
        gate.runbook,
        gate.id,
        measured,
        threshold_text(gate),
        margin,
        gate.severity,
        f"{mark(verdict)} {verdict.status}",
    )
    return "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
