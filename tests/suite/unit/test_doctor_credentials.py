"""Whose credentials a run would use: google-auth itself, with a token server on this machine."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from harness import PROJECT, ROOT
from http_faults import Answer, as_json, serving

from doctor.credentials import credentials
from doctor.finding import Finding
from gates.config.settings import load

ACCOUNT = "gates@nba-props-platform.iam.gserviceaccount.com"
TOKEN = "the-token-of-the-account"  # noqa: S105
LOGIN = "gcloud auth application-default login"


@pytest.fixture(scope="module")
def key() -> str:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return made.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


def looked_at(target: str = "bigquery") -> dict[str, Finding]:
    """What -> the finding, none of which holds a secret."""
    environ = {"GATES_CONFIG": str(ROOT / "gates.toml"), "GATES_TARGET": target}
    found = {each.what: each for each in credentials(load(environ, datetime.now(UTC)))}
    printed = "".join(each.line() for each in found.values())
    assert TOKEN not in printed
    assert "PRIVATE" not in printed
    return found


def of_account(
    answer: Answer, key: str, file: Path, monkeypatch: pytest.MonkeyPatch, project: str = PROJECT
) -> dict[str, Finding]:
    """The findings with a service account's key file, whose token server answers so."""
    with serving(lambda _: answer) as (host, requests):
        content = {
            "type": "service_account",
            "project_id": project,
            "private_key": key,
            "client_email": ACCOUNT,
            "token_uri": f"http://{host}/token",
        }
        file.write_text(json.dumps(content), encoding="utf-8")
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
        found = looked_at()
    assert [request.path for request in requests] == ["/token"]
    return found


def token(seconds: int) -> Answer:
    return as_json({"access_token": TOKEN, "expires_in": seconds, "token_type": "Bearer"})


def test_the_embedded_warehouse_needs_none() -> None:
    assert looked_at("local")["Credentials"].found == "target local needs none"


def test_a_service_account_is_named_with_the_minutes_of_its_token(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = of_account(token(3600), key, tmp_path / "key.json", monkeypatch)
    assert found["Credentials"].found == f"service account, account {ACCOUNT}"
    assert found["Token"].found in {f"it is valid for {n} minutes more" for n in (58, 59, 60)}
    assert all(each.holds for each in found.values())
    assert "Project" not in found


def test_a_token_that_ends_within_a_run_is_a_problem(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = of_account(token(120), key, tmp_path / "key.json", monkeypatch)
    assert not found["Token"].holds
    assert LOGIN in found["Token"].remedy


def test_credentials_of_another_project_are_a_note(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = of_account(token(3600), key, tmp_path / "key.json", monkeypatch, "another-project")
    assert found["Project"].found == (
        f"the credentials are of another-project, jobs run in {PROJECT}"
    )
    assert found["Project"].is_note


def test_an_account_that_google_refuses_is_a_problem_without_what_google_said(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = as_json({"error": "invalid_grant", "error_description": TOKEN}, 400)
    found = of_account(refused, key, tmp_path / "key.json", monkeypatch)
    assert found["Credentials"].found == "none can be used (RefreshError)"
    assert LOGIN in found["Credentials"].remedy


def test_a_file_that_is_not_there_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "nowhere.json"))
    found = looked_at()
    assert found["Credentials"].found == "none can be used (DefaultCredentialsError)"
    assert not found["Credentials"].holds
