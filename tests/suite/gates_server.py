"""Runs the gates as `python WORDS` would, each run in a process of its own, forked off this one.

    python tests/suite/gates_server.py

An order is a line of JSON on stdin (folder, environ, words, stdout, stderr: files), its answer the
exit status on stdout. What the gates import of others is imported here, once; nothing of theirs is.
"""

# ruff: noqa: F401
import gc
import json
import multiprocessing
import os
import runpy
import signal
import sys
import tomllib
import zoneinfo
from typing import Any

import filelock
import google.cloud.bigquery
import jinja2
import psutil
import pydantic.main
import pytest
import sqlglot.dialects.bigquery
import tabulate

LIMIT_S = 120
# Its processes end without taking apart what they have inherited, which would be copied for that.
FORK = multiprocessing.get_context("fork")


def become(order: dict[str, Any]) -> None:
    """Make this process look as if it had been started for the order."""
    # With what it starts, it can be ended together.
    os.setpgid(0, 0)
    os.chdir(order["folder"])
    os.environ.clear()
    os.environ.update(order["environ"])
    for descriptor, file in ((0, os.devnull), (1, order["stdout"]), (2, order["stderr"])):
        opened = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.path[0] = order["folder"]


def run(words: list[str]) -> None:
    """`python -m MODULE ...` or `python -c TEXT`."""
    if words[0] == "-c":
        sys.argv = ["-c", *words[2:]]
        exec(words[1], {"__name__": "__main__"})  # noqa: S102
    else:
        sys.argv = words[1:]
        runpy.run_module(words[1], run_name="__main__", alter_sys=True)


def obey(order: dict[str, Any]) -> None:
    """What the forked process does."""
    become(order)
    run(order["words"])


def main() -> None:
    """Take orders until stdin ends."""
    # A run of a second leaves little garbage, and what was imported here is none.
    gc.freeze()
    gc.disable()
    while line := sys.stdin.readline():
        child = FORK.Process(target=obey, args=(json.loads(line),))
        child.start()
        child.join(LIMIT_S)
        if child.is_alive():
            os.killpg(child.pid or 0, signal.SIGKILL)
            child.join()
        print(child.exitcode, flush=True)


if __name__ == "__main__":
    main()
