import pytest

from gates.config import Settings
from gates.measure import Measures, Row
from gates.readback import SOURCE, Processors


@pytest.fixture(scope="session")
def player_composite_factors(measures: Measures) -> Row:
    return measures.of("phase4/player_composite_factors")


@pytest.fixture(scope="session")
def processors(measures: Measures, settings: Settings) -> Processors:
    return Processors(measures.outcome_of(SOURCE), settings.backfill)
