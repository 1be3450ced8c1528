"""The reports of real runs in a real browser: what is seen, with and without JavaScript."""

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from builders import decided
from filelock import FileLock
from harness import ROOT, GatesProject, TestWarehouse
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from gates.config.settings import load
from gates.decide import history
from gates.decide.record import Record
from gates.decide.recording import Run, record
from gates.decide.status import Status
from gates.report import html_page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ("--disable-gpu", "--disable-background-networking")
USAGE = "phase2.player_game_summary.usage_rate"
FAULT = (
    "UPDATE nba_analytics.player_game_summary SET usage_rate = NULL "
    "WHERE game_date BETWEEN '2025-03-01' AND '2025-03-10'"
)
NAMES = {"go": "preflight", "no-go": "phase12", "final": "final"}
LIMIT = 500_000
NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
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
    shutil.copytree(gates, copy, symlinks=True)
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


def shown_as(gate: dict[str, Any]) -> Status:
    return Status[gate["status"].upper()].shown(gate["severity"])


def shown_number(cell: str) -> float:
    return float(cell.replace(",", "").rstrip("%"))


def assert_says_what_the_record_says(found: Opened, report: Report) -> None:
    assert found.page.inner_text("h1").split() == [
        "✓" if report.record["decision"] == "GO" else "✗",
        report.record["decision"],
    ]
    rows = found.rows()
    gates = sorted(report.gates, key=lambda gate: shown_as(gate).rank)
    assert [row[1].split()[-1] for row in rows] == [gate["id"] for gate in gates]
    for row, gate in zip(rows, gates, strict=True):
        assert row[7].split(" ", 1)[1] == shown_as(gate).word
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
    (gate,) = (
        gate
        for gate in reports[name].gates
        if gate["id"] == row.locator("details").get_attribute("id")
    )
    assert f"{gate['id']}: {row.locator('.more p').first.inner_text()}" == gate["detail"]
    assert not found.page.locator(".filter").is_visible()


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


def test_a_gate_that_fails_has_its_worst_dates_in_the_page(
    reports: dict[str, Report], without_script: BrowserContext
) -> None:
    page = opened(without_script, reports["no-go"]).page
    blocker = page.locator(".causes > li", has_text=f"{USAGE}: measured")
    assert blocker.locator("thead").inner_text().strip().split("\t") == [
        "Date or key",
        "Found",
        "Expected",
    ]
    rows = blocker.locator("tbody tr").all_inner_texts()
    assert [row.split("\t")[0] for row in rows] == [f"2025-03-{day:02}" for day in range(1, 11)]
    for row in rows:
        assert re.fullmatch(r"2025-03-\d\d\t0 of [\d,]+ rows \(0\.0%\)\tat least 95%", row)


def test_the_calendar_marks_the_dates_of_gates_that_fail(
    reports: dict[str, Report], context: BrowserContext
) -> None:
    page = opened(context, reports["no-go"]).page
    caption = page.locator("figure", has_text="Calendar of player_game_summary").first
    assert "held, named by a gate" in str(caption.locator("svg").text_content())
    said = caption.locator("figcaption").inner_text()
    found = re.search(r"(\d+) held, named by a gate", said)
    assert found is not None
    assert int(found[1]) >= 10
    assert "2025-03-01" in said


def test_pictures_of_all_heights_leave_no_holes(
    reports: dict[str, Report], context: BrowserContext
) -> None:
    page = opened(context, reports["no-go"]).page
    boxes = page.eval_on_selector_all(
        "figure", "all => all.map(each => each.getBoundingClientRect().toJSON())"
    )
    columns: dict[int, list[dict[str, float]]] = {}
    for box in boxes:
        columns.setdefault(round(box["left"]), []).append(box)
    assert len(columns) == 3
    for column in columns.values():
        for above, below in pairwise(column):
            assert below["top"] - above["bottom"] < 30


# ── The filter ────────────────────────────────────────────────────────────────


def shown_ids(page: Page) -> list[str]:
    return page.eval_on_selector_all(  # type: ignore[no-any-return]
        "tr.gate:not([hidden]) details", "all => all.map(each => each.id)"
    )


def test_gates_are_filtered_by_text_stage_and_outcome_together(
    reports: dict[str, Report], context: BrowserContext
) -> None:
    report = reports["no-go"]
    page = opened(context, report).page
    of = len(report.gates)
    said = page.locator(".filter output")
    assert said.inner_text() == f"{of} of {of} gates are shown"
    page.get_by_role("combobox", name="Outcome").select_option("fail")
    failing = [gate["id"] for gate in report.gates if shown_as(gate) is Status.FAIL]
    assert sorted(shown_ids(page)) == sorted(failing)
    page.get_by_role("combobox", name="Stage").select_option("phase2")
    page.get_by_role("searchbox", name="Text").fill("USAGE date")
    assert shown_ids(page) == ["phase2.player_share_values.worst_date_usage"]
    assert said.inner_text() == f"1 of {of} gates are shown"
    # A stage without a gate that is shown has no heading either.
    assert page.locator("tr.stage:visible").count() == 1
    page.get_by_role("button", name="Margin").click()
    assert shown_ids(page) == ["phase2.player_share_values.worst_date_usage"]
    page.get_by_role("button", name="Show all").click()
    assert len(shown_ids(page)) == of
    assert page.get_by_role("searchbox", name="Text").input_value() == ""


def test_the_filter_is_used_by_keyboard_and_read_aloud(
    reports: dict[str, Report], context: BrowserContext
) -> None:
    page = opened(context, reports["go"]).page
    page.get_by_role("searchbox", name="Text").focus()
    page.keyboard.type("no gate is called so")
    said = page.locator(".filter output")
    assert said.inner_text().startswith("0 of ")
    assert said.get_attribute("aria-live") == "polite"
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent") == "Show all":
            break
    page.keyboard.press("Enter")
    assert len(shown_ids(page)) == len(reports["go"].gates)


def test_a_filter_has_no_choice_of_owners_where_there_are_none(
    reports: dict[str, Report], context: BrowserContext
) -> None:
    report = reports["go"]
    page = opened(context, report).page
    owners = {gate["owner"] for gate in report.gates if "owner" in gate}
    assert page.get_by_role("combobox", name="Owner").is_visible() == bool(owners)


def test_a_link_to_a_gate_shows_it_also_where_the_filter_hides_it(
    reports: dict[str, Report], context: BrowserContext
) -> None:
    page = opened(context, reports["no-go"]).page
    page.get_by_role("combobox", name="Outcome").select_option("pass")
    page.get_by_role("link", name="Its row in the table").first.click()
    (gate,) = (each for each in page.locator("tr.gate details[open]").all())
    assert page.url.endswith(f"#{gate.get_attribute('id')}")
    assert gate.locator(".more").is_visible()


def test_what_numbers_mean_is_said_on_hover_and_in_text(
    reports: dict[str, Report], context: BrowserContext
) -> None:
    page = opened(context, reports["no-go"]).page
    row = page.locator("tr.gate", has=page.get_by_text(USAGE, exact=True))
    assert "rows of those who played" in str(row.locator("td").nth(1).get_attribute("title"))
    spare = str(row.locator("td").nth(4).get_attribute("title"))
    assert spare.endswith("percentage points outside the threshold")
    page.get_by_text("What the columns mean").click()
    for head in page.locator(".gates > thead th").all():
        name = head.inner_text().strip()
        meaning = page.locator(".meanings div", has=page.locator("dt", has_text=name)).first
        assert meaning.locator("dd").inner_text() == head.get_attribute("title")


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
@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_page(
    reports: dict[str, Report], context: BrowserContext, name: str, width: int
) -> None:
    page = opened(context, reports[name]).page
    page.set_viewport_size({"width": width, "height": 800})
    for summary in page.locator("details:not([open]) > summary").all()[:5]:
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # Nor is the table, which could be scrolled sideways within it.
    within = page.locator(".scroll").evaluate("box => [box.scrollWidth, box.clientWidth]")
    assert within[0] <= within[1]


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


def pages_of(page: Page) -> int:
    printed = page.pdf(prefer_css_page_size=True)
    return len(re.findall(rb"/Type\s*/Page\b", printed))


def test_a_go_is_printed_on_two_pages_at_most(
    reports: dict[str, Report], context: BrowserContext, tmp_path: Path
) -> None:
    found = opened(context, reports["go"]).page
    assert pages_of(found) <= 2
    found.emulate_media(media="print")
    assert all(title.is_visible() for title in found.locator("tr.gate .title").all())


def test_so_is_the_go_over_all_gates(
    reports: dict[str, Report], context: BrowserContext, tmp_path: Path
) -> None:
    """With the pictures of a real run and every gate of gates.toml passed."""
    settings = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, NOW)
    measured = Record.model_validate_json(json.dumps(reports["final"].record))
    decision = decided(settings, "final")
    run = Run(NOW, NOW, None, [], measured.series.model_dump())
    page = html_page.page(decision, record(settings, decision, run), history.History())
    file = tmp_path / "report.html"
    file.write_text(page, encoding="utf-8")
    assert pages_of(opened(context, Report(file, {})).page) <= 2


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
