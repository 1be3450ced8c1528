"""What `python -m local.warehouse` and `python -m local.phase4_service` have in common."""

import argparse
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from gates.config.toml_text import ConfigError
from local.home import HOST, EmbeddedError

# As `env` and `timeout` do: 125 is this program's own failure, never the command's.
EXEC_FAILED = 125


def arguments(parser: argparse.ArgumentParser, words: list[str]) -> argparse.Namespace:
    """The options and, after `--`, the command: `exec` has one and nothing else does."""
    own = words.index("--") if "--" in words else len(words)
    parser.add_argument("--home", type=Path, default=Path(".local"))
    given = parser.parse_args(words[:own])
    given.command = words[own + 1 :]
    if (given.do == "exec") != bool(given.command):
        parser.error("exec, and nothing else, is followed by -- COMMAND ...")
    return given


def run(do: Callable[[argparse.Namespace], int], given: argparse.Namespace) -> int:
    """The exit status of `do` in the home's folder; a problem is one sentence on stderr."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    os.umask(0o077)
    _past_the_proxy()
    try:
        given.home = given.home.resolve()
        given.home.mkdir(parents=True, exist_ok=True)
        return do(given)
    except (EmbeddedError, ConfigError) as problem:
        print(problem, file=sys.stderr)
    except OSError as error:
        print(f"{given.home} cannot be used ({error}); make room or correct it.", file=sys.stderr)
    return EXEC_FAILED if given.do == "exec" else 1


def _past_the_proxy() -> None:
    # A proxy is for the world outside, but is asked for 127.0.0.1 too; the command inherits this.
    known = os.environ.get("no_proxy") or os.environ.get("NO_PROXY")
    os.environ["no_proxy"] = os.environ["NO_PROXY"] = f"{known},{HOST}" if known else HOST


def _leave(number: int, _frame: FrameType | None) -> None:
    # As an exception, so that what was begun is cleared away.
    raise SystemExit(128 + number)
