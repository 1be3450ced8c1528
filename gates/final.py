"""`make decide`: GO or NO-GO for ML training, from the records of the three stages' decisions.

    python -m gates.final

Nothing is measured here. Exit status as for a stage: 0 GO, 1 NO-GO because a gate failed, 6 NO-GO
only because something could not be evaluated; 4 for a setting that cannot be used.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from gates import checklist, console, execution, history, records, report
from gates.conclusion import conclusion, next_action, screen, stages_table
from gates.config import Settings, load
from gates.decision import Decision, Run, decide, record, record_file
from gates.files import write_json, write_text
from gates.markdown import render
from gates.provenance import facts
from gates.records import Record, RecordError
from gates.series import merged
from gates.stages import COMMANDS, DECISIONS, FINAL, stages_of
from gates.tables import of_gates
from gates.toml_file import ConfigError
from gates.verdict import Verdict, not_evaluated

FRESH = timedelta(hours=24)
EXIT_USAGE = 4


@dataclass
class Evidence:
    """The stages' records that count, and a verdict for each gate of every stage."""

    records: dict[str, Record] = field(default_factory=dict)
    verdicts: dict[str, Verdict] = field(default_factory=dict)


def evidence(settings: Settings, now: datetime) -> Evidence:
    """What the three stages' records say at `now` (aware); what is no evidence is not evaluated."""
    found = Evidence()
    for stage in DECISIONS:
        try:
            record_ = records.load(settings, stage)
            against = next(records.objections(settings, record_, now, FRESH), None)
        except RecordError as problem:
            against = str(problem)
        if against is None:
            found.records[stage] = record_
            found.verdicts |= records.verdicts(settings, record_)
        else:
            why, _, _ = against.rpartition("; ")
            for gate in settings.gates_of(stages_of(stage)):
                found.verdicts[gate.id] = not_evaluated(gate, why, f"Run `{COMMANDS[stage]}`.")
    return found


def content_of(
    settings: Settings, decision: Decision, found: Evidence, now: datetime
) -> dict[str, Any]:
    """decision.json of the final decision, with what was decided of each stage, and when."""
    used = found.records.values()
    # The whole is no newer than the oldest of its parts.
    snapshots = [each.snapshot_at for each in used if each.snapshot_at]
    snapshot = min(snapshots).isoformat() if snapshots else None
    queries = [query for each in used for query in each.queries]
    run = Run(now, now, snapshot, queries, merged(each.series for each in used))
    stages = {
        stage: {
            "decision": each.decision,
            "confidence": each.confidence,
            "finished_at": each.finished_at.isoformat(),
            "snapshot_at": each.snapshot_at and each.snapshot_at.isoformat(),
            "code_version": each.code_version,
        }
        for stage, each in found.records.items()
    }
    return record(settings, decision, run) | {"stages": stages}


def document(
    settings: Settings, decision: Decision, found: Evidence, content: Mapping[str, Any]
) -> str:
    """decision.md."""
    return render(
        "decision.md",
        decision=decision,
        next_action=next_action(settings, decision),
        conclusion=conclusion(settings, decision),
        blocks=checklist.of(decision),
        provenance=facts(content),
        stages=stages_table(found.records),
        gates=of_gates(decision.verdicts),
    )


def main(environ: Mapping[str, str], now: datetime) -> int:
    """Decide, print, write reports/final/; the exit status says what was decided."""
    try:
        settings = load(environ, now)
    except ConfigError as problem:
        print(problem, file=sys.stderr)
        return EXIT_USAGE
    found = evidence(settings, now)
    decision = decide(settings, FINAL, found.verdicts)
    content = content_of(settings, decision, found, now)
    file = record_file(settings.reports, FINAL)
    write_text(file.with_suffix(".md"), document(settings, decision, found, content))
    write_json(file, content)
    past = history.remember(settings.state, content)
    html = file.with_name("report.html")
    write_text(html, report.page(decision, content, past, execution.pictured(settings)))
    colour = console.has_colour(sys.stdout, environ)
    for line in (*screen(settings, decision, found.records), *console.past_lines(past, content)):
        print(console.painted(line, colour))
    print(f"Record: {file} · {file.with_suffix('.md')} · Report: {html}")
    return decision.exit_status


if __name__ == "__main__":
    sys.exit(main(os.environ, datetime.now(UTC)))
