"""The rows of the report's table: a gate as it is shown, what it is sorted by, what it opens to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from markupsafe import Markup

from gates.decide.decision import Cause
from gates.decide.history import RUNS, GateResult, PastRun
from gates.decide.record import Query
from gates.decide.sentence import margin_text, threshold_words, value_text
from gates.decide.status import Status
from gates.decide.verdict import Verdict
from gates.measure.queries import source_of
from gates.report.sparkline import sparkline
from gates.report.text_table import Table, tables


@dataclass(frozen=True)
class Asked:
    """A query as it was run; `number` is its place on the page."""

    number: int
    query: Query

    @property
    def cost(self) -> str:
        """What it took, read and gave."""
        took, size, rows = self.query.elapsed_s, self.query.bytes_processed or 0, self.query.rows
        expected = self.query.bytes_estimated
        beside = "" if expected is None else f" ({expected:,} expected)"
        return f"{took:,.1f} s, {size:,} bytes{beside}, {rows:,} row{'' if rows == 1 else 's'}"


@dataclass(frozen=True)
class Row:
    """A gate's row. `sort` holds the numbers of measured, threshold, margin and outcome."""

    verdict: Verdict
    measured: str
    unit: str
    threshold: str
    margin: str
    severity: str
    outcome: Status
    sort: Mapping[str, str]
    command: str | None
    tables: Sequence[Table]
    queries: Sequence[Asked]
    spark: Markup


def queries_of(queries: Sequence[Query]) -> list[Asked]:
    """The queries of a record, numbered from 1."""
    return [Asked(number, query) for number, query in enumerate(queries, start=1)]


def rows(
    verdicts: Sequence[Verdict], queries: Sequence[Asked], runs: Sequence[PastRun]
) -> list[Row]:
    """A row per gate, in the order of `verdicts`; `runs` are the last ones, oldest first."""
    return [_row(verdict, queries, runs) for verdict in verdicts]


def _row(verdict: Verdict, queries: Sequence[Asked], runs: Sequence[PastRun]) -> Row:
    gate = verdict.gate
    return Row(
        verdict=verdict,
        measured="" if verdict.measured is None else value_text(gate, verdict.measured),
        unit="" if gate.unit == "%" else gate.unit,
        threshold=threshold_words(gate),
        margin="" if verdict.margin is None else margin_text(gate, verdict.margin),
        severity="warns only" if gate.severity == "warn" else gate.severity,
        outcome=verdict.outcome,
        sort={
            "measured": _number(verdict.measured),
            "threshold": f"{gate.bound.numbers[0]:f}",
            "margin": _number(verdict.margin),
            "outcome": str(verdict.outcome.rank),
        },
        command=None if verdict else Cause((verdict,)).command,
        tables=list(tables([verdict])) if verdict.table else [],
        queries=[each for each in queries if each.query.source == source_of(gate)],
        spark=sparkline(_points(gate.id, runs)),
    )


def _number(value: Fraction | None) -> str:
    return "" if value is None else f"{float(value):.12g}"


def _points(gate: str, runs: Sequence[PastRun]) -> list[GateResult]:
    """What became of the gate in each run that asked for it."""
    return [run.gates[gate] for run in runs[-RUNS:] if gate in run.gates]
