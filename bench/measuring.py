"""What the benches share: what a command costs, two things measured by turns, and the results.

Each bench writes reports/bench/<its name>.json, a list of objects of one form:
    {"name": ..., "unit": ..., "runs": [...], "median": ..., "spread": [quartile, quartile],
     "bound": ..., "holds": ...}
`runs` are in the order in which they were made, after a warm-up that is not among them; `holds` is
whether the median is at most `bound`, or null where there is none. A ratio is of two things
measured in the same run, one after the other. bench/page.py makes the page of them,
docs/reference/performance.md.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "reports" / "bench"
# The last commit at which production drew its pictures with matplotlib.
BASELINE = "3e32645"
RUNS = 5
T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """What was measured under one name, and the most that its median may be."""

    name: str
    unit: str
    runs: Sequence[float]
    bound: float | None = None

    def content(self) -> dict[str, object]:
        """As the files of results have it."""
        middle = median(self.runs)
        several = len(self.runs) > 1
        low, _, high = quantiles(self.runs, method="inclusive") if several else [middle] * 3
        holds = None if self.bound is None else middle <= self.bound
        found = {"median": middle, "spread": [low, high], "holds": holds}
        return asdict(self) | {"runs": list(self.runs)} | found


@dataclass(frozen=True)
class Cost:
    """What a command has cost with all that it started: seconds, bytes of the largest process."""

    processor_s: float
    wall_s: float
    peak_bytes: int
    status: int


def cost(
    command: Sequence[str | Path], folder: Path = ROOT, given: Mapping[str, str] | None = None
) -> Cost:
    """Run `command` to its end, with what is `given` in its environment."""
    # Without bytecode, which the warm-up writes, everyone would be measured at compiling.
    left_out = ("GATES_", "PYTHONDONTWRITEBYTECODE")
    own = {name: each for name, each in os.environ.items() if not name.startswith(left_out)}
    began = perf_counter()
    process = subprocess.Popen(
        list(map(str, command)), cwd=folder, env={**own, **(given or {})}, stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    wall = perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    return Cost(used.ru_utime + used.ru_stime, wall, used.ru_maxrss * 1024, process.returncode)


def by_turns(things: Mapping[str, Callable[[], T]], runs: int = RUNS) -> dict[str, list[T]]:
    """Each of `things` once to warm up, then all of them one after another, `runs` times."""
    for thing in things.values():
        thing()
    found: dict[str, list[T]] = {name: [] for name in things}
    for _ in range(runs):
        for name, thing in things.items():
            found[name].append(thing())
    return found


def repeated(name: str, unit: str, bound: float, measure: Callable[[], float]) -> Row:
    """A row of what `measure` gives, after a warm-up."""
    return Row(name, unit, by_turns({name: measure})[name], bound)


def ratios(above: Sequence[float], below: Sequence[float]) -> list[float]:
    """Turn by turn."""
    return [one / other for one, other in zip(above, below, strict=True)]


@contextmanager
def warehouse(project: Path, home: Path, calendar: Path | None = None) -> Iterator[str]:
    """The address of a running embedded warehouse of `project`, filled on first use."""
    command = [project / ".venv-local/bin/python", "-m", "local.warehouse"]
    up = [*command, "up", "--home", home, *(["--calendar", calendar] if calendar else [])]
    done = subprocess.run(up, cwd=project, check=True, capture_output=True, text=True)
    try:
        yield done.stdout.strip()
    finally:
        down = [*command, "down", "--home", home]
        subprocess.run(down, cwd=project, check=True, capture_output=True)


def environ(home: Path, host: str) -> dict[str, str]:
    """What a run of the gates on the warehouse of `home` is given, its reports in there too."""
    return {
        "BIGQUERY_EMULATOR_HOST": host,
        "WAREHOUSE_HOME": str(home),
        "GATES_LOGS": str(home / "logs"),
        "GATES_REPORTS": str(home / "reports"),
        "GATES_STATE": str(home / "state"),
    }


def environment(folder: Path, requirements: Path) -> Path:
    """The Python of an environment of exactly these locked requirements, made on first use."""
    installer = [sys.executable, ROOT / "requirements/install.py", folder, requirements]
    # The uv that has made the project's own environments.
    path = os.pathsep.join((str(ROOT / ".venv-uv/bin"), os.environ["PATH"]))
    subprocess.run(installer, cwd=ROOT, check=True, env={**os.environ, "PATH": path})
    return folder / "bin/python"


def packed(commit: str, folder: Path) -> None:
    """Write the project as it was at `commit` into a folder, in the place of what lies there."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    content = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True)
    subprocess.run(["tar", "-x"], cwd=folder, check=True, input=content.stdout)


def baseline() -> Path:
    """The project as it was at BASELINE, with its environments."""
    folder = RESULTS / "baseline"
    if not folder.exists():
        packed(BASELINE, folder)
        # Its lock of the embedded stack is today's.
        (folder / ".venv-local").symlink_to(ROOT / ".venv-local")
    environment(folder / ".venv", folder / "requirements/gates.txt")
    for name in (".venv", ".venv-local"):
        (folder / name / "ready").touch()
    return folder


def write(name: str, rows: Sequence[Row]) -> None:
    """The results of bench/<name>.py, as a file and a line each."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    found = [row.content() for row in rows]
    (RESULTS / f"{name}.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    for row, content in zip(rows, found, strict=True):
        said = "" if row.bound is None else f", bound {row.bound:g}: {content['holds']}"
        print(f"{row.name}: {content['median']:.4g} {row.unit}{said}", file=sys.stderr)
