"""The tables of docs/reference/, the schemas of the records, and how many columns gates judge.

`make docs` writes them; tests compare them with what they are made of: gates.toml, the
Makefile, the models and the SQL.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from gates import program
from gates.clause import Clause
from gates.config.settings import Settings, load
from gates.decide.announced import Announced
from gates.decide.reason import Code
from gates.decide.record import Record
from gates.decide.sentence import threshold_text
from gates.files import ROOT, write_json, write_text
from gates.measure import column_shares
from gates.measure.all_runs import AllRuns
from gates.measure.column_shares import ColumnShare, ColumnShares
from gates.measure.columns import columns
from gates.measure.failure import FailureCode
from gates.measure.refusals import REMEDIES
from gates.measure.summary import Summary

SCHEMAS = ROOT / "schemas" / "records"
# What a record of this project is called -> what it holds.
MODELS: Mapping[str, type[BaseModel]] = {
    "decision": Record,
    "summary": Summary,
    "backfill": AllRuns,
    "announced": Announced,
}
REFERENCE = ROOT / "docs" / "reference"
BAR = "\\|"
_KINDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "null": "null",
}
_TARGET = re.compile(r"^([a-z0-9-]+):.*? ## (.+?)(?: ## (.+))?$", re.MULTILINE)


def table(settings: Settings) -> str:
    """A Markdown table, one row per gate in the order of gates.toml."""
    rows = [
        f"| `{gate.id}` | {gate.title} | {threshold_text(gate)} | {gate.unit} "
        f"| {gate.severity} | {gate.runbook} |\n"
        for gate in settings.gates.values()
    ]
    heads = "| gate | measured | passes when | unit | severity | runbook |\n"
    return heads + "|---|---|---|---|---|---|\n" + "".join(rows)


def commands(makefile: str) -> str:
    """The list that `make` prints, as Markdown: a table for each group of targets."""
    found = []
    for group in makefile.split("\n##@ ")[1:]:
        heading, _, targets = group.partition("\n")
        rows = [
            f"| `make {name}` | {what} | {f'`{example}`' if example else ''} |\n"
            for name, what, example in _TARGET.findall(targets)
        ]
        head = f"## {heading}\n\n| command | does | example |\n|---|---|---|\n"
        found.append(head + "".join(rows))
    return "\n".join(found)


def messages() -> str:
    """Markdown tables of what is said of a gate, of a date of the backfill, and of a refusal."""
    heads = ["code", "says"]
    parts = {
        "Of a gate that was judged, or was not": _clauses(Code),
        "Of an attempt of the backfill": _clauses(FailureCode),
    }
    found = [f"## {title}\n\n{_markdown(heads, rows)}" for title, rows in parts.items()]
    refusals = [[f"`{name}`", remedy] for name, remedy in REMEDIES.items()]
    title = "## When BigQuery stops a query\n\n"
    return "\n".join([*found, title + _markdown(["reason", "what to do"], refusals)])


def _clauses(codes: type[Clause]) -> list[list[str]]:
    return [[f"`{code.value}`", code.clause or "the numbers say all"] for code in codes]


def records() -> str:
    """Markdown tables of what each record holds, one per model, the record itself first."""
    return "\n".join(
        f"## {name}.json\n\n{_fields(model.model_json_schema())}" for name, model in MODELS.items()
    )


def _fields(schema: Mapping[str, Any]) -> str:
    """The record and then the parts of it that have fields of their own."""
    parts = {"": schema, **schema.get("$defs", {})}
    tables = []
    for name, part in parts.items():
        if fields := part.get("properties"):
            lead = f"`{name}`: {part['description']}" if name else part["description"]
            must = part.get("required", ())
            rows = [
                [f"`{field}`", _kind(of), "" if field in must else "may be left out"]
                for field, of in fields.items()
            ]
            first = " ".join(lead.split("\n\n")[0].split())
            tables.append(f"{first}\n\n{_markdown(['field', 'type', ''], rows)}")
    return "\n".join(tables)


def _kind(of: Mapping[str, Any]) -> str:
    """A JSON type in words: text, a list of Entry, one of pass, fail."""
    if "anyOf" in of:
        return " or ".join(dict.fromkeys(_kind(each) for each in of["anyOf"]))
    if "$ref" in of:
        return f"`{of['$ref'].rpartition('/')[2]}`"
    if "enum" in of or "const" in of:
        return "one of " + ", ".join(f"`{each}`" for each in of.get("enum", [of.get("const")]))
    if of.get("type") == "array":
        return f"list of {_kind(of.get('items', {}))}"
    if of.get("type") == "object":
        values = of.get("additionalProperties")
        return f"object of {_kind(values)}" if isinstance(values, Mapping) else "object"
    return _KINDS.get(of.get("type", ""), "anything") + (
        f" ({of['format']})" if "format" in of else ""
    )


def _markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', BAR) for cell in line)} |\n" for line in lines)


def with_table(text: str, name: str, content: str) -> str:
    """`text` with `content` between the two markers of that name."""
    begin, end = f"<!-- {name}: written by `make docs` -->\n", f"<!-- end of {name} -->\n"
    before, rest = text.split(begin)
    return before + begin + content + end + rest.split(end)[1]


def pages(settings: Settings, reference: Path) -> Mapping[Path, str]:
    """Each page of docs/reference/ that has a table -> the page with the table as it should be."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    tables = {
        "gates": table(settings),
        "commands": commands(makefile),
        "records": records(),
        "messages": messages(),
    }
    files = {name: reference / f"{name}.md" for name in tables}
    return {
        file: with_table(file.read_text(encoding="utf-8"), name, tables[name])
        for name, file in files.items()
    }


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
    """Write the tables of docs/reference/, the schemas, and sql/columns.json.

    Raises OperatorError.
    """
    program.no_words(words)
    settings = load(environ, now)
    for file, text in pages(settings, REFERENCE).items():
        write_text(file, text)
    for name in MODELS:
        write_text(SCHEMAS / f"{name}.json", schema(name))
    write_json(column_shares.FILE, shares(settings).model_dump())
    return 0
