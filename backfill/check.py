"""One date through the Phase 4 service, step by step: the date, a token, the answer, the tables.

For finding out why a backfill fails: it asks for no decision and leaves the ledger alone.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from http import HTTPStatus
from urllib.parse import urlsplit

from backfill.lock import only_run
from backfill.plan import STAGE, PlanError, in_window, scheduled
from backfill.service import Answer, Service
from backfill.start import service_at, service_url, tokens_for
from backfill.summary import MARKS, tally
from backfill.tokens import TokenError, Tokens
from gates.config.settings import Settings
from gates.measure import readback
from gates.measure.failure import FailureCode, sentence
from gates.measure.readback import DateCoverage
from gates.measure.warehouse import Warehouse, WarehouseError
from gates.text import one_line

COMMAND = "make service-check"
EXAMPLE = f"{COMMAND} DATE=2024-11-18"
REMEDIES: dict[int | None, str] = {
    None: "the service was not reached; check PHASE4_URL and that it runs",
    401: "the token was not accepted; check PHASE4_AUTH and whose token it is (what ~/.netrc holds "
    "is never sent)",
    403: "this identity may not call the service; give it roles/run.invoker or check PHASE4_AUTH",
    404: "no Phase 4 service is there; check PHASE4_URL",
}
LOST = "the answer was lost, and the service may still be at work on the date"


@dataclass(frozen=True)
class Step:
    """One step's outcome, in a line."""

    name: str
    good: bool
    text: str

    def __str__(self) -> str:
        return f"{MARKS['complete' if self.good else 'failed']} {self.name}: {self.text}"


def check(settings: Settings, text: str) -> bool:
    """Print each step for the date `text` as it is done; whether all of them were good.

    Raises PlanError for a date that cannot be checked, RefusedError, LockedError, WarehouseError:
    all of them before anything is sent.
    """
    if not text:
        raise PlanError(f"No date was given, expected one; run `{EXAMPLE}`.")
    day = in_window(text, "DATE", settings.windows[STAGE], "choose another")
    url = service_url(settings, EXAMPLE)
    since = datetime.now(UTC)
    good = True
    with only_run(settings.state, "A service check"):
        warehouse = Warehouse(settings)
        before = _scheduled(settings, warehouse, day)
        # Without what may stand before the @ of a URL.
        host = one_line(urlsplit(url).netloc.rpartition("@")[2]) or "a URL without a host"
        print(f"PHASE 4 SERVICE CHECK  {day} at {host}", flush=True)
        for step in _steps(settings, url, warehouse, before):
            print(step, flush=True)
            good = good and step.good
    if not good:
        print(f"The service's log of it, to paste:\n{read_log(settings, since)}")
    return good


def read_log(settings: Settings, since: datetime) -> str:
    """The command that shows what the target's service wrote since then (aware)."""
    # Not str.format: a filter for a log may hold braces of its own.
    template = settings.target.phase4.read_log.replace("{project}", settings.target.project)
    return template.replace("{since}", since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))


def _scheduled(settings: Settings, warehouse: Warehouse, day: date) -> DateCoverage:
    """The date as the tables hold it now."""
    held = readback.read(settings, warehouse, settings.windows[STAGE])
    return scheduled(day, "DATE", {each.game_date: each for each in held}, "choose another")


def _steps(
    settings: Settings, url: str, warehouse: Warehouse, before: DateCoverage
) -> Iterator[Step]:
    """The steps, each taken when it is asked for; without a token nothing is sent."""
    yield Step("Date", True, f"{before.games} games, after bootstrap")
    tokens = tokens_for(settings, url)
    token = _token(tokens)
    yield token
    if token.good:
        service = service_at(settings, url, tokens, partial(print, flush=True))
        yield _answer(service, before.game_date, settings.backfill.required_processors)
        yield _tables(settings, warehouse, before)


def _token(tokens: Tokens) -> Step:
    try:
        needed = tokens.bearer().token
    except TokenError as error:
        return Step("Token", False, str(error))
    said = f"had ({tokens.auth})" if needed else f"none is needed (PHASE4_AUTH {tokens.auth})"
    return Step("Token", True, said)


def _answer(service: Service, day: date, required: Sequence[str]) -> Step:
    started = time.monotonic()
    try:
        answer = service.process(day)
    except TokenError as error:
        # The first token was refused, and a second could not be had.
        return Step("Answer", False, str(error))
    took = f"{time.monotonic() - started:.1f} s"
    return Step("Answer", not answer.failures, "; ".join(_clauses(answer, took, required)))


def _clauses(answer: Answer, took: str, required: Sequence[str]) -> Iterator[str]:
    """What an answer says: numbers, what is wrong, what to do."""
    status = "none" if answer.http_status is None else f"HTTP {answer.http_status}"
    if answer.http_status == HTTPStatus.OK:
        yield f"{status}, {took}, {tally(answer.processors, required)}"
    else:
        yield f"{status}, {took}"
    for each in answer.failures:
        # The status has been said.
        if clause := each.said if each.code is FailureCode.HTTP else each.clause:
            yield clause
    if answer.outcome == "unknown":
        yield LOST
    elif remedy := REMEDIES.get(answer.http_status):
        yield remedy
    if answer.warnings:
        yield f"warning: {sentence(answer.warnings)}"


def _tables(settings: Settings, warehouse: Warehouse, before: DateCoverage) -> Step:
    day = before.game_date
    try:
        (held,) = readback.read(settings, warehouse, (day, day))
    except WarehouseError as error:
        return Step("Tables", False, f"{error.why}. {error.remedy}")
    rows = _rows(held)
    if lacks := held.shortfalls(settings.backfill):
        return Step("Tables", False, "; ".join([rows, *(each.clause for each in lacks)]))
    if not before.shortfalls(settings.backfill):
        rows += "; complete before this check too, so the rows prove no write"
    return Step("Tables", True, rows)


def _rows(held: DateCoverage) -> str:
    # Early in a season few or none are due, and then few or none is right.
    due = {
        "player_shot_zone_analysis": f" of {held.zones_due:,} due",
        "team_defense_zone_analysis": f" of {held.teams_due:,} due",
    }
    return ", ".join(
        f"{table} {count:,}{due.get(table, '')}" for table, count in held.rows().items()
    )
