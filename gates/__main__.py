"""`python -m gates COMMAND`: the one way in to what an operator runs, and one way out of it.

A command is the module of its name in gates/commands/, which is imported only when it is used:
imports are most of the time that a short one takes. Exit status: what the command says of itself;
for what an operator can put right, that of the error (gates/program.py); 4 without a command that
is known.
"""

import os
import sys
from datetime import UTC, datetime
from importlib import import_module

from gates import program

COMMANDS = {
    "validate": "GO or NO-GO over a stage: phase12, preflight or phase4",
    "decide": "GO or NO-GO for ML training, from the records of the three stages",
    "handoff": "the session's documents, from the records",
    "diagnose": "the rows behind a gate",
    "history": "what the last runs measured, of all stages or of one gate",
    "history-table": "fetch runs from the history's table, or store them in it",
    "explain": "all that is known of a gate",
    "compare": "what changed between two records",
    "columns": "which columns gates judge",
    "cost": "the bytes that each job will read and bill",
    "adopt": "a draft of waivers.toml for what does not hold",
    "announce": "a message to each receiver on what is worse or well again",
    "watch": "whether the scheduled job has run",
    "docs": "the documents that are made of gates.toml, the models and the SQL",
    "delete-previous": "take away what the last run of a stage left, before the next",
}


def usage() -> str:
    """All commands, a line each."""
    lines = [f"  {name:16}{what}" for name, what in COMMANDS.items()]
    return "\n".join(["python -m gates COMMAND, which is one of", *lines])


def main() -> int:
    """Run the command that is named. Raises what it raises, an OperatorError or OSError."""
    name, *words = program.words() or [""]
    if name not in COMMANDS:
        print(usage(), file=sys.stderr)
        return program.EXIT_USAGE
    command = import_module(f"gates.commands.{name.replace('-', '_')}")
    status: int = command.main(words, os.environ, datetime.now(UTC))
    return status


if __name__ == "__main__":
    program.run(main)
