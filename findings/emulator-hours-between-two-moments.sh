#!/usr/bin/env bash
# bqemulator 1.4.0 (DuckDB 1.5.5, SQLGlot 30.11.0) beside zetasql 0.1.5, a build of Google's own GoogleSQL engine,
# called the reference here.
#
# Behaviour: TIMESTAMP_DIFF counts in the emulator how often the unit was begun anew between two moments, as DuckDB's
# DATE_DIFF does: from 01:59 to 02:01 it is one hour. In the reference it counts the units that have gone by, here none.
# Whether a row is older than six hours comes out by the minute at which one asks.
#
# Why one would guess otherwise: GoogleSQL itself counts beginnings for DATE_DIFF, and the two agree for dates, so the one
# function looks like the other; DuckDB has what is asked for as DATE_SUB. A unit of which both moments are a whole
# number agrees.
#
# Output seen:
#   emulator: hours from 01:59 to 02:01: 1
#   emulator: hours from 02:01 to 01:59: -1
#   emulator: hours from 01:00 to 02:59: 1
#   emulator: minutes from 01:59:59 to 02:00:01: 1
#   emulator: seconds from .9 to .1 of the next: 1
#   emulator: milliseconds of it: 200
#   emulator: days from 23:00 to 01:00: 1
#   emulator: TIMESTAMP_ADD of an hour, compared: false
#   reference: hours from 01:59 to 02:01: 0
#   reference: hours from 02:01 to 01:59: 0
#   reference: hours from 01:00 to 02:59: 1
#   reference: minutes from 01:59:59 to 02:00:01: 0
#   reference: seconds from .9 to .1 of the next: 0
#   reference: milliseconds of it: 200
#   reference: days from 23:00 to 01:00: 0
#   reference: TIMESTAMP_ADD of an hour, compared: false
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
def passed(later, earlier, unit):
    return f"SELECT CAST(TIMESTAMP_DIFF(TIMESTAMP '2025-01-01 {later}+00', TIMESTAMP '2025-01-01 {earlier}+00', {unit}) AS STRING)"


QUERIES = {
    "hours from 01:59 to 02:01": passed("02:01:00", "01:59:00", "HOUR"),
    "hours from 02:01 to 01:59": passed("01:59:00", "02:01:00", "HOUR"),
    "hours from 01:00 to 02:59": passed("02:59:00", "01:00:00", "HOUR"),
    "minutes from 01:59:59 to 02:00:01": passed("02:00:01", "01:59:59", "MINUTE"),
    "seconds from .9 to .1 of the next": passed("02:00:00.1", "01:59:59.9", "SECOND"),
    "milliseconds of it": passed("02:00:00.1", "01:59:59.9", "MILLISECOND"),
    "days from 23:00 to 01:00": "SELECT CAST(TIMESTAMP_DIFF(TIMESTAMP '2025-01-02 01:00:00+00', TIMESTAMP '2025-01-01 23:00:00+00', DAY) AS STRING)",
    "TIMESTAMP_ADD of an hour, compared": "SELECT CAST(TIMESTAMP_ADD(TIMESTAMP '2025-01-01 01:59:00+00', INTERVAL 1 HOUR) <= TIMESTAMP '2025-01-01 02:01:00+00' AS STRING)",
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
emulator: hours from 01:59 to 02:01: 1
emulator: hours from 02:01 to 01:59: -1
emulator: hours from 01:00 to 02:59: 1
emulator: minutes from 01:59:59 to 02:00:01: 1
emulator: seconds from .9 to .1 of the next: 1
emulator: milliseconds of it: 200
emulator: days from 23:00 to 01:00: 1
emulator: TIMESTAMP_ADD of an hour, compared: false
reference: hours from 01:59 to 02:01: 0
reference: hours from 02:01 to 01:59: 0
reference: hours from 01:00 to 02:59: 1
reference: minutes from 01:59:59 to 02:00:01: 0
reference: seconds from .9 to .1 of the next: 0
reference: milliseconds of it: 200
reference: days from 23:00 to 01:00: 0
reference: TIMESTAMP_ADD of an hour, compared: false
TEXT
diff expected seen || { echo "changed: what the emulator counts between two moments"; exit 1; }
