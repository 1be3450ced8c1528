"""The scheduled job on any day of the year follows yesterday, and nothing fails for being short.

The program's clock is frozen, the warehouse's is not; it reaches beyond each of the days.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from harness import GatesProject, TestWarehouse

DAYS = {
    "2026-10-20": "2026-10-19",
    "2026-11-27": "2026-11-26",
    "2026-02-16": "2026-02-15",
    "2026-06-15": "2026-06-14",
    "2026-08-15": "2026-08-14",
}
NAMES = ["opening night", "after Thanksgiving", "All-Star break", "Finals", "August"]
FROZEN = """
import sys, pytest
from freezegun import freeze_time
with freeze_time(sys.argv[1], tick=True):
    sys.exit(pytest.main(["--stage", *sys.argv[2:]]))
"""
Record = dict[str, Any]
Run = Callable[..., Record]


@pytest.fixture
def project(tmp_path: Path, later_warehouse: TestWarehouse, compiled_gates: Path) -> GatesProject:
    """The gates over seasons that reach beyond each of the days, under the scheduled profile."""
    folder = tmp_path / "project"
    shutil.copytree(compiled_gates, folder, symlinks=True)
    return GatesProject(folder, tmp_path, later_warehouse.host, "scheduled")


@pytest.fixture
def run(project: GatesProject) -> Run:
    """The record of a stage on a day at noon UTC."""

    def on(day: str, stage: str, *words: str) -> Record:
        command = [sys.executable, "-c", FROZEN, f"{day} 12:00:00", stage, *words]
        done = subprocess.run(
            command,
            cwd=project.folder,
            env=project.environ(),
            capture_output=True,
            text=True,
            timeout=120,
        )
        file = project.record_file(stage)
        assert file.exists(), done.stdout + done.stderr
        record: Record = json.loads(file.read_text(encoding="utf-8"))
        assert (done.returncode == 0) == (record["decision"] == "GO")
        return record

    return on


def others_than_pass(record: Record, severity: str) -> dict[str, str]:
    return {
        gate["id"]: gate["detail"]
        for gate in record["gates"]
        if gate["status"] != "pass" and gate["severity"] == severity
    }


@pytest.mark.parametrize(("today", "yesterday"), DAYS.items(), ids=NAMES)
@pytest.mark.parametrize("stage", ["phase12", "preflight"])
def test_it_follows_yesterday_and_is_go(stage: str, today: str, yesterday: str, run: Run) -> None:
    record = run(today, stage)
    assert others_than_pass(record, "required") == {}
    assert record["decision"] == "GO"
    assert {last for _, last in record["windows"].values()} == {yesterday}
    begun = [season["season"] for season in record.get("seasons", [])]
    assert begun == ([2026] if today >= "2026-10-01" else [])


@pytest.mark.parametrize("today", ["2026-10-22", "2026-10-28", "2026-11-27"])
def test_the_new_season_alone_is_enough_for_phases_1_and_2(today: str, run: Run) -> None:
    record = run(today, "phase12", "--window", "2026-27")
    assert others_than_pass(record, "required") == {}
    assert record["decision"] == "GO"


def test_after_two_weeks_phase_3_is_judged_by_the_new_season_alone(run: Run) -> None:
    record = run("2026-11-05", "preflight", "--window", "2026-27")
    assert others_than_pass(record, "required") == {}
    assert record["decision"] == "GO"


def test_before_that_what_is_short_says_from_when_it_is_judged(run: Run) -> None:
    record = run("2026-10-28", "preflight", "--window", "2026-27")
    found = others_than_pass(record, "required")
    coverage = "preflight.phase3_coverage.team_offense_game_summary"
    assert found[coverage].endswith("too little yet: it is judged from 2026-11-03 on")
    warned = {each["gate"] for each in record["warnings"]}
    assert found.keys() == warned
    assert all("too little yet" in found[gate] for gate in warned)
    assert coverage in warned
    assert record["decision"] == "GO"


@pytest.mark.parametrize("season", ["2021-22", "2023-24"])
def test_a_season_that_is_over_is_go_with_the_logs_of_the_fill(
    season: str, project: GatesProject, later_home: Path, run: Run
) -> None:
    project.profile, project.logs = None, later_home / "logs"
    record = run("2026-11-28", "phase12", "--window", season)
    assert others_than_pass(record, "required") == {}
    assert record["decision"] == "GO"
