"""Make an environment of exactly the locked requirements, one process at a time.

    python requirements/install.py FOLDER REQUIREMENTS

FOLDER/ready says that it is whole: a set-up that was broken off is begun anew. uv does it in a few
seconds: the machine's, or one in an environment of its own (.venv-uv, hash-locked as all others).
Where uv cannot, pip installs the same hashes.
"""

import fcntl
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

# Exactly what is locked, which may leave out what a package asks for and does without.
INSTALL = ["install", "--quiet", "--disable-pip-version-check", "--require-hashes", "--no-deps"]
# From here on pip installs into other environments than its own.
PIP_ELSEWHERE = (22, 3)
UV = ".venv-uv"
# Nothing is compiled ahead: that takes more than twice as long as all the rest, and Python keeps
# what it compiles of the few modules that are imported.
UV_SYNC = ["--quiet", "--require-hashes"]
# Where pip was told to look for packages -> what tells uv, which does not read pip's settings.
TOLD = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
}


def install(folder: Path, requirements: Path) -> None:
    """Make `folder` anew, unless another process has done so while this one waited."""
    with _alone(folder):
        if _is_ready(folder, requirements):
            return
        print(f"Installing {requirements} into {folder}", file=sys.stderr)
        uv = _uv(folder.with_name(UV), requirements.with_name("uv.txt"))
        if uv is None or not _by_uv(uv, folder, requirements):
            _by_pip(folder, requirements)
        (folder / "ready").touch()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        # It goes with the process, however that ends.
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _is_ready(folder: Path, requirements: Path) -> bool:
    ready = folder / "ready"
    return ready.exists() and ready.stat().st_mtime >= requirements.stat().st_mtime


def _uv(folder: Path, requirements: Path) -> str | None:
    """The machine's uv, or that of an environment of its own; None where there cannot be one."""
    if found := shutil.which("uv"):
        return found
    with _alone(folder):
        if not _is_ready(folder, requirements):
            try:
                _by_pip(folder, requirements)
            except subprocess.CalledProcessError:
                return None
            (folder / "ready").touch()
    return str(folder / "bin/uv")


def _by_uv(uv: str, folder: Path, requirements: Path) -> bool:
    """Whether uv has made the environment; what it says of a failure is shown."""
    environment = {**_as_pip(), **os.environ}
    shutil.rmtree(folder, ignore_errors=True)
    commands: tuple[list[str | Path], ...] = (
        [uv, "venv", "--quiet", "--python", sys.executable, folder],
        [uv, "pip", "sync", *UV_SYNC, "--python", folder, requirements],
    )
    for command in commands:
        if subprocess.run(command, env=environment, check=False).returncode:  # noqa: S603
            print(f"uv could not make {folder}; pip tries", file=sys.stderr)
            return False
    return True


def _as_pip() -> Mapping[str, str]:
    """What tells uv to look for packages where pip does, and to take no Python but this one."""
    settings = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=False
    )
    told = {"UV_PYTHON_DOWNLOADS": "never", "UV_INDEX_STRATEGY": "unsafe-best-match"}
    for line in settings.stdout.splitlines():
        name, _, value = line.partition("=")
        if variable := TOLD.get(name.rpartition(".")[2]):
            words = " ".join(shlex.split(value)).split()
            told[variable] = (" " if variable == "UV_INDEX" else ",").join(words)
    return told


def _by_pip(folder: Path, requirements: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    python = folder / "bin/python"
    # A pip of the environment's own takes longer to set up than uv takes to install.
    bare: list[str] = []
    pip: list[str | Path] = [python, "-m", "pip"]
    if _pip_installs_elsewhere():
        bare, pip = ["--without-pip"], [sys.executable, "-m", "pip", "--python", python]
    subprocess.run([sys.executable, "-m", "venv", *bare, folder], check=True)  # noqa: S603
    subprocess.run([*pip, *INSTALL, "-r", requirements], check=True)  # noqa: S603


def _pip_installs_elsewhere() -> bool:
    try:
        major, minor = version("pip").split(".")[:2]
        return (int(major), int(minor)) >= PIP_ELSEWHERE
    except (PackageNotFoundError, ValueError):
        return False


if __name__ == "__main__":
    try:
        install(Path(sys.argv[1]), Path(sys.argv[2]))
    except subprocess.CalledProcessError as error:
        # What failed has said why.
        sys.exit(error.returncode)
