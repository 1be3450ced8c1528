"""What was made of the files under sql/ before, kept beside them as Python keeps what it compiles.

Parsing them and writing them out again takes half of a run's processor time, and they seldom
change. A file is believed only if it was made of the same SQL, by the same code, for the same
question, and is whole.
"""

import hashlib
import json
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from gates.files import ROOT, read_text, remove, write_text

FOLDER = ROOT / "sql" / "__pycache__"
MOST_BYTES = 5_000_000
# Of one name, unless it says otherwise: as many windows and settings as are asked for by turns.
MOST_FILES = 8
_MADE_OF = (
    *("sql/*/*.sql", "schemas/*.json"),
    *("gates/measure/*.py", "gates/config/schema.py", "gates/kept.py"),
)


def kept(name: str, question: object, make: Callable[[], Any], most: int = MOST_FILES) -> Any:
    """What `make` gives, which is JSON, or what it gave for the same `question` (by its repr).

    Of one name the `most` newest are kept.
    """
    asked = hashlib.sha256(f"{_made_of()} {question!r}".encode()).hexdigest()
    named = name.replace("/", ".")
    file = FOLDER / f"{named}-{asked[:32]}.json"
    try:
        found = json.loads(read_text(file, MOST_BYTES))
        if found["sha256"] == _sha256(asked, found["content"]):
            return found["content"]
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        pass
    content = json.loads(json.dumps(make()))
    # A folder that cannot be written costs time and nothing else.
    with suppress(OSError):
        write_text(file, json.dumps({"sha256": _sha256(asked, content), "content": content}))
        _keep_the_newest(named, most)
    return content


def _sha256(asked: str, content: Any) -> str:
    return hashlib.sha256(f"{asked} {json.dumps(content)}".encode()).hexdigest()


@cache
def _made_of() -> str:
    found = hashlib.sha256(version("sqlglot").encode())
    for file in sorted(file for pattern in _MADE_OF for file in ROOT.glob(pattern)):
        found.update(f"{file.relative_to(ROOT).as_posix()}\n".encode() + file.read_bytes())
    return found.hexdigest()


def _keep_the_newest(name: str, most: int) -> None:
    def age(file: Path) -> float:
        return -file.stat().st_mtime

    for file in sorted(FOLDER.glob(f"{name}-*.json"), key=age)[most:]:
        remove(file)
