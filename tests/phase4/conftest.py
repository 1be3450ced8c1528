import pytest

from gates.config.settings import Settings
from gates.measure.readback import SOURCE, Processors
from gates.measure.result import Row
from gates.measure.runner import Measures


@pytest.fixture(scope="session")
def player_composite_factors(measures: Measures) -> Row:
    return measures.of("phase4/player_composite_factors")


@pytest.fixture(scope="session")
def processors(measures: Measures, settings: Settings) -> Processors:
    return Processors(measures.outcome_of(SOURCE), settings.backfill)


@pytest.fixture(scope="session")
def factors(measures: Measures) -> Row:
    return measures.of("phase4/factors")


@pytest.fixture(scope="session")
def player_daily_cache(measures: Measures) -> Row:
    return measures.of("phase4/player_daily_cache")


@pytest.fixture(scope="session")
def player_shot_zone_analysis(measures: Measures) -> Row:
    return measures.of("phase4/player_shot_zone_analysis")


@pytest.fixture(scope="session")
def team_defense_zone_analysis(measures: Measures) -> Row:
    return measures.of("phase4/team_defense_zone_analysis")


@pytest.fixture(scope="session")
def full_schedule(measures: Measures) -> Row:
    return measures.of("phase4/full_schedule")
