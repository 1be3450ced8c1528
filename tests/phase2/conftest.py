import pytest

from gates.config.settings import Settings
from gates.measure.job_log import BackfillLog
from gates.measure.job_log import backfill_log as read_backfill_log
from gates.measure.result import Row
from gates.measure.runner import Measures


@pytest.fixture(scope="session")
def player_game_summary(measures: Measures) -> Row:
    return measures.of("phase2/player_game_summary")


@pytest.fixture(scope="session")
def player_games(measures: Measures) -> Row:
    return measures.of("phase2/player_games")


@pytest.fixture(scope="session")
def backfill_log(settings: Settings) -> BackfillLog:
    return read_backfill_log(settings, "phase2")


@pytest.fixture(scope="session")
def full_schedule(measures: Measures) -> Row:
    return measures.of("phase2/full_schedule")
