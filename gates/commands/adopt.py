"""A draft of waivers.toml for what does not hold, from the records of the stages.

    python -m gates adopt

`make adopt` runs the stages first. The draft is a new file under reports/adopt/ each time; nothing
that is there is changed, and waivers.toml itself is never written. Exit status 0 when the draft was
written, or nothing is to be waived; 1 where a stage has no record that counts; 4 for a setting that
cannot be used.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import count
from pathlib import Path

from gates import program
from gates.commands.decide import FRESH
from gates.config import next_command
from gates.config.calendar import today
from gates.config.settings import Settings, load
from gates.config.stages import COMMANDS, DECISIONS
from gates.decide import records
from gates.decide.evidence import objections
from gates.decide.only_run import RefusedError as OtherRunError
from gates.decide.only_run import locked
from gates.decide.verdict import Verdict
from gates.files import write_text
from gates.report import waiver_draft

FOLDER = "adopt"
NAME = "waivers.draft"


class RefusedError(program.OperatorError):
    """Why no draft is written, in one sentence."""


def measured(settings: Settings, now: datetime) -> list[Verdict]:
    """The verdicts of all stages at `now` (aware). Raises RefusedError, RecordError."""
    found: list[Verdict] = []
    for stage in DECISIONS:
        record = records.load(settings, stage)
        for why in objections(settings, record, now, FRESH):
            raise RefusedError(why)
        found += records.verdicts(settings, record).values()
    return found


def write(settings: Settings, verdicts: Sequence[Verdict], now: datetime) -> Path:
    """A new draft; its place. Raises RefusedError while another is written, OSError."""
    target = f"{settings.target_name} ({settings.target.project})"
    names = _names(settings.reports / FOLDER)
    try:
        with locked(settings.reports, FOLDER):
            file = next(each for each in names if not os.path.lexists(each))
            write_text(file, waiver_draft.draft(verdicts, target, today(now)))
    except OtherRunError as problem:
        raise RefusedError(str(problem)) from problem
    return file


def _names(folder: Path) -> Iterator[Path]:
    yield folder / f"{NAME}.toml"
    yield from (folder / f"{NAME}-{number}.toml" for number in count(2))


def said(settings: Settings, verdicts: Sequence[Verdict], file: Path | None) -> Iterator[str]:
    """What the draft holds and what it does not, a line each."""
    if file is None:
        yield "Nothing that was measured needs a waiver, so no draft was written."
    else:
        number = len(waiver_draft.unwaived(verdicts))
        yield f"{file}: {number} {'entry' if number == 1 else 'entries'} to complete or delete."
    for verdict in waiver_draft.unknown(verdicts):
        yield f"Without an entry, because it was not evaluated: {verdict.detail}"
    for verdict in waiver_draft.better(verdicts):
        yield f"Waived, and better than its waiver asks for: {verdict.gate.id}: {verdict.tighter}"
    if settings.profile and settings.profile.left_out:
        yield f"Profile {settings.profile.name} leaves {settings.profile.number} out."
    yield next_command.line(COMMANDS["phase12"])


def main(words: Sequence[str], environ: Mapping[str, str], now: datetime) -> int:
    """Write the draft and say where it is.

    Raises UsageError, ConfigError, RecordError, RefusedError.
    """
    program.no_words(words)
    settings = load(environ, now)
    verdicts = measured(settings, now)
    file = write(settings, verdicts, now) if waiver_draft.unwaived(verdicts) else None
    for line in said(settings, verdicts, file):
        print(line)
    return 0
