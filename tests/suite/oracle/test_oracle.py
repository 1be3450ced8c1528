"""Every statement means the same to Google's reference implementation and the embedded warehouse.

`make oracle` runs it: loading the reference implementation takes most of a minute, and each world
some more.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from google.api_core.exceptions import GoogleAPICallError
from harness import TestWarehouse, running
from hypothesis import HealthCheck, Phase, given, settings
from oracle.compare import differences
from oracle.embedded import hold, rows
from oracle.reference import NullElementError, Reference
from oracle.statements import SNAPSHOT, Sent, every, joint_jobs, sources
from oracle.worlds import Shape, World, shapes, world
from zetasql.core.exceptions import ServerError

WORLDS = 50


def worlds(number: int) -> Callable[..., Callable[..., None]]:
    """A test over so many worlds, the same ones each time; a failing one is not made smaller."""

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        limited = settings(
            max_examples=number,
            phases=[Phase.generate],
            derandomize=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        decorated: Callable[..., None] = limited(given(shape=shapes())(test))
        return decorated

    return decorate


@pytest.fixture(scope="module")
def google() -> Reference:
    return Reference()


@pytest.fixture(scope="module")
def server(filled_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestWarehouse]:
    """A warehouse of this module's own: its tables are emptied."""
    with running(filled_home, tmp_path_factory.mktemp("oracle") / "home") as found:
        yield found


def disagreements(
    statements: Iterable[Sent], google: Reference, server: TestWarehouse, found: World
) -> list[str]:
    """A sentence for each cell in which an answer over the world `found` differs."""
    hold(server, found)
    now = str(server.value("SELECT CAST(CURRENT_TIMESTAMP() AS STRING)"))
    # Each of the two has a core: here it is a library that leaves Python's lock, there a server.
    with google.holding(found), ThreadPoolExecutor(1) as beside:
        expected = [
            (each, beside.submit(google.rows, each.text, each.parameters)) for each in statements
        ]
        return [
            f"{statement.name} {each}"
            for statement, answer in expected
            for each in _disagreements(statement, answer, server, now)
        ]


def _disagreements(
    statement: Sent, expected: "Future[list[dict[str, Any]]]", server: TestWarehouse, now: str
) -> Iterator[str]:
    answer, failed = None, ""
    try:
        answer = rows(server, statement.text.replace(SNAPSHOT, now), statement.parameters)
    except GoogleAPICallError as error:
        failed = f"is refused by the embedded warehouse: {error}"
    try:
        found = expected.result()
    except NullElementError as problem:
        yield str(problem)
    except ServerError as error:
        # Both refuse what no engine can cast, such as NaN to NUMERIC.
        if answer is not None:
            yield f"is refused at Google: {error}"
    else:
        yield from [failed] if answer is None else differences(answer, found)


@pytest.mark.oracle
@worlds(2)
def test_what_measures_gates_agrees(shape: Shape, google: Reference, server: TestWarehouse) -> None:
    sent = [*sources(), *joint_jobs()]
    assert not disagreements(sent, google, server, world(shape))


@pytest.mark.oracle
@worlds(WORLDS)
def test_every_statement_agrees(shape: Shape, google: Reference, server: TestWarehouse) -> None:
    assert not disagreements(every(), google, server, world(shape))
