"""docs/reference/detection.md, which `make docs` writes: which gates catch which fault.

The corpus' own tests hold every line of it true; tests/suite/test_detection.py compares the text.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from corpus import STANDING, Fault, faults, healthy_states

from gates.config.gate import Gate
from gates.config.settings import load
from gates.report.markdown import code, table
from gates.report.text_table import Table

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs/reference/detection.md"
HEAD = """# What is caught

Every fault of the corpus (tests/suite/incidents/), the gates that it trips, all of them, and what
the runbook's own thresholds would have said. Written by `make docs`; the tests of the corpus put
each fault into the embedded warehouse and compare. So do they with states that look like faults and
are none (tests/suite/healthy/).
"""


def said(statuses: Mapping[str, str], gates: Mapping[str, Gate]) -> str:
    """GO or NO-GO by the gates that did not pass."""
    if any(
        gates[name].severity == "required" or status == "not_evaluated"
        for name, status in statuses.items()
    ):
        return "NO-GO"
    return "GO, with a warning" if statuses else "GO"


def runbook_alone(fault: Fault, gates: Mapping[str, Gate]) -> str:
    """The same by the gates of kind runbook alone."""
    asked = {n: status for n, status in fault.statuses.items() if gates[n].kind == "runbook"}
    return said(asked, gates)


def document(found: Sequence[Fault], healthy: Sequence[Fault], gates: Mapping[str, Gate]) -> str:
    """The whole page: the figures, faults and gates, healthy states, gates and faults."""
    parts = [HEAD, *_figures(found, gates), "## Faults\n", table(_faults(found, gates)) + "\n"]
    parts += ["## Healthy states\n", _standing(), table(_healthy(healthy)) + "\n"]
    return "\n".join([*parts, "## Gates\n", table(_gates(found, gates)) + "\n"])


def _figures(found: Sequence[Fault], gates: Mapping[str, Gate]) -> Iterator[str]:
    missed = sum(runbook_alone(fault, gates) == "GO" for fault in found)
    tripped = {name for fault in found for name in fault.statuses}
    yield (
        f"{len(found)} faults, {len(gates)} gates. The runbook's thresholds alone pass {missed} of "
        f"the faults, all gates none; {len(tripped)} gates are tripped by at least one, the others "
        "have tests of their thresholds.\n"
    )


def _faults(found: Sequence[Fault], gates: Mapping[str, Gate]) -> Table:
    rows = [
        [
            fault.name.replace("_", " "),
            fault.family,
            "" if fault.incident is None else str(fault.incident),
            fault.happened,
            runbook_alone(fault, gates),
            said(fault.statuses, gates),
            " ".join(code(name) for name in sorted(fault.statuses)),
        ]
        for fault in found
    ]
    heads = ["fault", "family", "incident", "what happened", "runbook alone", "all gates", "which"]
    return Table("Faults", heads, rows)


def _standing() -> str:
    names = " and ".join(code(name) for name in sorted(STANDING))
    return (
        f"All are a GO. {names} judge by age alone and warn on these seasons at any time: tables "
        "were run again with the same values.\n"
    )


def _healthy(found: Sequence[Fault]) -> Table:
    rows = [
        [
            state.name.replace("_", " "),
            state.happened,
            " ".join(code(name) for name in sorted(state.statuses)),
        ]
        for state in found
    ]
    return Table("Healthy states", ["state", "what is there", "warns beside"], rows)


def _gates(found: Sequence[Fault], gates: Mapping[str, Gate]) -> Table:
    rows = [
        [
            code(name),
            gate.kind,
            ", ".join(f.name.replace("_", " ") for f in found if name in f.statuses)
            or "tests of its threshold",
        ]
        for name, gate in gates.items()
    ]
    return Table("Gates", ["gate", "kind", "tripped by"], rows)


def gates_of_the_file() -> dict[str, Gate]:
    """The gates of gates.toml."""
    return dict(load({"GATES_CONFIG": str(ROOT / "gates.toml")}, datetime.now(UTC)).gates)


if __name__ == "__main__":
    DOCUMENT.write_text(document(faults(), healthy_states(), gates_of_the_file()), encoding="utf-8")
