"""The production environment stays lean, and a run imports no more than it needs."""

import subprocess
from functools import cache

import pytest
from harness import GATES_PYTHON, MEASURED, ROOT

SITE = next((ROOT / ".venv").glob("lib/python*/site-packages"))
MOST_PACKAGES, MOST_BYTES = 48, 80_000_000


def test_it_has_few_packages() -> None:
    found = [each.name for each in SITE.glob("*.dist-info")]
    assert 0 < len(found) <= MOST_PACKAGES, sorted(found)


def test_it_is_small_without_bytecode() -> None:
    files = [file for file in SITE.rglob("*") if file.is_file() and file.suffix != ".pyc"]
    assert 0 < sum(file.stat().st_size for file in files) <= MOST_BYTES


@cache
def imported_by(module: str) -> frozenset[str]:
    """What importing a program brings with it."""
    text = f"import sys, {module}; print(*sys.modules)"
    done = subprocess.run(
        [GATES_PYTHON, "-c", text], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return frozenset(done.stdout.split())


@pytest.mark.skipif(bool(MEASURED), reason="Coverage imports modules of its own.")
@pytest.mark.parametrize("module", ["gates.plugin.hooks", "gates.commands.decide", "backfill.plan"])
@pytest.mark.parametrize("heavy", ["sqlglot", "numpy", "pandas", "pyarrow", "matplotlib", "grpc"])
def test_what_is_heavy_is_imported_where_it_is_needed_alone(module: str, heavy: str) -> None:
    found = imported_by(module)
    assert module in found
    assert heavy not in found


@pytest.mark.skipif(bool(MEASURED), reason="Coverage imports modules of its own.")
@pytest.mark.parametrize(
    "module",
    [
        *(
            f"gates.commands.{name}"
            for name in ("adopt", "compare", "decide", "handoff", "history")
        ),
        "backfill.__main__",
    ],
)
def test_what_asks_no_warehouse_imports_no_client(module: str) -> None:
    found = imported_by(module)
    assert module in found
    assert not found & {"google.cloud.bigquery", "requests"}


@pytest.mark.skipif(bool(MEASURED), reason="Coverage imports modules of its own.")
def test_a_command_on_a_warehouse_that_is_up_reads_no_settings() -> None:
    found = imported_by("local.warehouse.__main__")
    assert "local.background" in found
    assert not found & {"pydantic", "requests"}


@pytest.mark.skipif(bool(MEASURED), reason="Coverage imports modules of its own.")
def test_a_look_at_the_ledger_imports_no_lock() -> None:
    assert "filelock" not in imported_by("backfill.__main__")
