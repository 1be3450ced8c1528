"""One message to each receiver on what is worse than it was told, or well again.

    python -m gates announce STAGE... --link URL

Runs are held against what was told before (state/announced.json); a run that left no record is a
NO-GO and is taken into the history as one. Receivers are those of [[routes]] in gates.toml, without
which the chat of GATES_WEBHOOK hears of everything. A chat's address stands in the environment and
nowhere else: it is a secret, so no sentence holds it, nor an error that does.

Exit status 0; 1 where a message did not get through, which the next run tries again; 4 for a
setting that cannot be used.
"""

import argparse
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from gates import program
from gates.config import next_command
from gates.config.routes import Receiver, Route, receivers
from gates.config.settings import Settings, load
from gates.config.stages import DECISIONS
from gates.decide import announced, history, news, records
from gates.decide.history import HistoryError
from gates.decide.news import StageNews, StageRun
from gates.decide.only_run import locked
from gates.decide.records import RecordError
from gates.report import message
from gates.report.delivery import NotSentError, send

WEBHOOK = "GATES_WEBHOOK"
# Where everything goes without a route.
DEFAULT = Route(shape="slack", webhook=WEBHOOK)
LOCK = "announce"


class Sentence(NamedTuple):
    """What was done, or kept from being done; whether a message was sent."""

    text: str
    level: str = ""
    sent: bool = False


def announce(
    settings: Settings, stages: Iterable[str], link: str, environ: Mapping[str, str]
) -> Iterator[Sentence]:
    """Tell every receiver of the last runs of `stages` what is new to it, in one message each.

    The clock is that of `settings`. Raises RefusedError while another process announces,
    UnreadableError, and OSError where what was told cannot be noted.
    """
    with locked(settings.state, LOCK):
        told = announced.load(settings.state)
        runs = []
        for stage in stages:
            run, problem = _run(settings, stage)
            runs.append(run)
            yield from [Sentence(f"{stage}: {problem}", "warning")] if problem else []
        for receiver in receivers(settings.routes or [DEFAULT]):
            found = [news.of(settings, r, told.of(receiver.name, r.place), receiver) for r in runs]
            new = [each for each in found if each]
            sentence = _told(settings, receiver, new, link, environ)
            if sentence.sent:
                # At once: what was sent must not be sent again, whatever becomes of the others.
                told = told.having([each.told_now(receiver.name, settings.now) for each in new])
                told.write(settings.state)
            yield sentence
        yield from _unrouted(settings, runs)


def _told(
    settings: Settings,
    receiver: Receiver,
    new: Sequence[StageNews],
    link: str,
    environ: Mapping[str, str],
) -> Sentence:
    """Send what is new; the sentence for it."""
    if not new:
        return Sentence(f"{receiver.name}: nothing is new.")
    said = "; ".join(map(message.headline, new))
    if not settings.routes and not environ.get(WEBHOOK, "").strip():
        # Whoever has set nothing up does not wait for a message.
        return Sentence(f"{said}; nothing was sent, because {WEBHOOK} is not set.")
    try:
        send(receiver, environ, _lines(new), link)
    except NotSentError as problem:
        failed = f"{said}, and sending it failed ({problem}); the next run tries again."
        return Sentence(f"{receiver.name}: {failed}", "error")
    return Sentence(f"{receiver.name}: {said}, which was sent.", sent=True)


def _run(settings: Settings, stage: str) -> tuple[StageRun, str | None]:
    """The last run of a stage, and the sentence that says why it stands without earlier ones."""
    try:
        record = records.load(settings, stage)
        current, missing = history.of(record), None
        verdicts = records.verdicts(settings, record)
    except RecordError as problem:
        current, missing = history.without_record(settings, stage, settings.now), str(problem)
        verdicts = {}
    try:
        runs = history.last(settings.state, current)
        if missing:
            history.append(settings.state, current)
    except HistoryError as problem:
        return StageRun(current, verdicts, missing, []), str(problem)
    # The run itself is in the history as well, unless it left no record.
    before = [run for run in runs if run.finished_at != current.finished_at]
    return StageRun(current, verdicts, missing, before), None


def _lines(new: Sequence[StageNews]) -> list[str]:
    """The stages one after the other, with an empty line in between."""
    found = [line for each in new for line in ("", *message.lines(each))]
    return found[1:]


def _unrouted(settings: Settings, runs: Iterable[StageRun]) -> Iterator[Sentence]:
    """What no route is for, so that nobody is told of it."""
    routes = settings.routes or [DEFAULT]
    gates = [
        gate
        for run in runs
        for gate, verdict in run.verdicts.items()
        if (severity := news.severity_of(verdict))
        and not any(route.takes(verdict.gate.owner, severity) for route in routes)
    ]
    if gates:
        which = f"{gates[0]}{f' and {len(gates) - 1} more' if len(gates) > 1 else ''}"
        text = f"Nobody is told of {which}: no route is for it; add one to gates.toml."
        yield Sentence(text, "warning")


def main(words: Sequence[str], environ: Mapping[str, str], now: datetime) -> int:
    """Announce the stages that are named; a sentence for each receiver. Raises ConfigError."""
    parser = argparse.ArgumentParser(prog="python -m gates announce")
    parser.add_argument("stages", nargs="+", choices=sorted(DECISIONS), metavar="STAGE")
    parser.add_argument("--link", required=True, metavar="URL")
    given = parser.parse_args(words)
    settings, failed = load(environ, now), False
    for text, level, _ in announce(settings, given.stages, given.link, environ):
        print(f"{_mark(level, environ)}{text}")
        failed = failed or level == "error"
    print(next_command.line(next_command.after_announcing(settings.target.history)))
    return program.EXIT_FAILED if failed else 0


def _mark(level: str, environ: Mapping[str, str]) -> str:
    # GitHub shows a line that begins like this at the top of the job.
    on_github = environ.get("GITHUB_ACTIONS") == "true"
    return level and (f"::{level}::" if on_github else f"{level}: ")
