"""No function is longer than a page: what grows beyond it is cut into parts that have names."""

import ast
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import pytest
from harness import ROOT

MOST_LINES = 40
# Environments, state and what mutmut writes are not the project's own.
IGNORED = (".git", *(ROOT / ".gitignore").read_text(encoding="utf-8").replace("/", "").split())


def files() -> Iterator[Path]:
    """Every module of the project."""
    yield from ROOT.glob("*.py")
    for folder in ROOT.iterdir():
        if not any(fnmatch(folder.name, name) for name in IGNORED):
            yield from folder.rglob("*.py")


def too_long(text: str) -> Iterator[str]:
    """The functions of a module that have more lines than they may, docstrings not counted."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        lines = _lines(node)
        if ast.get_docstring(node) is not None:
            lines -= _lines(node.body[0])
        if lines > MOST_LINES:
            yield f"{node.name} has {lines} lines, at most {MOST_LINES} are read at a glance"


def _lines(node: ast.stmt) -> int:
    assert node.end_lineno is not None
    return node.end_lineno - node.lineno + 1


@pytest.mark.parametrize(("body", "is_too_long"), [(39, False), (40, True)])
def test_a_function_of_a_line_too_many_is_found(body: int, is_too_long: bool) -> None:
    inner = "    def f(x):\n" + '        """What it\n        does."""\n' + "        x += 1\n" * body
    assert bool([*too_long(f"class C:\n{inner}")]) is is_too_long


def test_every_function_can_be_read_at_a_glance() -> None:
    found = {
        str(file.relative_to(ROOT)): said
        for file in files()
        if (said := [*too_long(file.read_text(encoding="utf-8"))])
    }
    assert found == {}
