"""Bring the history's table and this machine's history together.

    python -m gates history-table fetch | store

`fetch` takes the table's last runs into this machine's history, before the first stage; `store`
appends to the table the runs that it does not have, after the last. Exit status 0, also where no
table is set; 1 where it, or this machine's history, cannot be used; 2 for words that are not
understood; 4 for a setting that cannot be used.
"""

import argparse
from collections.abc import Mapping, Sequence
from datetime import datetime

from gates.config import next_command
from gates.config.settings import load
from gates.config.stages import COMMANDS
from gates.decide import history_table
from gates.measure.warehouse import Warehouse
from gates.text import noun

WAYS = {
    "fetch": (history_table.fetch, "of {table} came into the history.", COMMANDS["phase12"]),
    "store": (history_table.store, "went to {table}.", next_command.HISTORY),
}


def main(words: Sequence[str], environ: Mapping[str, str], now: datetime) -> int:
    """Fetch or store them. Raises ConfigError, WarehouseError, HistoryError."""
    parser = argparse.ArgumentParser(prog="python -m gates history-table")
    parser.add_argument("way", choices=WAYS)
    bring, said, then = WAYS[parser.parse_args(words).way]
    settings = load(environ, now)
    if settings.target.history is None:
        print(history_table.not_set(settings))
        print(next_command.line(then))
        return 0
    number = bring(settings, Warehouse(settings))
    table = said.format(table=settings.target.history)
    print(f"{number:,} {noun('runs', number)} {table}")
    print(next_command.line(then))
    return 0
