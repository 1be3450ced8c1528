"""All that is known of a gate: what, why, whose, from where, its last runs, its query, its remedy.

    python -m gates explain GATE [--format table|md|json]

Nothing is asked of the warehouse. Exit status 0; 2 for words that are not understood; 4 for a gate
or a setting that cannot be used.
"""

import argparse
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from gates import program
from gates.config import incidents
from gates.config.bound_source import source_of_bound
from gates.config.gate import Gate
from gates.config.named import gates_named
from gates.config.schema import ConfigError
from gates.config.settings import Settings, load
from gates.config.stages import DECISIONS
from gates.decide import history
from gates.files import ROOT
from gates.measure import listing, queries, readback
from gates.measure.jobs import statement_of
from gates.report.explanation import FORMATS, Explanation


def explained(gate: Gate, settings: Settings, bound: str) -> Explanation:
    """What is known of a gate; `bound` says where its bound comes from."""
    past = _past(gate, settings)
    file, sql = _query(gate, settings)
    return Explanation(
        gate=gate,
        incidents=incidents.behind(gate.id),
        bound=bound,
        runs=[(run.finished_at, run.gates[gate.id]) for run in past.runs if gate.id in run.gates],
        problem=past.problem,
        file=file,
        sql=sql,
    )


def _past(gate: Gate, settings: Settings) -> history.History:
    """The last runs of the gate's decision; looking makes no history where there is none."""
    if not (settings.state / history.FILE).exists():
        return history.History()
    decision = next(name for name, stages in DECISIONS.items() if gate.stage in stages)
    try:
        return history.History(history.of_stage(settings, decision))
    except history.HistoryError as problem:
        return history.History(problem=str(problem))


def _query(gate: Gate, settings: Settings) -> tuple[str | None, str | None]:
    """The file of the gate's query, and how it computes the measure."""
    source = queries.source_of(gate)
    if source is None:
        return None, None
    statement = statement_of(source, settings)
    names = (gate.measure, f"{gate.measure}__{gate.which}")
    measure = next((each for each in names if each in statement.measures), None)
    if source == readback.SOURCE or measure is None:
        return statement.file, None
    return statement.file, listing.definition(statement.tree, measure)


def main(words: Sequence[str], environ: Mapping[str, str], now: datetime) -> int:
    """Say it. Raises ConfigError."""
    parser = argparse.ArgumentParser(prog="python -m gates explain")
    parser.add_argument("gate", metavar="GATE", nargs="?", default="")
    program.takes_format(parser, FORMATS)
    given = parser.parse_args(words)
    settings = load(environ, now)
    if not given.gate:
        raise ConfigError("No gate is named; set GATE to an id, which `make diagnose` lists.")
    file = Path(environ.get("GATES_CONFIG") or ROOT / "gates.toml")
    text = file.read_text(encoding="utf-8")
    every = [
        explained(gate, settings, source_of_bound(gate, file.name, text))
        for gate in gates_named(given.gate, settings)
    ]
    print(FORMATS[given.format](every), end="")
    program.check_printed()
    return 0
