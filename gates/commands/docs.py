"""The README's table of gates, the schemas of the records, and how many columns gates judge.

`make docs` writes them; tests compare them with what they are made of: gates.toml, the models and
the SQL.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import BaseModel

from gates import program
from gates.config.settings import Settings, load
from gates.decide.announced import Announced
from gates.decide.record import Record
from gates.decide.sentence import threshold_text
from gates.files import ROOT, write_json, write_text
from gates.measure import column_shares
from gates.measure.all_runs import AllRuns
from gates.measure.column_shares import ColumnShare, ColumnShares
from gates.measure.columns import columns
from gates.measure.summary import Summary

SCHEMAS = ROOT / "schemas" / "records"
# What a record of this project is called -> what it holds.
MODELS: Mapping[str, type[BaseModel]] = {
    "decision": Record,
    "summary": Summary,
    "backfill": AllRuns,
    "announced": Announced,
}
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


def schema(name: str) -> str:
    """The JSON Schema of a record."""
    content = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    content |= MODELS[name].model_json_schema()
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def shares(settings: Settings) -> ColumnShares:
    """Of each table, how many columns the gates of gates.toml judge and read."""
    gates = settings.every_gate()
    tables = {
        each.table: ColumnShare(
            judged=len(each.judged), counted=len(each.counted), columns=each.number
        )
        for each in columns(gates)
    }
    return ColumnShares(made_of=column_shares.made_of(gates), tables=tables)


def main(words: Sequence[str], environ: Mapping[str, str], now: datetime) -> int:
    """Write the table into README.md, the schemas, and sql/columns.json. Raises OperatorError."""
    program.no_words(words)
    settings = load(environ, now)
    text = README.read_text(encoding="utf-8")
    README.write_text(with_table(text, table(settings)), encoding="utf-8")
    for name in MODELS:
        write_text(SCHEMAS / f"{name}.json", schema(name))
    write_json(column_shares.FILE, shares(settings).model_dump())
    return 0
