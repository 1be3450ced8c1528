#!/usr/bin/env bash
# bqemulator 1.4.0 (DuckDB 1.5.5, SQLGlot 30.11.0) beside zetasql 0.1.5, a build of Google's own GoogleSQL engine,
# called the reference here.
#
# Behaviour: a cast to NUMERIC, of FLOAT64 or STRING, keeps 3 decimals in the emulator and 9 in the reference: 74.9996 is
# 75 and more in the emulator. A literal NUMERIC '74.9996' and PARSE_NUMERIC of the text keep 9 decimals in both.
#
# Why one would guess otherwise: NUMERIC has 9 decimals in GoogleSQL, whoever serves it, and the emulator's own NUMERIC columns
# have them. SQLGlot writes the type as DECIMAL without its numbers, which is DECIMAL(18, 3) to DuckDB.
#
# Output seen:
#   emulator: a cast of FLOAT64: true
#   emulator: a cast of STRING: true
#   emulator: a literal: false
#   emulator: the sum of two casts: true
#   emulator: a thousandth and less: true
#   emulator: PARSE_NUMERIC: false
#   reference: a cast of FLOAT64: false
#   reference: a cast of STRING: false
#   reference: a literal: false
#   reference: the sum of two casts: true
#   reference: a thousandth and less: false
#   reference: PARSE_NUMERIC: false
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
def passes(value):
    return f"SELECT CAST({value} >= 75 AS STRING)"


QUERIES = {
    "a cast of FLOAT64": passes("CAST(CAST(74.9996 AS FLOAT64) AS NUMERIC)"),
    "a cast of STRING": passes("CAST('74.9996' AS NUMERIC)"),
    "a literal": passes("NUMERIC '74.9996'"),
    "the sum of two casts": "SELECT CAST(SUM(CAST(x AS NUMERIC)) < 0.001 AS STRING) FROM UNNEST([0.0004, 0.0004]) AS x",
    "a thousandth and less": "SELECT CAST(CAST(0.0004 AS NUMERIC) = 0 AS STRING)",
    "PARSE_NUMERIC": passes("PARSE_NUMERIC(CAST(CAST(74.9996 AS FLOAT64) AS STRING))"),
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
emulator: a cast of FLOAT64: true
emulator: a cast of STRING: true
emulator: a literal: false
emulator: the sum of two casts: true
emulator: a thousandth and less: true
emulator: PARSE_NUMERIC: false
reference: a cast of FLOAT64: false
reference: a cast of STRING: false
reference: a literal: false
reference: the sum of two casts: true
reference: a thousandth and less: false
reference: PARSE_NUMERIC: false
TEXT
diff expected seen || { echo "changed: how many decimals the emulator's cast to NUMERIC keeps"; exit 1; }
