"""The Phase 4 service's client against real sockets: deadlines, retries, odd answers, tokens."""

import json
import threading
import time
from base64 import b64encode, urlsafe_b64encode
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from phase4_harness import NAMES
from raw_server import Answer, serving, slowly, whole

from backfill import request
from backfill.service import Answer as Said
from backfill.service import RetryPolicy, Service, seconds_of
from backfill.tokens import TokenError, Tokens, default_auth, is_loopback
from gates.measure.failure import sentence
from gates.text import REPLACEMENT

DAY = date(2024, 11, 18)
NOW = datetime(2026, 1, 3, 12, 0, 0, tzinfo=UTC)
# As long as Google's: a header, claims and a signature.
TOKEN = ".".join(("eyJhbGciOiJSUzI1NiIsImtpZCI6Ij", "eyJhdWQiOiJodHRwczovL3g" * 9, "Sg-9_x" * 40))
COMPLETED = {"results": [{"processor": name, "status": "success"} for name in NAMES]}
# Longer than anything here takes, unless it hangs.
HANG_S = 60


def body(content: object) -> Answer:
    return whole("200 OK", json.dumps(content).encode())


def results(**changed: object) -> list[object]:
    return [{**COMPLETED["results"][0], **changed}, *COMPLETED["results"][1:]]


def service(
    url: str,
    said: list[str] | None = None,
    timeout_s: float = 30,
    retries: int = 0,
    tokens: Tokens | None = None,
    retry_after_max_s: float = 0.1,
) -> Service:
    policy = RetryPolicy(timeout_s, retries, 0.01, retry_after_max_s)
    told = [] if said is None else said
    auth = tokens or Tokens("none", url)
    return Service(url, auth, policy, NAMES[:4], NAMES[4:], told.append)


def ask(*answers: Answer, **how: object) -> Said:
    with serving(*answers) as server:
        return service(server.url, **how).process(DAY)  # type: ignore[arg-type]


@pytest.fixture
def gcloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A gcloud that prints the content of a file."""
    token, program = tmp_path / "token", tmp_path / "bin/gcloud"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\ncat {token}\n", encoding="utf-8")
    program.chmod(0o755)
    token.write_text(TOKEN, encoding="utf-8")
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return token


@pytest.fixture
def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home whose ~/.netrc has an entry for every host."""
    file = tmp_path / ".netrc"
    file.write_text("default login someone password hunter2\n", encoding="utf-8")
    file.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("NETRC", raising=False)


# What ends an answer


@pytest.mark.parametrize("part", ["head", "body"])
def test_an_answer_that_comes_byte_by_byte_ends_by_the_deadline(part: str) -> None:
    """It would take minutes, and no single read of it takes long."""
    (quick,) = body(COMPLETED)
    head, _, rest = quick[1].partition(b"\r\n\r\n")
    slow = slowly(body(COMPLETED), 0.3)
    late = slow if part == "head" else [(0, head + b"\r\n\r\n"), *slowly([(0, rest)], 0.3)]
    began = time.monotonic()
    answer = ask(late, timeout_s=1)
    assert time.monotonic() - began < HANG_S
    assert answer.outcome == "unknown"
    assert sentence(answer.failures) == (
        "no answer within 1 s" if part == "head" else "the answer broke off"
    )
    assert answer.http_status == (None if part == "head" else 200)


@pytest.mark.parametrize("part", [0, 1], ids=["its head", "its body"])
def test_an_answer_may_take_longer_than_a_connection(
    part: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The service works for minutes before it answers.
    monkeypatch.setattr(request, "CONNECT_S", 0.2)
    (quick,) = body(COMPLETED)
    head, _, rest = quick[1].partition(b"\r\n\r\n")
    waits = [1.0 * (part == place) for place in (0, 1)]
    answer = ask([(waits[0], head + b"\r\n\r\n"), (waits[1], rest)], timeout_s=30)
    assert (answer.outcome, answer.http_status, sentence(answer.failures)) == (
        "answered",
        200,
        None,
    )


def test_the_status_of_an_answer_without_an_end_is_kept() -> None:
    (head,) = whole("403 Forbidden", b"", "Content-Type: text/html")
    endless = [(0, head[1].replace(b"Length: 0", b"Length: 9999")), (HANG_S, b"x")]
    answer = ask(endless, timeout_s=0.5)
    assert (answer.outcome, answer.http_status, sentence(answer.failures)) == (
        "refused",
        403,
        "HTTP 403",
    )


def test_the_connection_of_a_late_answer_is_shut() -> None:
    # Byte by byte it would be sent for a minute more.
    with serving(slowly(body(COMPLETED), 0.2)) as server:
        assert service(server.url, timeout_s=0.5).process(DAY).outcome == "unknown"
        assert server.idle.wait(20)


def test_a_handshake_that_never_ends_ends_by_the_deadline() -> None:
    with serving(slowly([(0, b"\x16\x03\x03\x7f\xff" + b"x" * 900)], 0.2)) as server:
        began = time.monotonic()
        answer = service(server.url.replace("http:", "https:"), timeout_s=1).process(DAY)
        assert time.monotonic() - began < HANG_S
    assert (answer.http_status, sentence(answer.failures) is None) == (None, False)


def test_a_service_that_takes_no_connection_was_asked_nothing() -> None:
    answer = service("http://127.0.0.1:1").process(DAY)
    assert (answer.outcome, answer.http_status) == ("answered", None)
    assert sentence(answer.failures) == "the connection failed (ConnectionError)"


def test_an_answer_as_long_as_a_flood_is_cut_off() -> None:
    flood = whole("200 OK", b'{"results": [' + b"1," * request.MOST_BYTES)
    answer = ask(flood)
    assert answer.outcome == "answered"
    assert "not of the expected shape" in str(sentence(answer.failures))


@pytest.mark.parametrize("status", ["200 OK", "307 Temporary Redirect", "403 Forbidden"])
def test_of_a_flood_no_more_is_read_than_is_kept(status: str) -> None:
    head = f"HTTP/1.1 {status}\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 99999999\r\n\r\n"
    with serving(
        [(0, head.encode()), *[(0, b"x" * request.MOST_BYTES)] * 2, (HANG_S, b"x")]
    ) as server:
        began = time.monotonic()
        answer = service(server.url).process(DAY)
        # Who waits for the end of it waits until the deadline.
        assert time.monotonic() - began < 20
    assert answer.http_status == int(status[:3])


# What is asked again


@pytest.mark.parametrize("status", ["429 Too Many", "500 Error", "502 Bad", "503 Unavailable"])
def test_a_failure_that_may_pass_is_asked_again(status: str) -> None:
    with serving(whole(status), whole(status), body(COMPLETED)) as server:
        assert not service(server.url, retries=2).process(DAY).failures
    assert len(server.requests) == 3


@pytest.mark.parametrize("asked", ["1.5", "soon", "-1", "", "1e3", "٣", "Wed, 99 Foo 2026"])
def test_a_wait_that_is_none_is_a_retry_with_the_normal_pause(asked: str) -> None:
    said: list[str] = []
    busy = whole("429 Too Many", b"", f"Retry-After: {asked}".encode().decode("latin-1"))
    with serving(busy, body(COMPLETED)) as server:
        assert not service(server.url, said, retries=1).process(DAY).failures
    assert (len(server.requests), said) == (2, [])


def test_what_is_asked_to_wait_is_waited_for_up_to_the_limit_and_said() -> None:
    said: list[str] = []
    busy = whole("503 Unavailable", b"", "Retry-After: 3600")
    with serving(busy, body(COMPLETED)) as server:
        began = time.monotonic()
        assert not service(server.url, said, retries=1).process(DAY).failures
        assert 0.1 <= time.monotonic() - began < HANG_S
    assert said == [f"   {DAY}: HTTP 503, asked to wait; next request in 0.1 s"]


def test_the_first_retry_comes_after_a_pause_too() -> None:
    assert [round(pause - 0.5, 1) >= 0 for pause in RetryPolicy(1, 3, 0.5, 1).pauses()] == [
        True
    ] * 3
    pauses = list(RetryPolicy(1, 3, 0.5, 1).pauses())
    assert all(low <= pause <= low + 0.5 for low, pause in zip((0.5, 1, 2), pauses, strict=True))


def test_the_status_is_what_is_left_when_the_repeats_are_used_up() -> None:
    busy = whole("429 Too Many", b'{"error": "slow down"}', "Retry-After: 0.5")
    answer = ask(busy, retries=2)
    assert (answer.http_status, sentence(answer.failures)) == (429, "HTTP 429: slow down")


def test_a_request_that_is_too_large_is_not_repeated_for_a_wait() -> None:
    with serving(whole("413 Too Large", b"", "Retry-After: 0")) as server:
        assert service(server.url, retries=3).process(DAY).outcome == "refused"
    assert len(server.requests) == 1


def test_an_answer_that_was_lost_is_not_asked_for_again() -> None:
    with serving([]) as server:
        assert service(server.url, retries=3).process(DAY).outcome == "unknown"
    assert len(server.requests) == 1


def test_a_run_that_is_given_up_neither_waits_nor_asks_again() -> None:
    busy = whole("503 Unavailable", b"", "Retry-After: 600")
    with serving(busy) as server:
        client = service(server.url, retries=3, retry_after_max_s=600)
        threading.Timer(0.3, client.give_up).start()
        assert client.process(DAY).http_status == 503
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 5 ", 5.0),
        ("0", None),
        (None, None),
        ("9" * 400, float("inf")),
        ("Sat, 03 Jan 2026 12:00:30 GMT", 30.0),
        ("Sat, 03 Jan 2026 11:00:00 GMT", None),
        ("Sat, 03 Jan 2026 12:00:30", None),
    ],
)
def test_a_wait_is_seconds_or_a_date(header: str | None, seconds: float | None) -> None:
    assert seconds_of(header, NOW) == seconds


def test_a_redirect_is_not_followed_and_the_token_goes_nowhere_else(gcloud: Path) -> None:
    with serving(body(COMPLETED)) as other:
        moved = whole("307 Temporary Redirect", b"", f"Location: {other.url}/process-date")
        with serving(moved) as server:
            answer = service(server.url, tokens=Tokens("gcloud", server.url)).process(DAY)
    assert (answer.outcome, answer.http_status) == ("refused", 307)
    assert (len(server.requests), other.requests) == (1, [])


# What is not an answer


NESTED = b"[" * 100_000 + b"]" * 100_000


@pytest.mark.parametrize(
    "said",
    [
        NESTED,
        b'{"results": ' + NESTED + b"}",
        b'{"results": [{"processor": 1' + b"0" * 5_000 + b"}]}",
        b'{"results": [{"processor": "\xff\xfe", "status": "success"}]}',
        b"\xef\xbb\xbf\xff",
        b"",
        b"null",
        b"NaN",
        b'{"results": {"a": 1}}',
        b'{"results": [null]}',
        b'{"results": ["success"]}',
        b'{"results": [{"processor": "x"}]}',
        json.dumps({"results": COMPLETED["results"] * 100}).encode(),
    ],
    ids=lambda said: said[:30].decode(errors="replace"),
)
@pytest.mark.parametrize("status", ["200 OK", "500 Error", "403 Forbidden"])
def test_a_malformed_answer_is_an_answer_with_a_reason(said: bytes, status: str) -> None:
    answer = ask(whole(status, said))
    assert answer.http_status == int(status[:3])
    assert answer.processors == {}
    if status == "200 OK":
        assert "the answer is not of the expected shape" in str(sentence(answer.failures))
    else:
        assert sentence(answer.failures) == f"HTTP {status[:3]}"


@pytest.mark.parametrize("odd", [None, 1e400, float("nan"), {"a": [1]}, True, "\ud800", 10**400])
def test_words_of_odd_types_are_no_success(odd: object) -> None:
    answer = ask(body({"results": results(status=odd, error=odd)}))
    assert f"{NAMES[0]} reported " in str(sentence(answer.failures))
    answer = ask(body({"results": results(processor=odd)}))
    assert f"{NAMES[0]} is missing from the answer" in str(sentence(answer.failures))


@pytest.mark.parametrize("near", ["success\n", " success", "success\u200b", "Success", ["success"]])
def test_what_only_looks_like_success_is_none(near: object) -> None:
    answer = ask(body({"results": results(status=near)}))
    assert answer.processors[NAMES[0]] != "success"
    assert f"{NAMES[0]} reported " in str(sentence(answer.failures))


def test_what_only_looks_like_a_processor_is_none() -> None:
    answer = ask(body({"results": results(processor=f"{NAMES[0]}\n")}))
    assert f"{NAMES[0]} is missing from the answer" in str(sentence(answer.failures))


@pytest.mark.parametrize("order", [1, -1], ids=["the failure last", "the failure first"])
def test_of_a_processor_that_is_named_twice_the_worse_counts(order: int) -> None:
    twice = [{"processor": NAMES[0], "status": status} for status in ("success", "exception")]
    answer = ask(body({"results": [*twice[::order], *COMPLETED["results"][1:]]}))
    assert sentence(answer.failures) == f"{NAMES[0]} reported exception"


# What the service says is one line


def test_whatever_the_service_says_is_one_printable_line() -> None:
    forged = "x\n✅ 2024-11-18: 1.0s - 4/4 processors\x1b[2J\u202etxt\u2066\x07\x9b"
    answers = [
        ask(body({"results": results(status="exception", error=forged)})),
        ask(body({"results": results(status=forged)})),
        ask(body({"results": results(processor=forged)})),
        ask(whole("500 Error", json.dumps({"error": forged}).encode())),
    ]
    for answer in answers:
        said = [str(sentence(answer.failures)), *answer.processors, *answer.processors.values()]
        assert any(REPLACEMENT in text for text in said)
        assert all(text.isprintable() for text in said)


def test_the_text_of_an_answer_is_bounded() -> None:
    answer = ask(body({"results": results(status="x" * 9_999, error="y" * 900_000)}))
    assert len(str(sentence(answer.failures))) < 1_000


# Tokens


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080",
        "http://127.255.0.9",
        "http://localhost:1",
        "HTTP://LocalHost",
        "http://[::1]:8080",
    ],
)
def test_this_machine_is_known(url: str) -> None:
    assert is_loopback(url)
    assert default_auth(url) == "none"
    Tokens("gcloud", url)


@pytest.mark.parametrize(
    "url",
    [
        "http://service.example",
        "http://localhost.evil.example",
        "http://localhost.",
        "http://127.0.0.1.evil.example",
        "http://127.0.0.1@evil.example",
        "http://localhost:80@evil.example",
        "http://2130706433",
        "http://0x7f.0.0.1",
        "http://0177.0.0.1",
        "http://127.1",
        "http://0.0.0.0",
        "http://[fe80::1%25lo]",
        "http://[::1%25eth0]",
        "http://[::2]",
        "http://evil.example#@127.0.0.1",
        "http://evil.example?@127.0.0.1",
        "http://[::1",
        "http://",
        "ftp://service.example",
        "service.example",
    ],
)
def test_a_token_goes_nowhere_else_in_plain_text(url: str) -> None:
    assert not is_loopback(url)
    with pytest.raises(TokenError, match="neither https nor on this machine"):
        Tokens("gcloud", url)
    Tokens("none", url)


def test_a_token_goes_over_https() -> None:
    Tokens("google", "https://service.example")
    Tokens("gcloud", "HTTPS://service.example")


def test_a_netrc_entry_never_takes_the_tokens_place(gcloud: Path, netrc: None) -> None:
    with serving(body(COMPLETED)) as server:
        assert not service(server.url, tokens=Tokens("gcloud", server.url)).process(DAY).failures
        assert not service(server.url, tokens=Tokens("none", server.url)).process(DAY).failures
    assert server.header("Authorization") == [f"Bearer {TOKEN}", None]


def test_a_token_for_this_machine_goes_through_no_proxy(
    gcloud: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(body(COMPLETED)) as proxy, serving(body(COMPLETED)) as server:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert not service(server.url, tokens=Tokens("gcloud", server.url)).process(DAY).failures
    assert (len(server.requests), proxy.requests) == (1, [])


def test_a_proxy_of_the_environment_is_used_for_a_service_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(body(COMPLETED)) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        assert not service("http://service.example").process(DAY).failures
    assert proxy.requests[0].startswith("POST http://service.example/process-date ")


def test_what_gcloud_prints_need_not_be_text(gcloud: Path) -> None:
    gcloud.write_bytes(b"\xff\xfe\x00secret")
    with pytest.raises(TokenError, match="printed no token"):
        Tokens("gcloud", "https://service.example").bearer()


HEADER, CLAIMS, SIGNATURE = TOKEN.split(".")
# What a service may make of the token of a request.
ECHOES = {
    "whole": TOKEN,
    "with its header": f"Authorization: Bearer {TOKEN}",
    "its claims": CLAIMS,
    "its signature": SIGNATURE,
    "its first part": HEADER,
    "in capitals": TOKEN.upper(),
    "cut": f"{TOKEN[:40]}...",
    "behind a long text": "x" * 250 + TOKEN,
    "in lines": "\n".join(TOKEN[start : start + 64] for start in range(0, len(TOKEN), 64)),
    "in Base64": b64encode(f"Bearer {TOKEN}".encode()).decode(),
    "in Base64 for URLs": urlsafe_b64encode(b"\xff" + TOKEN.encode()).decode(),
}


def shown(answer: Said) -> str:
    return " ".join(
        [
            str(sentence(answer.failures)),
            str(sentence(answer.warnings)),
            *answer.processors,
            *answer.processors.values(),
        ]
    )


@pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES)
def test_a_token_that_the_service_repeats_is_blanked(echo: str, gcloud: Path) -> None:
    answers = [
        body({"results": results(status="exception", error=f"bad token {echo}!")}),
        body({"results": results(status=echo)}),
        body({"results": results(processor=echo)}),
        whole("500 Error", json.dumps({"error": f"{echo} is not a token"}).encode()),
        whole("403 Forbidden", echo.encode()),
        whole("200 OK", echo.encode()),
    ]
    secrets = [TOKEN, b64encode(TOKEN.encode()).decode()]
    pieces = {each[at : at + 16].lower() for each in secrets for at in range(len(each) - 15)}
    for answer in answers:
        with serving(answer) as server:
            said = shown(service(server.url, tokens=Tokens("gcloud", server.url)).process(DAY))
        low = said.lower()
        assert not [at for at in range(len(low) - 15) if low[at : at + 16] in pieces], said


def test_earlier_tokens_of_a_run_are_blanked_as_well(gcloud: Path) -> None:
    clock = NOW
    tokens = Tokens("gcloud", "https://service.example", lambda: clock.timestamp())
    tokens.bearer()
    clock += timedelta(hours=1)
    gcloud.write_text("another-token-of-this-run", encoding="utf-8")
    assert tokens.bearer().token == "another-token-of-this-run"  # noqa: S105
    text = f"first {TOKEN}, then another-token-of-this-run, and no more"
    assert tokens.blank(text) == "first [token], then [token], and no more"


def test_other_text_stays_as_it_is(gcloud: Path) -> None:
    tokens = Tokens("gcloud", "https://service.example")
    tokens.bearer()
    text = "İstanbul: quota of ten tokens exceeded, ask again at 12:00"
    assert tokens.blank(text) == text
