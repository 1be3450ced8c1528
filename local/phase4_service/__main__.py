"""The embedded Phase 4 service: the five processors on the embedded warehouse.

    python -m local.phase4_service up [--home DIR] [OPTIONS]
    python -m local.phase4_service down [--home DIR]
    python -m local.phase4_service exec [--home DIR] [OPTIONS] -- COMMAND ...

OPTIONS: --faults FILE (ordered faults), --token-requests N and --token-seconds S (a Bearer token is
asked for, and good for so many requests or so long). BIGQUERY_EMULATOR_HOST names the warehouse.
`up` prints the URL; `exec` sets PHASE4_URL for COMMAND. Several `exec`s share one service; the last
one out stops it, unless `up` keeps it.
"""

import argparse
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from gates.config.schema import Target
from gates.config.settings import load
from local import cli
from local.background import Background, Running
from local.command import run
from local.home import EmbeddedError

Words = list[object]


def up(service: Background, warehouse: Words, options: Words) -> None:
    """Start in the background, print the URL, stay up until `down`; other options restart it."""
    words = [*warehouse, *options]
    with service.alone():
        found = service.recorded()
        if found and not service.started_with(words):
            service.stop()
            # On the same port, so that the URL that was printed stays right.
            found = _start(service, words, kept=True, port=found.port)
        found = service.wait(found) if found else _start(service, words, kept=True)
        if not found.kept:
            service.keep(replace(found, kept=True))
    print(_url(found))


def down(service: Background) -> None:
    """Stop the service, also one that `exec`s are using."""
    with service.alone():
        stopped = service.stop()
    print(f"{service.title} {'is stopped' if stopped else 'was not running'}.", file=sys.stderr)


def execute(service: Background, warehouse: Words, options: Words, command: list[str]) -> int:
    """Run `command` with PHASE4_URL set; its exit status, 128 + n for signal n.

    Raises EmbeddedError when the service is kept or used on another warehouse or with other
    options.
    """
    with service.lease(service.alone) as nobody_else:
        with service.alone():
            found = service.recorded()
            suits = _suits(service, warehouse, options)
            if found and not suits and not found.kept and nobody_else():
                # Of a command that was killed, together with the `exec` that would have stopped it.
                service.stop()
                found = None
            if found and not suits:
                raise EmbeddedError(
                    f"{service.title} at {_url(found)} runs on another warehouse or with other "
                    f"options than those asked for; run `{service.restart}` and try again."
                )
            words = [*warehouse, *options]
            found = service.wait(found) if found else _start(service, words, kept=False)
        return run(command, {**os.environ, "PHASE4_URL": _url(found)})


def _suits(service: Background, warehouse: Words, options: Words) -> bool:
    if options:
        return service.started_with([*warehouse, *options])
    return service.started_with(warehouse, more=True)


def _start(service: Background, words: Words, *, kept: bool, port: int = 0) -> Running:
    return service.start(words, dict(os.environ), kept=kept, port=port)


def _url(found: Running) -> str:
    return f"http://{found.address}"


def _service(home: Path) -> Background:
    return Background(
        home,
        "phase4-service",
        "The embedded Phase 4 service",
        "local.phase4_service.server",
        restart="make service-down",
        repair="try again",
    )


def _warehouse(home: Path, target: Target) -> Words:
    host = os.environ.get("BIGQUERY_EMULATOR_HOST")
    if not host:
        raise EmbeddedError(
            "BIGQUERY_EMULATOR_HOST is not set, but the embedded Phase 4 service works on the "
            "embedded warehouse; run `make service-up`, or this within `local.warehouse exec`."
        )
    log = home / "phase4-requests.jsonl"
    return [
        *("--warehouse", host, "--project", target.project, "--location", target.location),
        *("--log", log),
    ]


def _options(given: argparse.Namespace) -> Words:
    words: Words = []
    if given.faults:
        words += ["--faults", given.faults.resolve()]
    for name in ("token_requests", "token_seconds"):
        if (value := getattr(given, name)) is not None:
            words += [f"--{name.replace('_', '-')}", value]
    return words


def _do(given: argparse.Namespace) -> int:
    service = _service(given.home)
    if given.do == "down":
        down(service)
        return 0
    target = load({**os.environ, "GATES_TARGET": "local"}, datetime.now(UTC)).target
    warehouse, options = _warehouse(given.home, target), _options(given)
    if given.do == "exec":
        return execute(service, warehouse, options, given.command)
    up(service, warehouse, options)
    return 0


def main(words: list[str]) -> int:
    """Run one command and return its exit status; a problem is one sentence on stderr."""
    parser = argparse.ArgumentParser(prog="python -m local.phase4_service")
    parser.add_argument("do", choices=["up", "down", "exec"])
    parser.add_argument("--faults", type=Path)
    parser.add_argument("--token-requests", type=int)
    parser.add_argument("--token-seconds", type=float)
    return cli.run(_do, cli.arguments(parser, words))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
