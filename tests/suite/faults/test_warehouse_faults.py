"""Every way in which BigQuery, or what stands before it, can fail, in the middle of a stage's run.

A fault for ever is never a GO. A fault that passes ends in a GO with the figures that there are
without it, or in a NO-GO that says why. The next run is a GO.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from faults import kinds
from faults.page import Teller
from faults.proxy import Act, Proxy
from harness import GatesProject, GatesRun, TestWarehouse

FOR_EVER = float("inf")
PLACES: Mapping[str, Mapping[str, Any]] = {
    "life": {"path": "/healthz"},
    "columns": {"path": "/tables/"},
    "query": {"path": "/queries\\?", "method": "POST"},
    "another query": {"path": "/queries\\?", "method": "POST", "at": 2},
    "anywhere": {},
}
# What a server can answer whatever was asked.
ANSWERS: Mapping[str, Act] = {
    "reset": kinds.reset,
    "stall": kinds.stall,
    "trickle": kinds.trickle,
    "garbage": kinds.garbage,
    "no HTTP": kinds.not_http,
    "empty": kinds.empty,
    "nested": kinds.nested,
    "half a page": kinds.half_a_page,
    "redirect": kinds.redirect,
    "answer lost": kinds.answer_lost,
    **{f"{code}": kinds.bigquery_error(code) for code in (401, 403, 404, 413, 429, 500, 503, 504)},
    "403 rateLimitExceeded": kinds.bigquery_error(403, "rateLimitExceeded"),
    "400 responseTooLarge": kinds.bigquery_error(400, "responseTooLarge"),
    "400 resourcesExceeded": kinds.bigquery_error(400, "resourcesExceeded"),
    "502 page": kinds.status(502),
    "503 page": kinds.status(503),
    "403 page": kinds.status(403),
}
# What only an answer with rows can get wrong.
IN_ROWS: Mapping[str, Act] = {
    "page loop": kinds.page_loop,
    "rows twice": kinds.rows_twice,
    "no rows": kinds.rows_gone,
    "NULL rows": kinds.rows_null,
    "text for numbers": kinds.rows_text,
    "negative counts": kinds.rows_negative,
    "400 digits": kinds.rows_huge,
    "a column less": kinds.rows_short,
    "rows of another shape": kinds.rows_flat,
    "no columns": kinds.no_schema,
    "never done": kinds.never_done,
    **{
        f"job {reason}": kinds.bigquery_error(400, reason)
        for reason in ("jobBackendError", "jobInternalError", "jobRateLimitExceeded")
    },
}
# Once, these are what a client is expected to try again.
PASSING = ("reset", "429", "500", "503", "502 page", "503 page")


@dataclass(frozen=True)
class Case:
    """A fault, at which request, once or for ever."""

    name: str
    act: Act
    place: str
    times: float
    which: Mapping[str, Any] = field(default_factory=dict)

    @property
    def for_ever(self) -> bool:
        return self.times == FOR_EVER

    @property
    def heals(self) -> bool:
        return self.name in PASSING and not self.for_ever

    @property
    def harmless(self) -> bool:
        """Whether it says nothing of the tables: any answer is a sign of life, and a query that is
        said not to be done is asked after, and found done."""
        said = self.place == "life" and self.name not in ("reset", "stall", "no HTTP")
        return said or (self.name == "never done" and self.place == "query")

    def __str__(self) -> str:
        return f"{self.name}, {self.place}, {'for ever' if self.for_ever else 'once'}"


def cases() -> list[Case]:
    return [
        Case(name, act, place, times, PLACES[place])
        for faults, places in (
            (ANSWERS, PLACES),
            (IN_ROWS, ("query", "anywhere")),
        )
        for name, act in faults.items()
        for place in places
        for times in (1, FOR_EVER)
    ]


QUICK = {
    "reset, query, once",
    "503, another query, once",
    "403, columns, for ever",
    "garbage, query, for ever",
    "half a page, query, once",
    "rows twice, query, for ever",
    "never done, query, for ever",
    "nested, another query, for ever",
}


def each_case(stage: str) -> list[Any]:
    quick = QUICK if stage == "preflight" else set()
    # Each place is the client's, whatever the stage; of another one what the answers say is enough.
    tried = [
        each for each in cases() if stage == "preflight" or each.place in ("anywhere", "query")
    ]
    return [
        pytest.param(case, id=str(case), marks=[] if str(case) in quick else [pytest.mark.soak])
        for case in tried
    ]


def figures(run: GatesRun) -> dict[str, Any]:
    """What was measured, and what it came to."""
    names = ("status", "measured", "numerator", "denominator")
    gates = (run.record or {"gates": []})["gates"]
    return {gate["id"]: [gate[name] for name in names] for gate in gates}


def causes(run: GatesRun) -> list[str]:
    """The sentences of what did not pass, each once, without the gates' ids."""
    failed = [run.details[gate] for gate in run.others_than_pass()]
    return list(dict.fromkeys(detail.partition(": ")[2] for detail in failed))


def said(run: GatesRun) -> str:
    """What happened, for the page."""
    decision = run.decision or "no record"
    found = causes(run)
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return f"{decision}, exit {run.status}" + (f": {found[0]}{more}" if found else "")


def assert_ended_well(run: GatesRun, known: dict[str, Any]) -> None:
    """Not by a hang or a crash; a GO only with the figures that there are."""
    assert run.status >= 0, f"it did not end: {run.output}"
    assert (run.status == 0) == (run.decision == "GO"), run.output
    assert run.decision != "GO" or figures(run) == known
    assert "Traceback" not in run.output
    assert "INTERNALERROR" not in run.output
    assert "\x1b" not in run.output
    for cause in causes(run):
        assert cause.isprintable(), cause
        assert "crashed" not in cause
        # An exception's own text is not a sentence.
        assert not re.search(r"\b(Index|Key|Type|Value|Attribute|Recursion)Error:", cause)


# What a run with a fault need not wait for longer. Where a GO is asked for, the bound is that of
# gates.toml, for a machine that is busy.
HURRY = {"query_timeout_s = 120": "query_timeout_s = 6"}


def run_of(project: GatesProject, stage: str, patient: bool) -> GatesRun:
    """A run with the fault, which may make it wait."""
    with project.set_for_a_while({} if patient else HURRY):
        return project.run(stage=stage)


_KNOWN: dict[str, dict[str, Any]] = {}


def known_figures(project: GatesProject, stage: str) -> dict[str, Any]:
    """Those of a run without a fault, which are the same for every case of this worker."""
    if stage not in _KNOWN:
        run = project.run(stage=stage)
        assert run.decision == "GO", run.output
        _KNOWN[stage] = figures(run)
    return _KNOWN[stage]


def broken(
    project: GatesProject, warehouse: TestWarehouse, stage: str, case: Case, tell: Teller
) -> None:
    known = known_figures(project, stage)
    with Proxy(warehouse.host) as proxy:
        project.host = proxy.host
        tell.start()
        with proxy.breaks(case.act, times=case.times, **case.which) as rule:
            run = run_of(project, stage, patient=case.heals)
        tell(f"BigQuery, during {stage}", str(case), said(run))
        assert rule.taken, "the fault was never met"
        assert_ended_well(run, known)
        if case.for_ever and not case.harmless:
            assert run.decision != "GO"
        if case.heals:
            assert run.decision == "GO", said(run)
        again = project.run(stage=stage)
        assert again.decision == "GO", said(again)


@pytest.mark.parametrize("case", each_case("preflight"))
def test_a_fault_during_preflight(
    case: Case, project: GatesProject, warehouse: TestWarehouse, tell: Teller
) -> None:
    broken(project, warehouse, "preflight", case, tell)


@pytest.mark.parametrize("case", each_case("phase12"))
def test_a_fault_during_phase12(
    case: Case, project: GatesProject, warehouse: TestWarehouse, tell: Teller
) -> None:
    broken(project, warehouse, "phase12", case, tell)


@pytest.mark.parametrize("stage", ["preflight", pytest.param("phase12", marks=pytest.mark.soak)])
@pytest.mark.parametrize("seconds", [None, 1.0], ids=["for ever", "a second"])
def test_a_port_that_is_closed(
    stage: str,
    seconds: float | None,
    project: GatesProject,
    warehouse: TestWarehouse,
    tell: Teller,
) -> None:
    known = known_figures(project, stage)
    with Proxy(warehouse.host) as proxy:
        project.host = proxy.host
        tell.start()
        with proxy.refuses(seconds):
            run = run_of(project, stage, patient=seconds is not None)
        kind = "for ever" if seconds is None else f"for {seconds:g} s"
        tell(f"BigQuery, during {stage}", f"refused, {kind}", said(run))
        assert_ended_well(run, known)
        assert run.decision == ("NO-GO" if seconds is None else "GO"), said(run)
        assert project.run(stage=stage).decision == "GO"
