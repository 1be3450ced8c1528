"""The README's table of gates, from gates.toml: `make docs` writes it, a test compares it."""

import os
from datetime import UTC, datetime
from pathlib import Path

from gates.config.settings import Settings, load
from gates.decide.verdict import threshold_text
from gates.files import ROOT

README = ROOT / "README.md"
BEGIN, END = "<!-- gates: written by `make docs` -->\n", "<!-- end of gates -->\n"


def table(settings: Settings) -> str:
    """A Markdown table, one row per gate in the order of gates.toml."""
    rows = [
        f"| `{gate.id}` | {gate.title} | {threshold_text(gate)} | {gate.unit} "
        f"| {gate.severity} | {gate.runbook} |\n"
        for gate in settings.gates.values()
    ]
    heads = "| gate | measured | passes when | unit | severity | runbook |\n"
    return heads + "|---|---|---|---|---|---|\n" + "".join(rows)


def with_table(text: str, content: str) -> str:
    """`text` with `content` between the two markers."""
    before, rest = text.split(BEGIN)
    return before + BEGIN + content + END + rest.split(END)[1]


def main(readme: Path = README) -> None:
    """Write the table into README.md."""
    settings = load(os.environ, datetime.now(UTC))
    text = readme.read_text(encoding="utf-8")
    readme.write_text(with_table(text, table(settings)), encoding="utf-8")


if __name__ == "__main__":
    main()
