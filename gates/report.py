"""The static part of report.html: the decision and every gate, readable without JavaScript.

pytest-html draws its own rows by script and leaves out a test whose worker crashed, so what counts
is taken from the decision and its record.
"""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from gates.decision import Decision
from gates.verdict import Verdict, margin_text, threshold_text, value_text

HEADS = ("Runbook", "Gate", "Measured", "Threshold", "Margin", "Severity", "Outcome")
NUMBERS = ("Measured", "Threshold", "Margin")


def banner(decision: Decision, record: Mapping[str, Any]) -> list[str]:
    """HTML fragments: GO or NO-GO, why, where it was measured, the table of all gates.

    `record` is decision.json's content.
    """
    heads = "".join(f"<th scope='col'{_class(head)}>{head}</th>" for head in HEADS)
    rows = "".join(_row(verdict) for verdict in decision.verdicts)
    return [
        f"<div class='decision {decision.decision.lower()}'>"
        f"<h2>{decision.decision} · confidence {decision.confidence}</h2>"
        f"{_list(escape(reason) for reason in decision.reasons)}</div>",
        _section(
            "Blockers", (f"{_why(v)}<br>Remedy: {escape(v.remedy)}" for v in decision.blockers)
        ),
        _section("Warnings", (_why(verdict) for verdict in decision.warnings)),
        f"<table class='provenance'>{_provenance(record)}</table>",
        f"<table class='gates'><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>",
    ]


def _list(items: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{item}</li>" for item in items) + "</ul>"


def _section(title: str, items: Iterable[str]) -> str:
    found = list(items)
    return f"<h3>{title}</h3>{_list(found)}" if found else ""


def _why(verdict: Verdict) -> str:
    return escape(verdict.detail)


def _provenance(record: Mapping[str, Any]) -> str:
    target = record["target"]
    facts = {
        "Target": f"{target['name']} ({target['project']})",
        **{
            f"Window {stage}": f"{first} to {last}"
            for stage, (first, last) in record["windows"].items()
        },
        "Snapshot": record["snapshot_at"] or "none, no table was read",
        "Finished": record["finished_at"],
        "Commit": record["code_version"] or "unknown",
        "Configuration": f"SHA-256 {record['config_sha256']}",
    }
    return "".join(
        f"<tr><th scope='row'>{escape(name)}</th><td>{escape(fact)}</td></tr>"
        for name, fact in facts.items()
    )


def _row(verdict: Verdict) -> str:
    gate = verdict.gate
    outcome = "warning" if verdict.warns else verdict.status
    cells = {
        "Runbook": gate.runbook,
        "Gate": gate.id,
        "Measured": "" if verdict.measured is None else value_text(gate, verdict.measured),
        "Threshold": threshold_text(gate),
        "Margin": "" if verdict.margin is None else margin_text(gate, verdict.margin),
        "Severity": gate.severity,
        "Outcome": outcome.replace("_", " "),
    }
    shown = "".join(f"<td{_class(head)}>{escape(cells[head])}</td>" for head in HEADS)
    return f"<tr class='{outcome}'>{shown}</tr>"


def _class(head: str) -> str:
    return " class='number'" if head in NUMBERS else ""
