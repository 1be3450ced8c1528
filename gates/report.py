"""The static part of report.html: the decision and every gate, readable without JavaScript.

pytest-html draws its own rows by script and leaves out a test whose worker crashed, so what counts
is taken from the decision and its record.
"""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from gates.decision import Decision
from gates.provenance import facts
from gates.tables import of_gates
from gates.verdict import Verdict


def banner(decision: Decision, record: Mapping[str, Any]) -> list[str]:
    """HTML fragments: GO or NO-GO, why, where it was measured, the table of all gates.

    `record` is decision.json's content.
    """
    gates = of_gates(decision.verdicts)
    heads = "".join(
        f"<th scope='col'{_class(side)}>{escape(head)}</th>"
        for head, side in zip(gates.heads, gates.alignment, strict=True)
    )
    rows = "".join(
        _row(gates.alignment, cells, verdict.outcome)
        for cells, verdict in zip(gates.rows, decision.verdicts, strict=True)
    )
    return [
        f"<div class='decision {decision.decision.lower()}'>"
        f"<h2>{decision.decision} · confidence {decision.confidence}</h2>"
        f"{_list(escape(reason) for reason in decision.reasons)}</div>",
        _section("Waivers", (escape(applied.text) for applied in decision.waivers)),
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
    return "".join(
        f"<tr><th scope='row'>{escape(name)}</th><td>{escape(fact)}</td></tr>"
        for name, fact in facts(record).items()
    )


def _row(alignment: Sequence[str], cells: Sequence[str], outcome: str) -> str:
    shown = "".join(
        f"<td{_class(side)}>{escape(cell)}</td>"
        for side, cell in zip(alignment, cells, strict=True)
    )
    return f"<tr class='{outcome}'>{shown}</tr>"


def _class(side: str) -> str:
    return " class='number'" if side == "right" else ""
