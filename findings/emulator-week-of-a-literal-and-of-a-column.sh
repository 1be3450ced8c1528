#!/usr/bin/env bash
# bqemulator 1.4.0 (DuckDB 1.5.5, SQLGlot 30.11.0) beside zetasql 0.1.5, a build of Google's own GoogleSQL engine,
# called the reference here.
#
# Behaviour: in the emulator, which day a week starts on depends on whether the date is a literal or a
# column, and the two are wrong in turn. WEEK starts on Sunday for a literal, as it should, and on Monday
# for a column; WEEK(MONDAY) starts on Monday for a column, as it should, and on Sunday for a literal.
# ISOWEEK in DATE_DIFF is right between columns and not between literals. The truncated column is a
# DATETIME besides.
#
# Why one would guess otherwise: an expression has one value, wherever its arguments come from, and a
# formula that was tried out on a literal is taken to be right for the column. Grouped by such a week, the
# seven days from Sunday to Saturday fall into two.
#
# Output seen:
#   emulator: WEEK of a literal Sunday, 2026-01-04: 2026-01-04
#   emulator: WEEK of a column that holds it: 2025-12-29T00:00:00
#   emulator: WEEK(MONDAY) of the literal: 2026-01-04
#   emulator: WEEK(MONDAY) of the column: 2025-12-29T00:00:00
#   emulator: ISOWEEK from Sunday to Monday, literals: 0
#   emulator: ISOWEEK from Sunday to Monday, columns: 1
#   emulator: weeks that Sunday to Saturday fall into: 2
#   reference: WEEK of a literal Sunday, 2026-01-04: 2026-01-04
#   reference: WEEK of a column that holds it: 2026-01-04
#   reference: WEEK(MONDAY) of the literal: 2025-12-29
#   reference: WEEK(MONDAY) of the column: 2025-12-29
#   reference: ISOWEEK from Sunday to Monday, literals: 1
#   reference: ISOWEEK from Sunday to Monday, columns: 1
#   reference: weeks that Sunday to Saturday fall into: 1
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
SUNDAY = "(SELECT DATE '2026-01-04' AS day)"
BOTH = "(SELECT DATE '2026-01-04' AS sunday, DATE '2026-01-05' AS monday)"
DAYS = "UNNEST(GENERATE_DATE_ARRAY(DATE '2026-01-04', DATE '2026-01-10')) AS day"
QUERIES = {
    "WEEK of a literal Sunday, 2026-01-04": "SELECT DATE_TRUNC(DATE '2026-01-04', WEEK)",
    "WEEK of a column that holds it": f"SELECT DATE_TRUNC(day, WEEK) FROM {SUNDAY}",
    "WEEK(MONDAY) of the literal": "SELECT DATE_TRUNC(DATE '2026-01-04', WEEK(MONDAY))",
    "WEEK(MONDAY) of the column": f"SELECT DATE_TRUNC(day, WEEK(MONDAY)) FROM {SUNDAY}",
    "ISOWEEK from Sunday to Monday, literals": "SELECT DATE_DIFF(DATE '2026-01-05', DATE '2026-01-04', ISOWEEK)",
    "ISOWEEK from Sunday to Monday, columns": f"SELECT DATE_DIFF(monday, sunday, ISOWEEK) FROM {BOTH}",
    "weeks that Sunday to Saturday fall into": f"SELECT COUNT(DISTINCT DATE_TRUNC(day, WEEK)) FROM {DAYS}",
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
emulator: WEEK of a literal Sunday, 2026-01-04: 2026-01-04
emulator: WEEK of a column that holds it: 2025-12-29T00:00:00
emulator: WEEK(MONDAY) of the literal: 2026-01-04
emulator: WEEK(MONDAY) of the column: 2025-12-29T00:00:00
emulator: ISOWEEK from Sunday to Monday, literals: 0
emulator: ISOWEEK from Sunday to Monday, columns: 1
emulator: weeks that Sunday to Saturday fall into: 2
reference: WEEK of a literal Sunday, 2026-01-04: 2026-01-04
reference: WEEK of a column that holds it: 2026-01-04
reference: WEEK(MONDAY) of the literal: 2025-12-29
reference: WEEK(MONDAY) of the column: 2025-12-29
reference: ISOWEEK from Sunday to Monday, literals: 1
reference: ISOWEEK from Sunday to Monday, columns: 1
reference: weeks that Sunday to Saturday fall into: 1
TEXT
diff expected seen || { echo "changed: what a week is in the emulator or in the reference implementation"; exit 1; }
