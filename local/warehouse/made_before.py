"""First states that were made on this machine before, for homes that are filled the same way.

A clone's first fill takes as long as all of its gates; which rows come of it depends on the code
that makes them, the packages it is made with and the calendar alone. A state is believed only if
it was made of the same and is whole.
"""

import hashlib
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from gates.files import ROOT
from local.home import Home
from local.warehouse.first_state import discard_unfinished, publish

if TYPE_CHECKING:
    from gates.config.schema import Target

# Of fifty megabytes each: a few days' or calendars'.
MOST = 3
WHOLE = "sha256"
_MADE_OF = (
    *("season/**/*.py", "local/*.py", "local/warehouse/*.py", "gates/config/*.py"),
    *("schemas/*.json", "requirements/local.txt"),
)


def take(folder: Path, target: "Target", origin: str, home: Home) -> bool:
    """Copy the first state of `origin` into the home; False where there is none that is whole."""
    kept, made = folder / _name(target, origin), home.filling
    try:
        whole = (kept / WHOLE).read_text(encoding="ascii")
        for place in (made.data, made.logs):
            shutil.copytree(kept / place.name, place)
        if whole == _sha256(made):
            publish(made, home.pristine)
            # Of those that are not asked for any more, the oldest goes first.
            os.utime(kept)
            return True
    except (OSError, UnicodeError):
        pass
    finally:
        discard_unfinished(home)
    return False


def keep(folder: Path, target: "Target", origin: str, made: Home) -> None:
    """Keep a copy of the first state that was made from `origin`, and of all the newest."""
    partial, kept = folder / "partial", folder / _name(target, origin)
    # A folder that cannot be written costs time and nothing else.
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Of one name, so that of those that were killed no more than one is left. What two at once
        # have mixed up is not whole, and not believed.
        shutil.rmtree(partial, ignore_errors=True)
        for place in (made.data, made.logs):
            shutil.copytree(place, partial / place.name)
        (partial / WHOLE).write_text(_sha256(made), encoding="ascii")
        # One that is there was not believed.
        shutil.rmtree(kept, ignore_errors=True)
        partial.rename(kept)
        newest = sorted(folder.glob("first-state-*"), key=lambda each: -each.stat().st_mtime)
        for old in newest[MOST:]:
            shutil.rmtree(old, ignore_errors=True)


def _name(target: "Target", origin: str) -> str:
    asked = hashlib.sha256(f"{target.project} {target.location} {origin}".encode())
    for file in sorted(file for pattern in _MADE_OF for file in ROOT.glob(pattern)):
        asked.update(f"{file.relative_to(ROOT).as_posix()}\n".encode() + file.read_bytes())
    return f"first-state-{asked.hexdigest()[:32]}"


def _sha256(home: Home) -> str:
    found = hashlib.sha256()
    every = (file for place in (home.data, home.logs) for file in place.rglob("*"))
    for file in sorted(file for file in every if file.is_file()):
        found.update(f"{file.relative_to(home.folder).as_posix()}\n".encode())
        with file.open("rb") as content:
            found.update(hashlib.file_digest(content, "sha256").digest())
    return found.hexdigest()
