"""The page as it is written, from decisions made up; tests in a browser: test_report_browser.py."""

import html
import re
from base64 import b64encode
from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import pytest
from builders import Outcome, altered, decided, failed, marginal, passed, unknown
from harness import ROOT

from gates.config.gate import Gate
from gates.config.settings import load
from gates.config.stages import DECISIONS, FINAL
from gates.config.waivers import Applied, Waiver
from gates.decide import history
from gates.decide.decision import Decision
from gates.decide.history import History
from gates.decide.reason import Code, reason
from gates.decide.record import Record
from gates.decide.recording import Run, record
from gates.decide.status import Status
from gates.decide.verdict import Verdict, not_evaluated
from gates.report import html_page, sections
from gates.report.pictures import pictures
from gates.report.sparkline import sparkline, text

NOW = datetime(2026, 1, 3, 14, 5, 6, tzinfo=UTC)
SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, NOW)
USAGE = "phase2.player_game_summary.usage_rate"
COUNT = "phase2.player_game_summary.record_count"
ZONES = "phase2.player_game_summary.shot_zones"
COVERAGE = "phase4.player_composite_factors.coverage"
OF = len(SETTINGS.gates_of(["preflight"]))
HOSTILE = """</code></pre><script>alert("x")</script><img src=x onerror='alert(1)'>&amp;"""
SIGNED = {
    "pass": "✓ pass",
    "fail": "✗ fail",
    "marginal": "✗ marginal",
    "not_evaluated": "? not evaluated",
}


def query(source: str, sql: str = "SELECT 1") -> dict[str, Any]:
    stage, name, *_ = source.split("/")
    return {
        "file": f"sql/{stage}/{name}.sql",
        "job_id": f"job-of-{source}",
        "elapsed_s": 1.234,
        "bytes_processed": 12_345_678,
        "rows": 1,
        "source": source,
        "sql": sql,
    }


def made(decision: Decision, *queries: dict[str, Any], **others: Any) -> Record:
    run = Run(NOW, NOW, NOW.isoformat(), queries)
    return altered(record(SETTINGS, decision, run), **{"code_version": "c" * 40} | others)


def page(
    decision: Decision, *queries: dict[str, Any], past: History | None = None, **others: Any
) -> str:
    return html_page.page(decision, made(decision, *queries, **others), past or History())


class Rows(HTMLParser):
    """The text of each cell of each gate's row; of the gate's own cell only its heading."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self._within: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        classes = (dict(attrs).get("class") or "").split()
        if tag == "tr" and "gate" in classes:
            self.rows.append([])
            self._within = ["tr"]
        elif self._within and tag in ("td", "th") and "more" not in self._within:
            self.rows[-1].append("")
        if self._within and tag == "div" and "more" in classes:
            self._within.append("more")

    def handle_endtag(self, tag: str) -> None:
        if tag == "div" and self._within[-1:] == ["more"]:
            self._within.pop()
        elif tag == "tr" and self._within == ["tr"]:
            self._within = []

    def handle_data(self, data: str) -> None:
        if self._within == ["tr"] and self.rows[-1]:
            self.rows[-1][-1] += data

    @property
    def cells(self) -> list[list[str]]:
        return [[" ".join(cell.split()) for cell in row] for row in self.rows]


@pytest.mark.parametrize("stage", [*DECISIONS, FINAL])
@pytest.mark.parametrize("outcome", [passed, failed, unknown], ids=["passed", "failed", "unknown"])
def test_every_gate_has_its_row_the_worst_outcomes_first_then_in_the_records_order(
    stage: str, outcome: Outcome
) -> None:
    decision = decided(SETTINGS, stage, rest=outcome)
    gates = made(decision).content()["gates"]
    found = Rows(page(decision)).cells
    assert len(found) == len(gates)
    pairs = zip(gates, decision.verdicts, strict=True)
    ordered = sorted(pairs, key=lambda pair: pair[1].outcome.rank)
    for cells, (gate, verdict) in zip(found, ordered, strict=True):
        step, name, measured, unit, threshold, margin, severity, shown, _ = cells
        assert step == gate["runbook_step"]
        assert name.endswith(f"{gate['title']} {gate['id']}")
        assert severity == ("warns only" if gate["severity"] == "warn" else "required")
        status = "warning" if verdict.warns else gate["status"]
        assert shown == SIGNED.get(status, f"! {status}")
        assert threshold
        assert unit == ("" if gate["unit"] == "%" else gate["unit"])
        assert (measured == "", margin == "") == (gate["measured"] is None,) * 2


def test_numbers_have_separators_signs_and_units() -> None:
    found = {
        cells[1].split()[-1]: cells for cells in Rows(page(decided(SETTINGS, "phase12"))).cells
    }
    assert found[COUNT][2:6] == ["35,000", "rows", "at least 35,000", "+0"]
    assert found[USAGE][2:6] == ["95.000%", "", "at least 95%", "+0"]


def test_a_value_is_shown_as_exactly_as_its_threshold_needs() -> None:
    def nearly(gate: Gate) -> Verdict:
        return replace(failed(gate), measured=Fraction("94.99996"), margin=Fraction("-0.00004"))

    found = Rows(page(decided(SETTINGS, "phase12", {USAGE: nearly}))).cells
    assert ["94.99996%", "-0.00004"] in [[cells[2], cells[5]] for cells in found]


@pytest.mark.parametrize(
    ("others", "says"),
    [
        ({}, ["GO", "Confidence HIGH: every gate passed, without a warning or a waiver."]),
        ({ZONES: failed}, ["GO", "Confidence MEDIUM: no required gate failed"]),
        ({USAGE: failed}, ["NO-GO", "Confidence HIGH: a required gate was measured and failed."]),
        ({USAGE: unknown}, ["NO-GO", "Confidence LOW: nothing was measured as bad"]),
    ],
)
def test_the_verdict_stands_first_and_explains_its_confidence(
    others: dict[str, Outcome], says: list[str]
) -> None:
    html = page(decided(SETTINGS, "phase12", others))
    text_ = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html.split("</header>")[0]))
    for words in says:
        assert words in text_
    assert html.index("<h1>") < html.index("<h2")


def test_a_blocker_has_its_remedy_and_what_shows_its_rows() -> None:
    html = page(decided(SETTINGS, "phase12", {USAGE: failed, COUNT: unknown}))
    blockers = html.split('id="blockers"')[1].split("</section>")[0]
    assert f"{USAGE}: measured 94.000% (94 of 100" in blockers
    assert SETTINGS.gates[USAGE].remedy.replace("'", "&#39;") in blockers
    assert f"make diagnose GATE=&#39;{USAGE}&#39;" in blockers
    assert f"{COUNT}: not evaluated, the log is missing" in blockers


def test_blockers_with_one_cause_are_said_once() -> None:
    html = page(decided(SETTINGS, "preflight", rest=unknown))
    blockers = html.split('id="blockers"')[1].split("</section>")[0]
    assert blockers.count(f"preflight: {OF} gates not evaluated, the log is missing") == 1
    assert f"These {OF} gates" in blockers


def test_a_page_on_which_everything_fails_stays_small_and_complete() -> None:
    keys = [{"key": f"2024110{n}_BOS_NYK jaylenbrown", "found": "21.32"} for n in range(10)]
    decision = decided(SETTINGS, FINAL, rest=lambda gate: replace(failed(gate), failing=keys))
    current = history.of(made(decision))
    rising = {
        gate: [replace(point, measured=float(run * len(gate) % 17)) for run in range(19)]
        for gate, point in current.gates.items()
    }
    runs = [
        replace(current, gates={gate: points[run] for gate, points in rising.items()})
        for run in range(19)
    ]
    sql = [query(f"phase4/made_up_{number}", "SELECT a\n" * 800) for number in range(20)]
    html = page(decision, *sql, past=History(runs))
    assert len(html.encode()) < 500_000
    assert "SELECT a" not in html
    assert html.count("made_up_") >= len(sql)
    blockers = html.split('id="blockers"')[1].split("</section>")[0]
    assert blockers.count("To do:") == 30
    assert f"And {len(decision.causes) - 30} more;" in blockers
    assert len(Rows(html).cells) == len(decision.verdicts)
    assert html.count('<table class="behind">') == sections.MOST_KEYS // len(keys)


def test_a_warning_has_its_remedy() -> None:
    html = page(decided(SETTINGS, "phase12", {ZONES: failed}))
    assert 'id="blockers"' not in html
    assert SETTINGS.gates[ZONES].remedy in html.split('id="warnings"')[1].split("</section>")[0]


def test_where_it_was_measured_is_said() -> None:
    html = page(decided(SETTINGS, "phase12"))
    facts = html.split('class="facts"')[1].split("</dl>")[0]
    for fact in (
        "local (nba-props-platform)",
        "2021-10-19 to 2026-01-02",
        "2026-01-03 14:05:06 UTC",
        "c" * 40,
        SETTINGS.config_sha256,
    ):
        assert fact in facts


def test_the_final_page_names_the_decisions_that_it_was_made_over() -> None:
    made = {"decision": "GO", "confidence": "HIGH", "finished_at": NOW.isoformat()}
    rest: dict[str, None] = dict.fromkeys(("snapshot_at", "code_version"))
    html = page(decided(SETTINGS, FINAL), stages={"phase4": made | rest})
    assert "<dt>Decision phase4</dt><dd>GO, confidence HIGH, 2026-01-03 14:05:06 UTC</dd>" in html


@pytest.mark.parametrize(
    ("stage", "lines"),
    [
        ("phase12", ["Phase 1 validation: PASS", "No critical blocking issues"]),
        ("preflight", ["Phase 3 validation: PASS", "Phase 3 coverage, lowest table: 95%"]),
        ("phase4", ["Coverage: 88%", "Bootstrap period: EXCLUDED"]),
        (FINAL, ["Phase 1 validation: PASS", "Data quality acceptable for ML training"]),
    ],
)
def test_the_runbooks_checklist_is_filled(stage: str, lines: list[str]) -> None:
    checklist = page(decided(SETTINGS, stage)).split('id="checklist"')[1].split("</section>")[0]
    for line in lines:
        assert f'<span aria-hidden="true">✓</span> {line}' in checklist


def test_what_a_profile_leaves_out_is_listed() -> None:
    left = [
        {"gate": "orchestrator.run.stopped", "reason": "needs the operator's machine"},
        {"gate": "phase1.backfill_log.success_rate", "reason": "its log is elsewhere"},
    ]
    html = page(decided(SETTINGS, "phase12"), profile={"name": "scheduled", "left_out": left})
    shown = html.split('id="profile"')[1].split("</section>")[0]
    assert "Left out by the profile scheduled" in shown
    assert "<code>orchestrator.run.stopped</code>: needs the operator&#39;s machine" in shown
    assert "<code>phase1.backfill_log.success_rate</code>: its log is elsewhere" in shown


def test_waivers_and_what_is_left_out_stand_above_what_keeps_from_go() -> None:
    waiver = Waiver(
        gate=USAGE, reason="<lost> at the source", approver="data lead", expires=date(2026, 1, 31)
    )
    applied = Applied(waiver, SETTINGS.gates[USAGE], "used")
    decision = replace(decided(SETTINGS, "phase12", {COUNT: failed}), waivers=[applied])
    left = [{"gate": "orchestrator.run.stopped", "reason": "elsewhere"}]
    html = page(decision, profile={"name": "scheduled", "left_out": left})
    shown = html.split('id="waivers"')[1].split("</section>")[0]
    assert f"{USAGE}: approved by data lead until 2026-01-31" in shown
    assert "&lt;lost&gt; at the source" in shown
    places = [html.index(f'<h2 id="{name}"') for name in ("waivers", "profile", "blockers")]
    assert places == sorted(places)


def test_a_gate_opens_to_the_query_that_measured_it_and_to_no_other() -> None:
    tables = ["player_game_summary", "team_offense_game_summary"]
    queries = [query(f"preflight/phase3_coverage/{table}") for table in tables]

    def asked(gate: Gate) -> Verdict:
        return replace(passed(gate), query="sql/preflight/phase3_coverage.sql")

    others = {f"preflight.phase3_coverage.{table}": asked for table in tables}
    html = page(decided(SETTINGS, "preflight", others), *queries)
    for number, table in enumerate(tables, start=1):
        gate = html_page.breakable(f"preflight.phase3_coverage.{table}")
        (row,) = (part for part in html.split("<tr class=") if f"<code>{gate}</code>" in part)
        assert re.findall(r'href="#query-(\d+)"', row) == [str(number)]
        assert f"job-of-preflight/phase3_coverage/{table}" in row
        assert "1.2 s, 12,345,678 bytes, 1 row" in row


def test_what_a_job_has_read_stands_beside_what_was_expected() -> None:
    asked = [
        query(f"phase1/{name}") | {"job_id": job, "bytes_estimated": 12_000_000}
        for name, job in (("a", "one"), ("b", "one"), ("c", "other"))
    ]
    html = page(decided(SETTINGS, "phase12"), *asked)
    assert html.count("1.2 s, 12,345,678 bytes (12,000,000 expected), 1 row") == 3
    assert "24,691,356 by 2 jobs, 24,000,000 expected" in html
    assert "expected" not in page(decided(SETTINGS, "phase12"), query("phase1/a")).split("<h2")[0]


def test_each_query_is_on_the_page_once_with_its_sql() -> None:
    sql = "SELECT\n  COUNT(*) AS games\nFROM `p`.`d`.`t` WHERE a < 1 AND b = 'x'"
    html = page(decided(SETTINGS, "phase12"), query("phase2/player_game_summary", sql))
    assert html.count("COUNT(*) AS games") == 1
    assert "a &lt; 1 AND b = 'x'" in html


def hostile(gate: Gate) -> Verdict:
    return not_evaluated(gate, reason(Code.UNAVAILABLE, HOSTILE, what=HOSTILE))


def test_what_others_wrote_is_shown_and_never_obeyed() -> None:
    decision = decided(SETTINGS, "phase12", {USAGE: hostile, ZONES: hostile})
    html = page(
        decision,
        query("phase2/player_game_summary", HOSTILE),
        past=History(problem=HOSTILE),
        profile={"name": HOSTILE, "left_out": [{"gate": HOSTILE, "reason": HOSTILE}]},
        target={"name": HOSTILE, "project": HOSTILE, "datasets": {}, "server": None},
    )
    assert html.count("<script>") == 1
    assert "<img" not in html
    assert html.count("&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;") >= 10


def test_the_pages_policy_names_what_stands_between_its_tags_and_nothing_else() -> None:
    text = page(decided(SETTINGS, "phase12"))
    (policy,) = re.findall('<meta http-equiv="Content-Security-Policy" content="([^"]*)">', text)
    rules = dict(each.split(" ", 1) for each in html.unescape(policy).split("; "))
    for tag, name in (("style", "style-src"), ("script", "script-src")):
        (own,) = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = b64encode(sha256(own.encode()).digest()).decode()
        assert rules.pop(name) == f"'sha256-{digest}'"
    assert rules == dict.fromkeys(("default-src", "base-uri", "form-action"), "'none'")
    assert text.index("Content-Security-Policy") < text.index("<style>")
    # A policy by hash blocks these, so the page must do without.
    assert not re.search(r"<[^>]*\s(style|on\w+)=", text)


def test_the_page_asks_for_nothing_outside_itself() -> None:
    asked = {USAGE: lambda gate: replace(passed(gate), query="sql/phase2/player_game_summary.sql")}
    html = page(decided(SETTINGS, FINAL, asked), query("phase2/player_game_summary"))
    assert {link[0] for link in re.findall(r'(?:href|src|action)="([^"]*)', html)} == {"#"}
    assert not re.findall(r"url\(|@import|<link|<iframe|<object", html)
    assert "://" not in html


def test_a_job_in_bigquery_is_a_link_into_its_console() -> None:
    decision = decided(SETTINGS, "phase12", {USAGE: measured_by_a_query})
    record = made(decision, query("phase2/player_game_summary") | {"job_id": 'job&"<1>'})
    html_ = html_page.page(decision, record, History(), location="us-west2")
    links = set(re.findall(r'href="(https[^"]*)" rel="noreferrer"', html_))
    assert links == {
        "https://console.cloud.google.com/bigquery?project=nba-props-platform"
        "&amp;j=bq:us-west2:job%26%22%3C1%3E&amp;page=queryresults"
    }
    assert html_.count("console.cloud.google.com") > 1


@pytest.mark.parametrize(("target", "location"), [("local", None), ("bigquery", "us-west2")])
def test_only_a_run_on_bigquery_has_such_links(target: str, location: str | None) -> None:
    environ = {"GATES_CONFIG": str(ROOT / "gates.toml"), "GATES_TARGET": target}
    assert load(environ, NOW).console_location == location


def measured_by_a_query(gate: Gate) -> Verdict:
    return replace(passed(gate), query="sql/phase2/player_game_summary.sql")


def test_each_gate_has_a_place_that_a_link_can_name() -> None:
    decision = decided(SETTINGS, FINAL)
    html_ = page(decision)
    places = re.findall(r'id="([^"]*)"', html_)
    assert len(places) == len(set(places))
    assert {verdict.gate.id for verdict in decision.verdicts} <= set(places)


def test_pictures_stand_on_the_page_with_their_text() -> None:
    days = {"2024-11-18": [7, 8], "2024-11-19": [8, 8]}
    series = {"dates": {"preflight.player_game_summary": days}, "bootstrap": []}
    html = page(decided(SETTINGS, "preflight"), series=series)
    shown = html.split('id="pictures"')[1].split("</section>")[0]
    record = made(decided(SETTINGS, "preflight"), series=series)
    for drawn in pictures(record.gates, record.series):
        assert f"<h3>{drawn.title}</h3>" in shown
        assert f"<figcaption>{drawn.text}</figcaption>" in shown
    assert "Calendar of player_game_summary (preflight)" in shown


# ── History ───────────────────────────────────────────────────────────────────


def test_what_has_changed_since_the_last_run_is_said() -> None:
    before = history.of(made(decided(SETTINGS, "phase12")))
    html = page(decided(SETTINGS, "phase12", {USAGE: failed}), past=History([before]))
    changed = html.split('id="since"')[1].split("</section>")[0]
    assert "GO before, NO-GO now." in changed
    assert "Gates with another outcome: 1<" in changed
    assert f"<code>{USAGE}</code>: pass 95.000% → fail 94.000%" in changed
    assert "Gates with another value and the same outcome: none." in changed


def test_another_threshold_explains_another_outcome() -> None:
    decision = decided(SETTINGS, "phase12", {USAGE: failed})
    before = history.of(made(decision))
    looser = replace(before.gates[USAGE], status=Status.PASS, threshold=90)
    past = History([replace(before, gates={**before.gates, USAGE: looser})])
    assert "pass 94.000% → fail 94.000%, threshold 90 → 95" in page(decision, past=past)


def test_the_first_run_has_nothing_to_compare_with() -> None:
    html = page(decided(SETTINGS, "phase12"))
    assert "This is the first run of this stage on this target." in html
    assert '<svg class="spark"' not in html


def test_a_history_that_cannot_be_used_is_said_on_the_page() -> None:
    html = page(decided(SETTINGS, "phase12"), past=History(problem="The history is locked."))
    assert "The history is locked." in html.split('id="since"')[1].split("</section>")[0]


def test_each_gate_has_a_line_of_its_last_twenty_runs() -> None:
    runs = [history.of(made(decided(SETTINGS, "phase12", {USAGE: unknown})))] * 25
    html = page(decided(SETTINGS, "phase12"), past=History(runs))
    assert html.count('<svg class="spark"') == len(SETTINGS.gates_of(DECISIONS["phase12"]))
    assert 'aria-label="last 20 runs: 19 not evaluated, 1 pass"' in html
    assert 'aria-label="last 20 runs: 20 pass"' in html


def point(measured: float | None, status: Status = Status.PASS) -> history.GateResult:
    return history.GateResult(status, measured, 95)


def test_a_sparkline_goes_up_with_the_value_and_has_a_gap_where_there_is_none() -> None:
    line = sparkline(
        [point(1), point(3), point(None, Status.NOT_EVALUATED), point(2, Status.FAIL), point(3)]
    )
    path = re.search(r'<path d="([^"]+)"', line)
    assert path is not None
    assert path[1] == "M3 17h0L22 3M62 10h0L81 3"
    assert line.count('class="unknown"') == line.count('class="bad"') == 1


def test_a_sparkline_of_one_value_is_level_and_one_run_has_none() -> None:
    assert 'd="M3 10h0L81 10"' in sparkline([point(7), point(7)])
    assert 'd="M3 10h0L81 10"' in sparkline([point(0.1 + 0.2), point(0.3)])
    assert sparkline([point(7)]) == ""
    assert text([point(7), point(8, Status.WAIVED)]) == "last 2 runs: 1 pass, 1 waived"


def test_a_marginal_gate_is_called_that() -> None:
    html = page(decided(SETTINGS, "phase4", {COVERAGE: marginal}))
    assert "✗ marginal" in [cells[7] for cells in Rows(html).cells]
