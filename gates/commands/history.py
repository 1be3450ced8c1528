"""What the last runs measured: those of each stage, or of one gate with a plot beside its values.

    python -m gates history [--gate GATE] [--runs N] [--format table|json]

Of the target and profile that are chosen, from this machine's history (docs/how-to/history.md).
Exit status 0; 1 where the history cannot be used; 2 for words that are not understood; 4 for a gate
or a setting that cannot be used.
"""

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from gates import program
from gates.config import next_command
from gates.config.gate import Gate
from gates.config.named import gates_named
from gates.config.settings import Settings, load
from gates.config.stages import COMMANDS, DECISIONS, FINAL
from gates.decide import history
from gates.decide.history import RUNS, GateResult, PastRun, same
from gates.decide.sentence import value_text
from gates.decide.status import Status
from gates.numbers import exact, shown
from gates.report.text_table import Table

PLOT = 24


def main(words: Sequence[str], environ: Mapping[str, str], now: datetime) -> int:
    """Show it. Raises ConfigError, HistoryError."""
    parser = argparse.ArgumentParser(prog="python -m gates history")
    parser.add_argument("--gate", default="", metavar="GATE")
    parser.add_argument(
        "--runs", type=int, default=RUNS, metavar="N", help=f"the last N, or {RUNS}"
    )
    program.takes_format(parser, (program.TABLE, program.JSON))
    given = parser.parse_args(words)
    settings = load(environ, now)
    # Of an entry for several columns the first.
    gate = gates_named(given.gate, settings)[0] if given.gate else None
    stages = list(COMMANDS) if gate is None else [_decision(gate)]
    found = {stage: history.of_stage(settings, stage, given.runs) for stage in stages}
    if given.format == "json":
        runs = [run for of_stage in found.values() for run in of_stage]
        print(json.dumps([_content(run, gate) for run in runs], indent=2, ensure_ascii=False))
    else:
        lines = _of_gate(gate, *found.values()) if gate else of_stages(found, settings)
        print(*lines, sep="\n")
    program.check_printed()
    return 0


def _decision(gate: Gate) -> str:
    return next(decision for decision, stages in DECISIONS.items() if gate.stage in stages)


def _content(run: PastRun, gate: Gate | None) -> dict[str, Any]:
    """The run as JSON; with one gate, that one alone."""
    content = asdict(run)
    if gate is not None:
        content["gates"] = {name: g for name, g in content["gates"].items() if name == gate.id}
    return content


def of_stages(found: Mapping[str, Sequence[PastRun]], settings: Settings) -> list[str]:
    """The runs of each stage, oldest first, and the command that comes next."""
    lines = []
    for stage, runs in found.items():
        lines += [f"{stage}: {_number(runs)}", *(_runs(runs) if runs else [])]
    return [*lines, next_command.line(_next(found, settings))]


def _next(found: Mapping[str, Sequence[PastRun]], settings: Settings) -> str:
    """The gate that came off worst in the last runs; where all passed, on with the runbook."""
    last = {stage: runs[-1] for stage, runs in found.items() if runs}
    # Those of the final decision are the stages' own, of then.
    points = {id: p for stage, run in last.items() if stage != FINAL for id, p in run.gates.items()}
    outcomes = {
        g.id: points[g.id].status.shown(g.severity) for g in settings.every_gate() if g.id in points
    }
    worst = min(outcomes, key=lambda gate: outcomes[gate].rank, default=None)
    if worst and outcomes[worst] is not Status.PASS:
        return next_command.history(worst)
    not_run = [COMMANDS[stage] for stage in found if stage not in last]
    if not_run:
        return not_run[0]
    return next_command.after_decision(FINAL, last[FINAL].decision, (), COMMANDS[FINAL])


def _number(runs: Sequence[PastRun]) -> str:
    if len(runs) < 2:
        return "the last run" if runs else "no run yet"
    return f"the last {len(runs):,} runs, oldest first"


def _runs(runs: Sequence[PastRun]) -> list[str]:
    heads = ["finished (UTC)", "verdict", "confidence", "gates", "not pass", "code"]
    return Table("", heads, [_row(run) for run in runs]).lines()


def _row(run: PastRun) -> list[str]:
    others = sum(point.status.value != "pass" for point in run.gates.values())
    counts = [f"{len(run.gates):,}", f"{others:,}"] if run.gates else ["no record", ""]
    verdict = [run.decision, run.confidence]
    return [_moment(run), *verdict, *counts, (run.code_version or "")[:7]]


def _moment(run: PastRun) -> str:
    return f"{datetime.fromisoformat(run.finished_at):%Y-%m-%d %H:%M}"


def _of_gate(gate: Gate, runs: Sequence[PastRun]) -> list[str]:
    held = [(run, run.gates[gate.id]) for run in runs if gate.id in run.gates]
    heading = f"{gate.id}: {_number([run for run, _ in held])}"
    if not held:
        return [heading]
    plots = plot([point for _, point in held])
    rows = [
        [_moment(run), point.status.word, _value(gate, point), _bound(point), drawn]
        for (run, point), drawn in zip(held, plots, strict=True)
    ]
    heads = ["finished (UTC)", "outcome", "measured", "threshold", "low to high"]
    last = next_command.line(next_command.explain(gate.id))
    return [heading, *Table("", heads, rows).lines(), last]


def _value(gate: Gate, point: GateResult) -> str:
    return "" if point.measured is None else value_text(gate, exact(point.measured))


def _bound(point: GateResult) -> str:
    bound = point.threshold if isinstance(point.threshold, list) else [point.threshold]
    return " to ".join(shown(number) for number in bound)


def plot(points: Sequence[GateResult]) -> list[str]:
    """A line for each run: `|` at its bound, `o` at its value, from lowest to highest.

    Where all of them are one number there is nothing to see but that.
    """
    numbers = [number for point in points for number in _drawn(point)]
    low, high = min(numbers), max(numbers)

    def place(number: float) -> int:
        return round((PLOT - 1) * (number - low) / (high - low)) if not same(low, high) else 0

    lines = []
    for point in points:
        cells = ["."] * PLOT
        for bound in _bounds(point):
            cells[place(bound)] = "|"
        if point.measured is not None:
            cells[place(point.measured)] = "o"
        lines.append("".join(cells))
    return lines


def _bounds(point: GateResult) -> list[float]:
    bound = point.threshold
    return [*bound] if isinstance(bound, list) else [bound]


def _drawn(point: GateResult) -> list[float]:
    return [*_bounds(point), *([] if point.measured is None else [point.measured])]
