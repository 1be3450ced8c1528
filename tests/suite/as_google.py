"""BigQuery's REST as Google documents it, in front of the embedded server, which does the work.

A job is RUNNING for a while, results are not complete at first and come in pages, numbers of 64
bits are text, a query that was asked already is not asked again, a limit on the rate is met, a dry
run says bytes, errors name reason and location: https://cloud.google.com/bigquery/docs/reference/rest/v2
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from http_faults import Answer, Answerer, Request, as_json, forward_to

LOCATION = "us-west2"
DRY_RUN_BYTES = 1_234_567_890
PAGE = 2


def error(status: int, reason: str, message: str) -> Answer:
    """As Google words one."""
    each = {"domain": "global", "reason": reason, "message": message, "location": LOCATION}
    return as_json({"error": {"code": status, "message": message, "errors": [each]}}, status)


@dataclass
class Google:
    """An answerer; `seen` counts what it has done that the embedded server does not do."""

    host: str
    seen: Counter[str] = field(default_factory=Counter)
    _forward: Answerer = field(init=False)
    # Request id -> job, job -> its reference, job -> all that it gave.
    _begun: dict[str, str] = field(default_factory=dict)
    _jobs: dict[str, dict[str, Any]] = field(default_factory=dict)
    _results: dict[str, dict[str, Any]] = field(default_factory=dict)
    _asked: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._forward = forward_to(self.host)

    def __call__(self, request: Request) -> Answer:
        path = urlsplit(request.path).path
        if request.method == "POST" and path.endswith("/jobs"):
            return self._dry_run(request)
        if request.method == "POST" and path.endswith("/queries"):
            return self._query(request)
        if "/queries/" in path:
            return self._pages(path.rpartition("/")[2], request)
        if request.method == "GET" and "/jobs/" in path:
            return self._job(path.rpartition("/")[2], request)
        if path.endswith("/rowAccessPolicies"):
            self.seen["policies refused"] += 1
            return error(403, "accessDenied", "bigquery.rowAccessPolicies.list is denied")
        return self._forward(request)

    def _dry_run(self, request: Request) -> Answer:
        asked = json.loads(request.body)
        if not asked["configuration"].get("dryRun"):
            return self._forward(request)
        self.seen["dry run"] += 1
        size = str(DRY_RUN_BYTES)
        said = {"totalBytesProcessed": size, "query": {"totalBytesProcessed": size}}
        return as_json({**asked, "status": {"state": "DONE"}, "statistics": said})

    def _query(self, request: Request) -> Answer:
        asked = json.loads(request.body)
        name = asked["requestId"]
        if name in self._begun:
            self.seen["duplicate"] += 1
            return self._incomplete(self._begun[name])
        # Of the queries the first or the second meets a limit or a failure on the way back.
        turn = len(self._asked)
        self._asked[f"query {name}"] += 1
        if turn % 3 == 0 and self._asked[f"query {name}"] == 1:
            self.seen["rate limit"] += 1
            return error(403, "rateLimitExceeded", "Exceeded rate limits: too many api requests")
        answer = self._forward(request)
        if answer.status != 200:
            return answer
        found = json.loads(answer.body)
        job = self._begun[name] = str(found["jobReference"]["jobId"])
        self._jobs[job] = {**found["jobReference"], "location": LOCATION}
        self._results[job] = found
        if turn % 3 == 1:
            self.seen["lost answer"] += 1
            return error(503, "backendError", "The service is currently unavailable")
        return self._incomplete(job)

    def _incomplete(self, job: str) -> Answer:
        """What a query that takes longer than its first answer is answered."""
        self.seen["running"] += 1
        return as_json({"jobReference": self._jobs[job], "jobComplete": False})

    def _running(self, job: str) -> dict[str, Any]:
        """The job as it was while it ran."""
        self.seen["running"] += 1
        return {
            "jobReference": self._jobs[job],
            "configuration": {"jobType": "QUERY", "query": {"query": ""}},
            "status": {"state": "RUNNING"},
            "statistics": {"creationTime": "1", "startTime": "1"},
        }

    def _job(self, job: str, request: Request) -> Answer:
        if job not in self._jobs:
            return error(404, "notFound", f"Not found: Job p:{LOCATION}.{job}")
        self._asked[f"look {job}"] += 1
        return self._forward(request) if self._is_done(job) else as_json(self._running(job))

    def _is_done(self, job: str) -> bool:
        """A job runs until it has been looked at twice."""
        return self._asked[f"look {job}"] >= 2

    def _pages(self, job: str, request: Request) -> Answer:
        if not self._is_done(job):
            self.seen["not complete"] += 1
            return as_json({"jobReference": self._jobs[job], "jobComplete": False})
        words = parse_qs(urlsplit(request.path).query)
        found = self._results[job]
        rows = found.get("rows", [])
        if words.get("maxResults") == ["0"]:
            return as_json({name: each for name, each in found.items() if name != "rows"})
        first = int(words.get("pageToken", ["0"])[0])
        page = {**found, "totalRows": str(len(rows)), "rows": rows[first : first + PAGE]}
        page.pop("pageToken", None)
        if first + PAGE < len(rows):
            self.seen["page"] += 1
            page["pageToken"] = str(first + PAGE)
        return as_json(page)
