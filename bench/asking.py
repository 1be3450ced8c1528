"""Asks a BigQuery server for what other benches want of it.

python bench/asking.py HOST ask TEXT
python bench/asking.py HOST scan RECORD

`ask` runs a statement. `scan` prints the seconds that each of five scans of the columns took that
the longest job of a record reads, which is as little as an engine can do for it.
"""

import json
import sys
from collections import defaultdict
from pathlib import Path
from time import perf_counter
from typing import Any

import sqlglot
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from measuring import ROOT, RUNS

sys.path.insert(0, str(ROOT))

from gates.measure import queries
from gates.measure.lineage import Lineage, Real
from gates.measure.parsed import name_of, real_tables


def columns_of(text: str) -> set[Real]:
    """The columns that a query of a record reads."""
    tree = sqlglot.parse_one(text, dialect="bigquery")
    tables = {name_of(table) for table in real_tables(tree)}
    return Lineage(tree, {table: queries.expected_columns(table) for table in tables}).read()


def scan_of(record: dict[str, Any], turn: int) -> str:
    """A query of the columns that the record's longest job reads; each turn has its own text."""
    longest = max(record["queries"], key=lambda each: each["elapsed_s"])
    own = [each for each in record["queries"] if each["job_id"] == longest["job_id"]]
    by_table = defaultdict[str, set[str]](set)
    for table, column in {real for each in own for real in columns_of(each["sql"])}:
        kind = queries.expected_columns(table)[column]
        value = f"ARRAY_LENGTH({column})" if kind.startswith("ARRAY") else column
        by_table[table].add(f"MAX({value}) AS {column}")
    scans = [f"(SELECT {', '.join(sorted(c))} FROM {table})" for table, c in by_table.items()]
    return f"SELECT {turn} AS turn, * FROM {', '.join(scans)}"


def main(host: str, do: str, what: str) -> None:
    """Ask, and print what it took."""
    client = bigquery.Client(
        "nba-props-platform",
        AnonymousCredentials(),
        client_options=ClientOptions(api_endpoint=f"http://{host}"),
    )
    if do == "ask":
        client.query_and_wait(what)
        return
    record = json.loads(Path(what).read_text(encoding="utf-8"))
    for turn in range(1 + RUNS):
        began = perf_counter()
        client.query_and_wait(scan_of(record, turn))
        if turn:
            print(perf_counter() - began)


if __name__ == "__main__":
    main(*sys.argv[1:])
