"""Everything that must hold before a run on a target, a line each; nothing is written or billed.

    python -m doctor [--format table|json]

Exit status 0 only where all of it holds, else 1; 2 for words that are not understood; 4 for a
setting that cannot be used.
"""

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial

from doctor import credentials, machine, service, warehouse
from doctor.finding import Finding, Look, looked
from gates import program
from gates.config import next_command
from gates.config.settings import Settings, load
from gates.config.stages import COMMANDS
from gates.measure.warehouse import Warehouse


def findings(settings: Settings) -> Iterator[Finding]:
    """All of it, in the order in which it is put right."""
    asked = Warehouse(settings)
    looks: dict[str, Look] = {
        "Python": machine.python,
        "Environments": partial(machine.environments, settings),
        "Disk": partial(machine.disk, settings),
        "Ports": partial(machine.ports, settings),
        "~/.netrc": machine.netrc,
        "Credentials": partial(credentials.credentials, settings),
        "Warehouse": partial(warehouse.warehouse, settings, asked),
        "Phase 4 service": partial(service.service, settings),
        "Logs": partial(machine.logs, settings),
    }
    for what, look in looks.items():
        yield from looked(what, look)


def main(words: Sequence[str]) -> int:
    """Look at all and say so. Raises ConfigError."""
    parser = argparse.ArgumentParser(prog="python -m doctor")
    program.takes_format(parser, (program.TABLE, program.JSON))
    given = parser.parse_args(words)
    settings = load(os.environ, datetime.now(UTC))
    is_json = given.format == program.JSON
    found = []
    for each in findings(settings):
        found.append(each)
        if not is_json:
            print(each.line(), flush=True)
    problems = sum(not each.holds for each in found)
    if is_json:
        print(json.dumps([{**asdict(each), "holds": each.holds} for each in found], indent=2))
    else:
        print(f"{len(found)} looked at, {problems} to be put right.")
        print(next_command.line(next_command.DOCTOR if problems else COMMANDS["phase12"]))
    program.check_printed()
    return program.EXIT_FAILED if problems else 0


if __name__ == "__main__":
    program.run(lambda: main(program.words()))
