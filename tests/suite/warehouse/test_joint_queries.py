"""A stage's sources are asked in one job; a problem of one costs no gate of another."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from harness import GatesProject, GatesRun
from http_faults import Answer, Fault, Request, as_json, but, forward_to, serving

# A source's row is a column of this name in the joint row.
JOINT = "AS phase2__player_games"
SOURCES = {"phase2.player_games", "phase2.player_game_summary", "phase2.full_schedule"}


def run_behind(project: GatesProject, fault: Fault) -> tuple[GatesRun, list[str]]:
    """A run whose requests pass a fault, and the text of its queries."""
    assert project.host is not None
    with serving(but(forward_to(project.host), fault)) as (project.host, requests):
        run = project.run()
    return run, [request.sql for request in requests if request.sql]


def is_joint(request: Request) -> bool:
    return JOINT in request.sql


def refusal(reason: str, message: str, status: int = 400) -> Answer:
    error = {"reason": reason, "message": message}
    return as_json({"error": {"code": status, "message": message, "errors": [error]}}, status)


@pytest.mark.parametrize(
    "answer",
    [
        refusal("resourcesExceeded", "Not enough resources: too many subqueries or too complex"),
        refusal("invalidQuery", "Query is too large. The maximum length is 1024.00K characters"),
        refusal("responseTooLarge", "Response too large to return", 403),
        refusal("bytesBilledLimitExceeded", "Query exceeded limit for bytes billed", 500),
        Answer(413, b"<html>Request Entity Too Large"),
    ],
    ids=["resources", "length", "response", "bytes", "413"],
)
def test_what_is_too_much_at_once_is_asked_source_by_source(
    project: GatesProject, answer: Answer
) -> None:
    run, asked = run_behind(project, lambda request: answer if is_joint(request) else None)
    assert (run.decision, run.others_than_pass()) == ("GO", {})
    assert sum(JOINT in sql for sql in asked) == 1
    # Phase 1's job, phase 2's that was refused, its three sources, and of each phase the job of
    # values.
    assert len(asked) == 7


def test_a_source_that_fails_costs_its_own_gates_only(project: GatesProject) -> None:
    file = "sql/phase2/player_game_summary.sql"
    project.edit(
        file,
        "  COUNTIF(has_played) AS record_count,",
        "  CAST('x' AS INT64) AS record_count,",
    )
    run = project.run()
    stages = {gate.rpartition(".")[0] for gate in run.others_than_pass()}
    assert stages == {"phase2.player_game_summary"}
    assert set(run.others_than_pass().values()) == {"not_evaluated"}
    assert run.status == 6


def changed(change: Callable[[dict[str, Any]], None]) -> Callable[[GatesProject], GatesRun]:
    """A run in which the result of the joint job of phase 2 is another than the warehouse's."""

    def run(project: GatesProject) -> GatesRun:
        assert project.host is not None
        forward = forward_to(project.host)

        def fault(request: Request) -> Answer | None:
            if not is_joint(request):
                return None
            content = json.loads(forward(request).body)
            change(content)
            return as_json(content)

        return run_behind(project, fault)[0]

    return run


def two_rows(content: dict[str, Any]) -> None:
    content |= {"rows": content.get("rows", []) * 2, "totalRows": "2"}


def no_row(content: dict[str, Any]) -> None:
    content |= {"rows": [], "totalRows": "0"}


def one_column_less(content: dict[str, Any]) -> None:
    content["schema"]["fields"].pop()
    for row in content.get("rows", ()):
        row["f"].pop()


def one_null(content: dict[str, Any]) -> None:
    for row in content.get("rows", ()):
        row["f"][0]["v"] = None


@pytest.mark.parametrize(
    ("change", "why", "sources"),
    [
        (two_rows, "returned 2 rows, expected one row", 3),
        (no_row, "returned 0 rows, expected one row", 3),
        (one_column_less, "returned a row without the column phase2__", 3),
        (one_null, "returned NULL, expected a row of columns", 1),
    ],
)
def test_a_joint_answer_that_is_none_is_a_sentence_of_the_gates_concerned(
    project: GatesProject, change: Callable[[dict[str, Any]], None], why: str, sources: int
) -> None:
    run = changed(change)(project)
    lost = run.others_than_pass()
    assert set(lost.values()) == {"not_evaluated"}
    assert all(why in run.details[gate] for gate in lost)
    of = {gate.rpartition(".")[0] for gate in lost}
    assert of <= SOURCES
    assert len(of) == sources
    assert (run.decision, run.status) == ("NO-GO", 6)
