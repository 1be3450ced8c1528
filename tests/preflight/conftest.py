import pytest

from gates.measure import EachTable, Measures


@pytest.fixture(scope="session")
def phase3_coverage(measures: Measures) -> EachTable:
    return measures.of_each("preflight/phase3_coverage")
