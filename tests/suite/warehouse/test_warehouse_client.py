"""The client of the warehouse: one deadline, what passes, what is said, and the token alone."""

import json
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from google.oauth2.credentials import Credentials
from harness import ROOT
from http_faults import Answer, Answerer, BigQuery, Request, as_json, but, serving

from gates.config.settings import Settings, load
from gates.measure.refusals import REMEDIES
from gates.measure.warehouse import Warehouse, WarehouseError

LIMIT = 2
SELECT = "SELECT 1 AS x"
# Long behind every deadline here: what takes so long hangs.
HANGS = 60


def settings(host: str, limit: int = LIMIT, /, **environ: str) -> Settings:
    known = {"GATES_CONFIG": str(ROOT / "gates.toml"), "BIGQUERY_EMULATOR_HOST": host, **environ}
    found = load(known, datetime.now(UTC))
    return replace(found, target=found.target.model_copy(update={"query_timeout_s": limit}))


def run(answer: Answerer, limit: int = LIMIT) -> list[dict[str, object]]:
    with serving(answer) as (host, _):
        return Warehouse(settings(host, limit)).run("sql/x.sql", SELECT, {})[0]


def refusal(work: Callable[[], object]) -> WarehouseError:
    started = time.monotonic()
    with pytest.raises(WarehouseError) as found:
        work()
    assert time.monotonic() - started < HANGS
    return found.value


def slow(path: str, answer: Answer) -> Callable[[Request], Answer | None]:
    """The requests whose path ends so get `answer`."""
    return lambda request: answer if request.path.split("?")[0].endswith(path) else None


def test_a_server_of_these_tests_ends_with_its_block_however_that_is_left() -> None:
    before = set(threading.enumerate())
    with pytest.raises(WarehouseError), serving(BigQuery()):
        raise WarehouseError("what most blocks here end with", "Leave it.")
    assert set(threading.enumerate()) <= before


def test_rows_come_as_they_are() -> None:
    assert run(BigQuery(), 60) == [{"x": 1}]


def test_a_table_is_looked_up_once_and_again_where_that_failed() -> None:
    reference = {"projectId": "p", "datasetId": "d", "tableId": "t"}
    fields = [{"name": "x", "type": "INTEGER", "mode": "NULLABLE"}]
    table = as_json({"tableReference": reference, "type": "TABLE", "schema": {"fields": fields}})
    denied = as_json({"error": {"code": 403, "message": "no", "errors": []}}, 403)
    answers = [denied, table]
    with serving(lambda _: answers.pop(0)) as (host, requests):
        found = Warehouse(settings(host, 60))
        assert "no" in refusal(lambda: found.columns("d.t")).why
        assert found.columns("d.t") == found.columns("d.t") == {"x": "INT64"}
    assert len(requests) == 2


@pytest.mark.parametrize("padding", [0, 6000], ids=["its head", "its body"])
def test_an_answer_that_comes_byte_by_byte_ends_with_the_limit(padding: int) -> None:
    # Its head alone takes longer than the limit, or only its head does not.
    drip = Answer(body=b" " * padding + b"{}", drip_s=0.01 if padding else 0.5)
    error = refusal(lambda: run(but(BigQuery(), slow("/queries", drip))))
    assert error.why == f"the query of sql/x.sql took longer than query_timeout_s ({LIMIT} s)"
    assert "Raise query_timeout_s" in error.remedy


def certificate(folder: Path) -> Path:
    """A key and a certificate for 127.0.0.1, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    file = folder / "server.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    return file


def test_so_it_does_over_tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = certificate(tmp_path)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(file)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(file))
    with serving(BigQuery(), tls) as (host, _):
        known = Warehouse(settings(f"https://{host}", 60))
        assert known.run("sql/x.sql", SELECT, {})[0] == [{"x": 1}]
    drip = Answer(body=b" " * 400 + b"{}", drip_s=0.05)
    with serving(but(BigQuery(), slow("/queries", drip)), tls) as (host, _):
        limited = Warehouse(settings(f"https://{host}"))
        error = refusal(lambda: limited.run("sql/x.sql", SELECT, {}))
    assert "took longer than query_timeout_s" in error.why


def test_a_query_has_more_time_than_the_first_sign_of_life(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gates.measure.warehouse.CONNECT_S", 1)

    def late(request: Request) -> Answer | None:
        if request.method == "POST":
            time.sleep(3)
        return None

    assert run(but(BigQuery(), late), 60) == [{"x": 1}]


def test_pages_without_an_end_end_with_the_limit() -> None:
    error = refusal(lambda: run(BigQuery(next_page="again")))
    assert "took longer than query_timeout_s" in error.why


TRANSIENT = [
    "jobBackendError",
    "jobInternalError",
    "jobRateLimitExceeded",
    "backendError",
    "internalError",
    "rateLimitExceeded",
    "tableUnavailable",
]
LASTING = [
    "resourcesExceeded",
    "responseTooLarge",
    "bytesBilledLimitExceeded",
    "quotaExceeded",
    "billingNotEnabled",
    "stopped",
]


@pytest.mark.parametrize("reason", TRANSIENT)
def test_a_job_that_fails_by_what_passes_is_started_anew(reason: str) -> None:
    assert run(BigQuery(failures=[reason, reason]), 60) == [{"x": 1}]


def test_every_reason_has_a_remedy_of_its_own() -> None:
    assert len(set(REMEDIES.values())) == len(REMEDIES)
    assert {*TRANSIENT, *LASTING} <= REMEDIES.keys()


@pytest.mark.parametrize("reason", ["jobBackendError", *LASTING])
def test_what_stays_is_said_with_a_remedy_of_its_own(reason: str) -> None:
    jobs = BigQuery(failures=[reason] * 100)
    error = refusal(lambda: run(jobs))
    assert f"the query of sql/x.sql was stopped ({reason}): " in error.why
    assert "query_timeout_s" not in error.remedy or reason == "stopped"
    assert "Correct the setting" not in error.remedy
    # Only what may pass was asked for again.
    assert (len(jobs.failures) == 99) == (reason in LASTING)


def test_a_table_with_row_policies_names_the_permission_that_its_past_takes() -> None:
    said = (
        "Access Denied: BigQuery: Time travel on table p:d.t is forbidden as it has (or has had) "
        "row access policies."
    )
    denied = {"code": 403, "message": said, "errors": [{"reason": "accessDenied"}]}
    answer = Answer(403, json.dumps({"error": denied}).encode())
    error = refusal(lambda: run(lambda _: answer))
    assert error.why.startswith("a past state of sql/x.sql was refused: ")
    assert error.why.endswith(said.rstrip("."))
    assert "bigquery.rowAccessPolicies.overrideTimeTravelRestrictions" in error.remedy
    # Another refusal of access still names the roles that reading takes.
    denied["message"] = "Access Denied: Table p:d.t: User does not have permission to query it."
    other = Answer(403, json.dumps({"error": denied}).encode())
    assert "Ask for roles/bigquery.dataViewer" in refusal(lambda: run(lambda _: other)).remedy


def test_a_server_error_on_the_way_is_tried_again() -> None:
    broken = [Answer(503, b"<html>"), Answer(504, b""), Answer(502, b"{}")]
    assert run(but(BigQuery(), lambda _: broken.pop() if broken else None), 60) == [{"x": 1}]


SECOND = datetime(2026, 1, 1, tzinfo=UTC)


def table_of(modified: datetime) -> Answer:
    reference = {"projectId": "p", "datasetId": "d", "tableId": "t"}
    written = str(round(modified.timestamp() * 1000))
    said = {"tableReference": reference, "type": "TABLE", "lastModifiedTime": written}
    return as_json({**said, "schema": {"fields": []}})


@pytest.mark.parametrize(
    ("written", "snapshot"),
    [
        (SECOND - timedelta(days=1), "2026-01-01T00:00:00+00:00"),
        # Within the second that the clock says, and not to be missed.
        (SECOND + timedelta(milliseconds=250), "2026-01-01T00:00:00.251000+00:00"),
    ],
    ids=["before", "within"],
)
def test_a_snapshot_is_over_and_has_all_that_was_written(written: datetime, snapshot: str) -> None:
    def answer(request: Request) -> Answer:
        found = table_of(written) if "/tables/" in request.path else Answer(404, b"")
        return replace(found, date="Thu, 01 Jan 2026 00:00:00 GMT")

    with serving(answer) as (host, requests):
        assert Warehouse(settings(host, 60)).snapshot(["d.t", "d.u"]) == snapshot
    assert len(requests) == 3


def test_a_table_that_cannot_be_looked_up_has_no_say_in_the_snapshot() -> None:
    with serving(lambda _: Answer(404, b"", date="Thu, 01 Jan 2026 00:00:00 GMT")) as (host, _):
        assert Warehouse(settings(host, 60)).snapshot(["d.t"]) == SECOND.isoformat()


@pytest.mark.parametrize("date", ["", "soon", "Thu, 99 Jan 2026 00:00:00 GMT"])
def test_a_clock_that_is_not_one_is_a_sentence(date: str) -> None:
    with serving(lambda _: Answer(date=date)) as (host, _):
        error = refusal(Warehouse(settings(host, 60)).now)
    assert error.why == (
        "the answer to the query of the server's clock cannot be understood "
        "(no answer says its time)"
    )


def test_an_answer_without_columns_is_no_answer_of_no_rows() -> None:
    error = refusal(lambda: run(BigQuery([], ())))
    assert error.why == "the answer to the query of sql/x.sql cannot be understood (ValueError)"


@pytest.mark.parametrize(
    "body", [b"<html>", b'{"rows": 3}', b"[" * 100_000, b"\xff"], ids=["html", "odd", "deep", "raw"]
)
def test_an_answer_that_is_none_is_a_sentence(body: bytes) -> None:
    error = refusal(lambda: run(but(BigQuery(), slow("/queries", Answer(body=body)))))
    assert "cannot be understood" in error.why


def test_a_server_that_has_gone_is_given_up_long_before_the_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gates.measure.refusals.CONNECT_S", 1)
    with serving(BigQuery()) as (host, _):
        pass
    started = time.monotonic()
    error = refusal(lambda: Warehouse(settings(host, 600)).run("sql/x.sql", SELECT, {}))
    assert time.monotonic() - started < HANGS
    assert "does not answer (" in error.why


@pytest.mark.parametrize("by_make", [True, False], ids=["make's own", "the operator's"])
def test_only_an_operator_who_named_a_server_is_told_to_leave_that(
    by_make: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gates.measure.warehouse.CONNECT_S", 1)
    with serving(BigQuery()) as (host, _):
        pass
    known = settings(host, GATES_WAREHOUSE=f"{host}=embedded" if by_make else "")
    error = refusal(Warehouse(known).now)
    assert ("BIGQUERY_EMULATOR_HOST" in error.remedy) == (not by_make)
    assert "make warehouse-down" in error.remedy


class Lasting(Credentials):
    """A token that is as good after it was renewed as before."""

    def refresh(self, request: object) -> None:
        pass


@pytest.fixture
def netrc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home whose .netrc has a password for every host, and Google's own credentials."""
    (tmp_path / ".netrc").write_text("default login someone password secret\n")
    (tmp_path / ".netrc").chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr("google.auth.default", lambda **_: (Lasting("the-token"), "p"))  # type: ignore[no-untyped-call]


@pytest.mark.usefixtures("netrc")
def test_a_password_of_netrc_never_replaces_the_token_and_the_proxy_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with serving(BigQuery()) as (host, requests):
        monkeypatch.setattr("gates.measure.warehouse.GOOGLE", "http://bigquery.invalid")
        monkeypatch.setenv("http_proxy", f"http://{host}")
        found = Warehouse(settings("", 60, GATES_TARGET="bigquery"))
        found.run("sql/x.sql", SELECT, {})
    assert requests[0].path.startswith("http://bigquery.invalid/")
    assert {request.headers["authorization"] for request in requests} == {"Bearer the-token"}


@pytest.mark.usefixtures("netrc")
def test_a_token_goes_nowhere_else_by_a_redirect(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(BigQuery()) as (other, elsewhere):

        class Moved(Answer):
            """Sent elsewhere."""

            def whole(self) -> bytes:
                head = f"HTTP/1.1 307 x\r\nLocation: http://{other}/jobs\r\n"
                return f"{head}Content-Length: 0\r\n\r\n".encode()

        moved = Moved(307)
        with serving(lambda _: moved) as (host, _):
            monkeypatch.setattr("gates.measure.warehouse.GOOGLE", f"http://{host}")
            found = Warehouse(settings("", GATES_TARGET="bigquery"))
            refusal(lambda: found.run("sql/x.sql", SELECT, {}))
    assert elsewhere == []


@pytest.mark.usefixtures("netrc")
def test_a_token_that_is_refused_names_netrc(monkeypatch: pytest.MonkeyPatch) -> None:
    denied = as_json({"error": {"code": 401, "message": "who?", "errors": []}}, 401)
    with serving(lambda _: denied) as (host, _):
        monkeypatch.setattr("gates.measure.warehouse.GOOGLE", f"http://{host}")
        found = Warehouse(settings("", 60, GATES_TARGET="bigquery"))
        error = refusal(lambda: found.run("sql/x.sql", SELECT, {}))
    assert "who?" in error.why
    assert "~/.netrc" in error.remedy
    assert "secret" not in json.dumps([error.why, error.remedy])
