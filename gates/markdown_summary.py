"""The decision for a CI job's summary page, as Markdown, and for a chat message, as a few lines."""

from collections.abc import Mapping
from typing import Any

from gates import history, since
from gates.console import stage_line
from gates.decision import Decision
from gates.history import Past
from gates.markdown import render
from gates.provenance import facts
from gates.stages import stages_of
from gates.tables import of_gates

SHOWN = 3
# What a chat would make a link, a mention or an entity of; the sentences stay readable.
_CHAT = str.maketrans({"<": "‹", ">": "›", "&": "+", "@": "(at)", "`": "'", "*": "×"})


def page(decision: Decision, record: Mapping[str, Any], past: Past) -> str:
    """decision.md of a stage; `past` are the runs before this one."""
    changes = history.changes(past.runs[-1], history.of(record)) if past.runs else None
    verdicts = {verdict.gate.id: verdict for verdict in decision.verdicts}
    return render(
        "summary.md",
        decision=decision,
        profile=record.get("profile"),
        stages=[stage_line(decision, stage) for stage in stages_of(decision.stage)],
        problem=past.problem,
        since=changes and since.summary(changes, decision.decision),
        outcomes=[
            (change.gate, since.change_text(change, verdicts))
            for change in (changes.outcomes if changes else ())
        ],
        not_passed=of_gates([v for v in decision.verdicts if v.status != "pass"]),
        provenance=facts(record),
    )


def chat_text(record: Mapping[str, Any], changed: str, link: str) -> str:
    """A message of a few lines: verdict, what changed, the first blockers, where the report is.

    `record` is a decision.json's content; an empty `changed` or `link` leaves its line out. Text of
    others is kept from being markup or a mention; `link` is passed on as it is.
    """
    target = record["target"]
    blockers = [each["why"] for each in record["blockers"]]
    left = len(blockers) - SHOWN
    lines = [
        f"{record['decision']} (confidence {record['confidence']}): {record['stage']} on "
        f"{target['name']}, {target['project']}",
        changed,
        *(f"• {why}" for why in blockers[:SHOWN]),
        f"• and {left:,} more" if left > 0 else "",
    ]
    told = [" ".join(line.translate(_CHAT).split()) for line in lines]
    return "\n".join(line for line in (*told, link) if line)
