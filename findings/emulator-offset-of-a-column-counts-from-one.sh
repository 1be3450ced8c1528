#!/usr/bin/env bash
# bqemulator 1.4.0 (DuckDB 1.5.5, SQLGlot 30.11.0) beside zetasql 0.1.5, a build of Google's own GoogleSQL engine,
# called the reference here.
#
# Behaviour: array[OFFSET(0)] with a literal is the first element in both. With a column or a sum in the place of the
# literal the emulator counts from one: SAFE_OFFSET of 0, 1, 2 gives NULL, the first and the second element, exactly as
# SAFE_ORDINAL does. The reference counts from nought whatever stands there.
#
# Why one would guess otherwise: OFFSET counts from nought by its definition, and a query that was tried with a literal
# looks right. SQLGlot adds one to an index for DuckDB only where it knows the index to be an integer, as of a literal; a
# column has no type without a schema and is passed on as it is, and DuckDB finds the element before, without an error.
# SAFE_ORDINAL(place + 1) means the same in both.
#
# Output seen:
#   emulator: OFFSET of a literal: a c
#   emulator: OFFSET of a column: NULL a b
#   emulator: OFFSET of a sum: NULL a b
#   emulator: ORDINAL of a column: NULL a b
#   emulator: ORDINAL of a sum: a b c
#   reference: OFFSET of a literal: a c
#   reference: OFFSET of a column: a b c
#   reference: OFFSET of a sum: a b c
#   reference: ORDINAL of a column: NULL a b
#   reference: ORDINAL of a sum: a b c
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
PLACES = "UNNEST([0, 1, 2]) AS place"


def all_of(element):
    return f"SELECT STRING_AGG(COALESCE({element}, 'NULL'), ' ' ORDER BY place) FROM {PLACES}"


LETTERS = "['a', 'b', 'c']"
QUERIES = {
    "OFFSET of a literal": f"SELECT CONCAT({LETTERS}[OFFSET(0)], ' ', {LETTERS}[OFFSET(2)])",
    "OFFSET of a column": all_of(f"{LETTERS}[SAFE_OFFSET(place)]"),
    "OFFSET of a sum": all_of(f"{LETTERS}[SAFE_OFFSET(place + 0)]"),
    "ORDINAL of a column": all_of(f"{LETTERS}[SAFE_ORDINAL(place)]"),
    "ORDINAL of a sum": all_of(f"{LETTERS}[SAFE_ORDINAL(place + 1)]"),
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
emulator: OFFSET of a literal: a c
emulator: OFFSET of a column: NULL a b
emulator: OFFSET of a sum: NULL a b
emulator: ORDINAL of a column: NULL a b
emulator: ORDINAL of a sum: a b c
reference: OFFSET of a literal: a c
reference: OFFSET of a column: a b c
reference: OFFSET of a sum: a b c
reference: ORDINAL of a column: NULL a b
reference: ORDINAL of a sum: a b c
TEXT
diff expected seen || { echo "changed: which element of an array the emulator takes for a computed offset"; exit 1; }
