"""kill -9 of each process, at ten moments spread over a run as long as it usually takes.

What was killed writes no GO that it had not earned, loses no date and doubles none, leaves nothing
in the temp folder after the next run, and the next run succeeds.
"""

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from faults.page import Teller
from faults.test_service_faults import held
from faults.test_warehouse_faults import assert_ended_well, figures, said
from harness import (
    GATES_PYTHON,
    LOCAL_PYTHON,
    ROOT,
    GatesProject,
    GatesRun,
    TestWarehouse,
)
from phase4_harness import WHY, Phase4

MOMENTS = 10
# Only a hang takes so long.
LIMIT_S = 600
STAGE = "preflight"


def stack(home: Path, *words: str, service: bool = False) -> list[str]:
    """A command with an embedded warehouse, and a service, as make runs it."""
    local = [str(LOCAL_PYTHON), "-m"]
    with_service = [*local, "local.phase4_service", "exec", "--home", str(home), "--"]
    return [
        *(*local, "local.warehouse", "exec", "--home", str(home), "--"),
        *(with_service if service else []),
        *(str(GATES_PYTHON), "-m", *words),
    ]


def gates(*words: str) -> tuple[str, ...]:
    return ("pytest", "--stage", STAGE, *words)


@dataclass
class Killable:
    """A command in a project's copy, with a temp folder of its own."""

    project: GatesProject
    command: Sequence[str]

    @property
    def temp(self) -> Path:
        return self.project.folder.parent / "temp"

    def begin(self) -> "subprocess.Popen[str]":
        self.temp.mkdir(exist_ok=True)
        # The stage's make target does so, before pytest.
        self.project.record_file(STAGE).unlink(missing_ok=True)
        environ = self.project.environ() | {"TMPDIR": str(self.temp), "PYTHONPATH": str(ROOT)}
        with (self.temp.parent / "said").open("w") as output:
            return subprocess.Popen(
                self.command,
                cwd=self.project.folder,
                env=environ,
                stdout=output,
                stderr=output,
                text=True,
                start_new_session=True,
            )

    def ended(self, process: "subprocess.Popen[str]") -> GatesRun:
        status = process.wait(timeout=LIMIT_S)
        file = self.project.record_file(STAGE)
        record = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
        output = (self.temp.parent / "said").read_text(encoding="utf-8")
        return GatesRun(status, output, record)

    def run(self) -> GatesRun:
        return self.ended(self.begin())

    def seconds(self) -> float:
        started = time.monotonic()
        self.run()
        return time.monotonic() - started

    def left_over(self) -> list[str]:
        """What lies in the temp folder, and unfinished files among what is written."""
        unfinished = [
            path.name
            for folder in ("reports", "state")
            for path in (self.project.folder / folder).rglob("*")
            if path.is_file() and (path.stat().st_size == 0 or path.name.startswith("tmp"))
            # Locks are empty, and stay.
            if path.suffix != ".lock"
        ]
        return [*(path.name for path in self.temp.iterdir()), *unfinished]


def moments(seconds: float) -> Iterator[float]:
    for n in range(MOMENTS):
        yield seconds * (n + 0.5) / MOMENTS


def children(process: "subprocess.Popen[str]", word: str) -> list[psutil.Process]:
    """Processes below `process` with `word` on their command line."""
    try:
        every = psutil.Process(process.pid).children(recursive=True)
        return [each for each in every if any(word in part for part in each.cmdline())]
    except psutil.NoSuchProcess:
        return []


def itself(process: "subprocess.Popen[str]") -> None:
    process.kill()


def a_worker(process: "subprocess.Popen[str]") -> None:
    for worker in children(process, "execnet")[:1]:
        worker.kill()


def the_backfill(process: "subprocess.Popen[str]") -> None:
    # Last in the line of those who wait for one another.
    for backfill in children(process, "backfill")[-1:]:
        backfill.kill()


def server_of(home: Path, name: str) -> Callable[["subprocess.Popen[str]"], None]:
    """Kills the server that the home's state file names."""

    def kill(_: "subprocess.Popen[str]") -> None:
        try:
            pid = json.loads((home / f"{name}.json").read_text(encoding="utf-8"))["pid"]
            os.kill(pid, signal.SIGKILL)
        except (OSError, ValueError):
            # It has not started yet, or has been stopped already.
            return

    return kill


def a_stage_is_killed(
    killable: Killable,
    what: str,
    kill: Callable[["subprocess.Popen[str]"], None],
    tell: Teller,
    *,
    survives: bool,
) -> None:
    known = killable.run()
    assert known.decision == "GO", known.output
    seconds = killable.seconds()
    for moment in moments(seconds):
        tell.start()
        process = killable.begin()
        time.sleep(moment)
        kill(process)
        run = killable.ended(process)
        tell("kill -9", f"{what}, after {moment:.1f} s of {seconds:.1f} s", said(run))
        if survives:
            assert_ended_well(run, figures(known))
        else:
            assert run.decision in (None, "NO-GO") or figures(run) == figures(known)
        again = killable.run()
        assert again.decision == "GO", again.output
        assert killable.left_over() == []


@pytest.mark.soak
def test_pytest_is_killed(project: GatesProject, tell: Teller) -> None:
    command = [str(GATES_PYTHON), "-m", *gates()]
    a_stage_is_killed(Killable(project, command), "pytest", itself, tell, survives=False)


@pytest.mark.soak
def test_an_xdist_worker_is_killed(project: GatesProject, tell: Teller) -> None:
    command = [str(GATES_PYTHON), "-m", *gates("-n", "2")]
    a_stage_is_killed(Killable(project, command), "an xdist worker", a_worker, tell, survives=True)


@pytest.fixture
def home(filled_home: Path, tmp_path: Path) -> Iterator[Path]:
    """A filled warehouse's folder that a test may damage; nothing runs."""
    folder = tmp_path / "home"
    shutil.copytree(filled_home, folder)
    yield folder
    for module in ("local.phase4_service", "local.warehouse"):
        down = [str(LOCAL_PYTHON), "-m", module, "down", "--home", str(folder)]
        subprocess.run(down, cwd=ROOT, check=True, capture_output=True)


@pytest.mark.soak
def test_the_warehouse_is_killed_during_a_stage(
    project: GatesProject, home: Path, tell: Teller
) -> None:
    project.host = None
    killable = Killable(project, stack(home, *gates()))
    kill = server_of(home, "warehouse")
    a_stage_is_killed(killable, "the warehouse of a stage", kill, tell, survives=True)


def dates(home: Path) -> tuple[list[Any], Callable[[], dict[str, bool]]]:
    """A few dates that are owed, and how to ask the tables whether they are held."""
    up = [str(LOCAL_PYTHON), "-m", "local.warehouse", "up", "--home", str(home)]
    down = [str(LOCAL_PYTHON), "-m", "local.warehouse", "down", "--home", str(home)]

    def asked(what: Callable[[Phase4], Any]) -> Any:
        done = subprocess.run(up, cwd=ROOT, check=True, capture_output=True, text=True)
        try:
            return what(Phase4(TestWarehouse(done.stdout.strip())))
        finally:
            subprocess.run(down, cwd=ROOT, check=True, capture_output=True)

    days = asked(lambda phase4: [phase4.fresh() for _ in range(4 * MOMENTS)])
    return days, lambda: asked(lambda phase4: {str(day): held(phase4, day) for day in days})


@pytest.mark.soak
@pytest.mark.parametrize("what", ["backfill", "service", "warehouse"])
def test_a_backfill_whose_processes_are_killed(
    what: str, project: GatesProject, home: Path, tell: Teller
) -> None:
    project.host = None
    days, are_held = dates(home)
    file = project.folder / "dates.csv"
    words = ["backfill", "run", "--dates-file", str(file), "--override", "--reason", WHY]
    killable = Killable(project, stack(home, *words, service=True))
    kill = {
        "backfill": the_backfill,
        "service": server_of(home, "phase4-service"),
        "warehouse": server_of(home, "warehouse"),
    }[what]
    file.write_text("\n".join(["date", *map(str, days[:4])]) + "\n", encoding="utf-8")
    seconds = killable.seconds()
    for n, moment in enumerate(moments(seconds)):
        chosen = days[4 * n : 4 * n + 4]
        file.write_text("\n".join(["date", *map(str, chosen)]) + "\n", encoding="utf-8")
        tell.start()
        process = killable.begin()
        time.sleep(moment)
        kill(process)
        run = killable.ended(process)
        tell("kill -9", f"{what} of a backfill, after {moment:.1f} s", f"exit {run.status}")
        assert "Traceback" not in run.output
        truth = are_held()
        claimed = [day for day in map(str, chosen) if f"✅ {day}" in run.output]
        assert all(truth[day] for day in claimed), run.output
        assert run.status != 0 or all(truth[str(day)] for day in chosen)
        again = killable.run()
        assert again.status == 0 or all(truth[str(day)] for day in chosen), again.output
        assert killable.left_over() == []
    truth = are_held()
    assert all(truth[str(day)] for day in days)
