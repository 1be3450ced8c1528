"""Writes docs/reference/performance.md from the results of all benches, last of `make bench`."""

import json
import os
import platform

from measuring import BASELINE, RESULTS, ROOT

HEAD = """# What a run costs

Made by `make bench`; do not edit. Medians and quartiles of runs by turns, after a warm-up. The
baseline is commit {baseline}, the last one at which production drew its pictures with matplotlib.
What does not depend on a machine is held by tests: statements, requests, packages, megabytes.

Measured with {cores} cores, {memory:.0f} GB of memory, Python {python}, {system}.
"""
TITLES = {
    "processor": "Processor time, memory, packages",
    "waiting": "Requests, and waiting for them",
    "fresh_clone": "From a fresh clone to a verdict",
    "peers": "Beside other tools",
    "growth": "Larger tables",
    "backfill": "The backfill",
    "ledger": "The backfill's plan and status",
    "history": "The history of runs",
}


def shown(number: float) -> str:
    """Three digits, or all of a whole number."""
    return f"{number:,.0f}" if number == int(number) or number >= 1000 else f"{number:.3g}"


def table(rows: list[dict[str, object]]) -> list[str]:
    """A line for each row, as Markdown."""
    lines = ["| what | median | quartiles | unit | bound | holds |", "|---|---|---|---|---|---|"]
    for row in rows:
        low, high = map(shown, row["spread"])  # type: ignore[call-overload]
        bound = "" if row["bound"] is None else f"≤ {shown(row['bound'])}"  # type: ignore[arg-type]
        holds = {None: "", True: "yes", False: "no"}[row["holds"]]  # type: ignore[index]
        median = shown(row["median"])  # type: ignore[arg-type]
        cells = (row["name"], median, f"{low} to {high}", row["unit"], bound, holds)
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return lines


def main() -> None:
    """Write the page."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 10**9
    lines = [
        HEAD.format(
            baseline=BASELINE,
            cores=os.cpu_count(),
            memory=memory,
            python=platform.python_version(),
            system=platform.system(),
        )
    ]
    known = {file.stem: file for file in sorted(RESULTS.glob("*.json"))}
    for name in [*(each for each in TITLES if each in known), *(known.keys() - TITLES.keys())]:
        title = TITLES.get(name, name.replace("_", " ").capitalize())
        rows = json.loads(known[name].read_text(encoding="utf-8"))
        lines += [f"## {title}", "", *table(rows), ""]
    (ROOT / "docs/reference/performance.md").write_text("\n".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
