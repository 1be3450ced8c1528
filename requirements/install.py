"""Make an environment of exactly the locked requirements, one process at a time.

    python requirements/install.py FOLDER REQUIREMENTS

FOLDER/ready says that it is whole: a set-up that was broken off is begun anew.
"""

import fcntl
import subprocess
import sys
from pathlib import Path

PIP = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"]


def install(folder: Path, requirements: Path) -> None:
    """Make `folder` anew, unless another process has done so while this one waited."""
    ready = folder / "ready"
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        # It goes with the process, however that ends.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if ready.exists() and ready.stat().st_mtime >= requirements.stat().st_mtime:
            return
        print(f"Installing {requirements} into {folder}", file=sys.stderr)
        _run("rm", "-rf", folder)
        _run(sys.executable, "-m", "venv", folder)
        _run(folder / "bin/python", *PIP, requirements)
        ready.touch()


def _run(*command: str | Path) -> None:
    subprocess.run(command, check=True)  # noqa: S603


if __name__ == "__main__":
    try:
        install(Path(sys.argv[1]), Path(sys.argv[2]))
    except subprocess.CalledProcessError as error:
        # What failed has said why.
        sys.exit(error.returncode)
