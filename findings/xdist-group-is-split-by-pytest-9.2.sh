#!/usr/bin/env bash
# pytest 9.2.0 with pytest-xdist 3.8.0 (execnet 2.1.2); beside it pytest 9.1.1 with the same pytest-xdist.
#
# Behaviour: with --dist loadgroup, six tests that carry one xdist_group mark are spread over all three
# workers under pytest 9.2.0. Under pytest 9.1.1 one worker runs all six. Nothing warns: the mark is
# registered, the option is accepted, every test passes.
#
# Why one would guess otherwise: the mark exists to keep tests that share something on one worker, both
# packages are the newest of their kind, and pip sees no conflict between them. pytest-xdist writes the
# group behind the test's name in a private attribute, which pytest 9.2.0 no longer reads back.
#
# Output seen:
#   pytest 9.1.1: 6 passed, workers used: 1
#   pytest 9.2.0: 6 passed, workers used: 3
set -euo pipefail
unset PYTHONPATH PYTEST_ADDOPTS PYTEST_PLUGINS PYTEST_DISABLE_PLUGIN_AUTOLOAD

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '[pytest]' > pytest.ini
cat > test_group.py <<'PYTHON'
import os
from pathlib import Path

import pytest


@pytest.mark.xdist_group("one")
@pytest.mark.parametrize("number", range(6))
def test_in_one_group(number):
    worker = os.environ["PYTEST_XDIST_WORKER"]
    Path(os.environ["WORKERS"], worker).touch()
PYTHON

for version in 9.1.1 9.2.0; do
  python3.11 -m venv "venv-$version"
  "venv-$version/bin/pip" install --quiet --disable-pip-version-check \
    "pytest==$version" pytest-xdist==3.8.0 execnet==2.1.2 pluggy==1.7.0
  mkdir "workers-$version"
  WORKERS="$folder/workers-$version" "venv-$version/bin/python" -m pytest -q -n 3 --dist loadgroup test_group.py \
    > "log-$version" 2>&1 || { cat "log-$version"; echo "changed: pytest $version did not pass"; exit 1; }
  passed="$(grep -o '[0-9]* passed' "log-$version")"
  used="$(find "workers-$version" -type f | wc -l)"
  echo "pytest $version: $passed, workers used: $used"
done | tee seen

cat > expected <<'TEXT'
pytest 9.1.1: 6 passed, workers used: 1
pytest 9.2.0: 6 passed, workers used: 3
TEXT
diff expected seen || { echo "changed: the group is spread over other workers than before"; exit 1; }
