"""The reports of real runs in a real browser: what is seen, with and without JavaScript."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from filelock import FileLock
from harness import GatesProject, TestWarehouse
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from gates.decide import history
from gates.decide.record import Record

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ("--disable-gpu", "--disable-background-networking")
USAGE = "phase2.player_game_summary.usage_rate"
FAULT = (
    "UPDATE nba_analytics.player_game_summary SET usage_rate = NULL "
    "WHERE game_date BETWEEN '2025-03-01' AND '2025-03-10'"
)
NAMES = {"go": "preflight", "no-go": "phase12", "final": "final"}
LIMIT = 500_000
Scheme = Literal["light", "dark"]


@dataclass(frozen=True)
class Report:
    """A page on disk and the record that it was made from."""

    file: Path
    record: dict[str, Any]

    @property
    def gates(self) -> list[dict[str, Any]]:
        gates: list[dict[str, Any]] = self.record["gates"]
        return gates


def made(folder: Path, gates: Path, logs: Path, warehouse: TestWarehouse) -> None:
    """Three reports: a NO-GO with a fault, a GO without a history, the final decision over both."""
    copy = folder / "project"
    shutil.copytree(gates, copy)
    project = GatesProject(copy, logs, warehouse.host)
    with warehouse.fault(FAULT):
        run(project, "phase12")
    spoilt = copy / "state" / history.FILE
    shutil.copy(spoilt, folder / history.FILE)
    spoilt.write_text("no database", encoding="utf-8")
    run(project, "preflight")
    spoilt.unlink()
    run(project, "phase4")
    project.python("-m", "gates", "decide")
    for name, stage in NAMES.items():
        shutil.copytree(copy / "reports" / stage, folder / name)


def run(project: GatesProject, stage: str) -> None:
    html = ("--html", f"reports/{stage}/report.html", "--self-contained-html")
    done = project.run(*html, "--color=yes", stage=stage)
    assert done.record is not None, done.output
    (project.folder / f"reports/{stage}/output.txt").write_text(done.output, encoding="utf-8")


@pytest.fixture(scope="session")
def reports(
    shared: Path, filled_home: Path, warehouse: TestWarehouse, compiled_gates: Path
) -> dict[str, Report]:
    """Made once for all workers."""
    folder = shared / "browser-reports"
    with FileLock(shared / "browser-reports.lock"):
        if not folder.exists():
            partial = shared / "browser-reports-partial"
            made(partial, compiled_gates, filled_home / "logs", warehouse)
            partial.rename(folder)
    return {
        name: Report(
            folder / name / "report.html",
            json.loads((folder / name / "decision.json").read_text(encoding="utf-8")),
        )
        for name in NAMES
    }


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("No report was looked at in a browser: Chromium was not found, install it.")
    # Chromium's sandbox does not run as root, as in a container.
    sandbox = ("--no-sandbox",) if os.geteuid() == 0 else ()
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *sandbox])
        yield opened
        opened.close()


@dataclass
class Opened:
    """A page that is open, and what it has asked for and complained of."""

    page: Page
    asked: list[str]
    complaints: list[str]

    def rows(self) -> list[list[str]]:
        """The text of each cell of each gate's row, as it is shown, in the order of the page."""
        return self.page.eval_on_selector_all(  # type: ignore[no-any-return]
            "tr.gate", "rows => rows.map(row => [...row.cells].map(cell => cell.innerText.trim()))"
        )

    def column(self, place: int) -> list[str]:
        return [row[place] for row in self.rows()]


def opened(context: BrowserContext, report: Report) -> Opened:
    page = context.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(report.file.as_uri())
    return Opened(page, asked, complaints)


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(viewport={"width": 1280, "height": 900}) as made_:
        yield made_


@pytest.fixture
def without_script(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(java_script_enabled=False) as made_:
        yield made_


each_report = pytest.mark.parametrize("name", NAMES)


def shown_number(cell: str) -> float:
    return float(cell.replace(",", "").rstrip("%"))


def assert_says_what_the_record_says(found: Opened, report: Report) -> None:
    assert found.page.inner_text("h1").split() == [
        "✓" if report.record["decision"] == "GO" else "✗",
        report.record["decision"],
    ]
    rows = found.rows()
    assert [row[1].split()[-1] for row in rows] == [gate["id"] for gate in report.gates]
    for row, gate in zip(rows, report.gates, strict=True):
        warned = gate["severity"] == "warn" and gate["status"] in ("fail", "marginal")
        status = "warning" if warned else gate["status"].replace("_", " ")
        assert row[7].split(" ", 1)[1] == status
        if gate["measured"] is None:
            assert row[2] == ""
        else:
            assert shown_number(row[2]) == pytest.approx(gate["measured"], abs=0.0006)


@each_report
def test_the_page_shows_what_its_record_says(
    reports: dict[str, Report], context: BrowserContext, name: str
) -> None:
    found = opened(context, reports[name])
    assert_says_what_the_record_says(found, reports[name])
    assert found.complaints == []
    assert found.asked == [reports[name].file.as_uri()]


@each_report
def test_it_shows_the_same_without_script(
    reports: dict[str, Report], without_script: BrowserContext, name: str
) -> None:
    found = opened(without_script, reports[name])
    assert_says_what_the_record_says(found, reports[name])
    assert found.page.locator("thead button").count() == 0
    row = found.page.locator("tr.gate").last
    row.locator("summary").click()
    assert row.locator(".more p").first.inner_text() == reports[name].gates[-1]["detail"]


INJECTED = """<p id="here">x</p><p style="color: red" id="styled">x</p>
<script>document.title = "run"</script><style>#here { color: red }</style>
<img src="x" onerror="document.title = 'run'"><base href="https://elsewhere.example/">
<img src="https://elsewhere.example/pixel.png">
<a id="trap" href="javascript:document.title = 'run'">x</a>
<form action="https://elsewhere.example/"><button id="send">send</button></form>"""


@each_report
def test_only_the_pages_own_style_and_script_work(
    reports: dict[str, Report], context: BrowserContext, tmp_path: Path, name: str
) -> None:
    """Also if text from elsewhere ever came into the page unescaped."""
    text = reports[name].file.read_text(encoding="utf-8")
    damaged = tmp_path / "report.html"
    damaged.write_text(text.replace("<main>", f"<main>{INJECTED}", 1), encoding="utf-8")
    page = context.new_page()
    blocked: list[str] = []
    came: list[str] = []
    page.on("console", lambda message: blocked.append(message.text))
    page.on("requestfinished", lambda request: came.append(request.url))
    page.goto(damaged.as_uri())
    page.locator("#trap").click()
    page.wait_for_timeout(300)
    assert page.title().startswith(reports[name].record["decision"])
    ink = "element => getComputedStyle(element).color"
    plain = page.locator("main").evaluate(ink)
    assert [page.locator(each).evaluate(ink) for each in ("#here", "#styled")] == [plain, plain]
    # The page's own script has made these, its own style the colour.
    assert page.locator("thead button").count() > 0
    assert page.locator("h1").evaluate(ink) != plain
    page.locator("#send").evaluate("button => button.click()")
    page.wait_for_timeout(300)
    assert [url for url in came if "elsewhere" in url] == []
    for what in (
        *("inline style", "inline script", "inline event handler", "base URI", "Loading the image"),
        *("JavaScript URL", "Sending form data"),
    ):
        assert [each for each in blocked if what in each and "Content Security Policy" in each]


def test_without_the_policy_the_same_page_would_be_taken_over(
    reports: dict[str, Report], browser: Browser, tmp_path: Path
) -> None:
    text = reports["go"].file.read_text(encoding="utf-8")
    damaged = tmp_path / "report.html"
    damaged.write_text(text.replace("<main>", f"<main>{INJECTED}", 1), encoding="utf-8")
    with browser.new_context(bypass_csp=True) as context:
        assert opened(context, Report(damaged, reports["go"].record)).page.title() == "run"


def test_pictures_keep_their_colours(reports: dict[str, Report], context: BrowserContext) -> None:
    page = opened(context, reports["final"]).page
    colours = page.eval_on_selector_all(
        "figure svg path",
        "all => all.map(each => getComputedStyle(each).stroke + ' ' + getComputedStyle(each).fill)",
    )
    good = page.evaluate(
        "(() => { const box = document.body.appendChild(document.createElement('i'));"
        " box.style.color = 'var(--good)'; return getComputedStyle(box).color; })()"
    )
    assert any(good in each for each in colours)
    sizes = page.eval_on_selector_all(
        "figure svg text", "all => [...new Set(all.map(each => getComputedStyle(each).fontSize))]"
    )
    assert "8px" in sizes


def test_the_fault_is_found_on_the_no_go_page(
    reports: dict[str, Report], context: BrowserContext
) -> None:
    page = opened(context, reports["no-go"]).page
    blockers = page.locator("section", has=page.locator("#blockers")).inner_text()
    assert f"{USAGE}: measured 9" in blockers
    assert "To do: " in blockers


def test_a_gates_query_can_be_read_and_copied(
    reports: dict[str, Report], context: BrowserContext
) -> None:
    report = reports["no-go"]
    page = opened(context, report).page
    row = page.locator("tr.gate", has=page.get_by_text(USAGE, exact=True))
    row.locator("summary").click()
    row.get_by_role("link").click()
    query = page.locator("details.query[open]")
    query.wait_for()
    (asked,) = (
        each for each in report.record["queries"] if each["source"] == "phase2/player_game_summary"
    )
    assert query.locator("pre").text_content() == asked["sql"]
    assert f"job {asked['job_id']}" in query.inner_text()


def test_a_gate_opens_and_closes_by_keyboard(
    reports: dict[str, Report], context: BrowserContext
) -> None:
    page = opened(context, reports["go"]).page
    gate = page.locator("tr.gate details").first
    gate.locator("summary").focus()
    page.keyboard.press("Enter")
    assert gate.locator(".more").is_visible()
    page.keyboard.press("Enter")
    assert not gate.locator(".more").is_visible()


@pytest.mark.parametrize(("head", "place"), [("Measured", 2), ("Margin", 5)])
def test_numbers_are_sorted_as_numbers_both_ways_and_back(
    reports: dict[str, Report], context: BrowserContext, head: str, place: int
) -> None:
    found = opened(context, reports["final"])
    before = found.rows()
    button = found.page.get_by_role("button", name=head)
    column = found.page.locator("th[scope=col]", has=button)
    for order, reverse in (("ascending", False), ("descending", True)):
        button.click()
        assert column.get_attribute("aria-sort") == order
        shown = found.column(place)
        numbers = [shown_number(cell) for cell in shown if cell]
        assert numbers == sorted(numbers, reverse=reverse)
        assert len(shown) == len(before)
        # What was not measured stands last.
        assert shown == [cell for cell in shown if cell] + [""] * shown.count("")
    assert not found.page.locator("tr.stage").first.is_visible()
    found.page.get_by_role("button", name="Step").click()
    assert found.rows() == before
    assert found.page.locator("tr.stage").first.is_visible()


@pytest.mark.parametrize(("head", "place"), [("Gate", 1), ("Severity", 6)])
def test_words_are_sorted_as_words(
    reports: dict[str, Report], context: BrowserContext, head: str, place: int
) -> None:
    found = opened(context, reports["go"])
    found.page.get_by_role("button", name=head).click()
    shown = [cell.splitlines()[0].lower() for cell in found.column(place)]
    assert len(set(shown)) > 1
    assert shown == sorted(shown)


def test_what_failed_comes_first_when_outcomes_are_sorted(
    reports: dict[str, Report], context: BrowserContext
) -> None:
    found = opened(context, reports["no-go"])
    found.page.get_by_role("button", name="Outcome").press("Enter")
    outcomes = found.column(7)
    assert outcomes[0] == "✗ fail"
    assert outcomes[-1] == "✓ pass"


@each_report
@pytest.mark.parametrize("width", [1280, 400])
def test_nothing_is_wider_than_the_page(
    reports: dict[str, Report], context: BrowserContext, name: str, width: int
) -> None:
    page = opened(context, reports[name]).page
    page.set_viewport_size({"width": width, "height": 800})
    for summary in page.locator("details:not([open]) > summary").all()[:5]:
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(
    ("name", "scheme"),
    [("go", "dark"), ("no-go", "light"), ("no-go", "dark"), ("final", "light")],
)
def test_axe_finds_no_serious_fault(
    reports: dict[str, Report], context: BrowserContext, name: str, scheme: Scheme
) -> None:
    page = opened(context, reports[name]).page
    page.emulate_media(color_scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    found = Axe().run(page).response["violations"]
    assert {
        each["id"]: [node["html"][:200] for node in each["nodes"][:3]]
        for each in found
        if each["impact"] in ("serious", "critical")
    } == {}


def test_print_is_black_on_white_even_in_dark_mode(
    reports: dict[str, Report], context: BrowserContext
) -> None:
    page = opened(context, reports["no-go"]).page
    page.emulate_media(media="print", color_scheme="dark")
    colours = page.evaluate(
        "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
    )
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    assert len(page.pdf()) > 10_000


@each_report
def test_a_page_can_be_mailed(reports: dict[str, Report], name: str) -> None:
    report = reports[name]
    assert report.file.stat().st_size < LIMIT
    html_ = report.file.read_text(encoding="utf-8")
    for query in report.record["queries"]:
        assert f"job {query['job_id']}" in html_


def test_a_run_is_in_the_history_as_its_record_says(
    reports: dict[str, Report], shared: Path
) -> None:
    text = json.dumps(reports["no-go"].record)
    run = history.of(Record.model_validate_json(text))
    assert history.last(shared / "browser-reports", run) == [run]


def test_the_decision_is_coloured_on_the_screen(reports: dict[str, Report]) -> None:
    output = reports["no-go"].file.with_name("output.txt").read_text(encoding="utf-8")
    assert "\x1b[1;31mDECISION: NO-GO\x1b[0m" in output
    assert "\x1b[31m❌ usage_rate (CRITICAL): 9" in output


def test_a_spoilt_history_costs_a_sentence_and_no_verdict(reports: dict[str, Report]) -> None:
    report = reports["go"]
    assert report.record["decision"] == "GO"
    said = f"The history state/{history.FILE} cannot be used (file is not a database)"
    for name in ("report.html", "decision.md", "output.txt"):
        assert said in report.file.with_name(name).read_text(encoding="utf-8").replace("\\", "")
