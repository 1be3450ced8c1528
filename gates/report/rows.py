"""The rows of the report's table: a gate as it is shown, what it is sorted by, what it opens to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from urllib.parse import quote

from markupsafe import Markup

from gates.decide.decision import Cause, Decision
from gates.decide.history import RUNS, GateResult, PastRun
from gates.decide.record import Query
from gates.decide.sentence import counts_text, margin_text, threshold_words, value_text
from gates.decide.status import Status
from gates.decide.verdict import Verdict
from gates.measure.queries import source_of
from gates.report.sparkline import sparkline
from gates.report.text_table import Table, tables
from gates.text import noun

CONSOLE = "https://console.cloud.google.com/bigquery"


@dataclass(frozen=True)
class Asked:
    """A query as it was run; `number` is its place on the page, `console` its job in BigQuery's."""

    number: int
    query: Query
    console: str | None = None

    @property
    def cost(self) -> str:
        """What it took, read and gave."""
        took, size, rows = self.query.elapsed_s, self.query.bytes_processed or 0, self.query.rows
        expected = self.query.bytes_estimated
        beside = "" if expected is None else f" ({expected:,} expected)"
        return f"{took:,.1f} s, {size:,} bytes{beside}, {rows:,} row{'' if rows == 1 else 's'}"


@dataclass(frozen=True)
class Row:
    """A gate's row. `sort` holds the numbers of measured, threshold, margin and outcome.

    `counts` and `spare` say what the measured number and the margin are.
    """

    verdict: Verdict
    measured: str
    counts: str
    unit: str
    threshold: str
    margin: str
    spare: str
    severity: str
    outcome: Status
    sort: Mapping[str, str]
    command: str | None
    tables: Sequence[Table]
    queries: Sequence[Asked]
    spark: Markup


def queries_of(queries: Sequence[Query], project: str, location: str | None) -> list[Asked]:
    """The queries of a record, numbered from 1; in BigQuery, which has a location, with links."""
    return [
        Asked(number, query, console_link(query.job_id, project, location) if location else None)
        for number, query in enumerate(queries, start=1)
    ]


def console_link(job: str, project: str, location: str) -> str:
    """The address of a job in the console; all that stands in it is quoted."""
    name = quote(f"bq:{location}:{job}", safe=":")
    return f"{CONSOLE}?project={quote(project, safe='')}&j={name}&page=queryresults"


def rows(
    decision: Decision,
    verdicts: Sequence[Verdict],
    queries: Sequence[Asked],
    runs: Sequence[PastRun],
    shown: Mapping[str, Table] = MappingProxyType({}),
) -> list[Row]:
    """A row for each of `verdicts`, which are some of the decision's, in their order.

    `runs` are the last ones, oldest first.
    `shown`: gate id -> a table that its row opens to, beside its own.
    """
    return [
        _row(decision, verdict, queries, runs, shown.get(verdict.gate.id)) for verdict in verdicts
    ]


def _row(
    decision: Decision,
    verdict: Verdict,
    queries: Sequence[Asked],
    runs: Sequence[PastRun],
    shown: Table | None,
) -> Row:
    gate = verdict.gate
    return Row(
        verdict=verdict,
        measured="" if verdict.measured is None else value_text(gate, verdict.measured),
        counts=_counts(verdict),
        unit="" if gate.unit == "%" else gate.unit,
        threshold=threshold_words(gate),
        margin="" if verdict.margin is None else margin_text(gate, verdict.margin),
        spare=_spare(verdict),
        severity="warns only" if gate.severity == "warn" else gate.severity,
        outcome=verdict.outcome,
        sort={
            "measured": _number(verdict.measured),
            "threshold": f"{gate.bound.numbers[0]:f}",
            "margin": _number(verdict.margin),
            "outcome": str(verdict.outcome.rank),
        },
        command=None if verdict else Cause((verdict,), decision.asked).command,
        tables=[*([shown] if shown else []), *(tables([verdict]) if verdict.table else [])],
        queries=[each for each in queries if each.query.source == source_of(gate)],
        spark=sparkline(_points(gate.id, runs)),
    )


def _counts(verdict: Verdict) -> str:
    """What a share or an average is of; a number alone has its unit beside it."""
    if verdict.numerator is None or verdict.denominator is None:
        return ""
    return counts_text(verdict.gate, verdict.numerator, verdict.denominator)


def _spare(verdict: Verdict) -> str:
    """What the margin is."""
    if verdict.margin is None:
        return ""
    gate, size = verdict.gate, abs(verdict.margin)
    unit = "percentage points" if gate.unit == "%" else noun(gate.unit, size)
    number = margin_text(gate, size).removeprefix("+")
    return f"{number} {unit} {'to spare' if verdict.margin >= 0 else 'outside the threshold'}"


def _number(value: Fraction | None) -> str:
    return "" if value is None else f"{float(value):.12g}"


def _points(gate: str, runs: Sequence[PastRun]) -> list[GateResult]:
    """What became of the gate in each run that asked for it."""
    return [run.gates[gate] for run in runs[-RUNS:] if gate in run.gates]
