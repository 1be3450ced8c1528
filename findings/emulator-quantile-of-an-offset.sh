#!/usr/bin/env bash
# bqemulator 1.4.0 (DuckDB 1.5.5, SQLGlot 30.11.0).
#
# Behaviour: an element that is taken of APPROX_QUANTILES at once is the one after the one asked for: OFFSET(2) of four
# parts, the median, is the third quarter, and the last one is NULL. Handed on under a name first, it is the right one, as
# it is of ARRAY_AGG. ORDINAL(3) is one too high as well.
#
# Why one would guess otherwise: BigQuery's documentation of the function takes the median in just this way, and a way of
# counting that is wrong for one function's array would be expected to be wrong for every array. The function's list is
# right, as the query that takes it apart shows.
#
# Output seen:
#   emulator: APPROX_QUANTILES in four, its OFFSET(0): 20
#   emulator: APPROX_QUANTILES in four, its OFFSET(2): 40
#   emulator: APPROX_QUANTILES in four, its SAFE_OFFSET(2): 40
#   emulator: APPROX_QUANTILES in four, its ORDINAL(3): 40
#   emulator: APPROX_QUANTILES in four, its SAFE_OFFSET(4): NULL
#   emulator: handed on, then OFFSET(2): 30
#   emulator: the five of them: 10 20 30 40 50
#   emulator: ARRAY_AGG in order, its OFFSET(2): 30
#   emulator: PERCENTILE_CONT of a half: 30.0
set -euo pipefail
unset PYTHONPATH

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check bqemulator==1.4.0 duckdb==1.5.5 \
  duckdb-extensions==1.5.5 duckdb-extension-spatial==1.5.5 sqlglot==30.11.0 numpy==2.4.6
cat > queries.py <<'PYTHON'
def of(expression):
    return f"SELECT CAST({expression} AS STRING) FROM UNNEST([10, 20, 30, 40, 50]) AS x"


QUERIES = {
    "APPROX_QUANTILES in four, its OFFSET(0)": of("APPROX_QUANTILES(x, 4)[OFFSET(0)]"),
    "APPROX_QUANTILES in four, its OFFSET(2)": of("APPROX_QUANTILES(x, 4)[OFFSET(2)]"),
    "APPROX_QUANTILES in four, its SAFE_OFFSET(2)": of("APPROX_QUANTILES(x, 4)[SAFE_OFFSET(2)]"),
    "APPROX_QUANTILES in four, its ORDINAL(3)": of("APPROX_QUANTILES(x, 4)[ORDINAL(3)]"),
    "APPROX_QUANTILES in four, its SAFE_OFFSET(4)": "SELECT COALESCE(CAST(APPROX_QUANTILES(x, 4)[SAFE_OFFSET(4)] AS STRING), 'NULL') FROM UNNEST([10, 20, 30, 40, 50]) AS x",
    "handed on, then OFFSET(2)": "SELECT CAST(q[OFFSET(2)] AS STRING) FROM (SELECT APPROX_QUANTILES(x, 4) AS q FROM UNNEST([10, 20, 30, 40, 50]) AS x)",
    "the five of them": "SELECT (SELECT STRING_AGG(CAST(e AS STRING), ' ' ORDER BY e) FROM UNNEST(q) AS e) FROM (SELECT APPROX_QUANTILES(x, 4) AS q FROM UNNEST([10, 20, 30, 40, 50]) AS x)",
    "ARRAY_AGG in order, its OFFSET(2)": of("ARRAY_AGG(x ORDER BY x)[OFFSET(2)]"),
    "PERCENTILE_CONT of a half": "SELECT CAST(PERCENTILE_CONT(x, 0.5) OVER () AS STRING) FROM UNNEST([10, 20, 30, 40, 50]) AS x LIMIT 1",
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
# The extension is copied into the home folder; that is the temporary one here.
HOME="$folder" venv/bin/python emulator.py | tee seen

cat > expected <<'TEXT'
emulator: APPROX_QUANTILES in four, its OFFSET(0): 20
emulator: APPROX_QUANTILES in four, its OFFSET(2): 40
emulator: APPROX_QUANTILES in four, its SAFE_OFFSET(2): 40
emulator: APPROX_QUANTILES in four, its ORDINAL(3): 40
emulator: APPROX_QUANTILES in four, its SAFE_OFFSET(4): NULL
emulator: handed on, then OFFSET(2): 30
emulator: the five of them: 10 20 30 40 50
emulator: ARRAY_AGG in order, its OFFSET(2): 30
emulator: PERCENTILE_CONT of a half: 30.0
TEXT
diff expected seen || { echo "changed: which element of APPROX_QUANTILES the emulator gives"; exit 1; }
