#!/usr/bin/env bash
# bqemulator 1.4.0 (DuckDB 1.5.5, SQLGlot 30.11.0) beside zetasql 0.1.5, a build of Google's own GoogleSQL engine,
# called the reference here.
#
# Behaviour: a statement numbers two rows with ROW_NUMBER() AS place, and somewhere else in it, in a subquery of its own,
# stands UNNEST(...) WITH OFFSET AS place. The emulator then gives the rows' own place as 0 and 1; with another name for the
# offset it gives 1 and 2, as the reference does either way. No error, and the rest of the answer is right.
#
# Why one would guess otherwise: an alias is known in the FROM clause that gives it and in what stands inside of that, so a
# subquery's name cannot change a column of the query around it, least of all one that is written with its table. SQLGlot
# takes one off each column of the name in the whole statement, because DuckDB's ordinality counts from one.
#
# Output seen:
#   emulator: without an offset: 1 2
#   emulator: beside an offset of another name: 1ab 2ab
#   emulator: beside an offset of its name: 0ab 1ab
#   reference: without an offset: 1 2
#   reference: beside an offset of another name: 1ab 2ab
#   reference: beside an offset of its name: 1ab 2ab
set -euo pipefail
unset PYTHONPATH

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check bqemulator==1.4.0 duckdb==1.5.5 \
  duckdb-extensions==1.5.5 duckdb-extension-spatial==1.5.5 sqlglot==30.11.0 numpy==2.4.6 \
  zetasql==0.1.5 wasmtime==50.0.1 protobuf==6.33.6
cat > queries.py <<'PYTHON'
LETTERS = "(SELECT STRING_AGG(letter, '' ORDER BY {0}) FROM UNNEST(['a', 'b']) AS letter WITH OFFSET AS {0})"
RANKED = "SELECT number, ROW_NUMBER() OVER (ORDER BY number) AS place FROM UNNEST([10, 20]) AS number"


def places(more):
    return (
        f"SELECT STRING_AGG(CONCAT(CAST(ranked.place AS STRING), {more}), ' ' ORDER BY ranked.number) "
        f"FROM ({RANKED}) AS ranked"
    )


QUERIES = {
    "without an offset": places("''"),
    "beside an offset of another name": places(LETTERS.format("nth")),
    "beside an offset of its name": places(LETTERS.format("place")),
}
PYTHON
cat > emulator.py <<'PYTHON'
import json
import socket
import subprocess
import time
import urllib.request

import duckdb_extensions
from queries import QUERIES


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def wait_until_ready(address):
    for _ in range(240):
        try:
            return urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
        except OSError:
            time.sleep(0.5)
    raise SystemExit("the emulator did not start within two minutes")


def ask(address, sql):
    request = urllib.request.Request(
        f"{address}/bigquery/v2/projects/demo/queries",
        data=json.dumps({"query": sql, "useLegacySql": False}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)["rows"][0]["f"][0]["v"]


duckdb_extensions.import_extension("spatial")
rest, grpc = free_port(), free_port()
command = ["venv/bin/bqemulator", "start", "--ephemeral", "--project", "demo", "--log-level", "error"]
server = subprocess.Popen(
    [*command, "--rest-port", str(rest), "--grpc-port", str(grpc)],
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
)
try:
    wait_until_ready(f"http://127.0.0.1:{rest}")
    for name, sql in QUERIES.items():
        print(f"emulator: {name}: {ask(f'http://127.0.0.1:{rest}', sql)}")
finally:
    server.terminate()
    server.wait()
PYTHON
cat > reference.py <<'PYTHON'
from queries import QUERIES
from zetasql.api import CatalogBuilder, PreparedQuery
from zetasql.types import AnalyzerOptions, LanguageOptions, ZetaSQLBuiltinFunctionOptions

language = LanguageOptions.maximum_features()
functions = ZetaSQLBuiltinFunctionOptions(language_options=language)
catalog = CatalogBuilder("demo").with_builtin_functions(functions).build()


def ask(sql):
    options = AnalyzerOptions(language_options=language)
    builder = PreparedQuery.builder().set_sql(sql).set_analyzer_options(options).set_catalog(catalog)
    with builder.prepare() as query:
        cell = query.execute().content.table_data.row[0].cell[0]
    return cell.string_value


for name, sql in QUERIES.items():
    print(f"reference: {name}: {ask(sql)}")
PYTHON

# The extension is copied into the home folder; that is the temporary one here.
HOME="$folder" venv/bin/python emulator.py | tee seen
venv/bin/python reference.py | tee -a seen

cat > expected <<'TEXT'
emulator: without an offset: 1 2
emulator: beside an offset of another name: 1ab 2ab
emulator: beside an offset of its name: 0ab 1ab
reference: without an offset: 1 2
reference: beside an offset of another name: 1ab 2ab
reference: beside an offset of its name: 1ab 2ab
TEXT
diff expected seen || { echo "changed: whether the emulator takes one off a column that is named like an offset elsewhere"; exit 1; }
