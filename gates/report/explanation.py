"""What is known of a gate, as text, Markdown and JSON."""

import json
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gates.config import next_command
from gates.config.gate import Gate
from gates.decide.history import GateResult
from gates.decide.sentence import threshold_words, value_text
from gates.numbers import exact
from gates.report import markdown
from gates.report.text_table import Table

WIDTH = 80
RUNS_SHOWN = 10
NO_INCIDENT = (
    "no incident of the platform is recorded for it; docs/reference/detection.md has the faults "
    "that it catches"
)


@dataclass(frozen=True)
class Explanation:
    """A gate with why it is there, the source of its bound, and its runs, oldest first.

    `runs` are (ISO time, result); `problem` says why there are none. `file` is the query, `sql`
    how it computes the measure; None where no query measures it.
    """

    gate: Gate
    incidents: Sequence[str]
    bound: str
    runs: Sequence[tuple[str, GateResult]]
    problem: str | None
    file: str | None
    sql: str | None

    def facts(self) -> Iterator[tuple[str, str]]:
        """What it is, each with its name."""
        gate = self.gate
        of = f" of {gate.of}" if gate.of else ""
        yield "Measured", f"{gate.title}, in {gate.unit}{of}"
        yield "Passes when", threshold_words(gate)
        if gate.marginal is not None:
            yield "Marginal", f"from {gate.marginal} up, which is not GO"
        yield "Bound from", self.bound
        yield "Severity", "a NO-GO" if gate.severity == "required" else "a warning"
        yield "Owner", gate.owner or "nobody is named, under [owners] of gates.toml"
        for happened in self.incidents or [NO_INCIDENT]:
            yield "Why", happened
        yield "Remedy", gate.remedy

    def last_runs(self) -> Table:
        """Its last runs, the newest first."""
        rows = [
            [finished[:16].replace("T", " "), run.status.word, _measured(self.gate, run)]
            for finished, run in reversed(self.runs[-RUNS_SHOWN:])
        ]
        return Table("Last runs", ("finished", "outcome", "measured"), rows)

    @property
    def no_runs(self) -> str:
        """What to say where no run is remembered."""
        return self.problem or "No run of it is remembered on this target."

    @property
    def source(self) -> str:
        """What measures it."""
        return self.file or "no query: a log or the process table"

    def content(self) -> dict[str, Any]:
        """As JSON has it."""
        gate = self.gate
        return {
            "gate": gate.id,
            "title": gate.title,
            "unit": gate.unit,
            "of": gate.of,
            "kind": gate.kind,
            "severity": gate.severity,
            "runbook": gate.runbook,
            "threshold": threshold_words(gate),
            "bound_source": self.bound,
            "owner": gate.owner,
            "incidents": list(self.incidents),
            "runs": [
                {"finished_at": finished, "status": run.status, "measured": run.measured}
                for finished, run in self.runs
            ],
            "query": self.file,
            "sql": self.sql,
            "remedy": gate.remedy,
        }


def _measured(gate: Gate, run: GateResult) -> str:
    return "" if run.measured is None else value_text(gate, exact(run.measured))


def table(every: Sequence[Explanation]) -> str:
    """For a screen, in 80 columns."""
    lines: list[str] = []
    for each in every:
        lines.append(each.gate.id)
        for name, said in each.facts():
            lines += textwrap.wrap(
                said,
                WIDTH,
                initial_indent=f"  {name:12}",
                subsequent_indent=" " * 14,
                break_on_hyphens=False,
            )
        lines.append("  Last runs")
        runs = each.last_runs().lines() if each.runs else textwrap.wrap(each.no_runs, WIDTH - 4)
        lines += [f"    {line}" for line in runs]
        lines.append(f"  Query       {each.source}")
        lines += [f"    {line}" for line in (each.sql or "").splitlines()]
    lines.append(next_command.line(next_command.diagnose(every[0].gate.id)))
    return "\n".join([*lines, ""])


def as_markdown(every: Sequence[Explanation]) -> str:
    """For an issue or a message."""
    parts: list[str] = []
    for each in every:
        parts.append(f"### {markdown.code(each.gate.id)}")
        parts.append("\n".join(f"- {name}: {markdown.cell(said)}" for name, said in each.facts()))
        runs = markdown.table(each.last_runs()) if each.runs else markdown.cell(each.no_runs)
        parts += [runs, f"Query: {markdown.cell(each.source)}"]
        if each.sql:
            parts.append(f"```sql\n{each.sql}\n```")
    return "\n\n".join(parts) + "\n"


def as_json(every: Sequence[Explanation]) -> str:
    """For a program: a list of objects."""
    content = [each.content() for each in every]
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


FORMATS: dict[str, Callable[[Sequence[Explanation]], str]] = {
    "table": table,
    "md": as_markdown,
    "json": as_json,
}
