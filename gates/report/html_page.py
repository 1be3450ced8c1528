"""report.html: one page from a decision and its record, that is read without a legend.

Static HTML with its style and its few lines of script inside: it opens from disk and out of a mail,
shows everything without JavaScript, and asks for nothing on any network.
"""

import html
import re
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup, escape

from gates.decide import history
from gates.decide.changes import Changes, changes
from gates.decide.decision import Decision
from gates.decide.history import History
from gates.decide.record import Record
from gates.decide.verdict import Verdict
from gates.measure.summary import Summary
from gates.report import checklist, since, worst
from gates.report.pictures import Picture, pictures
from gates.report.provenance import facts
from gates.report.rows import queries_of
from gates.report.sections import table
from gates.report.templating import environment

HERE = Path(__file__).parent
AFTER_THE_BACKFILL = ("phase4", "final")
# What is decided, and the question that the decision answers.
TITLES = {
    "phase12": ("Phases 1 and 2", "Is the data sound that the Phase 4 backfill starts from?"),
    "preflight": ("Pre-flight", "Does Phase 3 hold the games that the Phase 4 backfill reads?"),
    "phase4": ("Phase 4", "Has the backfill written what it should, and nothing else?"),
    "final": ("ML training", "May a model be trained on this data?"),
}
CONFIDENCE = {
    ("GO", "HIGH"): "every gate passed, without a warning or a waiver",
    ("GO", "MEDIUM"): "no required gate failed, but not everything is as it should be",
    ("GO", "LOW"): "it rests on a waiver",
    ("NO-GO", "HIGH"): "a required gate was measured and failed",
    ("NO-GO", "MEDIUM"): "a required gate was measured and failed, and others were left out",
    ("NO-GO", "LOW"): "nothing was measured as bad, but something could not be evaluated",
}


def page(
    decision: Decision,
    record: Record,
    past: History,
    backfill: Summary | None = None,
    location: str | None = None,
) -> str:
    """The whole page; `past` are the runs before this one, `backfill` is for the pictures of it.

    `location` is that of the tables, where they are BigQuery's.
    """
    title, question = TITLES[decision.stage]
    css, script = _inline("report.css"), _inline("report.js")
    queries = queries_of(record.queries, record.target.project, location)
    verdicts = {verdict.gate.id: verdict for verdict in decision.verdicts}
    runs = [*past.runs, history.of(record)]
    return (
        _environment()
        .get_template("report.html")
        .render(
            policy=policy(css, script),
            css=css,
            script=script,
            title=title,
            question=question,
            decision=decision,
            meaning=CONFIDENCE.get((decision.decision, decision.confidence), ""),
            facts=_facts(record),
            profile=record.profile,
            problem=past.problem,
            changes=changes(past.runs[-1], runs[-1]) if past.runs else None,
            since=since,
            verdicts=verdicts,
            checklist=checklist.of(decision),
            pictures=_pictures(decision, record, backfill),
            queries=queries,
            **table(decision, record, queries, runs),
        )
    )


def _pictures(decision: Decision, record: Record, backfill: Summary | None) -> list[Picture]:
    """Those of the backfill too, where the record is of what came after it."""
    pictured = backfill if record.stage in AFTER_THE_BACKFILL else None
    dates = worst.dates(decision.verdicts, record.series)
    return pictures(record.gates, record.series, pictured, dates)


def _facts(record: Record) -> dict[str, str]:
    """Where it was measured; of the final decision also the decisions that it was made over."""
    found = facts(record) | {"Finished": moment(record.finished_at)}
    if record.snapshot_at:
        found["Snapshot"] = moment(record.snapshot_at)
    for stage, made in (record.stages or {}).items():
        words = f"{made.decision}, confidence {made.confidence}"
        found[f"Decision {stage}"] = f"{words}, {moment(made.finished_at)}"
    return found


def moment(time: datetime | str) -> str:
    """A time, also one in ISO 8601, as people read it, to the second."""
    when = datetime.fromisoformat(time) if isinstance(time, str) else time
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def policy(css: str, script: str) -> str:
    """The page's Content-Security-Policy: its own style and script, by hash, and nothing else.

    A browser takes the hash of what stands between the tags, to the letter.
    """
    rules = {
        "default-src": "'none'",
        "style-src": _hash(css),
        "script-src": _hash(script),
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {what}" for name, what in rules.items())


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


def _inline(name: str) -> Markup:
    """A file of ours that becomes a part of the page as it is."""
    return Markup((HERE / "static" / name).read_text(encoding="utf-8"))  # noqa: S704 - nobody else's text


def _environment() -> Environment:
    made = environment(autoescape=True)
    made.filters |= {"changed": _changed, "moment": moment, "breakable": breakable}
    made.filters |= {"code": code, "drawn": drawn}
    return made


def drawn(svg: str) -> Markup:
    """A picture as a part of the page, where its namespace, an address, is understood anyway."""
    return Markup(svg.replace(' xmlns="http://www.w3.org/2000/svg"', "", 1))  # noqa: S704 - ours


def code(text: str) -> Markup:
    """Text between two tags; quotes, of which SQL has many, are nothing special there."""
    return Markup(html.escape(text, quote=False))  # noqa: S704 - escaped


def breakable(name: str) -> Markup:
    """A gate's id, that may be broken behind its dots and lines."""
    return Markup(re.sub(r"(?<=[._\[])", "<wbr>", str(escape(name))))  # noqa: S704 - escaped


def _changed(changes: Changes, verdicts: Mapping[str, Verdict], which: str) -> list[dict[str, str]]:
    """Gate, title and what became of it, of the changed outcomes or values."""
    found = changes.outcomes if which == "outcomes" else changes.values
    return [
        {
            "gate": change.gate,
            "title": verdicts[change.gate].gate.title if change.gate in verdicts else "",
            "text": since.change_text(change, verdicts),
        }
        for change in found
    ]
