"""What a plan of 10,000 dates and a look at a ledger of 100,000 attempts take.

python bench/ledger.py
"""

import json
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from measuring import repeated, write  # noqa: E402

from backfill.ledger import opened  # noqa: E402
from backfill.plan import DateSelection, plan  # noqa: E402
from gates.config.settings import load  # noqa: E402
from gates.measure.all_runs import ledger_in  # noqa: E402
from gates.measure.failure import FailureCode, failure  # noqa: E402
from gates.measure.readback import DateCoverage  # noqa: E402

SETTINGS = load({}, datetime.now(UTC))
WINDOW = SETTINGS.windows["preflight"]
DATES, ATTEMPTS = 10_000, 100_000
DAYS = [date(1998, 1, 1) + timedelta(days=n) for n in range(DATES)]
NOON = datetime(2025, 12, 1, 12, tzinfo=UTC)


def planned(dates: int) -> float:
    """Seconds to plan so many dates, half of which are owed, and to enter them in a ledger."""
    held = [
        DateCoverage(day, False, 8, 8 * (n % 2), 160, 160, 160, 160, 30, 30, 300, 300)
        for n, day in enumerate(DAYS[:dates])
    ]
    with (
        tempfile.TemporaryDirectory() as name,
        opened(ledger_in(Path(name)), "local", WINDOW) as ledger,
    ):
        ledger.plan(DAYS[:dates])
        started = perf_counter()
        found = plan(held, DateSelection(), SETTINGS.backfill, WINDOW)
        ledger.plan(each.game_date for each in found.dates)
        ledger.mark(found.complete_days, "complete")
        return perf_counter() - started


def fill(state: Path) -> None:
    """A ledger in which each date was sent ten times, and a tenth of all attempts failed."""
    with opened(ledger_in(state), "local", WINDOW):
        pass
    names = (*SETTINGS.backfill.required_processors, *SETTINGS.backfill.optional_processors)
    failed = failure(FailureCode.HTTP, status=503, said="the service is at its limit")
    why = json.dumps([failed.model_dump(mode="json")])
    good = json.dumps(dict.fromkeys(names, "success"))
    with closing(sqlite3.connect(ledger_in(state))) as connection, connection:
        connection.executemany(
            "INSERT INTO dates VALUES (?, ?)",
            [(day.isoformat(), "complete" if n % 10 else "failed") for n, day in enumerate(DAYS)],
        )
        connection.executemany(
            "INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    DAYS[n % DATES].isoformat(),
                    n // DATES + 1,
                    (NOON + timedelta(seconds=10 * n)).isoformat(),
                    (NOON + timedelta(seconds=10 * n + 5.25 + n % 11)).isoformat(),
                    200 if n % 10 else 503,
                    good if n % 10 else "{}",
                    json.dumps({"player_composite_factors": 160 + n % 40}),
                    "[]" if n % 10 else why,
                )
                for n in range(ATTEMPTS)
            ],
        )


# As `python -m backfill status`, with what it took on stderr: what the system tells of a child
# begins with the peak of its parent's memory.
STATUS = """
import resource, runpy, sys
sys.argv = ["backfill", "status"]
try:
    runpy.run_module("backfill", run_name="__main__")
except SystemExit as end:
    assert not end.code
used = resource.getrusage(resource.RUSAGE_SELF)
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(used.ru_utime + used.ru_stime, peak.split()[1], file=sys.stderr)
"""


def status(state: Path) -> tuple[float, float]:
    """Seconds of processor time and megabytes of a process that prints the status."""
    done = subprocess.run(
        [sys.executable, "-c", STATUS],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "GATES_STATE": str(state)},
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, kilobytes = map(float, done.stderr.split())
    return seconds, kilobytes / 1024


def main() -> None:
    """Two rows of a plan and three of the status."""
    plan, of = f"a plan of {DATES:,} dates", f"the status of {ATTEMPTS:,} attempts"
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as empty:
        state, nothing = Path(name), Path(empty)
        fill(state)
        few, many = partial(planned, DATES // 10), partial(planned, DATES)
        rows = [
            repeated(f"{plan}, entered in the ledger", "s", 0.1, many),
            repeated(f"{plan}, to one of {DATES // 10:,}", "ratio", 20, lambda: many() / few()),
            repeated(of, "s of processor time", 0.4, lambda: status(state)[0]),
            repeated(f"{of}, its memory", "MB", 60, lambda: status(state)[1]),
            repeated(
                f"{of}, to that without a ledger",
                "ratio",
                5,
                lambda: status(state)[0] / status(nothing)[0],
            ),
        ]
    write("ledger", rows)


if __name__ == "__main__":
    main()
