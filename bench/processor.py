"""What a run costs: processor time and memory by turns with the baseline, packages, megabytes."""

from functools import partial
from pathlib import Path

from measuring import (
    RESULTS,
    ROOT,
    Cost,
    Row,
    baseline,
    by_turns,
    cost,
    environ,
    ratios,
    warehouse,
    write,
)

MB, MIB = 10**6, 2**20
STAGES = ("validate-phase12", "preflight", "validate-phase4")


def size_of(environment: Path) -> tuple[int, float]:
    """Packages, and megabytes without bytecode."""
    site = next(environment.glob("lib/python*/site-packages"))
    files = [file for file in site.rglob("*") if file.is_file() and file.suffix != ".pyc"]
    return len([*site.glob("*.dist-info")]), sum(file.stat().st_size for file in files) / MB


def compared(name: str, found: dict[str, list[Cost]], bound: float | None) -> list[Row]:
    """Processor time of both, and their ratio."""
    then, now = ([each.processor_s for each in found[name]] for name in ("then", "now"))
    return [
        Row(f"{name}, baseline: processor time", "s", then),
        Row(f"{name}: processor time", "s", now),
        Row(f"{name}: processor time, of the baseline's", "ratio", ratios(now, then), bound),
    ]


def main() -> None:
    """Measure and write."""
    before, rows = baseline(), []
    projects = {"then": (before, RESULTS / "home-then"), "now": (ROOT, RESULTS / "home-now")}
    with warehouse(*projects["then"]) as then, warehouse(*projects["now"]) as now:
        hosts = {"then": then, "now": now}

        def made(which: str, *words: str) -> Cost:
            project, home = projects[which]
            given = environ(home, hosts[which])
            del given["BIGQUERY_EMULATOR_HOST"]
            return cost(["make", *words], project, given)

        def by_pytest(which: str) -> Cost:
            project, home = projects[which]
            command = [project / ".venv/bin/python", "-m", "pytest", "--stage", "phase12"]
            return cost(command, project, environ(home, hosts[which]))

        for name, bound, words in (
            ("make validate-phase12", 0.45, ["validate-phase12"]),
            ("make decide", 0.3, ["decide"]),
        ):
            if name == "make decide":
                for which in projects:
                    for stage in STAGES:
                        made(which, stage)
            turns = {which: partial(made, which, *words) for which in projects}
            rows += compared(name, by_turns(turns), bound)
        found = by_turns({which: partial(by_pytest, which) for which in projects})
        rows += compared("pytest, phase12", found, None)
        for which, said, bound in (("then", ", baseline", None), ("now", "", 100)):
            peaks = [each.peak_bytes / MIB for each in found[which]]
            rows.append(Row(f"pytest, phase12{said}: peak memory", "MiB", peaks, bound))
    packages, size = size_of(ROOT / ".venv")
    rows += [Row("packages of .venv", "packages", [packages], 48), Row(".venv", "MB", [size], 80)]
    write("processor", rows)


if __name__ == "__main__":
    main()
