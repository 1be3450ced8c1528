"""Append to the history's table the runs that it does not have, after the last stage.

    python -m gates history-store

Exit status 0, also where no table is set; 1 where it, or this machine's history, cannot be used; 4
for a setting that cannot be used.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from gates import program
from gates.config.settings import load
from gates.decide import history_table
from gates.measure.warehouse import Warehouse
from gates.text import noun


def main(words: Sequence[str], environ: Mapping[str, str], now: datetime) -> int:
    """Store them. Raises ConfigError, WarehouseError, HistoryError."""
    program.no_words(words)
    settings = load(environ, now)
    if settings.target.history is None:
        print(history_table.not_set(settings))
        return 0
    number = history_table.store(settings, Warehouse(settings))
    print(f"{number:,} {noun('runs', number)} went to {settings.target.history}.")
    return 0
