#!/usr/bin/env bash
# bqemulator 1.4.0 (DuckDB 1.5.5, SQLGlot 30.11.0) beside zetasql 0.1.5, a build of Google's own GoogleSQL engine,
# called the reference here.
#
# Behaviour: over a FLOAT64 column of NaN and 50.0, the emulator says that one value is above 90, that the
# average is above 90, that the smallest value is 50.0 and that every value equals itself. The reference
# says that none is above 90, nor is the average, that the smallest value is NaN, and that one value
# differs from itself. IS_NAN and BETWEEN agree.
#
# Why one would guess otherwise: the emulator takes BigQuery's dialect and answers through BigQuery's API,
# so a comparison is expected to mean what it means there. DuckDB orders NaN above all numbers, and that
# shows through. A check that asks for a lower bound passes on a NaN in the emulator and not in GoogleSQL; the
# usual search for NaN, x != x, finds none.
#
# Output seen:
#   emulator: values above 90: 1
#   emulator: averages above 90: 1
#   emulator: smallest value: 50.0
#   emulator: values that differ from themselves: 0
#   emulator: values between 90 and 100: 0
#   emulator: values that are NaN: 1
#   reference: values above 90: 0
#   reference: averages above 90: 0
#   reference: smallest value: nan
#   reference: values that differ from themselves: 1
#   reference: values between 90 and 100: 0
#   reference: values that are NaN: 1
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
VALUES = "UNNEST([CAST('NaN' AS FLOAT64), 50.0]) AS x"
QUERIES = {
    "values above 90": f"SELECT COUNTIF(x > 90) FROM {VALUES}",
    "averages above 90": f"SELECT COUNTIF(mean > 90) FROM (SELECT AVG(x) AS mean FROM {VALUES})",
    "smallest value": f"SELECT MIN(x) FROM {VALUES}",
    "values that differ from themselves": f"SELECT COUNTIF(x != x) FROM {VALUES}",
    "values between 90 and 100": f"SELECT COUNTIF(x BETWEEN 90 AND 100) FROM {VALUES}",
    "values that are NaN": f"SELECT COUNTIF(IS_NAN(x)) FROM {VALUES}",
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
from datetime import date, timedelta

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
    if cell.date_value is not None:
        return date(1970, 1, 1) + timedelta(days=cell.date_value)
    return next(value for value in (cell.int64_value, cell.double_value) if value is not None)


for name, sql in QUERIES.items():
    print(f"reference: {name}: {ask(sql)}")
PYTHON

# The extension is copied into the home folder; that is the temporary one here.
HOME="$folder" venv/bin/python emulator.py | tee seen
venv/bin/python reference.py | tee -a seen

cat > expected <<'TEXT'
emulator: values above 90: 1
emulator: averages above 90: 1
emulator: smallest value: 50.0
emulator: values that differ from themselves: 0
emulator: values between 90 and 100: 0
emulator: values that are NaN: 1
reference: values above 90: 0
reference: averages above 90: 0
reference: smallest value: nan
reference: values that differ from themselves: 1
reference: values between 90 and 100: 0
reference: values that are NaN: 1
TEXT
diff expected seen || { echo "changed: how the emulator or the reference implementation compares NaN"; exit 1; }
