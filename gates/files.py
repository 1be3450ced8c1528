"""Files that are whole or not there, where they lie, and work in the background."""

import errno
import json
import os
import stat
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from tempfile import mkstemp
from threading import Thread
from typing import Any, TypeVar

from gates.text import one_line

T = TypeVar("T")
# The project's folder.
ROOT = Path(__file__).resolve().parent.parent
# How the names of files begin that are not whole yet.
PARTIAL = ".partial-"


def reports_folder(environ: Mapping[str, str]) -> Path:
    """Where the records and reports go: GATES_REPORTS, or reports/."""
    return Path(environ.get("GATES_REPORTS") or "reports")


def write_json(file: Path, content: Mapping[str, Any]) -> None:
    """Write `content` as JSON, whole or not at all. Raises OSError."""
    write_text(file, json_text(content))


def json_text(content: Mapping[str, Any]) -> str:
    """`content` as a file of JSON has it."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def write_text(file: Path, text: str) -> None:
    """Write a file whole or not at all. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.exists() and not file.is_file():
        raise OSError(errno.EINVAL, "it is there and is not a file", str(file))
    # A name of its own, so that two runs at once do not write into one file.
    handle, name = mkstemp(dir=file.parent, prefix=f"{PARTIAL}{file.name}-")
    partial = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(text)
            opened.flush()
            # Also where the machine is switched off: a name must not come before its content.
            os.fsync(opened.fileno())
        partial.rename(file)
        _keep_names(file.parent)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _keep_names(folder: Path) -> None:
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def remove_partial(folder: Path) -> None:
    """Remove what killed runs left half written in `folder`. The caller is its only writer."""
    for partial in folder.glob(f"{PARTIAL}*"):
        partial.unlink(missing_ok=True)


def show(file: Path, text: Callable[[], str]) -> str | None:
    """Write what `text` makes, for people; the sentence that says why not, and then no such file.

    What shows a decision never changes it, whatever goes wrong while it is drawn.
    """
    try:
        write_text(file, text())
    except Exception as error:
        remove(file)
        return f"{file} was not written ({reason(error)}); the record holds all that it would show."
    return None


def remove(file: Path) -> None:
    """Remove what is not a whole file, if it can be; never what is not a file (/dev/null)."""
    with suppress(OSError):
        if file.is_file():
            file.unlink()


def reason(error: Exception) -> str:
    """What went wrong, in a few words without a path."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"{type(error).__name__}: {one_line(error)}"


def read_text(file: Path, most: int) -> str:
    """The UTF-8 text of a regular file of at most `most` bytes, so that nothing fills the memory.

    Raises OSError, UnicodeDecodeError.
    """
    # A named pipe that nobody writes to would be waited for.
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb") as content:
        if not stat.S_ISREG(os.fstat(content.fileno()).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", str(file))
        found = content.read(most + 1)
    if len(found) > most:
        raise OSError(errno.EFBIG, f"larger than {most:,} bytes", str(file))
    return found.decode("utf-8")


def in_background(work: Callable[[], T]) -> "Future[T]":
    """Run `work` in a thread that never keeps the interpreter from ending (an executor's would)."""
    return in_thread(work)[0]


def in_thread(work: Callable[[], T]) -> "tuple[Future[T], Thread]":
    """The same, with the thread: a result is there a moment before it has ended."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    return future, thread
