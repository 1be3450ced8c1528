#!/usr/bin/env bash
# google-auth 2.63.0: an identity token under the credentials that a scheduled job has.
#
# Behaviour: GOOGLE_APPLICATION_CREDENTIALS names a file, and `google.auth.default` takes it, whether it is of a service
# account, a workload (external_account) or a user (authorized_user). `id_token.fetch_id_token` reads the same variable
# and the same file, takes the first kind, passes the two others over without a word, and ends by saying that there is
# neither a metadata server nor a valid service account's file. The same error comes where no file is named at all.
#
# Why one would guess otherwise: both are the library's ways to application-default credentials, whose documentation
# lists these kinds of files in one order for all; a file of a kind that cannot serve is an error of its own elsewhere
# (a file that is not JSON is one here). And a workload that stands for a service account could be given its token:
# IAM's generateIdToken does that.
#
# Output seen:
#   external_account: default gives a workload: True, identity token: DefaultCredentialsError
#   authorized_user: default gives a workload: False, identity token: DefaultCredentialsError
#   no file is named: identity token: DefaultCredentialsError
#   one sentence for all of them: True
#   not JSON: identity token: another sentence True
set -euo pipefail
unset PYTHONPATH

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check google-auth==2.63.0 requests==2.34.2
cat > look.py <<'PYTHON'
import json
import os
from pathlib import Path

import google.auth
from google.auth import external_account
from google.auth.exceptions import GoogleAuthError
from google.auth.transport.requests import Request
from google.oauth2 import id_token

# No request is made to a metadata server that is not there.
os.environ["NO_GCE_CHECK"] = "true"
# Without a project it would be asked for.
os.environ["GOOGLE_CLOUD_PROJECT"] = "project"
os.environ["HOME"] = os.environ["CLOUDSDK_CONFIG"] = str(Path.cwd())
FILE = Path("credentials.json").resolve()
KINDS = {
    "external_account": {
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": "https://sts.googleapis.com/v1/token",
        "credential_source": {"file": str(FILE)},
        "service_account_impersonation_url": "https://iamcredentials.googleapis.com/v1/projects/-/"
        "serviceAccounts/a@project.iam.gserviceaccount.com:generateAccessToken",
    },
    "authorized_user": {"client_id": "a", "client_secret": "b", "refresh_token": "c"},
}


def said() -> str:
    try:
        return id_token.fetch_id_token(Request(), "https://service.example")
    except GoogleAuthError as error:
        kinds.append(type(error).__name__)
        return str(error)


kinds: list[str] = []
sentences = []
os.environ["GOOGLE_APPLICATION_CREDENTIALS"] = str(FILE)
for kind, content in KINDS.items():
    FILE.write_text(json.dumps({"type": kind, **content}))
    found, _ = google.auth.default(scopes=["https://www.googleapis.com/auth/cloud-platform"])
    sentences.append(said())
    is_external = isinstance(found, external_account.Credentials)
    print(f"{kind}: default gives a workload: {is_external}, identity token: {kinds[-1]}")
FILE.write_text("no JSON")
other = said()
del os.environ["GOOGLE_APPLICATION_CREDENTIALS"]
sentences.append(said())
print(f"no file is named: identity token: {kinds[-1]}")
print(f"one sentence for all of them: {len(set(sentences)) == 1}")
print(f"not JSON: identity token: another sentence {other not in sentences}")
PYTHON
venv/bin/python -W ignore look.py | tee seen

cat > expected <<'TEXT'
external_account: default gives a workload: True, identity token: DefaultCredentialsError
authorized_user: default gives a workload: False, identity token: DefaultCredentialsError
no file is named: identity token: DefaultCredentialsError
one sentence for all of them: True
not JSON: identity token: another sentence True
TEXT
diff expected seen || { echo "changed: which files an identity token is had with"; exit 1; }
