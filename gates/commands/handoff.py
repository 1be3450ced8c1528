"""`make handoff`: the session's documents, filled from the records, with the records beside them.

    python -m gates handoff

What was not run is written as not run; what is of another configuration, windows or target, or
older than a day, is refused with the command that renews it. Exit status 0 when the folder was
written, 1 when it was refused, 4 for a setting that cannot be used.
"""

import getpass
import os
import shutil
import socket
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path

from gates import program
from gates.commands.decide import FRESH
from gates.config import next_command
from gates.config.settings import Settings, load
from gates.config.stages import COMMANDS, DECISIONS, FINAL
from gates.decide import execution, history
from gates.decide.changes import Changes, changes
from gates.decide.decision import decide
from gates.decide.evidence import Evidence, gather
from gates.decide.execution import Execution, ExecutionError
from gates.decide.only_run import RefusedError as OtherRunError
from gates.decide.only_run import locked
from gates.decide.record import record_file
from gates.files import PARTIAL
from gates.report.comparison import next_command_of
from gates.report.conclusion import next_action
from gates.report.handoff_text import Figures, documents

FOLDER = Path("handoff")


class RefusedError(program.OperatorError):
    """Why nothing is written, a sentence per reason."""


def figures(settings: Settings, now: datetime) -> Figures:
    """All that the documents show, at `now` (aware). Raises RefusedError."""
    found = gather(settings, now, FRESH, COMMANDS)
    against: list[str] = [why for sentences in found.against.values() for why in sentences]
    ran = _execution(settings, now, against)
    if FINAL in found.records:
        against += _outdated(settings, found)
    if not any(stage in (found.records | found.against) for stage in DECISIONS):
        against.append(f"No stage was run; run `{COMMANDS['phase12']}` first.")
    if against:
        raise RefusedError("\n".join(dict.fromkeys(against)))
    return Figures(settings, found.records, ran, _changes(settings, found))


def _changes(settings: Settings, found: Evidence) -> dict[str, Changes]:
    """Stage -> what is different from the run before that of its record, where one is known."""
    changed = dict[str, Changes]()
    if not (settings.state / history.FILE).exists():
        return changed
    for stage, record in found.records.items():
        run = history.of(record)
        earlier = [
            past
            for past in history.before(settings.state, run).runs
            if datetime.fromisoformat(past.finished_at) < record.finished_at
        ]
        if earlier:
            changed[stage] = changes(earlier[-1], run)
    return changed


def _execution(settings: Settings, now: datetime, against: list[str]) -> Execution | None:
    try:
        ran = execution.read(settings)
    except ExecutionError as problem:
        against.append(str(problem))
        return None
    if ran:
        against += execution.objections(settings, ran, now, FRESH)
    return ran


def _outdated(settings: Settings, found: Evidence) -> list[str]:
    """The final decision has to be the one that these records and no others lead to."""
    final, again = found.records[FINAL], f"run `{COMMANDS[FINAL]}`"
    stages = {stage: each for stage, each in found.records.items() if stage != FINAL}
    now = {stage: each.finished_at for stage, each in stages.items()}
    if now != {stage: each.finished_at for stage, each in (final.stages or {}).items()}:
        return [f"{FINAL} was decided over other records than these; {again}."]
    decision = decide(settings, FINAL, found.verdicts).decision
    if decision != final.decision:
        return [f"{FINAL} says {final.decision}, and its records say {decision}; {again}."]
    return []


def write(settings: Settings, shown: Figures, now: datetime, who: str, root: Path) -> Path:
    """The new folder under `root`; nothing that is there is touched.

    Raises RefusedError while another handoff is written, OSError.
    """
    with ExitStack() as held:
        try:
            held.enter_context(locked(root.parent, root.name))
        except OtherRunError as problem:
            raise RefusedError(str(problem)) from problem
        # What a killed handoff left half written.
        for left in root.glob(f"{PARTIAL}*"):
            shutil.rmtree(left)
        return _written(settings, shown, now, who, root)


def _written(settings: Settings, shown: Figures, now: datetime, who: str, root: Path) -> Path:
    with tempfile.TemporaryDirectory(dir=root, prefix=PARTIAL) as name:
        partial = Path(name) / "handoff"
        partial.mkdir()
        beside = _beside(settings, shown)
        for target, source in beside.items():
            shutil.copyfile(source, partial / target)
        for file, text in documents(shown, now, who, list(beside)).items():
            (partial / file).write_text(text, encoding="utf-8")
        return _moved(partial, root / f"{now.date()}-{settings.handoff.name}")


def _moved(folder: Path, target: Path) -> Path:
    """Give the folder its name, with a number where the day has a handoff already."""
    number = 1
    while True:
        place = target if number == 1 else target.with_name(f"{target.name}-{number}")
        try:
            place.mkdir()
        except FileExistsError:
            number += 1
            continue
        # An empty folder of our own is the only thing that this can replace.
        return folder.rename(place)


def _beside(settings: Settings, shown: Figures) -> dict[str, Path]:
    """Name in the handoff -> file under reports/, for what goes with the documents."""
    files = {
        f"{stage}-{name}": record_file(settings.reports, stage).with_name(name)
        for stage in shown.records
        for name in ("decision.json", "decision.md", "report.html")
    }
    if shown.execution:
        files["backfill-summary.json"] = execution.summary_file(settings)
    return {name: file for name, file in files.items() if file.exists()}


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        # A container may run as a user that has no name.
        return f"user {os.getuid()}"


def main(words: Sequence[str], environ: Mapping[str, str], now: datetime) -> int:
    """Write the handoff's folder and print its place.

    Raises UsageError, ConfigError, RefusedError.
    """
    program.no_words(words)
    settings = load(environ, now)
    shown = figures(settings, now)
    folder = write(settings, shown, now, f"{_user()} on {socket.gethostname()}", FOLDER)
    print(f"Handoff: {folder}")
    for file in sorted(folder.iterdir()):
        print(f"  {file.name}")
    if FINAL not in shown.records:
        print(next_command.line(COMMANDS[FINAL]))
    elif (final := shown.records[FINAL]).decision == "NO-GO":
        print(next_command.line(next_command_of(final)))
    else:
        # The runbook ends here, and what begins with the training is not make's.
        print(next_action(settings, shown.decisions[FINAL]))
    return 0
