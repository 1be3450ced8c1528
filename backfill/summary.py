"""summary.json, the closing block and the status, all from the ledger. Pure but for the writing."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

from backfill.attempts import Attempt, Attempts
from backfill.entries import Content
from backfill.plan import Plan
from gates.measure.all_runs import State
from gates.measure.failure import Failure, Kind, grouped, sentence
from gates.measure.summary import SCHEMA_VERSION, Date, Override, Summary
from gates.text import noun

RULE = "=" * 70
STATUS: dict[State, Literal["complete", "failed", "pending"]] = {
    "complete": "complete",
    "failed": "failed",
    "pending": "pending",
    "sent": "pending",
}
MARKS = {"complete": "✅", "failed": "❌"}


@dataclass(frozen=True)
class Closing:
    """How a run ended: aware times, why it stopped early; all overrides so far, time -> reason.

    `decisions` allowed it: stage -> when its GO was finished; none where it was an override.

    With what it ran on, so that the figures are not taken for those of another configuration.
    """

    started_at: datetime
    finished_at: datetime
    stopped_because: str | None
    decisions: Mapping[str, datetime]
    overrides: Mapping[str, str]
    target: str
    config_sha256: str


def summary(
    plan: Plan, states: Mapping[date, State], attempts: Attempts, closing: Closing
) -> Summary:
    """A run's summary over its planned dates, of which there are some."""
    days = [held.game_date for held in plan.dates]
    entries = [_entry(day, states, attempts.last.get(day)) for day in days]
    count = Counter(entry.status for entry in entries)
    return Summary(
        schema_version=SCHEMA_VERSION,
        started_at=closing.started_at,
        finished_at=closing.finished_at,
        target=closing.target,
        config_sha256=closing.config_sha256,
        planned=len(entries),
        succeeded=count["complete"],
        failed=count["failed"],
        remaining=count["pending"],
        already_complete=plan.complete,
        bootstrap_skipped=plan.bootstrap,
        success_rate=100 * count["complete"] / len(entries),
        stopped_because=closing.stopped_because,
        decisions=dict(closing.decisions),
        overrides=[
            Override(started_at=datetime.fromisoformat(moment), reason=reason)
            for moment, reason in closing.overrides.items()
        ],
        dates=entries,
    )


def _entry(day: date, states: Mapping[date, State], last: Attempt | None) -> Date:
    took = (last.ended - last.started).total_seconds() if last and last.ended else None
    return Date(
        date=day.isoformat(),
        status=STATUS[states.get(day, "pending")],
        attempts=last.number if last else 0,
        http_status=last.http_status if last else None,
        elapsed_s=None if took is None else round(took, 3),
        finished_at=last.ended if last else None,
        processors=dict(last.processors) if last else {},
        rows=dict(last.held) if last else {},
        error=last.error if last else None,
        failures=list(last.failures) if last else [],
    )


def closing_lines(content: Summary) -> Iterator[str]:
    """The runbook's closing block."""
    done, planned = content.succeeded, content.planned
    left = content.failed + content.remaining
    yield from ("", RULE, "BACKFILL COMPLETE" if not left else "BACKFILL INCOMPLETE", RULE)
    yield f"Success: {done:,}/{planned:,} ({content.success_rate:.1f}%)"
    yield f"Failed: {content.failed:,} · Remaining: {content.remaining:,}"
    if content.stopped_because:
        yield f"Stopped: {content.stopped_because}"
    for override in content.overrides:
        yield f"Started by override at {override.started_at.isoformat()}: {override.reason}"


def tally(processors: Mapping[str, str], required: Sequence[str]) -> str:
    """4/4 processors: how many of the required ones reported success."""
    good = sum(processors.get(name) == "success" for name in required)
    return f"{good}/{len(required)} processors"


def attempt_line(
    attempt: Attempt, required: Sequence[str], players: int, warnings: Sequence[Failure]
) -> str:
    """✅ 2024-11-18: 98.2s - 4/4 processors, 171 players."""
    seconds = (attempt.ended - attempt.started).total_seconds() if attempt.ended else 0.0
    good = tally(attempt.processors, required)
    head = f"{attempt.day}: {seconds:.1f}s - {good}, {players} players"
    if attempt.error:
        return f"{MARKS['failed']} {head}; {attempt.error}"
    warning = f"; warning: {sentence(warnings)}" if warnings else ""
    return f"{MARKS['complete']} {head}{warning}"


def status_lines(held: Content | None, now: datetime) -> Iterator[str]:
    """The runbook's 6.3: progress, rate, ETA, failures by reason; None where there is no ledger."""
    last = held.runs[-1] if held and held.runs else None
    if held is None or not (held.states or last):
        yield "No date was planned yet; run `make backfill`."
        return
    if held.states:
        yield from _progress(held.states, held.attempts, now)
    if last and last.nothing:
        yield f"Last run, {last.started_at.isoformat(timespec='seconds')}: {last.nothing}"


def status_content(held: Content | None) -> dict[str, Any]:
    """The same as JSON: the dates by what became of them, and the failures by reason."""
    states = held.states if held else {}
    count = Counter(STATUS[state] for state in states.values())
    return {
        "planned": len(states),
        **{status: count[status] for status in ("complete", "failed", "pending")},
        "failures": [
            {"reason": sentence(like), "dates": number}
            for like, number in (_failed(states, held.attempts) if held else ())
        ],
        "last_run": held.runs[-1].started_at.isoformat() if held and held.runs else None,
    }


def _progress(states: Mapping[date, State], attempts: Attempts, now: datetime) -> Iterator[str]:
    count = Counter(STATUS[state] for state in states.values())
    planned, done = len(states), count["complete"]
    tried = done + count["failed"]
    yield (
        f"--- Progress: {tried}/{planned} ({100 * tried / planned:.1f}%) - {done} successful "
        f"({100 * done / max(tried, 1):.1f}%) ---"
    )
    an_hour_ago = now - timedelta(hours=1)
    ends = (last.ended for last in attempts.last.values())
    recent = [end for end in ends if end and end > an_hour_ago]
    if recent and (seconds := (max(recent) - min(recent)).total_seconds()):
        per_hour = 3600 * (len(recent) - 1) / seconds
        yield f"Rate: {per_hour:,.0f} dates/hour over the last hour"
        if count["pending"]:
            eta = now + timedelta(hours=count["pending"] / per_hour)
            left = f"{count['pending']:,} {noun('dates', count['pending'])}"
            yield f"ETA: {eta.isoformat(timespec='seconds')} for {left}"
    for like, number in _failed(states, attempts):
        yield f"Failed: {number:,} · {sentence(like) or 'no reason was noted'}"


def _failed(states: Mapping[date, State], attempts: Attempts) -> list[tuple[Kind, int]]:
    """Why the failed dates failed last, and how many of them."""
    last = (attempts.last.get(day) for day, state in states.items() if state == "failed")
    return grouped((each.failures if each else (), 1) for each in last)
