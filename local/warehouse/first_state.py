"""A warehouse's first state on disk: where it is from, bringing it back, clearing half of one away.

How it is made: local/warehouse/fill.py.
"""

import hashlib
import shutil
from contextlib import suppress
from datetime import date
from pathlib import Path

from local.home import EmbeddedError, Home
from local.warehouse import server

OWN_CALENDAR = "own"


def origin(calendar: Path | None, until: date) -> str:
    """What a warehouse is filled from: the calendar file's SHA-256, or the generator's own.

    The latter with `until`, the last day that it reaches.
    """
    if calendar is None:
        return f"{OWN_CALENDAR} {until}"
    try:
        return hashlib.sha256(calendar.read_bytes()).hexdigest()
    except OSError as error:
        raise EmbeddedError(
            f"The calendar {calendar} cannot be read ({error.strerror}); correct CALENDAR."
        ) from error


def is_own(origin: str) -> bool:
    """Whether it is the generator's own calendar."""
    return origin.startswith(OWN_CALENDAR)


def last_own_day(origin: str) -> date | None:
    """The last day that the generator's own seasons reach; None for a calendar's."""
    return date.fromisoformat(origin.removeprefix(OWN_CALENDAR).strip()) if is_own(origin) else None


def filled_from(home: Home) -> str | None:
    """The origin of the home's data; None where there is none."""
    with suppress(FileNotFoundError):
        return origin_file(home).read_text(encoding="utf-8").strip()
    return None


def put_back(home: Home) -> None:
    """Make data and logs what they were at first; no server may be running."""
    copy = home.copying
    shutil.rmtree(copy.folder, ignore_errors=True)
    shutil.copytree(home.pristine.data, copy.data)
    shutil.copytree(home.pristine.logs, copy.logs)
    publish(copy, home)
    shutil.rmtree(copy.folder)


def discard_unfinished(home: Home) -> None:
    """Remove what a fill that was broken off left behind, its server too."""
    server.of(home.filling).stop()
    shutil.rmtree(home.filling.folder, ignore_errors=True)


def publish(made: Home, home: Home) -> None:
    """Move data and logs into `home`; what was there is left in `made`."""
    home.folder.mkdir(exist_ok=True)
    # Data last: where there is data, all of the rest is there.
    for new, place in ((made.logs, home.logs), (made.data, home.data)):
        if place.exists():
            place.rename(made.folder / f"old-{place.name}")
        new.rename(place)


def origin_file(home: Home) -> Path:
    """What `filled_from` reads; beside the database, so that the two are moved as one."""
    return home.data / "filled-from"
