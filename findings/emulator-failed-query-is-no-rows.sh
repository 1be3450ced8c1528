#!/usr/bin/env bash
# google-cloud-bigquery 3.47.0 on bqemulator 1.4.0 (DuckDB 1.5.5).
#
# Behaviour: a query that fails (a table that is not there, a division by zero, ERROR()) raises an error by
# Client.query(...).result(), and is an empty result by Client.query_and_wait(...), with no error and no warning. So a
# check of "no row is wrong" holds by the second call whatever it asks.
#
# Why one would guess otherwise: the client documents both as ways to run a query and read its rows, and at Google a
# query that fails is an error of HTTP by either. The first inserts a job and asks for its results; the second is one
# request of jobs.query, which the emulator answers with status 200, jobComplete true and the failure in `errors`, where
# Google has warnings: the client reads rows, finds none and is content.
#
# Output seen:
#   SELECT 1: query 1 rows, query_and_wait 1 rows
#   SELECT 1 FROM d.nothing: query NotFound, query_and_wait 0 rows
#   SELECT 1 / 0: query BadRequest, query_and_wait 0 rows
#   SELECT ERROR('no'): query BadRequest, query_and_wait 0 rows
set -euo pipefail
unset PYTHONPATH

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check bqemulator==1.4.0 duckdb==1.5.5 \
  duckdb-extensions==1.5.5 duckdb-extension-spatial==1.5.5 sqlglot==30.11.0 numpy==2.4.6 \
  google-cloud-bigquery==3.47.0
cat > ask.py <<'PYTHON'
import socket
import subprocess
import time
import urllib.request

import duckdb_extensions
from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import GoogleAPICallError
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery


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


def seen(ask):
    try:
        return f"{len(list(ask()))} rows"
    except GoogleAPICallError as error:
        return type(error).__name__


duckdb_extensions.import_extension("spatial")
rest, grpc = free_port(), free_port()
command = ["venv/bin/bqemulator", "start", "--ephemeral", "--project", "demo", "--log-level", "error"]
server = subprocess.Popen(
    [*command, "--rest-port", str(rest), "--grpc-port", str(grpc)],
    stdout=subprocess.DEVNULL,
    stderr=subprocess.DEVNULL,
)
try:
    address = f"http://127.0.0.1:{rest}"
    wait_until_ready(address)
    client = bigquery.Client(
        "demo", AnonymousCredentials(), client_options=ClientOptions(api_endpoint=address)
    )
    client.create_dataset("d")
    for sql in ("SELECT 1", "SELECT 1 FROM d.nothing", "SELECT 1 / 0", "SELECT ERROR('no')"):
        job = seen(lambda: client.query(sql, retry=None, job_retry=None).result())
        at_once = seen(lambda: client.query_and_wait(sql, retry=None, job_retry=None))
        print(f"{sql}: query {job}, query_and_wait {at_once}")
finally:
    server.terminate()
    server.wait()
PYTHON

# The extension is copied into the home folder; that is the temporary one here.
HOME="$folder" venv/bin/python ask.py | tee seen

cat > expected <<'TEXT'
SELECT 1: query 1 rows, query_and_wait 1 rows
SELECT 1 FROM d.nothing: query NotFound, query_and_wait 0 rows
SELECT 1 / 0: query BadRequest, query_and_wait 0 rows
SELECT ERROR('no'): query BadRequest, query_and_wait 0 rows
TEXT
diff expected seen || { echo "changed: how the emulator says that a query failed"; exit 1; }
