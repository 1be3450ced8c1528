"""Tables behind single gates, as the runbook shows them; on the screen and in documents alike."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gates.decide.sentence import margin_text, threshold_text, value_text
from gates.decide.verdict import Verdict

COVERAGE = "phase4.player_composite_factors.coverage"
BOOTSTRAP = "phase4.player_composite_factors.bootstrap_rows"
LAST_DATES = "phase4.player_composite_factors.records_per_date"
_NUMBER = re.compile(r"([<>=]+ )?[+-]?[\d,]+(\.\d+)?%?( to [\d,]+(\.\d+)?%?)?")


@dataclass(frozen=True)
class Table:
    """Cells as they are shown; the first column and what is not a number stand on the left."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]

    @property
    def alignment(self) -> list[str]:
        """left or right for each column: counts, shares and rates stand on the right."""
        columns = zip(*self.rows, strict=True) if self.rows else ([""] for _ in self.heads)
        return ["right" if _is_numeric(column) else "left" for column in columns]

    def lines(self) -> list[str]:
        """As `bq --format=pretty` draws it."""
        # Not at the top: a run that prints no table would take a fortieth of a second for it.
        from tabulate import tabulate

        text = tabulate(
            [list(row) for row in self.rows],
            list(self.heads),
            tablefmt="pretty",
            colalign=self.alignment if self.rows else None,
            disable_numparse=True,
        )
        return text.splitlines()


def of_gates(verdicts: Sequence[Verdict]) -> Table:
    """Every gate with what was measured, in the order of gates.toml, which is the runbook's."""
    heads = ("Runbook", "Gate", "Measured", "Threshold", "Margin", "Severity", "Outcome")
    return Table("All gates", heads, [_gate(verdict) for verdict in verdicts])


def _gate(verdict: Verdict) -> list[str]:
    gate = verdict.gate
    return [
        gate.runbook,
        gate.id,
        "" if verdict.measured is None else value_text(gate, verdict.measured),
        threshold_text(gate),
        "" if verdict.margin is None else margin_text(gate, verdict.margin),
        gate.severity,
        verdict.outcome.word,
    ]


def tables(verdicts: Sequence[Verdict]) -> Iterator[Table]:
    """The runbook's tables of those gates that have one and were measured."""
    if coverage := [v for v in verdicts if v.gate.source == "phase3_coverage"]:
        yield _phase3(coverage)
    makers = {COVERAGE: _coverage, BOOTSTRAP: _periods, LAST_DATES: _last_dates}
    for verdict in verdicts:
        if verdict.gate.id in makers and verdict.measured is not None:
            table = makers[verdict.gate.id](verdict)
            if table.rows:
                yield table


def _phase3(verdicts: Sequence[Verdict]) -> Table:
    rows = []
    for verdict in verdicts:
        cells = ["-", "-", "-"]
        if verdict.measured is not None:
            missing = int((verdict.denominator or 0) - (verdict.numerator or 0))
            share = value_text(verdict.gate, verdict.measured)
            cells = [f"{int(verdict.numerator or 0):,}", share, f"{missing:,}"]
        rows.append([verdict.gate.measure, *cells])
    return Table("Phase 3 coverage (runbook 5.2)", ["table", "games", "coverage", "missing"], rows)


def _coverage(verdict: Verdict) -> Table:
    heads = ["phase3_analytics_games", "phase4_precompute_games", "coverage_pct", "status"]
    counts = [f"{int(n or 0):,}" for n in (verdict.denominator, verdict.numerator)]
    share = "" if verdict.measured is None else value_text(verdict.gate, verdict.measured)
    row = [*counts, share, f"{verdict.status.sign} {verdict.status.word.upper()}"]
    return Table("Coverage (runbook 7.2)", heads, [row])


def _periods(verdict: Verdict) -> Table:
    rows = [
        [str(row["period"]), str(row["first_date"]), str(row["last_date"]), f"{row['records']:,}"]
        for row in verdict.table or ()
    ]
    heads = ["period", "first", "last", "records"]
    return Table("Bootstrap dates (runbook 7.4)", heads, rows)


def _last_dates(verdict: Verdict) -> Table:
    rows = [
        [
            str(row["game_date"]),
            f"{row['unique_players']:,}",
            f"{row['total_records']:,}",
            f"{row['games']:,}",
            f"{row['records_per_game']:.1f}",
        ]
        for row in verdict.table or ()
    ]
    heads = ["game_date", "unique_players", "total_records", "games", "records_per_game"]
    return Table("Last ten dates (runbook 7.5)", heads, rows)


def _is_numeric(column: Sequence[str]) -> bool:
    """Whether all cells that are not empty are numbers, bounds or ranges."""
    filled = [cell for cell in column if cell not in ("", "-")]
    return bool(filled) and all(_NUMBER.fullmatch(cell) for cell in filled)
