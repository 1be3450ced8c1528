"""The rows behind a gate, for a person, a program, or the backfill.

    python -m gates diagnose [GATE] [--format table|md|csv|json|dates] [--window STAGE=FIRST..LAST]

Without a gate those that do not hold by the last records are listed; a terminal may then choose one
by its number. Exit status 0 when rows were shown, also where there is none; 1 where they cannot be
read; 2 for words that are not understood, and where gates were listed and none was chosen; 4 for a
gate or a setting that cannot be used.
"""

import argparse
import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from gates import program
from gates.config import next_command
from gates.config.gate import Gate
from gates.config.named import gates_named
from gates.config.schema import ConfigError
from gates.config.settings import Settings, load
from gates.config.stages import DECISIONS
from gates.decide import mending, records
from gates.decide.failing_rows import failing_dates, failing_rows, with_seasons
from gates.decide.record import Record
from gates.decide.side_by_side import DATE
from gates.decide.verdict import Verdict
from gates.report import failing_gates, markdown
from gates.report.rows_behind import FORMATS, Answer, csv_text
from gates.text import one_line

DATES = "dates"
EXIT_NOT_CHOSEN = 2


def _show(answer: Answer, form: str) -> None:
    print(FORMATS[form](answer), end="")
    if form in ("csv", "json"):
        _beside(answer)


def _beside(answer: Answer) -> None:
    """Stdout holds what a program reads and nothing else."""
    for note in answer.notes():
        print(note, file=sys.stderr)


def _dates(answer: Answer) -> None:
    """A file that `make backfill ARGS="--dates-file ..."` takes."""
    if not answer.found.has_dates:
        raise ConfigError(
            f"The rows behind {answer.name} have no date, so they make no dates file; "
            "choose FORMAT=table, md, csv or json."
        )
    file = answer.settings.reports / "diagnose" / f"{answer.name}.csv"
    days = answer.found.dates(answer.settings.calendar)
    _written(file, [str(day) for day in days])
    if days:
        others = len({row[DATE] for row in answer.found.rows if row[DATE]}) - len(days)
        without = f", {others:,} left out as bootstrap or without a game" if others else ""
        print(f"{file}: {len(days):,} dates{without}{_what_next(answer.gate, file)}")
    elif answer.found.rows:
        print(f"No file: the dates behind {answer.name} are bootstrap or without a game.")
    _beside(answer)


def _written(file: Path, days: Sequence[str]) -> None:
    """A new file that nobody else may read; none for no dates, also not one from before."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        if days:
            file.touch(mode=0o600, exist_ok=False)
            file.write_text("\n".join(["date", *days]) + "\n", encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{file} cannot be written ({error}); correct GATES_REPORTS.") from error


def _what_next(gate: Gate, file: Path) -> str:
    command = f'make backfill ARGS="--dates-file {shlex.quote(str(file))}"'
    if gate.stage == "phase4":
        return f"; process them with {command}"
    # A date whose games are not over is none that the backfill takes.
    if gate.source == "phase3_coverage":
        return f"; when {gate.measure} holds their games, process them with {command}"
    return f"; when Phase 3 is repaired there, process them with {command}"


def _failing(environ: Mapping[str, str], now: datetime) -> list[Verdict]:
    """What does not hold by the newest record of each stage. Raises RecordError for none at all."""
    settings = load(environ, now)
    found: list[Verdict] = []
    missing: list[records.RecordError] = []
    for stage in DECISIONS:
        try:
            record = records.load(settings, stage)
        except records.RecordError as error:
            missing.append(error)
            continue
        # A bound may be another one in another window than gates.toml's.
        verdicts = records.verdicts(load(environ, now, _asked_windows(record)), record)
        found += [each for each in verdicts.values() if not each]
    if len(missing) == len(DECISIONS):
        raise missing[0]
    for problem in missing:
        print(problem, file=sys.stderr)
    return found


def _asked_windows(record: Record) -> list[str]:
    """The words that ask for the windows of a record."""
    return [f"{name}={'..'.join(days)}" for name, days in record.windows.items()]


def _windows(settings: Settings, gate: Gate) -> list[str]:
    """Those of the last record that the gate is in; none where there is no such record."""
    stage = next(name for name, stages in DECISIONS.items() if gate.stage in stages)
    try:
        return _asked_windows(records.load(settings, stage))
    except records.RecordError:
        return []


def _say_of_another_window(settings: Settings, gate: Gate) -> None:
    """A gate that is named is looked at in the window of gates.toml, wherever it did not hold."""
    asked = [each for each in _windows(settings, gate) if each.startswith(f"{gate.stage}=")]
    window = settings.windows.get(gate.stage)
    if window and asked and asked != [f"{gate.stage}={window[0]}..{window[1]}"]:
        print(f"The last record is of another window; its rows: WINDOW={asked[0]}", file=sys.stderr)


def _list(failing: Sequence[Verdict], form: str) -> None:
    listed = failing_gates.table(failing)
    if form == "json":
        content = failing_gates.content(failing)
        print(json.dumps(content, indent=2, ensure_ascii=False))
    elif form == "csv":
        print(csv_text(failing_gates.HEADS, failing_gates.content(failing)), end="")
    elif form == "md":
        print(f"### {listed.title}", "", markdown.table(listed), sep="\n")
    else:
        print(listed.title, *failing_gates.screen(failing).lines(), sep="\n")


def _chosen(failing: Sequence[Verdict]) -> str | None:
    """The gate that a person at a terminal names by its number; None for none."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return None
    while True:
        try:
            said = input(f"Number, 1 to {len(failing)}, or Enter for none: ").strip()
        except EOFError:
            # What comes next does not stand behind the question.
            print()
            return None
        if not said:
            return None
        if said.isdecimal() and len(said) < 6 and 1 <= int(said) <= len(failing):
            return failing[int(said) - 1].gate.id
        print(f"{one_line(repr(said))} is not one of these numbers.")


def _listed(failing: Sequence[Verdict], form: str) -> str | None:
    """The gate that was chosen from these; None, and what to run, where none was."""
    _list(failing, form)
    gate = _chosen(failing)
    if gate is None:
        sys.stdout.flush()
        command = next_command.diagnose(failing[0].gate.id)
        print(f"No gate is named; set GATE to one of these: {command}", file=sys.stderr)
    return gate


def _asked(name: str, settings: Settings, form: str) -> Answer:
    gates = gates_named(name, settings)
    if form == DATES and (why := mending.why_not(gates[0])):
        raise ConfigError(mending.refusal(name, gates[0], why))
    settings = with_seasons(gates[0], settings)
    answer = Answer(name, gates[0], settings, failing_rows(gates, settings))
    if form == DATES and not answer.found.has_dates:
        found = failing_dates(gates[0], settings) if len(gates) == 1 else None
        return Answer(name, gates[0], settings, found) if found else answer
    return answer


def main(words: Sequence[str], environ: Mapping[str, str], now: datetime) -> int:
    """Show what is asked for. Raises ConfigError, WarehouseError, LogError, RecordError."""
    parser = argparse.ArgumentParser(prog="python -m gates diagnose")
    parser.add_argument("gate", metavar="GATE", nargs="?", default="")
    program.takes_format(parser, (*FORMATS, DATES))
    parser.add_argument("--window", action="append", default=[], metavar="STAGE=FIRST..LAST")
    given = parser.parse_args(words)
    settings = load(environ, now, given.window)
    name = given.gate
    if not name:
        failing = _failing(environ, now)
        if not failing:
            print("Every gate of the last records holds.", file=sys.stderr)
            return 0
        name = _listed(failing, given.format)
        if name and not given.window:
            # The rows of what was listed, not those of another window.
            settings = load(environ, now, _windows(settings, gates_named(name, settings)[0]))
    elif not given.window:
        _say_of_another_window(settings, gates_named(name, settings)[0])
    if name is None:
        program.check_printed()
        return EXIT_NOT_CHOSEN
    answer = _asked(name, settings, given.format)
    if given.format == DATES:
        _dates(answer)
    else:
        _show(answer, given.format)
    program.check_printed()
    return 0
