"""How long a warehouse that does not answer is asked again."""

import pytest
import requests
from google.api_core import exceptions as api

from gates.measure import refusals
from gates.measure.refusals import CONNECT_S, Patience

LOST = requests.ConnectionError("reset")


class Clock:
    """Seconds that pass when a test says so, and when the server answered last by them."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.answered: float | None = None

    def passes(self, seconds: float) -> None:
        self.now += seconds

    def answers(self) -> None:
        self.answered = self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(refusals, "monotonic", lambda: found.now)
    return found


@pytest.fixture
def again(clock: Clock) -> Patience:
    return Patience(lambda: clock.answered)


def test_a_server_that_answers_nothing_is_given_up(again: Patience, clock: Clock) -> None:
    assert again(LOST)
    clock.passes(CONNECT_S - 1)
    assert again(LOST)
    clock.passes(1)
    assert not again(LOST)


def test_answers_in_between_begin_the_time_anew(again: Patience, clock: Clock) -> None:
    for _ in range(3):
        assert again(LOST)
        clock.passes(1)
        clock.answers()
        clock.passes(CONNECT_S)


def test_an_answer_from_before_the_silence_does_not(again: Patience, clock: Clock) -> None:
    clock.answers()
    clock.passes(1)
    assert again(LOST)
    clock.passes(CONNECT_S)
    assert not again(LOST)


def test_a_refusal_that_passes_is_an_answer(again: Patience, clock: Clock) -> None:
    assert again(LOST)
    clock.passes(CONNECT_S)
    assert again(api.ServiceUnavailable("later"))  # type: ignore[no-untyped-call]
    assert again(LOST)
