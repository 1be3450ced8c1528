"""The gates that do not hold by the last records, numbered, to choose one from."""

from collections.abc import Sequence
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


def _cells(verdict: Verdict) -> list[str]:
    gate, value = verdict.gate, verdict.measured
    found = "" if value is None else value_text(gate, value)
    return [gate.id, verdict.outcome.word, found, threshold_text(gate)]
