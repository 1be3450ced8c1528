"""What the suite's tests share: a warehouse of their own, and a run of the gates as a user has it.

Nothing is mocked: gates run in a process of their own, in .venv, with the real BigQuery client
against a real embedded server.
"""

import atexit
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery

from gates.config.stages import STAGES

ROOT = Path(__file__).resolve().parents[2]
# `make coverage` measures what runs in the programs that tests start, with its own environment.
MEASURED = {name: each for name, each in os.environ.items() if name.startswith("COVERAGE_")}
GATES_PYTHON = Path(sys.executable) if MEASURED else ROOT / ".venv/bin/python"
LOCAL_PYTHON = ROOT / ".venv-local/bin/python"
PROJECT = "nba-props-platform"
_DML = re.compile(r"\s*(INSERT|UPDATE|DELETE|MERGE)\b")
# One worker is as far away as two are; several are in test_queries.py.
ALONE_OR_WITH_A_WORKER = pytest.mark.parametrize("workers", ["0", "1"], ids=["-n0", "-n1"])
# The suite's today: what its warehouses hold is the same on every day.
UNTIL = ("--until", "2026-01-02")
# The last day of a warehouse that reaches beyond what the platform's papers tell of.
LATER = "2026-11-27"
TABLES = sorted(file.stem for file in (ROOT / "schemas").glob("*.json"))


def until_signal(number: signal.Signals) -> list[str]:
    """A command that says ready, waits, and on the signal says heard and ends with 7.

    No shell: one that traps a signal sent to it alone may spin for ever.
    """
    script = (
        "import os, signal, time\n"
        "def hear(*_):\n    os.write(1, b'heard\\n')\n    os._exit(7)\n"
        f"signal.signal({number.value}, hear)\n"
        "os.write(1, b'ready\\n')\ntime.sleep(60)\n"
    )
    return [str(LOCAL_PYTHON), "-c", script]


def make(
    folder: Path, host: str, *words: str, **environ: str
) -> "subprocess.CompletedProcess[str]":
    """`make WORDS` as a user has it, but on a warehouse that runs already, its output elsewhere."""
    given = environment_of_make(folder, host) | MEASURED | environ
    command = ["make", *([f"GATES={GATES_PYTHON}"] if MEASURED else []), *words]
    return subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True)


def environment_of_make(folder: Path, host: str) -> dict[str, str]:
    """What `make` above is given."""
    given = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return given | {
        "BIGQUERY_EMULATOR_HOST": host,
        "GATES_REPORTS": str(folder / "reports"),
        "GATES_STATE": str(folder / "state"),
        "GATES_LOGS": str(folder / "no-logs"),
    }


def warehouse_command(home: Path, *words: str) -> list[str]:
    """python -m local.warehouse with a home of its own."""
    return [str(LOCAL_PYTHON), "-m", "local.warehouse", *words, "--home", str(home), *UNTIL]


def later_warehouse_command(home: Path, *words: str) -> list[str]:
    """The same, filled as a user's is on the suite's later day."""
    return [*warehouse_command(home, *words)[: -len(UNTIL)], "--until", LATER]


def complete_warehouse_command(
    home: Path, *words: str, seed: int | None = None, tidy: bool | None = None
) -> list[str]:
    """The same, but it is filled as if every date of Phase 4 were done, from any seed."""
    done = "from season import phase4; phase4.DONE = phase4.ELIGIBLE"
    return _filled_otherwise(home, words, done, seed=seed, tidy=tidy)


def tidy_warehouse_command(home: Path, *words: str) -> list[str]:
    """python -m local.warehouse, filled with seasons that are tidier than the platform's."""
    return _filled_otherwise(home, words, "pass", tidy=True)


def _filled_otherwise(
    home: Path, words: tuple[str, ...], first: str, **asked: int | bool | None
) -> list[str]:
    given = {name: value for name, value in asked.items() if value is not None}
    script = (
        f"import functools, runpy, season\n{first}\n"
        f"season.generate = functools.partial(season.generate, **{given})\n"
        "runpy.run_module('local.warehouse', run_name='__main__')"
    )
    return [str(LOCAL_PYTHON), "-c", script, *words, "--home", str(home), *UNTIL]


class TestWarehouse:
    """A running embedded warehouse that a test may damage: `with warehouse.fault(dml): ...`."""

    __test__ = False

    def __init__(self, host: str) -> None:
        self.host = host
        self.client = bigquery.Client(
            PROJECT,
            AnonymousCredentials(),  # type: ignore[no-untyped-call]
            client_options=ClientOptions(api_endpoint=f"http://{host}"),
        )
        self._twins: set[str] = set()

    def rows(self, sql: str) -> list[dict[str, Any]]:
        """What plain SQL gives."""
        return [dict(row.items()) for row in self.client.query(sql).result(timeout=60)]

    def value(self, sql: str) -> Any:
        """The one value that `sql` gives."""
        return next(iter(self.rows(sql)[0].values()))

    @contextmanager
    def fault(self, *statements: str) -> Iterator[None]:
        """Damage the data with DML or DDL for the length of a block."""
        if all(_DML.match(statement) for statement in statements):
            with self._transaction():
                for statement in statements:
                    self.rows(statement)
                yield
            return
        touched = [table for table in TABLES if any(table in each for each in statements)]
        self._keep(touched)
        try:
            for statement in statements:
                self.rows(statement)
            yield
        finally:
            for table in touched:
                self.rows(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM {_twin(table)}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """What is written in the block, by anyone, is taken back: the server has one connection."""
        self.rows("BEGIN TRANSACTION")
        try:
            yield
        finally:
            self.rows("ROLLBACK TRANSACTION")

    def _keep(self, tables: list[str]) -> None:
        """Copy each table once, before it is damaged for the first time."""
        self.client.create_dataset("twins", exists_ok=True)
        for table in set(tables) - self._twins:
            self.rows(f"CREATE TABLE {_twin(table)} AS SELECT * FROM {table}")
            self._twins.add(table)


def _twin(table: str) -> str:
    return f"twins.{table.split('.')[1]}"


@contextmanager
def running(home: Path, copy: Path) -> Iterator[TestWarehouse]:
    """A running warehouse of this worker's own, with what `home` holds."""
    shutil.copytree(home, copy)
    up = subprocess.run(
        warehouse_command(copy, "up"), cwd=ROOT, check=True, capture_output=True, text=True
    )
    try:
        yield TestWarehouse(up.stdout.strip())
    finally:
        # Its data is of no more use, and writing them down takes seconds.
        os.kill(json.loads((copy / "warehouse.json").read_text())["pid"], signal.SIGKILL)


@cache
def gates_server() -> "subprocess.Popen[str]":
    """This worker's gates_server.py; it ends with its stdin, at the latest with this process."""
    command = [str(GATES_PYTHON), str(ROOT / "tests/suite/gates_server.py")]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(server.communicate)
    return server


def forked(
    folder: Path, words: Sequence[str], environ: dict[str, str], printed: Path
) -> "subprocess.CompletedProcess[str]":
    """`python WORDS` in `folder`, by a process of its own that need not import all of it anew.

    What it writes goes to stdout and stderr in the folder `printed`.
    """
    files = {name: printed / name for name in ("stdout", "stderr")}
    order = {
        "folder": str(folder),
        "environ": environ,
        "words": words,
        **{name: str(file) for name, file in files.items()},
    }
    for file in files.values():
        file.unlink(missing_ok=True)
    server = gates_server()
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(f"{json.dumps(order)}\n")
    server.stdin.flush()
    status = int(server.stdout.readline())
    texts = [file.read_text(encoding="utf-8") for file in files.values()]
    return subprocess.CompletedProcess(words, status, *texts)


@dataclass(frozen=True)
class GatesRun:
    """How a run of the gates ended: exit status, what was printed, the record if there is one."""

    status: int
    output: str
    record: dict[str, Any] | None

    @property
    def decision(self) -> str | None:
        """GO, NO-GO, or None without a record."""
        return self.record["decision"] if self.record else None

    @property
    def statuses(self) -> dict[str, str]:
        """Gate id -> status."""
        return {gate["id"]: gate["status"] for gate in (self.record or {"gates": []})["gates"]}

    @property
    def details(self) -> dict[str, str]:
        """Gate id -> its sentence."""
        return {gate["id"]: gate["detail"] for gate in (self.record or {"gates": []})["gates"]}

    def others_than_pass(self) -> dict[str, str]:
        """The gates that did not pass."""
        return {gate: status for gate, status in self.statuses.items() if status != "pass"}

    def runbook_others_than_pass(self) -> dict[str, str]:
        """The runbook's own gates that did not pass, for a fault that integrity gates see too."""
        kinds = {gate["id"]: gate["kind"] for gate in (self.record or {"gates": []})["gates"]}
        found = self.others_than_pass()
        return {gate: status for gate, status in found.items() if kinds[gate] == "runbook"}


@dataclass
class GatesProject:
    """A copy of the project's gates that a test may edit, and what a run of it is given."""

    folder: Path
    logs: Path
    host: str | None
    profile: str | None = None

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace text that must be there."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{file} has no {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    @contextmanager
    def set_for_a_while(self, settings: Mapping[str, str]) -> Iterator[None]:
        """gates.toml with other text in the place of some for the length of a block."""
        for usual, other in settings.items():
            self.edit("gates.toml", usual, other)
        yield
        for usual, other in settings.items():
            self.edit("gates.toml", other, usual)

    def record_file(self, stage: str = "phase12") -> Path:
        """Where the decision.json of a stage is written."""
        return self.folder / f"reports/{stage}/decision.json"

    def run(
        self, *words: str, environ: dict[str, str] | None = None, stage: str = "phase12"
    ) -> GatesRun:
        """What make runs, `python -m gates validate STAGE WORDS`, with nothing else set."""
        done = self.python("-m", "gates", "validate", stage, *words, environ=environ)
        file = self.record_file(stage)
        record = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else None
        return GatesRun(done.returncode, done.stdout + done.stderr, record)

    def run_all(self, stages: Sequence[str], *words: str) -> dict[str, str]:
        """Several stages, one after another in one process; the gates that did not pass.

        `words` are pytest's, and those of gates that they leave out did not pass.
        """
        script = (
            "import pytest; "
            f"[pytest.main(['--stage', stage, *{words}]) for stage in {list(stages)}]"
        )
        done = self.python("-c", script)
        found: dict[str, str] = {}
        for stage in stages:
            file = self.record_file(stage)
            assert file.exists(), done.stdout + done.stderr
            record = json.loads(file.read_text(encoding="utf-8"))
            run = GatesRun(done.returncode, done.stdout + done.stderr, record)
            found |= run.others_than_pass()
        return found

    def python(
        self, *words: str, environ: dict[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """`python WORDS` in the copy, with the gates' own environment."""
        return forked(self.folder, words, self.environ() | (environ or {}), self.folder.parent)

    def environ(self) -> dict[str, str]:
        """The environment of an operator who has set nothing but where the warehouse is."""
        found = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        found |= MEASURED | {"GATES_LOGS": str(self.logs)}
        if self.host is not None:
            found["BIGQUERY_EMULATOR_HOST"] = self.host
        if self.profile is not None:
            found["GATES_PROFILE"] = self.profile
        return found


def copy_gates(folder: Path) -> None:
    """Everything that a run of the gates needs, and nothing of the suite's tests."""
    for name in (
        "backfill",
        "doctor",
        "gates",
        "sql",
        "schemas",
        *(f"tests/{stage}" for stage in STAGES),
    ):
        shutil.copytree(
            ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
        )
    for name in ("conftest.py", "gates.toml", "pytest.ini"):
        shutil.copy(ROOT / name, folder / name)


def compile_gates(folder: Path) -> None:
    """Leave beside the sources what Python and pytest make of them, for copies of `folder`."""
    for words in (["compileall", "-q", "."], ["pytest", "--collect-only"]):
        command = [str(GATES_PYTHON), "-m", *words]
        subprocess.run(command, cwd=folder, env={}, capture_output=True, timeout=60)
    shutil.rmtree(folder / "reports", ignore_errors=True)


COUNTS_ALONE = """
[profile.counts]
leave_out = [{ gates = "*.*_values.*", reason = "They have edges and a corpus of their own." }]
"""


def counts_alone(project: GatesProject) -> GatesProject:
    """The project under a profile without the gates that compute values again.

    They are two thirds of what a run costs, and see many a fault that a test means for others.
    """
    with (project.folder / "gates.toml").open("a", encoding="utf-8") as config:
        config.write(COUNTS_ALONE)
    project.profile = "counts"
    return project


def lines_with(text: str, words: Sequence[str]) -> list[str]:
    """The lines that hold every one of `words`."""
    return [line for line in text.splitlines() if all(word in line for word in words)]
