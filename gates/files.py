"""Files that are whole or not there, and work in the background."""

import json
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
