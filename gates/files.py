"""Files that are whole or not there, and work in the background."""

import errno
import json
import os
import stat
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from tempfile import NamedTemporaryFile
from threading import Thread
from typing import Any, TypeVar

T = TypeVar("T")


def write_json(file: Path, content: Mapping[str, Any]) -> None:
    """Write `content` as JSON, whole or not at all."""
    write_text(file, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def write_text(file: Path, text: str) -> None:
    """Write a file whole or not at all."""
    file.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own, so that two runs at once do not write into one file.
    with NamedTemporaryFile("w", encoding="utf-8", dir=file.parent, delete=False) as partial:
        partial.write(text)
    Path(partial.name).rename(file)


def read_text(file: Path, most: int) -> str:
    """The UTF-8 text of a regular file of at most `most` bytes, so that nothing fills the memory.

    Raises OSError, UnicodeDecodeError.
    """
    # A named pipe that nobody writes to would be waited for.
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb") as content:
        if not stat.S_ISREG(os.fstat(content.fileno()).st_mode):
            raise OSError(errno.EINVAL, "no regular file", str(file))
        found = content.read(most + 1)
    if len(found) > most:
        raise OSError(errno.EFBIG, f"larger than {most:,} bytes", str(file))
    return found.decode("utf-8")


def in_background(work: Callable[[], T]) -> "Future[T]":
    """Run `work` in a thread that never keeps the interpreter from ending (an executor's would)."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)

    Thread(target=run, daemon=True).start()
    return future
