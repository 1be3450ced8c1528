"""Whatever stands in a file or comes as an answer: one sentence, or what it truly says."""

import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from harness import LOCAL_PYTHON, ROOT
from hypothesis import Phase, given
from hypothesis import settings as property_of
from hypothesis import strategies as st
from test_backfill_plan import WHOLE, WINDOW

from backfill.plan import PlanError, dates_from
from backfill.service import Service
from backfill.start import service_at, tokens_for
from gates.config.schema import ConfigError
from gates.config.settings import Settings, load
from gates.measure.failure import sentence

# The same examples each time, and no seconds of a busy machine among them.
FEW = property_of(
    max_examples=80,
    deadline=None,
    derandomize=True,
    database=None,
    report_multiple_bugs=False,
    # What is drawn is small already.
    phases=[Phase.generate],
)
NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
GATES = (ROOT / "gates.toml").read_text(encoding="utf-8")
WAIVERS = "".join(
    f'[[waiver]]\ngate = "{gate}"\nreason = "Lost at the source."\napprover = "an owner"\n'
    f"expires = {expires}\n{more}\n"
    for gate, expires, more in (
        ("phase2.player_game_summary.usage_rate", "2026-03-31", "floor = 92"),
        ("phase1.team_offense_game_summary.critical_issues", "2026-01-31", "ceiling = 5"),
        ("phase2.player_game_summary.shot_zones", "2025-12-31", ""),
    )
)
CALENDAR = "game_date,season,league_games,all_star_games\n" + "".join(
    f"2024-1{month}-{day:02},2024-25,{day % 15},{day % 2}\n"
    for month in range(3)
    for day in range(22, 29)
)
# What takes the place of a value, or of a part of a line.
VALUES = st.sampled_from(
    [
        *("", "0", "-1", "1e400", "nan", "inf", "-inf", "9" * 40, "0.1", "true", '""', '"x"'),
        *("[]", "[[]]", "{}", "2026-02-30", "2026-01-02", "2026-01-02T10:00:00Z", '"yesterday"'),
        *('"\\u0000"', '"\\u202e"', "'''", "# ", "\x00", "\x1b", "é", "\ud7ff", "=", "[gates]"),
        *("[" * 200, "a." * 200 + "b = 1", "a" * 5000),
    ]
)
ANY_TEXT = st.text(st.characters(codec="utf-8"), max_size=40)
SCHEDULE = [
    replace(WHOLE, game_date=WINDOW[0] + timedelta(days=n), is_bootstrap=n < 20)
    for n in range(0, 120, 2)
]
ALLOWED = {held.game_date for held in SCHEDULE if not held.is_bootstrap}


def assert_one_line(error: Exception) -> None:
    text = str(error)
    assert len(text.splitlines()) == 1, text
    assert text.endswith("."), text
    assert text.isprintable(), text


# One to three lines lost, doubled, moved, cut off or changed: (how, which line, what with).
EDITS = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 10_000), VALUES), min_size=1, max_size=3
)


def edited(text: str, edits: list[tuple[int, int, str]]) -> str:
    lines = text.splitlines(keepends=True)
    for how, place, value in edits:
        at = place % len(lines)
        line = lines[at]
        name, equals, _ = line.partition(" = ")
        middle = len(line) // 2
        lines = (
            lines[:at] + lines[at + 1 :],
            [*lines[:at], line, *lines[at:]],
            lines[at:] + lines[:at],
            lines[: at + 1],
            [*lines[:at], f"{name}{equals}{value}\n", *lines[at + 1 :]],
            [*lines[:at], line[:middle] + value + line[middle:], *lines[at + 1 :]],
            [*lines[:at], value.join(re.split(r"\d+", line)), *lines[at + 1 :]],
        )[how] or [""]
    return "".join(lines)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("any")


def loaded(folder: Path, gates: str, waivers: str | None) -> Settings | None:
    """The settings of two files; None where they are refused in one line."""
    (folder / "gates.toml").write_text(gates, encoding="utf-8", errors="surrogatepass")
    (folder / "waivers.toml").unlink(missing_ok=True)
    if waivers is not None:
        (folder / "waivers.toml").write_text(waivers, encoding="utf-8", errors="surrogatepass")
    try:
        return load({"GATES_CONFIG": str(folder / "gates.toml")}, NOW)
    except ConfigError as error:
        assert_one_line(error)
        return None


@given(edits=EDITS)
@FEW
def test_any_gates_toml_is_refused_in_a_line_or_says_what_its_text_says(
    folder: Path, edits: list[tuple[int, int, str]]
) -> None:
    text = edited(GATES, edits)
    found = loaded(folder, text, None)
    if found is None:
        return
    said = tomllib.loads(text)
    assert all(first <= last for first, last in found.windows.values())
    assert found.backfill.attempts == said["backfill"]["attempts"] > 0
    for gate in found.gates.values():
        stage, source, measure = gate.id.partition("[")[0].split(".")
        entry = said[stage][source][measure]
        # No bound but those that stand there, and none that everything meets.
        assert all(number.is_finite() for number in gate.bound.numbers), gate.id
        assert gate.severity == entry.get("severity", "required")


@given(edits=EDITS)
@FEW
def test_any_waivers_toml_is_refused_in_a_line_or_waives_what_its_text_says(
    folder: Path, edits: list[tuple[int, int, str]]
) -> None:
    text = edited(WAIVERS, edits)
    found = loaded(folder, GATES, text)
    if found is None:
        return
    said = {each["gate"]: each for each in tomllib.loads(text).get("waiver", [])}
    assert found.waivers.by_gate.keys() == said.keys() <= found.gates.keys()
    for gate, waiver in found.waivers.by_gate.items():
        assert waiver.expires == said[gate]["expires"]
        assert waiver.reason.split() == said[gate]["reason"].split()
        assert waiver.approver.split() == said[gate]["approver"].split()
        assert found.waivers.holds(gate) == (waiver.expires >= date(2026, 1, 3))


def cells(day: st.SearchStrategy[date]) -> st.SearchStrategy[str]:
    return st.one_of(
        day.map(str), day.map(lambda day: f'"{day}"'), day.map(lambda day: f" {day} "), ANY_TEXT
    )


LINES = st.lists(
    st.lists(cells(st.sampled_from([held.game_date for held in SCHEDULE])), max_size=3), max_size=6
)


@given(
    header=st.sampled_from(["date", "date,why", "why,date", "day", "", "\ufeffdate", "date,date"]),
    lines=LINES,
    end=st.sampled_from(["\n", "\r\n", "\r"]),
)
@FEW
def test_any_dates_file_is_refused_in_a_line_or_names_dates_of_the_schedule(
    folder: Path, header: str, lines: list[list[str]], end: str
) -> None:
    text = end.join([header, *map(",".join, lines)])
    file = folder / "dates.csv"
    file.write_bytes(text.encode())
    try:
        found = dates_from(file, SCHEDULE, WINDOW)
    except PlanError as error:
        assert_one_line(error)
        return
    assert found
    assert found <= ALLOWED
    assert all(str(day) in text for day in found)


@given(content=st.binary(max_size=200))
@FEW
def test_any_bytes_for_a_dates_file(folder: Path, content: bytes) -> None:
    file = folder / "dates.csv"
    file.write_bytes(content)
    with pytest.raises(PlanError) as found:
        dates_from(file, SCHEDULE, WINDOW)
    assert_one_line(found.value)


class Calendars:
    """Reads calendars as the embedded warehouse does, in its own environment."""

    SCRIPT = """
import json, sys
from pathlib import Path
from season.calendar import CalendarError
from season.calendar_file import read_calendar
for line in sys.stdin:
    try:
        days = read_calendar(Path(json.loads(line)))
        answer = [[str(day.date), day.league, day.all_star] for day in days]
    except CalendarError as error:
        answer = str(error)
    print(json.dumps(answer), flush=True)
"""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [LOCAL_PYTHON, "-c", self.SCRIPT],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def read(self, file: Path) -> Any:
        """The days, or the sentence that refuses them."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(str(file)) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, "it ended with a traceback"
        return json.loads(line)


@pytest.fixture(scope="module")
def calendars(local_python: Path) -> Iterator[Calendars]:
    found = Calendars()
    yield found
    found.process.communicate()


@given(edits=EDITS)
@FEW
def test_any_calendar_is_refused_in_a_line_or_read_line_by_line(
    folder: Path, calendars: Calendars, edits: list[tuple[int, int, str]]
) -> None:
    text = edited(CALENDAR, edits)
    file = folder / "calendar.csv"
    file.write_text(text, encoding="utf-8", errors="surrogatepass")
    found = calendars.read(file)
    if isinstance(found, str):
        assert_one_line(Exception(found))
        return
    assert len({day for day, _, _ in found}) == len(found)
    for day, league, all_star in found:
        # Columns may stand in another order.
        assert re.search(rf"(?m)^{day},2024-25,0*{league},0*{all_star}(?:,.*)?$", text) or (
            not text.startswith("game_date")
        )


@given(content=st.binary(max_size=200))
@FEW
def test_any_bytes_for_a_calendar(folder: Path, calendars: Calendars, content: bytes) -> None:
    file = folder / "calendar.csv"
    file.write_bytes(content)
    assert_one_line(Exception(calendars.read(file)))


class Says(ThreadingHTTPServer):
    """A service that answers whatever it is told to."""

    daemon_threads = True
    block_on_close = False
    status = 200
    body = b""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Says

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(self.server.body)))
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Hypothesis says what it needs to."""


@pytest.fixture(scope="module")
def says() -> Iterator[Says]:
    with Says(("127.0.0.1", 0), _Handler) as server:
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, NOW)
REQUIRED = SETTINGS.backfill.required_processors
NAMES = (
    st.sampled_from([*REQUIRED, *SETTINGS.backfill.optional_processors, "Another", ""]) | ANY_TEXT
)
STATUSES = st.sampled_from(["success", "exception", "failed", "SUCCESS", " success", ""])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT
ANYTHING = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=6,
)
RESULT = st.fixed_dictionaries(
    {"processor": NAMES | ANYTHING, "status": STATUSES | ANYTHING},
    optional={"error": ANYTHING, "stats": ANYTHING},
)
SUCCEEDED = st.permutations([{"processor": name, "status": "success"} for name in REQUIRED])
RESULTS = st.tuples(SUCCEEDED, st.lists(RESULT, max_size=3)).map(lambda two: [*two[0], *two[1]])
BODIES = st.fixed_dictionaries(
    {"results": RESULTS | st.lists(RESULT | ANYTHING, max_size=6) | ANYTHING},
    optional={"status": ANYTHING, "error": ANYTHING},
)


@pytest.fixture(scope="module")
def service(says: Says) -> Service:
    url = f"http://127.0.0.1:{says.server_address[1]}"
    return service_at(SETTINGS, url, tokens_for(SETTINGS, url), lambda _: None)


def assert_no_better_than(says: Says, service: Service) -> None:
    answer = service.process(date(2024, 12, 1))
    for text in (sentence(answer.failures), sentence(answer.warnings)):
        assert text is None or text.isprintable(), text
    if not answer.failures:
        results = json.loads(says.body)["results"]
        for name in REQUIRED:
            told = [each["status"] for each in results if each["processor"] == name]
            assert told
            assert all(status == "success" for status in told)
        assert {str(each["processor"]) for each in results} <= {
            *REQUIRED,
            *SETTINGS.backfill.optional_processors,
        }


@given(body=BODIES | ANYTHING)
@FEW
def test_any_answer_is_no_better_than_what_it_says(says: Says, service: Service, body: Any) -> None:
    says.status, says.body = 200, json.dumps(body).encode()
    assert_no_better_than(says, service)


@given(status=st.sampled_from([200, 201, 202, 204, 400, 401, 404, 409, 418]), body=st.binary())
@FEW
def test_any_bytes_for_an_answer(says: Says, service: Service, status: int, body: bytes) -> None:
    says.status, says.body = status, b"" if status == 204 else body
    answer = service.process(date(2024, 12, 1))
    said = sentence(answer.failures)
    assert said
    assert said.isprintable()
