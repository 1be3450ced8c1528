"""Whether the scheduled job has run: a gate that did not run is a NO-GO, and so is a job.

    gh api ".../actions/workflows/validate.yml/runs?event=schedule" | python -m gates watch

Reads GitHub's list of runs from stdin; exit status 0 when one has judged in the last 26 hours.
Needs Python's own library alone, so that the watching job installs nothing.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from gates import program

# A day, and what GitHub may be late with a scheduled job.
WITHIN = timedelta(hours=26)
# What a run that judged ends with; a NO-GO is a failure. Any other was stopped before it could.
JUDGED = ("success", "failure")


def said(answer: str, now: datetime) -> tuple[bool, str]:
    """Whether a scheduled run has ended in time before `now` (aware), and the sentence for it."""
    try:
        runs = [run for run in json.loads(answer)["workflow_runs"] if run["event"] == "schedule"]
        runs.sort(key=_started, reverse=True)
        recent = [run for run in runs if now - _started(run) <= WITHIN]
        done = next((run for run in recent if run["conclusion"] in JUDGED), None)
        if done:
            return True, f"The scheduled job has run: {_shown(done)}."
        if recent:
            return False, f"The scheduled job has not ended as it should: {_shown(recent[0])}."
        before = f"the newest is {_shown(runs[0])}" if runs else "there is none at all"
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        why = type(error).__name__
        return False, f"GitHub's list of runs cannot be read ({why}); run this job again."
    return False, (
        f"The scheduled job has not run in {WITHIN // timedelta(hours=1)} hours, {before}; "
        "see under Actions whether it is disabled, and start it by hand."
    )


def _started(run: Mapping[str, Any]) -> datetime:
    # Of the last attempt, if somebody has started the run again.
    return datetime.fromisoformat(run["run_started_at"])


def _shown(run: Mapping[str, Any]) -> str:
    how = run["conclusion"] or run["status"]
    return f"{how}, started {_started(run).isoformat()}, {run['html_url']}"


def main(words: Sequence[str], _environ: Mapping[str, str], now: datetime) -> int:
    """Say it, with the exit status that fits. Raises UsageError."""
    program.no_words(words)
    answer = sys.stdin.buffer.read().decode(errors="replace")
    has_run, sentence = said(answer, now)
    print(sentence if has_run else f"::error::{sentence}")
    return 0 if has_run else 1
