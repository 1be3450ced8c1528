"""A draft of waivers.toml for what does not hold, from the records of the stages.

    python -m gates.commands.adopt

`make adopt` runs the stages first. The draft is a new file under reports/adopt/ each time; nothing
that is there is changed, and waivers.toml itself is never written. Exit status 0 when the draft was
written, or nothing is to be waived; 1 where a stage has no record that counts; 4 for a setting that
cannot be used.
"""

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from gates import program
from gates.commands.final import FRESH
from gates.config.calendar import today
from gates.config.schema import ConfigError
from gates.config.settings import Settings, load
from gates.config.stages import DECISIONS
from gates.decide import records
from gates.decide.evidence import objections
from gates.decide.only_run import RefusedError, locked
from gates.decide.records import RecordError
from gates.decide.verdict import Verdict
from gates.files import write_text
from gates.report import waiver_draft

FOLDER = "adopt"
NAME = "waivers.draft"
EXIT_REFUSED = 1
EXIT_USAGE = 4


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
    """A new draft; its place. Raises RefusedError, OSError."""
    target = f"{settings.target_name} ({settings.target.project})"
    with locked(settings.reports, FOLDER):
        file = next(each for each in _names(settings.reports / FOLDER) if not os.path.lexists(each))
        write_text(file, waiver_draft.draft(verdicts, target, today(now)))
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


def main(environ: Mapping[str, str], now: datetime) -> int:
    """Write the draft and say where it is; a problem is one sentence on stderr."""
    try:
        settings = load(environ, now)
        verdicts = measured(settings, now)
        file = write(settings, verdicts, now) if waiver_draft.unwaived(verdicts) else None
    except ConfigError as problem:
        print(problem, file=sys.stderr)
        return EXIT_USAGE
    except (RecordError, RefusedError) as problem:
        print(problem, file=sys.stderr)
        return EXIT_REFUSED
    for line in said(settings, verdicts, file):
        print(line)
    return 0


if __name__ == "__main__":
    program.run(lambda: main(os.environ, datetime.now(UTC)))
