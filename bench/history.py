"""What the history costs a run: read the last runs and add one, with few and with many stored.

    python bench/history.py

The final decision, which has all gates, is the worst case.
"""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

from measuring import ROOT, Row, write

sys.path.insert(0, str(ROOT))

from gates.config.settings import load
from gates.config.stages import FINAL
from gates.decide import history
from gates.decide.decision import decide
from gates.decide.recording import Run, record

STORED, REPEATED = 1_000, 25
NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)


def seconds(state: Path, run: history.PastRun) -> float:
    """How long one run waits for the history."""
    started = perf_counter()
    past = history.record_run(state, run)
    assert past.problem is None, past.problem
    return perf_counter() - started


def main() -> None:
    """A row per number of stored runs, and the size of the file."""
    settings = load({}, NOW)
    made = record(settings, decide(settings, FINAL, {}), Run(NOW, NOW, None, []))
    run = history.of(made)
    rows = []
    with tempfile.TemporaryDirectory() as name:
        state = Path(name)
        for stored in (0, STORED):
            for _ in range(stored):
                history.append(state, run)
            took = [1e3 * seconds(state, run) for _ in range(REPEATED)]
            size = (state / history.FILE).stat().st_size / 1e6
            what = f"history, {stored:,} runs of {len(run.gates)} gates stored"
            rows += [Row(what, "ms", took), Row(f"{what}: the file", "MB", [size])]
    write("history", rows)


if __name__ == "__main__":
    main()
