#!/usr/bin/env bash
# soda-core 4.28.0 with soda-duckdb 4.28.0 (DuckDB 2.0.1).
#
# Behaviour: a contract asks for an average of at least 90. Over an empty table, and over one that holds
# only NULL, the check is not evaluated, the summary marks that with a cross, and `soda contract verify`
# exits with 0. Over a table with a NaN the check is not evaluated either, and the exit status is 3. A
# low average exits with 1.
#
# Why one would guess otherwise: the same outcome should have the same status, and the package's own list
# of statuses says of 0 that all checks passed. A job that looks at the status alone goes on with a table
# into which nothing was loaded.
#
# Output seen:
#   good: exit status 0, passed 1, failed 0, not evaluated 0
#   low: exit status 1, passed 0, failed 1, not evaluated 0
#   nothing: exit status 0, passed 0, failed 0, not evaluated 1
#   only_null: exit status 0, passed 0, failed 0, not evaluated 1
#   with_nan: exit status 3, passed 0, failed 0, not evaluated 1
set -euo pipefail
unset PYTHONPATH
export SODA_CORE_TELEMETRY_ENABLED=false

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check soda-core==4.28.0 soda-duckdb==4.28.0 duckdb==2.0.1
venv/bin/python - <<'PYTHON'
import duckdb

TABLES = {
    "good": "VALUES (95.0), (99.0)",
    "low": "VALUES (10.0), (20.0)",
    "nothing": "SELECT 95.0 WHERE FALSE",
    "only_null": "VALUES (NULL), (NULL)",
    "with_nan": "VALUES ('NaN'::DOUBLE), (95.0)",
}
with duckdb.connect("tables.db") as connection:
    for name, rows in TABLES.items():
        connection.execute(f"CREATE TABLE {name} (score DOUBLE)")
        connection.execute(f"INSERT INTO {name} {rows}")
PYTHON
cat > source.yml <<'YAML'
type: duckdb
name: demo
connection:
  database: tables.db
YAML

summary() { # $1 log, $2 line of the summary
  sed -n "s/^| $2 *| \([0-9]*\) .*/\1/p" "$1"
}

for table in good low nothing only_null with_nan; do
  cat > "$table.yml" <<YAML
dataset: demo/main/$table
columns:
  - name: score
    checks:
      - aggregate:
          function: avg
          threshold:
            must_be_greater_than_or_equal: 90
YAML
  status=0
  HOME="$folder" venv/bin/soda contract verify --data-source source.yml --contract "$table.yml" > log 2>&1 \
    || status=$?
  echo "$table: exit status $status, passed $(summary log Passed), failed $(summary log Failed)," \
    "not evaluated $(summary log 'Not Evaluated')"
done | tee seen

cat > expected <<'TEXT'
good: exit status 0, passed 1, failed 0, not evaluated 0
low: exit status 1, passed 0, failed 1, not evaluated 0
nothing: exit status 0, passed 0, failed 0, not evaluated 1
only_null: exit status 0, passed 0, failed 0, not evaluated 1
with_nan: exit status 3, passed 0, failed 0, not evaluated 1
TEXT
diff expected seen || { echo "changed: the exit status of a check that was not evaluated"; exit 1; }
