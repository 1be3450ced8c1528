"""What makes two runs runs of the same gates: a hash over all that decides, also outside git."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from gates.config.stages import STAGES

# gates.toml, waivers.toml and the profile have a hash of their own: config_sha256.
CODE = ("pytest.ini", "gates/**/*.py", "sql/**/*.sql", "schemas/*.json")
# What pytest would take from above the tests belongs to them.
TESTS = ("conftest.py", "tests/conftest.py", *(f"tests/{stage}/**/*.py" for stage in STAGES))


def of_the_gates(root: Path) -> str:
    """SHA-256 over names and content of the gates' tests, their SQL, schemas and the code.

    Another commit with the same content has the same gates. Raises OSError.
    """
    found = hashlib.sha256()
    for file in _files(root):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        found.update(f"{content}  {file.relative_to(root).as_posix()}\n".encode())
    return found.hexdigest()


def _files(root: Path) -> Iterator[Path]:
    every = {file for pattern in (*CODE, *TESTS) for file in root.glob(pattern)}
    return iter(sorted(file for file in every if file.is_file()))
