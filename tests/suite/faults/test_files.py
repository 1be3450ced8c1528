"""Folders that cannot be written, a full disk, output that nobody reads, logs of a gigabyte."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from faults.page import Teller
from faults.test_killed import STAGE, Killable, gates
from faults.test_warehouse_faults import assert_ended_well, figures, said
from harness import GATES_PYTHON, GatesProject

GIGABYTE = 1 << 30
COMMAND = [str(GATES_PYTHON), "-m", *gates()]
# As make runs a stage: with a page and a file for CI.
PAGES = ["--html", f"reports/{STAGE}/report.html", "--self-contained-html"]
JUNIT = ["--junitxml", f"reports/{STAGE}/junit.xml"]


def file_in_its_place(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.write_text("in the way", encoding="utf-8")


@pytest.mark.soak
@pytest.mark.parametrize("limit", [0, 1, 512, 4096, 16384, 65536])
@pytest.mark.parametrize("pages", [[], [*PAGES, *JUNIT]], ids=["record", "record and pages"])
def test_a_disk_that_takes_no_more(
    limit: int, pages: list[str], project: GatesProject, tell: Teller
) -> None:
    known = Killable(project, COMMAND).run()
    assert known.decision == "GO", known.output
    # A file that would grow beyond the limit is refused as on a full disk. Output is a file too.
    full = Killable(project, ["prlimit", f"--fsize={limit}", *COMMAND, *pages, "--color=no"])
    tell.start()
    run = full.run()
    where = "Files and disks"
    tell(where, f"no file beyond {limit} bytes{', with pages' if pages else ''}", said(run))
    assert "Traceback" not in run.output
    assert (run.decision == "GO") <= (figures(run) == figures(known))
    assert run.status != 0 or run.decision == "GO"
    assert full.left_over() == [] or run.status != 0
    again = Killable(project, [*COMMAND, *pages])
    assert again.run().decision == "GO"
    assert again.left_over() == []


@pytest.mark.parametrize(
    ("name", "place", "decides"),
    [
        pytest.param("a file for reports/", "reports", False, marks=pytest.mark.soak),
        ("a file for reports/preflight/", f"reports/{STAGE}", False),
        pytest.param("a file for state/", "state", True, marks=pytest.mark.soak),
        pytest.param(
            "a folder for history.sqlite", "state/history.sqlite/", True, marks=pytest.mark.soak
        ),
        pytest.param(
            "a folder for decision.json",
            f"reports/{STAGE}/decision.json/",
            False,
            marks=pytest.mark.soak,
        ),
    ],
)
def test_something_stands_in_the_way(
    name: str, place: str, decides: bool, project: GatesProject, tell: Teller
) -> None:
    known = project.run(stage=STAGE)
    assert known.decision == "GO", known.output
    shutil.rmtree(project.folder / "reports")
    path = project.folder / place
    if place.endswith("/"):
        path.unlink(missing_ok=True)
        path.mkdir(parents=True)
    else:
        file_in_its_place(path)
    tell.start()
    run = project.run(stage=STAGE)
    tell("Files and disks", name, said(run))
    assert_ended_well(run, figures(known))
    assert (run.decision == "GO") == decides
    if not decides:
        # What the operator has to move away is named.
        assert place.removesuffix("/") in run.output
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert project.run(stage=STAGE).decision == "GO"


@pytest.mark.parametrize(
    "folder", ["/proc/reports", pytest.param("/dev/null/reports", marks=pytest.mark.soak)]
)
def test_reports_on_a_disk_that_cannot_be_written(
    folder: str, project: GatesProject, tell: Teller
) -> None:
    run = project.run(stage=STAGE, environ={"GATES_REPORTS": folder})
    tell("Files and disks", f"GATES_REPORTS={folder}", said(run))
    assert run.status > 0
    assert "Traceback" not in run.output
    assert project.run(stage=STAGE).decision == "GO"


def test_an_output_that_nobody_reads(project: GatesProject, tell: Teller) -> None:
    process = subprocess.Popen(
        COMMAND,
        cwd=project.folder,
        env=project.environ(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    printed = process.stderr.read()
    status = process.wait(timeout=120)
    tell("Files and disks", "a closed standard output", f"exit {status}")
    assert "Traceback" not in printed
    assert "Exception ignored" not in printed
    run = project.run(stage=STAGE)
    assert run.decision == "GO"


def test_two_runs_of_a_stage_at_once(project: GatesProject, tell: Teller) -> None:
    known = figures(project.run(stage=STAGE))
    both = [
        subprocess.Popen(
            COMMAND,
            cwd=project.folder,
            env=project.environ(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    outputs = [process.communicate(timeout=120)[0] for process in both]
    statuses = [process.returncode for process in both]
    tell("Two at once", "two runs of a stage", f"exit {statuses[0]} and {statuses[1]}")
    assert 0 in statuses
    for process, output in zip(both, outputs, strict=True):
        other = next(each for each in both if each is not process)
        assert "Traceback" not in output
        # Whoever is refused is told who is at work.
        assert process.returncode == 0 or str(other.pid) in output
    run = project.run(stage=STAGE)
    assert figures(run) == known


def peak_of(command: Sequence[str], project: GatesProject, environ: dict[str, str]) -> int:
    """The most memory that a run took, in bytes; its exit status must be 0."""
    process = subprocess.Popen(
        command,
        cwd=project.folder,
        env=project.environ() | environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss * 1024


@pytest.mark.soak
@pytest.mark.parametrize(
    "line", ["✅ 2024-12-01: processed", "x" * 1_000_000], ids=["short", "long"]
)
def test_logs_of_a_gigabyte(line: str, project: GatesProject, tell: Teller) -> None:
    command = [str(GATES_PYTHON), "-m", "pytest", "--stage", "phase12"]
    usual = peak_of(command, project, {})
    (log,) = project.logs.glob("team_offense_backfill_phase1.log")
    text = log.read_text(encoding="utf-8")
    first, rest = text.split("\n", 1)
    noise = (f"{line}\n" * max(1, 1_000_000 // len(line))).encode()
    with log.open("wb") as large:
        large.write(f"{first}\n".encode())
        while large.tell() < GIGABYTE:
            large.write(noise)
        large.write(rest.encode())
    tell.start()
    peak = peak_of(command, project, {})
    megabytes = f"{peak >> 20} MB of memory at most, usually {usual >> 20} MB"
    kind = "short lines" if len(line) < 100 else "lines of a megabyte"
    tell("Files and disks", f"a log of a gigabyte, {kind}", f"GO, exit 0, {megabytes}")
    assert peak < usual + (100 << 20)
