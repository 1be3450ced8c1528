"""The message on what is new in runs, in lines that a chat or a file is sent. Pure.

Lines hold what others wrote, as text; gates/report/chat.py keeps a chat from obeying it.
"""

from collections.abc import Iterator, Sequence
from textwrap import shorten

from gates.decide.changes import changes
from gates.decide.history import PastRun
from gates.decide.news import Kind, News, StageNews
from gates.decide.sentence import value_text
from gates.decide.status import Status
from gates.numbers import exact
from gates.report import since
from gates.report.provenance import moment
from gates.text import noun

# Gates of a message, shared out among their owners, so that it fits into what chats take.
GATES_SHOWN = 20
TEXT_SHOWN = 300
_KINDS = list(Kind)
_FAILS = {
    Status.FAIL: "fails",
    Status.MARGINAL: "is marginal",
    Status.NOT_EVALUATED: "cannot be judged",
}


def headline(news: StageNews) -> str:
    """phase12: GO became NO-GO."""
    run, told = news.run.run, news.told
    if news.reminds and told:
        return f"{run.stage}: still NO-GO, since {moment(told.since)}"
    was = told.decision if told else next((r.decision for r in news.run.runs[-1:]), None)
    if was is None:
        return f"{run.stage}: {run.decision}"
    changed = f"became {run.decision}" if was != run.decision else "as before"
    return f"{run.stage}: {was} {changed}"


def lines(news: StageNews) -> Iterator[str]:
    """What is new in a run of one stage: the verdict, then gates by owner, the worst first."""
    run, before = news.run.run, _compared(news)
    under = f", profile {run.profile}" if run.profile else ""
    yield f"nba-gates {headline(news)} (confidence {run.confidence}, target {run.target}{under})"
    if news.run.missing:
        yield f"No record: {news.run.missing}"
    elif news.record:
        yield "The run before left no record."
    if before and before.gates and not news.run.missing:
        yield from since.notes(changes(before, run))
    yield from _of_gates(news.gates)
    if before:
        yield f"Compared with the run of {before.finished_at}."


def _compared(news: StageNews) -> PastRun | None:
    """The run that was told last, while the history has it; else the one before this one."""
    if news.told is None:
        return next(iter(news.run.runs[-1:]), None)
    told = news.told.finished_at.isoformat()
    return next((run for run in news.run.runs if run.finished_at == told), None)


def _of_gates(gates: Sequence[News]) -> Iterator[str]:
    owners = dict.fromkeys(each.owner for each in gates)
    for owner in owners:
        if list(owners) != [None]:
            yield f"{owner or 'No owner'}:"
        own = sorted((g for g in gates if g.owner == owner), key=_place)
        shown = max(1, GATES_SHOWN // len(owners))
        yield from map(_line, own[:shown])
        if (more := len(own) - shown) > 0:
            yield f"- and {more} more"


def _place(news: News) -> tuple[int, bool]:
    return _KINDS.index(news.kind), news.severity == "warning"


def _line(news: News) -> str:
    said = f": {shorten(news.verdict.said, TEXT_SHOWN)}" if news.verdict is not None else ""
    return f"- {news.gate}{_happened(news)}{said}"


def _happened(news: News) -> str:
    if news.kind is Kind.EXPIRES:
        return _expires(news)
    if news.verdict is None:
        return " is not asked for any more"
    if news.kind is Kind.WELL:
        return " is waived" if news.verdict.status is Status.WAIVED else " is well again"
    if news.kind is Kind.WORSE:
        return f" got worse{_before(news)}"
    return " warns" if news.severity == "warning" else f" {_FAILS[news.verdict.status]}"


def _before(news: News) -> str:
    told = news.before.measured if news.before else None
    if told is None or news.verdict is None:
        return ""
    return f", {value_text(news.verdict.gate, exact(told))} when it was told"


def _expires(news: News) -> str:
    waiver, days = news.waiver, news.days
    if waiver is None:
        return ""
    when = f"in {days} {noun('days', days)}" if days else "today"
    return (
        f": its waiver expires {when}, after {waiver.expires} (approved by {waiver.approver}): "
        f"{shorten(waiver.reason, TEXT_SHOWN)}"
    )
