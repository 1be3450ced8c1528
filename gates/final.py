"""`make decide`: GO or NO-GO for ML training, from the records of the three stages' decisions.

    python -m gates.final

Nothing is measured here. Exit status as for a stage: 0 GO, 1 NO-GO because a gate failed, 6 NO-GO
only because something could not be evaluated; 4 for a setting that cannot be used.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from gates import checklist, console, execution, history, report
from gates.conclusion import conclusion, next_action, screen, stages_table
from gates.config import Settings, load
from gates.decision import Decision, Run, decide, record, record_file
from gates.evidence import Evidence, gather
from gates.files import write_json, write_text
from gates.markdown import render
from gates.provenance import facts
from gates.series import merged
from gates.stages import DECISIONS, FINAL
from gates.tables import of_gates
from gates.toml_file import ConfigError

FRESH = timedelta(hours=24)
EXIT_USAGE = 4


def content_of(
    settings: Settings, decision: Decision, found: Evidence, now: datetime
) -> dict[str, Any]:
    """decision.json of the final decision, with what was decided of each stage, and when."""
    used = found.records.values()
    # The whole is no newer than the oldest of its parts.
    snapshots = [each.snapshot_at for each in used if each.snapshot_at]
    snapshot = min(snapshots).isoformat() if snapshots else None
    queries = [query.model_dump() for each in used for query in each.queries]
    run = Run(now, now, snapshot, queries, merged(each.series.content() for each in used))
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
    content = record(settings, decision, run)
    # Nothing is measured here, so the server is the one that the stages were measured on.
    servers = {each.target.server for each in used}
    target = content["target"] | {"server": next(iter(servers), settings.server)}
    return content | {"target": target, "stages": stages}


def decided(settings: Settings, found: Evidence) -> Decision:
    """GO or NO-GO over all stages, with what is to be said of how the backfill was started."""
    decision = decide(settings, FINAL, found.verdicts)
    return replace(decision, reasons=[*decision.reasons, *found.notes])


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
    found = gather(settings, now, FRESH, DECISIONS)
    decision = decided(settings, found)
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
