#!/usr/bin/env bash
# pytest 9.2.0 (its own subtests), pytest-html 4.2.0 (pytest-metadata 3.1.1).
#
# Behaviour: a test with three subtests that all fail is one row on the HTML page, whose whole log is the
# line "contains 3 failed subtests": no subtest's name, message or traceback is anywhere on the page. The
# same run is "4 failed" on the screen, and in the JUnit file tests="4" around a single testcase, with
# the three messages in it.
#
# Why one would guess otherwise: the screen and the JUnit file have every message, so one would expect the
# page, made from the same reports, to have them as well, or at least the same number of failures. Three
# outputs of one run count 4, 1 and again 4 over 1.
#
# Output seen:
#   screen: 4 failed
#   JUnit: tests=4 failures=4 testcases=1, messages: part 0 is wrong, part 1 is wrong, part 2 is wrong
#   HTML: 1 Failed, rows: 1, log: contains 3 failed subtests
#   HTML has a subtest's message: no
set -euo pipefail
unset PYTHONPATH PYTEST_ADDOPTS PYTEST_PLUGINS PYTEST_DISABLE_PLUGIN_AUTOLOAD

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pytest==9.2.0 pytest-html==4.2.0 \
  pytest-metadata==3.1.1 pluggy==1.7.0
echo '[pytest]' > pytest.ini
cat > test_parts.py <<'PYTHON'
def test_three_parts(subtests):
    for number in range(3):
        with subtests.test(f"part {number}"):
            raise AssertionError("part {} is wrong".format(number))
PYTHON

venv/bin/python -m pytest -q --html page.html --self-contained-html --junitxml junit.xml > log 2>&1 || true
venv/bin/python - > seen <<'PYTHON'
import html
import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

print("screen:", re.findall(r"^(\d+ failed)", Path("log").read_text(), re.MULTILINE)[-1])

suite = ElementTree.parse("junit.xml").getroot()[0]
texts = " ".join(failure.get("message") for failure in suite.iter("failure"))
found = ", ".join(re.findall(r"part \d is wrong", texts))
counts = " ".join(f"{key}={suite.get(key)}" for key in ("tests", "failures"))
print(f"JUnit: {counts} testcases={len(list(suite.iter('testcase')))}, messages: {found}")

page = html.unescape(Path("page.html").read_text())
blob = re.search(r'data-jsonblob="([^"]*)"', Path("page.html").read_text()).group(1)
rows = [row for group in json.loads(html.unescape(blob))["tests"].values() for row in group]
failed = re.search(r"\d+ Failed", page).group()
print(f"HTML: {failed}, rows: {len(rows)}, log: {' '.join(row['log'].strip() for row in rows)}")
print("HTML has a subtest's message:", "yes" if re.search(r"part \d is wrong", page) else "no")
PYTHON
cat seen

cat > expected <<'TEXT'
screen: 4 failed
JUnit: tests=4 failures=4 testcases=1, messages: part 0 is wrong, part 1 is wrong, part 2 is wrong
HTML: 1 Failed, rows: 1, log: contains 3 failed subtests
HTML has a subtest's message: no
TEXT
diff expected seen || { echo "changed: what the page, the screen or the JUnit file says of subtests"; exit 1; }
