"""Faults and healthy states of real platforms, as data: each comes out as it should.

    .venv-dev/bin/python .ci/check_cases.py CASES.json

A case has `key`, `stage`, `dml`, and `expect`: GO, NO-GO, or WARN for a GO with a warning; some
append lines to a log. Exit status 1 when one comes out otherwise, with the gates that did not pass.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/suite")]

from corpus import STANDING  # noqa: E402
from harness import (  # noqa: E402
    GatesProject,
    GatesRun,
    TestWarehouse,
    complete_warehouse_command,
    copy_gates,
    running,
)


def came_out(run: GatesRun, expect: str) -> bool:
    """Whether a run ended as `expect` says, but for the warnings by age alone."""
    warned = run.others_than_pass().keys() - STANDING
    return run.decision == "GO" and bool(warned) if expect == "WARN" else run.decision == expect


def tried(case: dict[str, Any], project: GatesProject, warehouse: TestWarehouse) -> GatesRun:
    """A run of the case's stage on tables and logs that are as it says."""
    log = case.get("log", {"newest_match_of": "", "lines_appended": []})
    found = sorted(project.logs.glob(log["newest_match_of"] or "*.log"))
    kept = found[-1].read_text(encoding="utf-8")
    found[-1].write_text("\n".join([kept.rstrip("\n"), *log["lines_appended"], ""]), "utf-8")
    try:
        with warehouse.fault(*case["dml"]):
            return project.run(stage=case["stage"])
    finally:
        found[-1].write_text(kept, encoding="utf-8")


def main(file: Path) -> int:
    """Try every case, one after another."""
    cases, wrong = json.loads(file.read_text(encoding="utf-8"))["cases"], 0
    with tempfile.TemporaryDirectory() as name:
        home, copy, logs = (Path(name) / each for each in ("home", "project", "logs"))
        for word in ("up", "down"):
            command = complete_warehouse_command(home, word)
            subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)  # noqa: S603
        shutil.copytree(home / "logs", logs)
        copy.mkdir()
        copy_gates(copy)
        with running(home, Path(name) / "running") as warehouse:
            project = GatesProject(copy, logs, warehouse.host)
            for case in cases:
                run = tried(case, project, warehouse)
                right = came_out(run, case["expect"])
                wrong += not right
                others = "" if right else f": {run.others_than_pass()}"
                print(f"{case['key']}: {run.decision}, expected {case['expect']}{others}")
    print(f"{len(cases) - wrong} of {len(cases)} cases came out as expected.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
