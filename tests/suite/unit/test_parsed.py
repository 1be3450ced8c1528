"""What is parsed in several threads means what it says, from a process's first statement on."""

import ast
import subprocess
import sys
from pathlib import Path

from harness import ROOT

# sqlglot hands out a dialect by its name before it is complete, so a class is handed over.
NAMES = {"bigquery", "duckdb"}
IN_THREADS = """
import sys, threading, time
from gates.measure import rewrite, shared
sys.setswitchinterval(1e-6)
texts = set()

def parse(after):
    time.sleep(after)
    # Of one thread it is remembered; all are to parse it.
    texts.add(rewrite.text_of(shared._common.__wrapped__("team_form")))

threads = [threading.Thread(target=parse, args=(number / 1000,)) for number in range(150)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(len(texts))
"""


def test_threads_of_a_new_process_make_one_text() -> None:
    done = subprocess.run(
        [sys.executable, "-c", IN_THREADS], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout == "1\n", done.stderr


def test_no_dialect_is_asked_for_by_its_name() -> None:
    files = sorted((ROOT / "gates" / "measure").glob("*.py"))
    assert len(files) > 20
    assert [f"{file}:{line}" for file in files for line in lines_naming_a_dialect(file)] == []


def lines_naming_a_dialect(file: Path) -> list[int]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in NAMES
    ]
