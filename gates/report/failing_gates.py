"""The gates that do not hold by the last records, numbered, to choose one from."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from gates.decide.sentence import threshold_text, value_text
from gates.decide.verdict import Verdict
from gates.report.text_table import Table

HEADS = ("number", "gate", "outcome", "found", "expected")


def content(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """An object for each, counted from 1."""
    cells = ([number, *_cells(each)] for number, each in enumerate(verdicts, start=1))
    return [dict(zip(HEADS, row, strict=True)) for row in cells]


def table(verdicts: Sequence[Verdict]) -> Table:
    """The same as a table; what a gate came to is a sign before its id."""
    rows = [
        [str(number), f"{each.outcome.sign.strip()} {each.gate.id}", *_cells(each)[2:]]
        for number, each in enumerate(verdicts, start=1)
    ]
    return Table("Gates that do not hold", ("no.", "gate", "found", "expected"), rows)


def screen(verdicts: Sequence[Verdict]) -> Table:
    """The same in 80 columns: under the source of several gates their measures."""
    listed = table(verdicts)
    rows = [
        row
        for source, gates in groupby(listed.rows, key=_source)
        for row in (["", source, "", ""], *(_under(source, each) for each in gates))
    ]
    return replace(listed, rows=rows)


def _source(row: Sequence[str]) -> str:
    gate = row[1].partition(" ")[2]
    # A column in brackets has no dot that counts.
    return gate.partition("[")[0].rpartition(".")[0]


def _under(source: str, row: Sequence[str]) -> list[str]:
    number, gate, *others = row
    return [number, gate.replace(f"{source}.", "", 1), *others]


def _cells(verdict: Verdict) -> list[str]:
    gate, value = verdict.gate, verdict.measured
    found = "" if value is None else value_text(gate, value)
    return [gate.id, verdict.outcome.word, found, threshold_text(gate)]
