"""A job without a key: the identity token of the service account that its workload stands for."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from http_faults import Answer, Request, as_json, serving

from backfill import tokens
from backfill.tokens import TokenError, Tokens

AUDIENCE = "https://service.example"
ACCOUNT = "backfill@nba-props-platform.iam.gserviceaccount.com"
SUBJECT, WORKLOAD, IDENTITY = "oidc-of-the-job", "token-of-the-workload", "identity.of.backfill"


@dataclass
class Google:
    """Its token exchange and IAM's credentials on one server; `answer` is what IAM says."""

    answer: Answer = field(default_factory=lambda: as_json({"token": IDENTITY}))
    exchange: Answer = field(
        default_factory=lambda: as_json(
            {"access_token": WORKLOAD, "expires_in": 3600, "token_type": "Bearer"}
            | {"issued_token_type": "urn:ietf:params:oauth:token-type:access_token"}
        )
    )
    host: str = ""
    requests: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> Answer:
        return self.exchange if request.path == "/v1/token" else self.answer


@pytest.fixture
def google(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Google]:
    found = Google()
    with serving(found) as (found.host, found.requests):
        monkeypatch.setattr(tokens, "IAM", f"http://{found.host}")
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "workload.json"))
        monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "nba-props-platform")
        # What stands there for this machine would go in the place of a token, if it were read.
        (tmp_path / ".netrc").write_text("default login somebody password elses\n")
        monkeypatch.setenv("HOME", str(tmp_path))
        workload(found, tmp_path)
        yield found


def workload(google: Google, folder: Path, account: str | None = ACCOUNT) -> None:
    """A workload identity file as gcloud writes it."""
    (folder / "subject").write_text(SUBJECT)
    pool = "projects/1/locations/global/workloadIdentityPools/github/providers/nba-gates"
    content = {
        "type": "external_account",
        "audience": f"//iam.googleapis.com/{pool}",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": f"http://{google.host}/v1/token",
        "credential_source": {"file": str(folder / "subject")},
    }
    if account:
        content[tokens.IMPERSONATED] = (
            "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/"
            f"{account}:generateAccessToken"
        )
    (folder / "workload.json").write_text(json.dumps(content))


def test_the_workload_asks_for_the_accounts_token(google: Google) -> None:
    bearer = Tokens("google", AUDIENCE).bearer()
    assert bearer.token == IDENTITY
    exchanged, minted = google.requests
    assert exchanged.path == "/v1/token"
    assert SUBJECT.encode() in exchanged.body
    assert minted.path == f"/v1/projects/-/serviceAccounts/{ACCOUNT}:generateIdToken"
    assert json.loads(minted.body) == {"audience": AUDIENCE, "includeEmail": True}
    headers = {name.lower(): value for name, value in minted.headers.items()}
    assert headers["authorization"] == f"Bearer {WORKLOAD}"


def test_a_token_is_had_once(google: Google) -> None:
    found = Tokens("google", AUDIENCE)
    assert found.bearer().token == found.bearer().token
    assert len(google.requests) == 2


@pytest.mark.parametrize(
    "answer",
    [
        as_json({"error": {"status": "PERMISSION_DENIED", "message": WORKLOAD}}, 403),
        as_json({}),
        as_json([]),
        as_json({"token": 5}),
        as_json({"token": "two\nlines"}),
        Answer(200, b"<html>"),
    ],
    ids=["denied", "without one", "a list", "a number", "two lines", "a page"],
)
def test_without_a_token_it_says_what_the_workload_lacks(google: Google, answer: Answer) -> None:
    google.answer = answer
    with pytest.raises(TokenError) as found:
        Tokens("google", AUDIENCE).bearer()
    assert f"no identity token of {ACCOUNT} (HTTP {answer.status})" in str(found.value)
    assert "roles/iam.workloadIdentityUser" in str(found.value)
    assert WORKLOAD not in str(found.value)


def test_a_workload_that_google_does_not_know(google: Google) -> None:
    google.exchange = as_json({"error": "invalid_grant", "error_description": SUBJECT}, 400)
    with pytest.raises(TokenError) as found:
        Tokens("google", AUDIENCE).bearer()
    assert str(found.value).startswith("Google gave no identity token")
    assert SUBJECT not in str(found.value)


def test_a_workload_without_an_account(google: Google, tmp_path: Path) -> None:
    workload(google, tmp_path, account=None)
    with pytest.raises(TokenError, match=r"names no service account.*--service-account"):
        Tokens("google", AUDIENCE).bearer()
    assert google.requests == []
