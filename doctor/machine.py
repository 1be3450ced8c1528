"""This machine: Python, the environments against their locks, disk, ports, log files."""

import re
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

from doctor.finding import Finding
from gates.config.settings import Settings
from gates.files import ROOT
from gates.measure.logs import LogError, newest, written
from gates.text import one_line

PYTHON = (3, 11)
# A run writes some MB, the embedded warehouse some hundred.
FREE = 1_000_000_000
LOOPBACK = "127.0.0.1"
# Environment -> the file that locks it.
ENVIRONMENTS = {".venv": "gates.txt", ".venv-local": "local.txt"}
_PINNED = re.compile(r"^([A-Za-z0-9_.-]+)==([^ ;\\]+)", re.MULTILINE)


def python() -> Iterator[Finding]:
    """The interpreter of this process, which is that of the gates."""
    found = ".".join(map(str, sys.version_info[:3]))
    good = sys.version_info[:2] >= PYTHON
    remedy = "" if good else "Install Python 3.11 or newer, remove .venv, then run make again."
    yield Finding("Python", found, remedy)


def environments(settings: Settings) -> Iterator[Finding]:
    """Each environment against the file that locks it; the embedded one where it is needed."""
    for folder, lock in ENVIRONMENTS.items():
        if folder == ".venv" or settings.target_name == "local":
            yield _environment(ROOT / folder, ROOT / "requirements" / lock)


def _environment(folder: Path, lock: Path) -> Finding:
    wanted = {_name(name): version for name, version in _PINNED.findall(lock.read_text("utf-8"))}
    there = dict(_installed(folder))
    wrong = [
        f"{name} is {there.get(name, 'missing')}, expected {version}"
        for name, version in sorted(wanted.items())
        # Some are locked for other platforms alone.
        if there.get(name, version) != version
    ]
    if not there:
        wrong = ["it holds no packages"]
    what = f"Environment {folder.name}"
    if wrong:
        return Finding(what, "; ".join(wrong[:3]), f"Remove {folder.name}, then run make again.")
    return Finding(what, f"{len(there)} packages as requirements/{lock.name} locks them")


def _installed(folder: Path) -> Iterator[tuple[str, str]]:
    for metadata in folder.glob("lib/python*/site-packages/*.dist-info/METADATA"):
        name, _, version = metadata.parent.name.removesuffix(".dist-info").rpartition("-")
        yield _name(name), version


def _name(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def disk(settings: Settings) -> Iterator[Finding]:
    """Room where reports and state are written."""
    for what, folder in (("reports", settings.reports), ("state", settings.state)):
        there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
        free = shutil.disk_usage(there).free
        remedy = "" if free >= FREE else f"Make room, at least {FREE:,} bytes, or name another."
        yield Finding(f"Disk of {what}", f"{free:,} bytes are free at {one_line(folder)}", remedy)


def ports(settings: Settings) -> Iterator[Finding]:
    """Whether a server of this machine's own could listen, where one is started."""
    if settings.target_name != "local":
        return
    with socket.socket() as server:
        try:
            server.bind((LOOPBACK, 0))
        except OSError as error:
            remedy = "Allow servers on 127.0.0.1, or name one with BIGQUERY_EMULATOR_HOST."
            yield Finding("Ports", f"none of {LOOPBACK} can be had ({error.strerror})", remedy)
            return
    yield Finding("Ports", f"servers can listen on {LOOPBACK}")


def logs(settings: Settings) -> Iterator[Finding]:
    """The logs that the gates of logs read."""
    for name, pattern in settings.log_files.items():
        try:
            file = newest(settings.logs, pattern)
            yield Finding(f"Log of {name}", f"{one_line(file)}, of {written(file).date()}")
        except LogError as problem:
            yield Finding(f"Log of {name}", problem.why, problem.remedy)


def netrc() -> Iterator[Finding]:
    """A file that other programs take passwords from, and this project never does."""
    file = Path.home() / ".netrc"
    if file.exists():
        yield Finding(
            "~/.netrc",
            "it is there; nothing of it is sent with a token of ours",
            "Other programs may send what its `default` entry says in place of a token.",
            is_note=True,
        )
