#!/usr/bin/env bash
# sqlglot 30.30.0.
#
# Behaviour: while one thread parses the first statement of a process, another that parses the same dialect by its name
# can get a tree that says something else, and no error: INTERVAL 3 MONTH becomes an interval of an interval, in days.
# A moment later the same call gives the right tree, and so it does in every process with one thread.
#
# Why one would guess otherwise: every parse makes a parser of its own, and a dialect's module is imported on first use,
# which Python does under a lock. But the class is entered in the registry of names before it is complete, and who finds
# it there waits for no lock; the interval's units are the last thing that it gets. A class that is imported and handed
# over (dialect=BigQuery) is complete.
#
# Output seen:
#   by name: more than one text in 27 of 30 processes
#     SELECT DATE_ADD(day, INTERVAL (INTERVAL '3' MONTH) DAY) FROM games
#     SELECT DATE_ADD(day, INTERVAL '3' MONTH) FROM games
#     SELECT DATE_ADD(day, INTERVAL '3' MONTH, 'DAY') FROM games
#   by class: more than one text in 0 of 30 processes
#     SELECT DATE_ADD(day, INTERVAL '3' MONTH) FROM games
# The first number differs from run to run; it fails at 0, and where the second is not 0.
set -euo pipefail
unset PYTHONPATH

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check sqlglot==30.30.0
cat > threads.py <<'PYTHON'
import sys
import threading
import time

sys.setswitchinterval(1e-6)

import sqlglot

SQL = "SELECT DATE_ADD(day, INTERVAL 3 MONTH) FROM games"
if sys.argv[1] == "class":
    from sqlglot.dialects.bigquery import BigQuery as dialect
else:
    dialect = "bigquery"
texts = set()


def parse(after):
    time.sleep(after)
    try:
        texts.add(sqlglot.parse_one(SQL, dialect=dialect).sql(dialect=dialect))
    except Exception as error:
        texts.add(f"{type(error).__name__}: {str(error).splitlines()[0]}")


threads = [threading.Thread(target=parse, args=(number / 1000,)) for number in range(200)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print("\n".join(sorted(texts)))
PYTHON
for by in name class; do
  several=0
  : > "all-$by"
  for _ in $(seq 30); do
    venv/bin/python threads.py "$by" > once
    [ "$(wc -l < once)" -eq 1 ] || several=$((several + 1))
    cat once >> "all-$by"
  done
  echo "by $by: more than one text in $several of 30 processes"
  sort -u "all-$by" | sed 's/^/  /'
  echo "$several" > "several-$by"
done
if [ "$(cat several-name)" -eq 0 ] || [ "$(cat several-class)" -ne 0 ]; then
  echo "changed: by name more than one text was expected in some process, by class in none" >&2
  exit 1
fi
