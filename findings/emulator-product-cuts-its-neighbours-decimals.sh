#!/usr/bin/env bash
# bqemulator 1.4.0 (DuckDB 1.5.5, SQLGlot 30.11.0).
#
# Behaviour: a NUMERIC loses decimals to an expression that is never computed. Beside attempts + CAST('0.44' AS NUMERIC) *
# attempts, in IF, COALESCE or UNION ALL, a column of type NUMERIC keeps three of its nine decimals, without an error, and
# so does the comparison that follows: 2.0004 is not above 2 any more. Beside the cast alone, or the whole number alone, it
# keeps all nine, and so it does where the literal is spelled NUMERIC '0.44', which SQLGlot writes out as the cast.
#
# Why one would guess otherwise: NUMERIC is one type with nine decimals in GoogleSQL, and the emulator has the column as
# DECIMAL(38,9). The cast becomes DECIMAL(18,3); times a whole number of up to 19 digits, and one more, that is
# DECIMAL(38,3), and in the type that holds both there is no room left for nine decimals. The branch that is not taken
# decides, and no row has to reach it; that a cast keeps three decimals of its own is another matter, and harmless here.
#
# Output seen:
#   emulator: the column: 2.000400001
#   emulator: IF beside the product: 2.000
#   emulator: COALESCE beside the product: 2.000
#   emulator: UNION ALL beside the product: 2.000
#   emulator: IF beside the other spelling: 2.000400001
#   emulator: beside the cast alone: 2.000400001
#   emulator: beside the whole number alone: 2.000400001
#   emulator: above 2: true
#   emulator: above 2, beside the product: false
set -euo pipefail
unset PYTHONPATH

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check bqemulator==1.4.0 duckdb==1.5.5 \
  duckdb-extensions==1.5.5 duckdb-extension-spatial==1.5.5 sqlglot==30.11.0 numpy==2.4.6
cat > queries.py <<'PYTHON'
def of(expression, then="CAST({} AS STRING)"):
    return f"SELECT {then.format(expression)} FROM demo.held"


PRODUCT = "attempts + CAST('0.44' AS NUMERIC) * attempts"
QUERIES = {
    "the column": of("held"),
    "IF beside the product": of(f"IF(TRUE, held, {PRODUCT})"),
    "COALESCE beside the product": of(f"COALESCE(held, {PRODUCT})"),
    "UNION ALL beside the product": f"SELECT CAST(x AS STRING) FROM (SELECT held AS x FROM demo.held UNION ALL SELECT {PRODUCT} FROM demo.held) ORDER BY x LIMIT 1",
    "IF beside the other spelling": of("IF(TRUE, held, attempts + NUMERIC '0.44' * attempts)"),
    "beside the cast alone": of("IF(TRUE, held, CAST('0.44' AS NUMERIC))"),
    "beside the whole number alone": of("IF(TRUE, held, attempts)"),
    "above 2": of("held > 2"),
    "above 2, beside the product": of(f"IF(TRUE, held, {PRODUCT}) > 2"),
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


def post(address, path, body):
    request = urllib.request.Request(
        f"{address}/bigquery/v2/projects/demo/{path}",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as response:
        return json.load(response)


def ask(address, sql):
    rows = post(address, "queries", {"query": sql, "useLegacySql": False}).get("rows")
    return rows[0]["f"][0]["v"] if rows else None


def fill(address):
    post(address, "datasets", {"datasetReference": {"projectId": "demo", "datasetId": "demo"}})
    table = {"projectId": "demo", "datasetId": "demo", "tableId": "held"}
    fields = [{"name": "held", "type": "NUMERIC"}, {"name": "attempts", "type": "INTEGER"}]
    post(address, "datasets/demo/tables", {"tableReference": table, "schema": {"fields": fields}})
    ask(address, "INSERT INTO demo.held VALUES (PARSE_NUMERIC('2.000400001'), 20)")


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
    address = f"http://127.0.0.1:{rest}"
    fill(address)
    for name, sql in QUERIES.items():
        print(f"emulator: {name}: {ask(address, sql)}")
finally:
    server.terminate()
    server.wait()
PYTHON
# The extension is copied into the home folder; that is the temporary one here.
HOME="$folder" venv/bin/python emulator.py | tee seen

cat > expected <<'TEXT'
emulator: the column: 2.000400001
emulator: IF beside the product: 2.000
emulator: COALESCE beside the product: 2.000
emulator: UNION ALL beside the product: 2.000
emulator: IF beside the other spelling: 2.000400001
emulator: beside the cast alone: 2.000400001
emulator: beside the whole number alone: 2.000400001
emulator: above 2: true
emulator: above 2, beside the product: false
TEXT
diff expected seen || { echo "changed: how many decimals a NUMERIC keeps beside a product"; exit 1; }
