#!/usr/bin/env bash
# requests 2.34.2 (urllib3 2.8.0), a client of a service that answers with a redirect.
#
# Behaviour: `allow_redirects=False, stream=True` gives a response of status 307 only after the whole body of the
# redirect was read, while the same call over a 200 returns with the head. And where `Session.max_redirects`
# is 0, which says the same once more, not following is an error: TooManyRedirects is raised for the redirect that
# nobody asked to follow.
#
# Why one would guess otherwise: stream=True promises that the body is left to the caller, and the two settings say
# one thing, so the second should change nothing. For `Response.next` the library prepares the request
# that it will not send, by the same generator that follows redirects; that generator first reads the body, to
# free the connection, and then counts. A client that bounds what it reads of an answer has no bound there.
#
# Output seen:
#   200, streamed: 200, body read by the library: no
#   307, streamed, not followed: 307, body read by the library: yes
#   307, not followed, at most 0: TooManyRedirects
set -euo pipefail
unset PYTHONPATH http_proxy HTTP_PROXY

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check requests==2.34.2 urllib3==2.8.0
cat > look.py <<'PYTHON'
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import requests


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(self.path[1:]))
        self.send_header("Location", "/200")
        self.send_header("Content-Length", "5000")
        self.end_headers()
        self.wfile.write(b"x" * 5000)

    def log_message(self, *words):
        pass


server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()


def look(what, status, most=None):
    session = requests.Session()
    if most is not None:
        session.max_redirects = most
    url = f"http://127.0.0.1:{server.server_port}/{status}"
    try:
        answer = session.get(url, stream=True, allow_redirects=False, timeout=10)
    except requests.RequestException as error:
        print(f"{what}: {type(error).__name__}")
        return
    read = "yes" if answer.raw.tell() == 5000 else "no"
    print(f"{what}: {answer.status_code}, body read by the library: {read}")


look("200, streamed", 200)
look("307, streamed, not followed", 307)
look("307, not followed, at most 0", 307, most=0)
PYTHON
venv/bin/python look.py | tee seen

cat > expected <<'TEXT'
200, streamed: 200, body read by the library: no
307, streamed, not followed: 307, body read by the library: yes
307, not followed, at most 0: TooManyRedirects
TEXT
diff expected seen || { echo "changed: what requests reads of a redirect that it does not follow"; exit 1; }
