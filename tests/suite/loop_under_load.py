"""The same run of the gates, again and again with every core busy: none may differ from the others.

    .venv-dev/bin/python tests/suite/loop_under_load.py [RUNS] [--stage phase12]

Each run starts an embedded warehouse of its own, as `make validate-phase12` does. Ends with 1 and
the differences where a record or an exit status is another than that of the first run.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
GATES, LOCAL = (str(ROOT / f"{name}/bin/python") for name in (".venv", ".venv-local"))
# Of the moment, not of what was measured.
MOMENTS = ("run_id", "started_at", "finished_at", "snapshot_at")
OF_A_JOB = ("job_id", "elapsed_s", "sql")


def burn() -> None:
    """Keep one core busy until the process is ended."""
    while True:
        pass


@contextmanager
def every_core_busy() -> Iterator[None]:
    """As many busy processes as there are cores."""
    busy = [multiprocessing.Process(target=burn, daemon=True) for _ in range(os.cpu_count() or 1)]
    for each in busy:
        each.start()
    try:
        yield
    finally:
        for each in busy:
            each.terminate()


def run(folder: Path, stage: str) -> dict[str, Any]:
    """The record of one run without what is of its moment, and how the run ended."""
    home, reports = folder / "home", folder / "reports"
    record = reports / stage / "decision.json"
    record.unlink(missing_ok=True)
    command = [GATES, "-m", "pytest", "--stage", stage, f"--html={reports}/{stage}/report.html"]
    own = {"GATES_REPORTS": reports, "GATES_STATE": folder / "state", "GATES_LOGS": home / "logs"}
    done = subprocess.run(
        [LOCAL, "-m", "local.warehouse", "exec", "--home", str(home), "--", *command],
        cwd=ROOT,
        env={**os.environ, **{name: str(path) for name, path in own.items()}},
        capture_output=True,
        text=True,
    )
    found: dict[str, Any] = {"status": done.returncode}
    if not record.exists():
        return found | {"output": (done.stdout + done.stderr)[-2000:]}
    found |= json.loads(record.read_text(encoding="utf-8"))
    for name in MOMENTS:
        del found[name]
    for query in found["queries"]:
        for name in OF_A_JOB:
            query.pop(name, None)
    return found


def differences(first: Any, other: Any, where: str = "") -> Iterator[str]:
    """Where two records differ, a line each."""
    if isinstance(first, dict) and isinstance(other, dict):
        for name in sorted(first.keys() | other.keys()):
            yield from differences(first.get(name), other.get(name), f"{where}.{name}")
    elif isinstance(first, list) and isinstance(other, list) and len(first) == len(other):
        for at, (one, two) in enumerate(zip(first, other, strict=True)):
            yield from differences(one, two, f"{where}[{at}]")
    elif first != other:
        yield f"{where.lstrip('.')}: {first!r} in the first run, {other!r} here"


def main() -> int:
    """A line for each run; 1 where two differ or one is not GO."""
    parser = argparse.ArgumentParser(prog="loop_under_load.py")
    parser.add_argument("runs", nargs="?", type=int, default=30)
    parser.add_argument("--stage", default="phase12")
    given = parser.parse_args()
    different = 0
    with tempfile.TemporaryDirectory(prefix="gates-loop-") as name, every_core_busy():
        first: dict[str, Any] = {}
        for number in range(1, given.runs + 1):
            found = run(Path(name), given.stage)
            first = first or found
            lines = list(differences(first, found))
            different += bool(lines)
            print(f"run {number}: {found.get('decision')}, exit status {found['status']}", *lines)
            sys.stdout.flush()
    print(f"{given.runs - different} of {given.runs} runs are the same")
    return int(bool(different) or first.get("decision") != "GO")


if __name__ == "__main__":
    sys.exit(main())
