import pytest

from gates.measure.result import Row
from gates.measure.runner import EachTable, Measures


@pytest.fixture(scope="session")
def phase3_coverage(measures: Measures) -> EachTable:
    return measures.of_each("preflight/phase3_coverage")


@pytest.fixture(scope="session")
def schedule(measures: Measures) -> Row:
    return measures.of("preflight/schedule")


@pytest.fixture(scope="session")
def phase3_tables(measures: Measures) -> EachTable:
    return measures.of_each("preflight/phase3_tables")


@pytest.fixture(scope="session")
def full_schedule(measures: Measures) -> Row:
    return measures.of("preflight/full_schedule")
