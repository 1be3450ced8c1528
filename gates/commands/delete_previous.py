"""Delete what the last run of a stage left, so that no GO is left over.

    python -m gates delete-previous STAGE

Make calls it before the environments are built, so it needs Python's own library alone. Exit status
0; 4 for what is not a stage; 6 where a run of the stage is under way or its files cannot be used.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from gates.config.stages import COMMANDS, named
from gates.decide.only_run import only_run
from gates.files import reports_folder


def main(words: Sequence[str], environ: Mapping[str, str], _now: datetime) -> int:
    """Delete it. Raises UsageError, RefusedError."""
    with only_run(reports_folder(environ), named(words, COMMANDS)):
        return 0
