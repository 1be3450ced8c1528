"""What the history costs a run: read the last runs and add one, with few and with many stored.

    python bench/history.py

The final decision, which has all gates, is the worst case.
"""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from gates.config.settings import load  # noqa: E402
from gates.config.stages import FINAL  # noqa: E402
from gates.decide import history  # noqa: E402
from gates.decide.decision import decide  # noqa: E402
from gates.decide.recording import Run, record  # noqa: E402

STORED, REPEATED = 1_000, 25
NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)


def seconds(state: Path, run: history.PastRun) -> float:
    """How long one run waits for the history."""
    started = perf_counter()
    past = history.record_run(state, run)
    assert past.problem is None, past.problem  # noqa: S101
    return perf_counter() - started


def main() -> None:
    """A line per number of stored runs: median, quartiles, worst."""
    settings = load({}, NOW)
    made = record(settings, decide(settings, FINAL, {}), Run(NOW, NOW, None, []))
    run = history.of(made)
    with tempfile.TemporaryDirectory() as name:
        state = Path(name)
        for stored in (0, STORED):
            for _ in range(stored):
                history.append(state, run)
            took = sorted(seconds(state, run) for _ in range(REPEATED))
            low, _, high = quantiles(took)
            size = (state / history.FILE).stat().st_size
            print(
                f"history, {stored:,} runs of {len(run.gates)} gates stored: "
                f"median {median(took) * 1e3:.1f} ms, quartiles {low * 1e3:.1f} to "
                f"{high * 1e3:.1f} ms, worst {took[-1] * 1e3:.1f} ms of {REPEATED}; "
                f"{size / 1e6:.1f} MB"
            )


if __name__ == "__main__":
    main()
