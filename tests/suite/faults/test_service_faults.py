"""Every way in which the Phase 4 service, or what stands before it, can fail during a backfill.

Nothing is called complete that the tables do not hold, no date is lost, and what is complete is
not sent again. The next run, without the fault, completes what is left.
"""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from faults import kinds
from faults.page import Teller
from faults.proxy import Act, Exchange, Proxy
from phase4_harness import PCF, SUCCESS, Backfill, Phase4

FOR_EVER = float("inf")
ASK = {"path": "/process-date", "method": "POST"}


def _claims(change: Any) -> Act:
    """A success that the service's work does not stand behind: nothing is passed on."""
    results = [{"processor": name, "status": "success", "stats": {}} for name in SUCCESS]

    def act(exchange: Exchange) -> None:
        kinds.json_reply(exchange, change({"status": "completed", "results": results}))

    return act


# Before the service, so that nothing is written.
NOT_DONE: Mapping[str, Act] = {
    "reset": kinds.reset,
    "stall": kinds.stall,
    "garbage": kinds.garbage,
    "no HTTP": kinds.not_http,
    "empty": kinds.empty,
    "nested": kinds.nested,
    "redirect": kinds.redirect,
    **{f"{code} page": kinds.status(code) for code in (401, 403, 404, 413, 429, 500, 502, 503)},
    "504 page": kinds.status(504),
    **{
        f"503, Retry-After {value}": kinds.retry_after(503, value)
        for value in ("0", "1", "1.5", "soon", "-1", "", "Fri, 31 Dec 1999 23:59:59 GMT", "9" * 30)
    },
    "429, Retry-After 2": kinds.retry_after(429, "2"),
    "413, Retry-After 1": kinds.retry_after(413, "1"),
    "success without work": _claims(lambda body: body),
    "success twice over": _claims(lambda body: {**body, "results": body["results"] * 2}),
    "results is a text": _claims(lambda body: {**body, "results": "all fine"}),
    "results is null": _claims(lambda body: {**body, "results": None}),
    "a list": _claims(lambda body: [body]),
    "status is a list": _claims(
        lambda body: {"results": [{**each, "status": ["success"]} for each in body["results"]]}
    ),
    "forged lines": _claims(
        lambda body: {
            "results": [
                {**each, "status": "exception", "error": "\x1b[2J\n✅ 2024-12-01: 1.0s - 4/4"}
                for each in body["results"]
            ]
        }
    ),
}
# Behind it: the work is done, only the answer suffers.
DONE: Mapping[str, Act] = {
    "answer lost": kinds.answer_lost,
    "half an answer": kinds.half_a_page,
    "trickle": kinds.trickle,
}
# Asked again, these are over. The others may fail the date, for this run.
PASSING = ("reset", "429 page", "500 page", "502 page", "503 page", "503, Retry-After 1")


@dataclass(frozen=True)
class Case:
    """A fault of the service, once or for ever."""

    name: str
    act: Act
    times: float

    @property
    def works(self) -> bool:
        return self.name in DONE

    @property
    def succeeds(self) -> bool:
        return self.works or (self.times == 1 and self.name in PASSING)

    def __str__(self) -> str:
        return f"{self.name}, {'for ever' if self.times == FOR_EVER else 'once'}"


# Each case takes dates of its own, and there are more cases than dates of a later start.
FIRST = "2024-11-05"
QUICK = {"reset, once", "success without work, for ever", "answer lost, for ever"}


def each_case() -> list[Any]:
    found = [
        Case(name, act, times)
        for name, act in {**NOT_DONE, **DONE}.items()
        for times in (1, FOR_EVER)
    ]
    return [
        pytest.param(case, id=str(case), marks=[] if str(case) in QUICK else [pytest.mark.soak])
        for case in found
    ]


def held(phase4: Phase4, day: date) -> bool:
    """Whether the tables hold all of the date's games, each row once."""
    return phase4.games(day, PCF) == phase4.games(day) and phase4.duplicates(day) == 0


def assert_true_to_the_tables(
    backfill: Backfill, phase4: Phase4, days: list[date], status: int, output: str
) -> dict[str, str]:
    """What a run of `days` may say of them; date -> status."""
    entries = {each["date"]: each["status"] for each in backfill.summary()["dates"]}
    assert set(entries) == set(map(str, days)), "a date was lost"
    assert (status == 0) == (set(entries.values()) == {"complete"}), output
    for day in days:
        assert entries[str(day)] != "complete" or held(phase4, day)
        assert f"\n✅ {day}" not in output or entries[str(day)] == "complete"
    # What the service says may hold such a mark, but begins no line.
    assert output.count("\n✅ ") == sum(each == "complete" for each in entries.values())
    assert "Traceback" not in output
    assert "\x1b" not in output
    return entries


# What a backfill with a fault need not wait for longer. Where it is to succeed the bounds are those
# of gates.toml, for a machine that is busy.
HURRY = {
    "query_timeout_s = 120": "query_timeout_s = 6",
    "timeout_s = 300 # for": "timeout_s = 5 # for",
    "retry_after_max_s = 60": "retry_after_max_s = 2",
}


def send(backfill: Backfill, *days: date, patient: bool) -> "subprocess.CompletedProcess[str]":
    """A backfill of `days` with the fault, which may make it wait."""
    with backfill.project.set_for_a_while({} if patient else HURRY):
        return backfill.send(*days)


def said(entries: dict[str, str], backfill: Backfill, status: int) -> str:
    errors = [each["error"] for each in backfill.summary()["dates"] if each["error"]]
    complete = sum(each == "complete" for each in entries.values())
    return f"exit {status}, {complete} of {len(entries)} dates complete" + (
        f": {errors[0]}" if errors else ""
    )


@pytest.mark.parametrize("case", each_case())
def test_a_fault_of_the_service(
    case: Case, backfill: Backfill, phase4: Phase4, tell: Teller
) -> None:
    days = [phase4.fresh(FIRST) for _ in range(2)]
    service = backfill.service
    with Proxy(service.url.removeprefix("http://")) as proxy:
        backfill.service = replace(service, url=f"http://{proxy.host}")
        tell.start()
        with proxy.breaks(case.act, times=case.times, **ASK) as rule:
            # An answer byte by byte is one that is waited for as long as it may take.
            patient = case.succeeds and case.act is not kinds.trickle
            done = send(backfill, *days, patient=patient)
        output = done.stdout + done.stderr
        entries = assert_true_to_the_tables(backfill, phase4, days, done.returncode, output)
        tell(
            "The Phase 4 service, during a backfill",
            str(case),
            said(entries, backfill, done.returncode),
        )
        assert rule.taken, "the fault was never met"
        if case.times == FOR_EVER and not case.works:
            assert "complete" not in entries.values()
        if case.succeeds:
            assert done.returncode == 0, output
        complete = [day for day in days if entries[str(day)] == "complete"]
        ended = datetime.now(UTC)
        if len(complete) < len(days):
            again = backfill.send(*days)
            assert again.returncode == 0, again.stdout + again.stderr
    assert all(held(phase4, day) for day in days)
    # A request that was given up may be answered, and logged, only now.
    received = [line["time"] for day in complete for line in service.log(day)]
    assert all(datetime.fromisoformat(moment) < ended for moment in received)


@pytest.mark.soak
@pytest.mark.parametrize("seconds", [None, 1.0], ids=["for ever", "a second"])
def test_a_service_whose_port_is_closed(
    seconds: float | None, backfill: Backfill, phase4: Phase4, tell: Teller
) -> None:
    day = phase4.fresh(FIRST)
    service = backfill.service
    with Proxy(service.url.removeprefix("http://")) as proxy:
        backfill.service = replace(service, url=f"http://{proxy.host}")
        tell.start()
        with proxy.refuses(seconds):
            done = send(backfill, day, patient=False)
        output = done.stdout + done.stderr
        entries = assert_true_to_the_tables(backfill, phase4, [day], done.returncode, output)
        kind = "for ever" if seconds is None else f"for {seconds:g} s"
        where = "The Phase 4 service, during a backfill"
        tell(where, f"refused, {kind}", said(entries, backfill, done.returncode))
        assert seconds is not None or done.returncode == 1
        assert done.returncode == 0 or backfill.send(day).returncode == 0
    assert held(phase4, day)


READ_BACK: Mapping[str, tuple[Act, float]] = {
    "503, once": (kinds.bigquery_error(503), 1),
    "503, for ever": (kinds.bigquery_error(503), FOR_EVER),
    "403, for ever": (kinds.bigquery_error(403), FOR_EVER),
    "reset, once": (kinds.reset, 1),
    "garbage, once": (kinds.garbage, 1),
    "rows twice, once": (kinds.rows_twice, 1),
    "no rows, once": (kinds.rows_gone, 1),
    "a column less, once": (kinds.rows_short, 1),
    "NULL rows, for ever": (kinds.rows_null, FOR_EVER),
    "nested, once": (kinds.nested, 1),
}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[] if name == "rows twice, once" else [pytest.mark.soak])
        for name in READ_BACK
    ],
)
def test_a_warehouse_that_fails_while_dates_are_read_back(
    name: str, backfill: Backfill, phase4: Phase4, tell: Teller
) -> None:
    act, times = READ_BACK[name]
    days = [phase4.fresh(FIRST)]
    with Proxy(phase4.warehouse.host) as proxy:
        backfill.project.host = proxy.host
        plan = backfill.run("plan")
        assert plan.returncode == 0, plan.stderr
        asked = len([path for _, path in proxy.requests if "/queries?" in path])
        tell.start()
        with proxy.breaks(act, times=times, path="/queries\\?", at=asked + 1) as rule:
            done = send(backfill, *days, patient=False)
        output = done.stdout + done.stderr
        entries = assert_true_to_the_tables(backfill, phase4, days, done.returncode, output)
        where = "BigQuery, while a backfill reads back"
        tell(where, name, said(entries, backfill, done.returncode))
        assert rule.taken, "the fault was never met"
        again = backfill.send(*days) if done.returncode else done
        assert again.returncode == 0, again.stdout + again.stderr
    assert all(held(phase4, day) for day in days)
