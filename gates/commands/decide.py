"""`make decide`: GO or NO-GO for ML training, from the records of the three stages' decisions.

    python -m gates decide [--format table|json]

Nothing is measured here. As JSON it is the record, as reports/final/decision.json has it. Exit
status as for a stage: 0 GO, 1 NO-GO because a gate failed, 6 NO-GO only because something could not
be evaluated; 4 for words or a setting that cannot be used.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from gates import program
from gates.config import next_command
from gates.config.settings import Settings, load
from gates.config.stages import DECISIONS, FINAL
from gates.decide import execution, history
from gates.decide.decision import Decision, decide
from gates.decide.evidence import Evidence, gather
from gates.decide.only_run import RefusedError, locked, only_run
from gates.decide.record import Record, StageUsed, record_file
from gates.decide.record_series import merged
from gates.decide.recording import Run, record, target
from gates.files import json_text, reason, show
from gates.report import checklist, console, html_page
from gates.report.conclusion import conclusion, next_action, screen, stages_table
from gates.report.markdown import render
from gates.report.provenance import facts
from gates.report.text_table import of_gates

FRESH = timedelta(hours=24)
SHOWN_AS = {".json": "Record: ", ".html": "Report: "}


def record_of(settings: Settings, decision: Decision, found: Evidence, now: datetime) -> Record:
    """The record of the final decision, with what was decided of each stage, and when."""
    used = found.records.values()
    # The whole is no newer than the oldest of its parts.
    snapshots = [each.snapshot_at for each in used if each.snapshot_at]
    snapshot = min(snapshots).isoformat() if snapshots else None
    queries = [query.model_dump() for each in used for query in each.queries]
    counts = merged(each.series.model_dump(exclude_unset=True) for each in used)
    stages = {
        stage: StageUsed(**{name: getattr(each, name) for name in StageUsed.model_fields})
        for stage, each in found.records.items()
    }
    made = record(settings, decision, Run(now, now, snapshot, queries, counts), stages=stages)
    # Nothing is measured here, so the server is the one that the stages were measured on.
    server = next((each.target.server for each in used), settings.server)
    return made.model_copy(update={"target": target(settings, server)})


def decided(settings: Settings, found: Evidence) -> Decision:
    """GO or NO-GO over all stages, with what is to be said of how the backfill was started."""
    decision = decide(settings, FINAL, found.verdicts)
    return replace(decision, reasons=[*decision.reasons, *found.notes])


def document(settings: Settings, decision: Decision, found: Evidence, made: Record) -> str:
    """decision.md."""
    return render(
        "decision.md",
        decision=decision,
        next_action=next_action(settings, decision),
        conclusion=conclusion(settings, decision),
        blocks=checklist.of(decision),
        provenance=facts(made),
        stages=stages_table(found.records),
        gates=of_gates(decision.verdicts),
    )


@contextmanager
def no_other_run(settings: Settings) -> Iterator[None]:
    """No stage's record is renewed meanwhile, and nobody else decides. Raises RefusedError."""
    with ExitStack() as held:
        for stage in DECISIONS:
            held.enter_context(locked(settings.reports, stage))
        held.enter_context(only_run(settings.reports, FINAL))
        yield


def write(settings: Settings, decision: Decision, found: Evidence, now: datetime, form: str) -> int:
    """Write reports/final/ and print what stands there; the exit status. Raises OSError."""
    made = record_of(settings, decision, found, now)
    file = record_file(settings.reports, FINAL)
    made.write(file)
    run = history.of(made)
    past = history.record_run(settings.state, run)
    page, html = file.with_suffix(".md"), file.with_name("report.html")
    backfill = execution.pictured(settings)
    trouble = {
        page: show(page, lambda: document(settings, decision, found, made)),
        html: show(
            html,
            lambda: html_page.page(decision, made, past, backfill, settings.console_location),
        ),
    }
    if form == program.JSON:
        print(json_text(made.content()), end="")
        for problem in filter(None, trouble.values()):
            print(problem, file=sys.stderr)
        return decision.exit_status
    colour = console.has_colour(sys.stdout, os.environ)
    for line in (*screen(settings, decision, found.records), *console.past_lines(past, run)):
        print(console.painted(line, colour))
    written = [file, *(each for each, problem in trouble.items() if problem is None)]
    print(" · ".join(f"{SHOWN_AS.get(each.suffix, '')}{each}" for each in written))
    for problem in filter(None, trouble.values()):
        print(problem)
    print(next_command.line(decision.next_command))
    return decision.exit_status


def main(words: Sequence[str], environ: Mapping[str, str], now: datetime) -> int:
    """Decide, print, write reports/final/; the exit status says what was decided.

    Raises UsageError, ConfigError, RefusedError.
    """
    parser = argparse.ArgumentParser(prog="python -m gates decide")
    program.takes_format(parser, (program.TABLE, program.JSON))
    given, others = parser.parse_known_args(words)
    program.no_words(others)
    form = given.format
    settings = load(environ, now)
    try:
        with no_other_run(settings):
            found = gather(settings, now, FRESH, DECISIONS)
            status = write(settings, decided(settings, found), found, now, form)
    except OSError as error:
        raise RefusedError(
            f"The record of {FINAL} cannot be written ({reason(error)}), so nothing was decided; "
            "make room, or correct GATES_REPORTS, and run again."
        ) from error
    if form == program.JSON:
        program.check_printed()
    return status
