"""The image: linted, its files tried out here, and built and run where a container tool can."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

import pytest
from harness import GATES_PYTHON, ROOT, TestWarehouse

from gates.config.fingerprint import of_the_gates

DOCKERFILE = ROOT / "Dockerfile"
HADOLINT = ROOT / ".venv-dev/bin/hadolint"
IGNORED = [
    line
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
# Where nobody listens.
NOBODY = {"GATES_TARGET": "local", "BIGQUERY_EMULATOR_HOST": "127.0.0.1:9"}
NOT_EVALUATED = 6
BUILD_S = 900


def instructions(name: str) -> list[str]:
    """What stands behind each instruction of this name, with its lines joined."""
    text = re.sub(r"\\\n\s*", "", DOCKERFILE.read_text(encoding="utf-8"))
    return re.findall(rf"^{name} (.+)$", text, re.MULTILINE)


def environment() -> dict[str, str]:
    (line,) = instructions("ENV")
    return dict(re.findall(r"(\w+)=(\"[^\"]*\"|\S+)", line))


def is_sent(file: Path) -> bool:
    """Whether .dockerignore lets a build have this file of the project."""
    parts = PurePosixPath(file.relative_to(ROOT).as_posix()).parts
    deep = {pattern.removeprefix("**/") for pattern in IGNORED if pattern.startswith("**/")}
    return not any(fnmatch(parts[0], pattern) for pattern in IGNORED) and not any(
        fnmatch(part, pattern) for part in parts for pattern in deep
    )


def copied(source: str) -> Iterator[Path]:
    for found in ROOT.glob(source.rstrip("/")):
        files = found.rglob("*") if found.is_dir() else [found]
        yield from (file for file in files if file.is_file() and is_sent(file))


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """The folder /app of the image: what the COPY lines take, and nothing else."""
    folder = tmp_path / "app"
    for line in instructions("COPY"):
        *sources, target = line.split()
        for source in sources:
            for file in copied(source):
                inside = file.relative_to(ROOT / source.rstrip("/")) if source[-1] == "/" else ""
                place = folder / target / (inside or file.name)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, place)
    return folder


def run(
    folder: Path, environ: dict[str, str], *words: str, program: Path = GATES_PYTHON
) -> "subprocess.CompletedProcess[str]":
    """What the image's entry point makes of these words."""
    (entry,) = instructions("ENTRYPOINT")
    python, *first = json.loads(entry)
    assert python == "python"
    given = environment() | {
        "PATH": os.environ["PATH"],
        "GATES_REPORTS": str(folder.parent / "written/reports"),
        "GATES_STATE": str(folder.parent / "written/state"),
    }
    return subprocess.run(
        [program, *first, *words],
        cwd=folder,
        env=given | environ,
        capture_output=True,
        text=True,
        timeout=120,
    )


def files_in(folder: Path) -> set[Path]:
    found = (file for file in folder.rglob("*") if "__pycache__" not in file.parts)
    return {file for file in found if file.is_file()}


def test_the_image_holds_the_whole_of_the_gates_and_no_more_than_is_listed(image: Path) -> None:
    assert of_the_gates(image) == of_the_gates(ROOT)
    assert (image / "gates.toml").read_bytes() == (ROOT / "gates.toml").read_bytes()
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    held = {file.relative_to(image).as_posix() for file in files_in(image)}
    assert held <= {*tracked, "waivers.toml"}


def test_what_it_installs_says_go_and_writes_in_one_folder(
    image: Path, warehouse: TestWarehouse
) -> None:
    (install,) = (line for line in instructions("RUN") if "install.py" in line)
    # The image's Python is named so, this machine's need not be.
    install = install.replace("python ", f"{sys.executable} ", 1)
    subprocess.run(["bash", "-c", install], cwd=image, check=True, timeout=BUILD_S)
    assert not list(image.glob(".venv?*"))
    before = files_in(image)
    environ = {"GATES_PROFILE": "scheduled", "GATES_TARGET": "local"}
    environ |= {"BIGQUERY_EMULATOR_HOST": warehouse.host}
    own = image / ".venv/bin/python"
    # The suite's tables end there, on whatever day this is.
    windows = ("--window=phase1=2021-10-19..2026-01-02", "--window=phase2=2024-05-01..2026-01-02")
    done = run(image, environ, "validate", "phase12", *windows, program=own)
    assert "DECISION: GO" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0
    record = image.parent / "written/reports/phase12/decision.json"
    assert json.loads(record.read_text(encoding="utf-8"))["decision"] == "GO"
    # The user of the image may not write there, and what is kept beside sql/ is not missed.
    assert files_in(image) == before


def test_it_ends_as_the_gates_end_where_nothing_could_be_evaluated(image: Path) -> None:
    done = run(image, NOBODY, "validate", "phase12")
    assert "DECISION: NO-GO" in done.stdout, done.stdout + done.stderr
    assert done.returncode == NOT_EVALUATED


def test_without_a_command_it_fails(image: Path) -> None:
    done = run(image, NOBODY)
    assert done.returncode not in (0, NOT_EVALUATED)
    assert "validate" in done.stderr


@pytest.mark.parametrize("words", [["backfill", "status"], ["doctor", "--json"]])
def test_the_other_programs_are_in_it_too(words: list[str], image: Path) -> None:
    done = subprocess.run(
        [GATES_PYTHON, "-m", *words],
        cwd=image,
        env=NOBODY | {"PATH": os.environ["PATH"], "GATES_STATE": str(image.parent / "state")},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout
    assert "Traceback" not in done.stderr


def test_it_runs_as_a_user_who_is_not_root_and_writes_in_one_folder() -> None:
    (user,) = instructions("USER")
    assert int(user) > 0
    (made,) = (line for line in instructions("RUN") if "useradd" in line)
    assert f"--uid {user} " in made
    for name in ("GATES_REPORTS", "GATES_STATE"):
        assert environment()[name].startswith(f"{made.split()[-1]}/")


def linted(text: str) -> str:
    """What hadolint says, as `make lint` asks it."""
    shown = subprocess.run(
        ["make", "--dry-run", "lint"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    (command,) = (line.split() for line in shown.stdout.splitlines() if "hadolint" in line)
    words = [str(HADOLINT), *command[1:-1], "-"]
    return str(subprocess.run(words, input=text, capture_output=True, text=True).stdout)


def test_the_linter_has_nothing_to_say() -> None:
    assert linted(DOCKERFILE.read_text(encoding="utf-8")) == ""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("FROM python:3.11.14-slim-trixie\n", "FROM python\n", "DL3006"),
        ("USER 10001", "USER root", "DL3002"),
        ("WORKDIR /app", "WORKDIR app", "DL3000"),
        ("COPY gates/ gates/", "ADD gates/ gates/", "DL3020"),
    ],
)
def test_the_linter_sees_what_is_wrong(old: str, new: str, says: str) -> None:
    text = DOCKERFILE.read_text(encoding="utf-8")
    assert old in text
    assert says in linted(text.replace(old, new))


def container_tool() -> str | None:
    """The first tool that can have the image's base, which takes a daemon and a registry."""
    (base,) = instructions("FROM")
    for tool in ("docker", "podman"):
        if shutil.which(tool):
            pulled = subprocess.run([tool, "pull", "--quiet", base], capture_output=True)
            if pulled.returncode == 0:
                return tool
    return None


@pytest.fixture(scope="session")
def built() -> Iterator[list[str]]:
    """The command that runs the built image, without its entry point."""
    tool = container_tool()
    if tool is None:
        pytest.skip("neither docker nor podman can pull the base image here")
    tag = f"nba-gates-test:{os.getpid()}"
    subprocess.run([tool, "build", "--tag", tag, "."], cwd=ROOT, check=True, timeout=BUILD_S)
    yield [tool, "run", "--rm", tag]
    subprocess.run([tool, "rmi", tag], check=True)


def in_container(
    built: list[str], *words: str, **options: str
) -> "subprocess.CompletedProcess[str]":
    *command, tag = built
    given = [f"--env={name}={value}" for name, value in NOBODY.items()]
    given += [f"--{name}={value}" for name, value in options.items()]
    return subprocess.run([*command, *given, tag, *words], capture_output=True, text=True)


def test_the_built_image_ends_as_the_gates_end(built: list[str]) -> None:
    done = in_container(built, "validate", "phase12")
    assert "DECISION: NO-GO" in done.stdout, done.stdout + done.stderr
    assert done.returncode == NOT_EVALUATED


def test_in_the_built_image_nobody_may_change_the_code(built: list[str]) -> None:
    assert in_container(built, "-u", entrypoint="id").stdout.strip() == "10001"
    assert in_container(built, "/app/gates.toml", entrypoint="touch").returncode != 0


DOCUMENT = (ROOT / "docs/how-to/cloud-run.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"```\n(.*?)```", DOCUMENT, re.DOTALL)


def test_the_documents_commands_are_commands_of_known_variables() -> None:
    both = "".join(COMMANDS) + (ROOT / "docs/how-to/github.md").read_text(encoding="utf-8")
    assert len(COMMANDS) > 5
    for block in COMMANDS:
        subprocess.run(["bash", "-n"], input=block, text=True, check=True)
        for name in set(re.findall(r"\$\{?(\w+)", block)) - {"HOME", "GITHUB_SHA"}:
            assert re.search(rf"\b{name}=|for {name} in ", both), name


def test_the_documents_jobs_run_what_the_image_has() -> None:
    stages = re.findall(r"--args=validate,(\w+)|gates validate (\w+)", DOCUMENT)
    assert {one or other for one, other in stages} == {"phase12", "preflight"}
    jobs = re.findall(r"gcloud run jobs create (.*?)\n(?=gcloud)", "".join(COMMANDS), re.DOTALL)
    assert len(jobs) == 2
    for job in jobs:
        assert "--max-retries=0" in job
        assert "mount-path=/var/gates/reports" in job
        assert f'mount-options="uid={instructions("USER")[0]};' in job


def test_what_the_job_does_before_the_backfill_must_be_go(image: Path, tmp_path: Path) -> None:
    (script,) = re.findall(r'--command=sh --args=-c,"(.+)"', DOCUMENT)
    path = f"{GATES_PYTHON.parent}:{os.environ['PATH']}"
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=image,
        env=NOBODY | {"PATH": path, "GATES_REPORTS": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == NOT_EVALUATED
    assert (tmp_path / "phase12/decision.json").exists()
    assert not (tmp_path / "preflight").exists()
    assert not (tmp_path / "backfill").exists()
