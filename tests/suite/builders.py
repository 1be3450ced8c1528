"""Gates, measurements, verdicts and records made up for a test."""

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from fractions import Fraction

from gates.config.gate import Gate, GateEntry
from gates.config.settings import Settings
from gates.config.stages import stages_of
from gates.decide.decision import Decision, Run, decide, record, record_file
from gates.decide.verdict import Verdict, judge, not_evaluated
from gates.files import write_json
from gates.measure.result import Measurement

Outcome = Callable[[Gate], Verdict]


def gate(unit: str = "%", of: str | None = "rows", bound: dict[str, object] | None = None) -> Gate:
    """phase2.games.measure, at least 99 unless `bound` says otherwise."""
    exact = {name: _exact(value) for name, value in (bound or {"at_least": 99}).items()}
    words = {"title": "Measure", "runbook": "3.4", "unit": unit, "of": of, "remedy": "Repair it."}
    (made,) = GateEntry.model_validate(words | exact).gates("phase2", "games", "measure")
    return made


def _exact(value: object) -> object:
    # As tomllib gives it with parse_float=Decimal.
    if isinstance(value, list):
        return [_exact(item) for item in value]
    return Decimal(str(value))


def ratio(numerator: int, denominator: int) -> Measurement:
    """A measurement of two counts."""
    return Measurement(Fraction(numerator), Fraction(denominator), query="sql/phase2/games.sql")


def count(number: int | str) -> Measurement:
    """A measurement of one number."""
    return Measurement(Fraction(number))


def at(gate: Gate, number: Decimal | int) -> Verdict:
    """The verdict on a number, of 100 where the gate asks for a percentage."""
    of = Fraction(100) if gate.unit == "%" else None
    return judge(gate, Measurement(Fraction(number), of, query="sql/made/up.sql"))


def passed(gate: Gate) -> Verdict:
    """Just inside the bound."""
    return at(gate, gate.bound.numbers[0] - (gate.bound.comparison == "<"))


def failed(gate: Gate) -> Verdict:
    """Just outside the bound, and outside the marginal band."""
    off = {"=": 1, "<=": 1, "<": 0}.get(gate.bound.comparison, -1)
    return at(gate, (gate.bound.numbers[0] if gate.marginal is None else gate.marginal) + off)


def marginal(gate: Gate) -> Verdict:
    """The last number of the marginal band."""
    assert gate.marginal is not None
    return at(gate, gate.marginal)


def unknown(gate: Gate) -> Verdict:
    """Nothing was measured."""
    return not_evaluated(gate, "the log is missing", "Copy it.")


def decided(
    settings: Settings,
    stage: str,
    others: Mapping[str, Outcome] | None = None,
    rest: Outcome = passed,
) -> Decision:
    """A decision over a stage whose gates have the same outcome, but for `others`."""
    gates = settings.gates_of(stages_of(stage))
    return decide(settings, stage, {g.id: (others or {}).get(g.id, rest)(g) for g in gates})


def recorded(
    settings: Settings,
    stage: str,
    finished: datetime,
    others: Mapping[str, Outcome] | None = None,
) -> None:
    """Such a decision, written as a run writes it."""
    run = Run(finished, finished, finished.isoformat(), [])
    content = record(settings, decided(settings, stage, others), run)
    write_json(record_file(settings.reports, stage), content | {"code_version": "c" * 40})
