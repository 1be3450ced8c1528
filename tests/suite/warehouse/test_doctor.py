"""What must hold before a run is looked at, and what does not is named with its remedy."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from harness import ROOT, GatesProject, running
from http_faults import Answer, Request, as_json, but, forward_to, serving

from doctor import machine
from doctor.finding import Finding, looked
from doctor.warehouse import clock
from gates.config.settings import load
from gates.measure.warehouse import Warehouse

SCHEDULE = "nba_raw.nbac_schedule"


@pytest.fixture(scope="module")
def server(filled_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A warehouse that nobody has damaged: a table that was brought back has lost its modes."""
    with running(filled_home, tmp_path_factory.mktemp("doctor") / "home") as found:
        yield found.host


@pytest.fixture
def doctored(project: GatesProject, server: str) -> GatesProject:
    """The project with the files and environments that the doctor looks at."""
    project.host = server
    (project.folder / "requirements").symlink_to(ROOT / "requirements")
    for name in machine.ENVIRONMENTS:
        (project.folder / name).symlink_to(ROOT / name)
    return project


def findings(project: GatesProject, **environ: str) -> dict[str, dict[str, Any]]:
    """What -> the finding; the exit status agrees with all of them."""
    done = project.python("-m", "doctor", "--json", environ=environ)
    found = json.loads(done.stdout)
    assert done.returncode == (0 if all(each["holds"] for each in found) else 1), done.stderr
    return {each["what"]: each for each in found}


def problems(project: GatesProject, **environ: str) -> dict[str, str]:
    found = findings(project, **environ)
    return {what: each["found"] for what, each in found.items() if not each["holds"]}


def test_all_holds_where_the_gates_can_run(doctored: GatesProject) -> None:
    done = doctored.python("-m", "doctor")
    assert done.returncode == 0, done.stdout
    *lines, last, command = done.stdout.splitlines()
    assert command == "Next: make validate-phase12"
    assert last == f"{len(lines)} looked at, 0 to be put right."
    assert all(line.startswith(("✅ OK", "⚠️  note")) for line in lines)
    words = ("Python", ".venv-local", "Disk", "Clock", SCHEDULE, "Jobs of phase4", "Log of phase2")
    for word in words:
        assert any(word in line for line in lines)


def changed(request: Request, answer: Answer, change: dict[str, Any]) -> Answer:
    """The answer about the schedule's metadata, with other content."""
    if request.method != "GET" or not request.path.split("?")[0].endswith("/tables/nbac_schedule"):
        return answer
    content = json.loads(answer.body)
    if "error" in change:
        return as_json(change, 404)
    if field := change.get("field"):
        (old,) = (each for each in content["schema"]["fields"] if each["name"] == field["name"])
        old |= field
        change = {}
    return as_json(content | change)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"location": "EU"}, "it lies in EU, expected us-west2"),
        (
            {"timePartitioning": {"type": "MONTH", "field": "game_date"}},
            "its partitions are of a MONTH, expected DAY",
        ),
        (
            {"timePartitioning": {"type": "DAY", "field": "loaded_on"}},
            "it is partitioned by loaded_on, expected game_date",
        ),
        (
            {
                "timePartitioning": {"type": "DAY", "field": "game_date"},
                "requirePartitionFilter": False,
            },
            "require_partition_filter is False, expected True",
        ),
        ({"type": "VIEW"}, "is a VIEW, expected a TABLE"),
        ({"error": {"code": 404, "message": "no such table"}}, f"{SCHEDULE} was not found: "),
        (
            {"field": {"name": "game_id", "mode": "NULLABLE"}},
            "column game_id is NULLABLE, expected REQUIRED",
        ),
        (
            {"field": {"name": "game_status", "type": "STRING"}},
            f"column game_status of {SCHEDULE} is STRING, expected INT64",
        ),
    ],
    ids=["location", "month", "column", "filter", "view", "gone", "mode", "type"],
)
def test_a_table_that_is_not_as_expected(
    doctored: GatesProject, change: dict[str, Any], said: str
) -> None:
    assert doctored.host is not None
    real = forward_to(doctored.host)
    with serving(lambda request: changed(request, real(request), change)) as (host, _):
        doctored.host = host
        assert said in problems(doctored)[SCHEDULE]


def policies(answer: Answer) -> Any:
    def of_schedule(request: Request) -> Answer | None:
        listed = request.path.split("?")[0].endswith("/nbac_schedule/rowAccessPolicies")
        return answer if listed else None

    return of_schedule


def test_rows_that_may_be_hidden(doctored: GatesProject) -> None:
    assert doctored.host is not None
    listed = {"rowAccessPolicies": [{"rowAccessPolicyReference": {"policyId": "west_only"}}]}
    with serving(but(forward_to(doctored.host), policies(as_json(listed)))) as (host, _):
        found = problems(replaced(doctored, host))
    said = "it has row access policies (west_only), and a part may be hidden"
    assert found == {f"{SCHEDULE}, row access": said}


def test_policies_that_may_not_be_listed_are_a_note(doctored: GatesProject) -> None:
    assert doctored.host is not None
    denied = {"error": {"code": 403, "message": "no", "errors": [{"reason": "accessDenied"}]}}
    with serving(but(forward_to(doctored.host), policies(as_json(denied, 403)))) as (host, _):
        found = findings(replaced(doctored, host))
    (note,) = (each for what, each in found.items() if what.endswith("row access"))
    assert note["holds"]
    assert "bigquery.rowAccessPolicies.list" in note["remedy"]


def replaced(project: GatesProject, host: str) -> GatesProject:
    project.host = host
    return project


def test_a_clock_that_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Warehouse(load({"GATES_CONFIG": str(ROOT / "gates.toml")}, datetime.now(UTC)))
    for minutes, good in ((-5, False), (-0.5, True), (0, True), (0.5, True), (5, False)):
        there = datetime.now(UTC) + timedelta(minutes=minutes)
        monkeypatch.setattr(asked, "now", lambda there=there: there)
        (found,) = clock(asked)
        assert found.holds == good
        assert found.what == "Clock"


def test_a_warehouse_a_log_and_a_service_that_are_not_there(doctored: GatesProject) -> None:
    doctored.host, doctored.logs = "127.0.0.1:9", Path("nowhere")
    found = problems(doctored, PHASE4_URL="http://127.0.0.1:9")
    assert "does not answer" in found["Warehouse"]
    assert found["Log of phase1"].startswith("no log nowhere/")
    assert found["Phase 4 service"] == "no answer (ConnectionError)"


@pytest.mark.parametrize(
    ("status", "good"), [(404, True), (401, False), (403, False), (503, False)]
)
def test_what_the_service_answers(doctored: GatesProject, status: int, good: bool) -> None:
    with serving(lambda _: Answer(status)) as (host, requests):
        found = findings(doctored, PHASE4_URL=f"http://{host}")["Phase 4 service"]
    assert (found["found"], found["holds"]) == (f"it answers with HTTP {status}", good)
    # Nothing is processed.
    assert [(each.method, each.path) for each in requests] == [("GET", "/")]


def test_bigquery_without_credentials(doctored: GatesProject, tmp_path: Path) -> None:
    nobody = {"HOME": str(tmp_path), "GATES_TARGET": "bigquery", "NO_GCE_CHECK": "true"}
    found = problems(doctored, **nobody)
    assert found["Credentials"] == "none can be used (DefaultCredentialsError)"
    assert found["Warehouse"] == "no Google credentials were found on this machine"


def test_packages_that_are_not_those_of_the_lock(doctored: GatesProject, tmp_path: Path) -> None:
    lock = doctored.folder / "requirements"
    lock.unlink()
    lock.mkdir()
    text = (ROOT / "requirements/gates.txt").read_text(encoding="utf-8")
    (lock / "gates.txt").write_text(text.replace("pytest==", "pytest==99."), encoding="utf-8")
    (lock / "local.txt").write_text("duckdb==0.0.1 \\\n", encoding="utf-8")
    found = problems(doctored)
    assert found.keys() == {"Environment .venv", "Environment .venv-local"}
    assert ", expected 99." in found["Environment .venv"]
    assert found["Environment .venv-local"].endswith(", expected 0.0.1")


def test_what_breaks_one_look_costs_no_other() -> None:
    def broken() -> Any:
        yield Finding("a", "there")
        raise RuntimeError("a\x1b[2Jb")

    first, second = looked("Disk", broken)
    assert first.holds
    assert not second.holds
    assert second.line().startswith("❌ NO   Disk: it could not be looked at (RuntimeError: a")
    assert second.line().isprintable()
