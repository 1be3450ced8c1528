"""Every statement means the same to Google's reference implementation and the embedded warehouse.

`make oracle` runs it, a world at a time: each takes minutes, and loading the reference
implementation most of one. With the suite's other tests what measures the gates runs on one world.
"""

from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from google.api_core.exceptions import GoogleAPICallError
from google.cloud import bigquery
from harness import PROJECT, TestWarehouse, running
from oracle.compare import differences
from oracle.embedded import hold, rows
from oracle.reference import NullElementError, Reference
from oracle.statements import SNAPSHOT, Sent, every, sources
from oracle.worlds import HISTORY, World, shape_of, world
from zetasql.core.exceptions import ServerError

from gates.decide import history_table

WORLDS = 50


# NULL, NaN, doubles and what lacks, a little of each.
QUICK = 3


@pytest.fixture(scope="module")
def google() -> Reference:
    return Reference()


@pytest.fixture(scope="module")
def statements() -> list[Sent]:
    """All that can be sent."""
    return list(every())


@pytest.fixture(scope="module")
def server(tiny_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestWarehouse]:
    """A warehouse of this module's own: its tables are emptied."""
    with running(tiny_home, tmp_path_factory.mktemp("oracle") / "home") as found:
        dataset, _ = HISTORY.split(".")
        found.client.create_dataset(dataset)
        columns = found.client.schema_from_json(history_table.SCHEMA)
        found.client.create_table(bigquery.Table(f"{PROJECT}.{HISTORY}", columns))
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
        # Both refuse what no engine can cast, such as NaN to NUMERIC; never the statement itself.
        if answer is not None or "INVALID_ARGUMENT" in str(error):
            yield f"is refused at Google: {error}"
    else:
        yield from [failed] if answer is None else differences(answer, found)


def test_no_world_is_there_twice() -> None:
    assert len({repr(world(shape_of(number))) for number in range(WORLDS)}) == WORLDS


def test_what_measures_gates_agrees(google: Reference, server: TestWarehouse) -> None:
    assert not disagreements(sources(), google, server, world(shape_of(QUICK)))


@pytest.mark.oracle
@pytest.mark.parametrize("number", range(WORLDS))
def test_every_statement_agrees(
    number: int, statements: list[Sent], google: Reference, server: TestWarehouse
) -> None:
    assert not disagreements(statements, google, server, world(shape_of(number)))
