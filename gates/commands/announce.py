"""One chat message when the verdict of a stage has changed, and none otherwise.

    python -m gates announce STAGE... --link URL

The record of the run is compared with the run before it in the history. A run that left no record
is a NO-GO and is taken into the history as one. The webhook stands in GATES_WEBHOOK and nowhere
else: it is a secret, so no sentence holds it, nor an error that does. Exit status 0, also where the
message did not get through, which is a warning: the verdict is the gates' own; 4 for a setting that
cannot be used.
"""

import argparse
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from textwrap import shorten

import requests

from gates.config.settings import Settings, load
from gates.config.stages import DECISIONS
from gates.decide import history, records
from gates.decide.history import Changes, HistoryError, PastRun
from gates.decide.record import Record
from gates.decide.records import RecordError
from gates.measure.transport import PlainSession, within
from gates.report import since
from gates.text import one_line

WEBHOOK = "GATES_WEBHOOK"
TIMEOUT_S = 10
GATES_SHOWN = 10
TEXT_SHOWN = 300
LINE_SHOWN = 1_000
# What a chat turns into a mention or a link; a character of no width keeps it text.
_LIVE = re.compile(r"(?<=@)|(?<=\])(?=\()|(?<=:)(?=//)")


class NotAnnouncedError(Exception):
    """What kept a message from being posted; a sentence without the webhook."""


def announce(settings: Settings, stage: str, link: str, webhook: str, now: datetime) -> str:
    """Post a change of the verdict of `stage`, if there is one; what was done, in a sentence.

    `now` (aware) is the end of a run that left no record. Raises NotAnnouncedError.
    """
    record, missing = _record(settings, stage)
    current = history.of(record) if record else history.without_record(settings, stage, now)
    try:
        runs = history.last(settings.state, current, runs=2)
        if missing:
            history.append(settings.state, current)
    except HistoryError as problem:
        raise NotAnnouncedError(f"{stage}: nothing was posted. {problem}") from problem
    # The run that is announced is in the history as well, unless it left no record.
    before = [run for run in runs if run.finished_at != current.finished_at]
    if not before:
        return f"{stage}: nothing was posted, there is no run to compare {current.decision} with."
    changes = history.changes(before[-1], current)
    if changes.verdict is None:
        return f"{stage}: nothing was posted, the verdict is {current.decision} as before."
    what = (
        _what_changed(settings, record, before[-1], changes)
        if record
        else [f"No record: {missing}"]
    )
    said = f"{stage}: {changes.verdict[0]} became {current.decision}"
    if not webhook:
        return f"{said}; nothing was posted, because {WEBHOOK} is not set."
    if trouble := _trouble(webhook, message(current, before[-1], what, link)):
        raise NotAnnouncedError(f"{said}, and posting it failed ({trouble}); correct {WEBHOOK}.")
    return f"{said}, which was posted."


def _record(settings: Settings, stage: str) -> tuple[Record | None, str | None]:
    """The record of the run, or the sentence that says why there is none."""
    try:
        return records.load(settings, stage), None
    except RecordError as problem:
        return None, str(problem)


def message(run: PastRun, before: PastRun, what: Iterable[str], link: str) -> str:
    """What is posted: the verdict, `what` has changed since the run `before`, where to look."""
    under = f", profile {run.profile}" if run.profile else ""
    lines = [
        f"nba-gates {run.stage}: {before.decision} became {run.decision} "
        f"(confidence {run.confidence}, target {run.target}{under})",
        *what,
        f"Compared with the run of {before.finished_at}.",
    ]
    return "\n".join([*map(_escaped, lines), _markup("".join(one_line(link, LINE_SHOWN).split()))])


def _what_changed(
    settings: Settings, record: Record, before: PastRun, changes: Changes
) -> Iterator[str]:
    if not before.gates:
        yield "The run before left no record."
        return
    yield from since.notes(changes)
    verdicts = records.verdicts(settings, record)
    for change in changes.outcomes[:GATES_SHOWN]:
        was, now = (each.status if each else "not asked" for each in (change.before, change.after))
        verdict = verdicts.get(change.gate)
        said = f": {shorten(verdict.said, TEXT_SHOWN)}" if verdict is not None else ""
        yield f"- {change.gate}: {was} became {now}{said}"
    if (more := len(changes.outcomes) - GATES_SHOWN) > 0:
        yield f"- and {more} more"


def _escaped(text: str) -> str:
    """`text` in one line, in which nothing is a mention, a link or markup."""
    return _markup(_LIVE.sub("\u200b", one_line(text, LINE_SHOWN)))


def _markup(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _trouble(webhook: str, text: str) -> str | None:
    """Post the message; what went wrong, in words that do not hold the webhook."""
    try:
        with within(TIMEOUT_S), PlainSession() as session:
            answer = session.post(webhook, json={"text": text})
    except (requests.RequestException, ValueError) as error:
        # What requests says of an error holds the address.
        return type(error).__name__
    return None if 200 <= answer.status_code < 300 else f"status {answer.status_code}"


def main(words: Sequence[str], environ: Mapping[str, str], now: datetime) -> int:
    """Announce the stages that are named; a sentence on each. Raises ConfigError."""
    parser = argparse.ArgumentParser(prog="python -m gates announce")
    parser.add_argument("stages", nargs="+", choices=sorted(DECISIONS), metavar="STAGE")
    parser.add_argument("--link", required=True, metavar="URL")
    given = parser.parse_args(words)
    settings = load(environ, now)
    # GitHub shows a line that begins like this at the top of the job.
    mark = "::warning::" if environ.get("GITHUB_ACTIONS") == "true" else "warning: "
    for stage in given.stages:
        try:
            print(announce(settings, stage, given.link, environ.get(WEBHOOK, "").strip(), now))
        except NotAnnouncedError as problem:
            print(f"{mark}{problem}")
    return 0
