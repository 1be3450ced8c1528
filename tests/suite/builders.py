"""Gates, measurements, verdicts and records made up for a test."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

from backfill import attempts
from backfill.attempts import Attempt, Attempts
from gates.config.gate import Bound, Gate, GateEntry
from gates.config.settings import Settings
from gates.config.stages import ALLOWING, stages_of
from gates.decide.decision import Decision, decide
from gates.decide.reason import Code, reason
from gates.decide.record import Record, record_file
from gates.decide.recording import Run, record
from gates.decide.verdict import Verdict, judge, not_evaluated
from gates.measure.all_runs import Begun
from gates.measure.failure import Failure, FailureCode, failure, sentence
from gates.measure.result import Measurement

Outcome = Callable[[Gate], Verdict]
AS_SENT: dict[str, Any] = {
    "status": "complete",
    "attempts": 1,
    "http_status": 200,
    "elapsed_s": 2.0,
    "finished_at": "2026-01-03T12:00:00+00:00",
    "processors": {},
    "rows": {},
    "error": None,
    "failures": [],
}


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
    of, games = Fraction(100) if gate.unit == "%" else None, _games(gate)
    return judge(gate, Measurement(Fraction(number), of, query="sql/made/up.sql", scheduled=games))


def _games(gate: Gate) -> Fraction | None:
    """So many games in the schedule that a bound for each of them asks for what gates.toml does."""
    per_game = gate.per_game
    return None if per_game is None else Fraction(ceil(gate.bound.numbers[0] / per_game))


def _asked(gate: Gate) -> Bound:
    games = _games(gate)
    return gate.bound if games is None else gate.over(games).bound


def passed(gate: Gate) -> Verdict:
    """Just inside the bound."""
    bound = _asked(gate)
    return at(gate, bound.numbers[0] - (bound.comparison == "<"))


def failed(gate: Gate) -> Verdict:
    """Just outside the bound, and outside the marginal band."""
    bound = _asked(gate)
    off = {"=": 1, "<=": 1, "<": 0}.get(bound.comparison, -1)
    return at(gate, (bound.numbers[0] if gate.marginal is None else gate.marginal) + off)


def marginal(gate: Gate) -> Verdict:
    """The last number of the marginal band."""
    assert gate.marginal is not None
    return at(gate, gate.marginal)


def unknown(gate: Gate) -> Verdict:
    """Nothing was measured."""
    return not_evaluated(gate, reason(Code.UNAVAILABLE, "Copy it.", what="the log is missing"))


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
    made = record(settings, decided(settings, stage, others), run)
    altered(made, code_version="c" * 40).write(record_file(settings.reports, stage))


def altered(made: Record, **values: Any) -> Record:
    """The record as it is read from a file in which `values` stand in the place of its own."""
    return Record.model_validate_json(json.dumps(made.content() | values))


def begun(started_at: datetime, server: str | None = "here", **values: Any) -> Begun:
    """A run of the backfill; what is not given is as of one that both decisions allowed."""
    return Begun(
        **{
            "started_at": started_at,
            "config_sha256": "e" * 64,
            "server": server,
            "decisions": dict.fromkeys(ALLOWING, started_at - timedelta(minutes=5)),
            **values,
        }
    )


def together(every: Sequence[Attempt]) -> Attempts:
    """What `every` attempt, as they were begun, comes to."""
    return attempts.together(
        every,
        [each for each in every if each.ended is None],
        [([each.started], [each.ended], [not each.failures]) for each in every if each.ended],
        [(each.failures, 1) for each in every if each.ended and each.failures],
    )


def http(status: int, said: str = "") -> list[Failure]:
    """Why an attempt failed that the service answered with `status`."""
    return [failure(FailureCode.HTTP, status=status, said=said)]


def no_games(found: int, due: int) -> list[Failure]:
    """Why an attempt failed after which games are missing."""
    table = "player_composite_factors"
    return [failure(FailureCode.GAMES_MISSING, table=table, found=found, due=due)]


def broken(how: str) -> list[Failure]:
    """Why an attempt failed that is like no other but those that broke in this way."""
    return [failure(FailureCode.UNEXPECTED, error=how, place="run.py:1")]


def in_summary(failures: list[Failure]) -> dict[str, Any]:
    """The same of a date of summary.json."""
    noted = [each.model_dump(mode="json") for each in failures]
    return {"error": sentence(failures), "failures": noted}


def summarized(*dates: Mapping[str, Any], **values: Any) -> dict[str, Any]:
    """The content of a summary.json; of each of `dates` what is not given is as after a success."""
    entries = [AS_SENT | dict(each) for each in dates]
    done = sum(each["status"] == "complete" for each in entries)
    return {
        "schema_version": 1,
        "started_at": "2026-01-03T07:00:00+00:00",
        "finished_at": "2026-01-03T08:00:00+00:00",
        "target": "local",
        "config_sha256": "e" * 64,
        "planned": len(entries),
        "succeeded": done,
        "failed": sum(each["status"] == "failed" for each in entries),
        "remaining": sum(each["status"] == "pending" for each in entries),
        "already_complete": 50,
        "bootstrap_skipped": 28,
        "success_rate": 100 * done / max(len(entries), 1),
        "stopped_because": None,
        "decisions": {},
        "overrides": [],
        "dates": entries,
    } | values
