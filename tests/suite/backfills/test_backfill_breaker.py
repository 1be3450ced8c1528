"""The breaker: a run that cannot succeed is stopped, one with a few failures is not."""

from datetime import date, timedelta

from builders import broken, http, no_games

from backfill.breaker import Breaker
from gates.measure.failure import FailureCode, failure


def day(n: int) -> date:
    return date(2024, 11, 5) + timedelta(days=n)


def why(breaker: Breaker) -> str | None:
    return breaker.why


def test_the_fifth_date_in_a_row_that_fails_for_one_reason_stops_the_run() -> None:
    breaker = Breaker()
    for n in range(4):
        breaker.failed(day(n), no_games(n, 8))
    assert why(breaker) is None
    breaker.failed(day(4), no_games(7, 9))
    assert str(why(breaker)).startswith("5 dates in a row failed for the same reason")


def test_one_date_again_and_again_is_one_date() -> None:
    breaker = Breaker()
    for n in range(12):
        breaker.failed(day(n % 2), http(500))
    assert why(breaker) is None


def test_another_reason_or_a_success_begins_the_row_anew() -> None:
    breaker = Breaker()
    for n in range(4):
        breaker.failed(day(n), http(500))
    breaker.succeeded(day(4))
    for n in range(5, 9):
        breaker.failed(day(n), http(500))
    breaker.failed(day(9), http(503))
    for n in range(10, 14):
        breaker.failed(day(n), http(500))
    assert why(breaker) is None


def test_more_than_a_tenth_of_twenty_dates_stops_the_run() -> None:
    breaker = Breaker()
    for n in range(18):
        breaker.succeeded(day(n))
    breaker.failed(day(18), broken("one"))
    breaker.failed(day(19), broken("two"))
    assert why(breaker) is None
    breaker.failed(day(20), broken("three"))
    assert why(breaker) == "3 of 21 dates failed, more than 10%"


def test_a_date_that_is_made_good_has_not_failed() -> None:
    breaker = Breaker()
    for n in range(18):
        breaker.succeeded(day(n))
    for n in range(18, 20):
        breaker.failed(day(n), broken(str(n)))
        breaker.succeeded(day(n))
    breaker.failed(day(20), broken("a"))
    breaker.failed(day(21), broken("b"))
    assert why(breaker) is None


def test_what_a_service_says_beside_its_status_does_not_make_it_another_reason() -> None:
    breaker = Breaker()
    for n in range(5):
        breaker.failed(day(n), http(503, f"request {n} was refused"))
    assert why(breaker) == (
        "5 dates in a row failed for the same reason: HTTP 503: request 4 was refused"
    )


def test_another_table_or_another_processor_is_another_reason() -> None:
    breaker = Breaker()
    for n in range(12):
        table = ("player_daily_cache", "player_composite_factors")[n % 2]
        breaker.failed(day(n), [failure(FailureCode.TEAMS_MISSING, table=table, found=0, due=30)])
    assert why(breaker) is None
