"""The handoff: documents from records alone; golden for GO, NO-GO and a part."""

import json
import random
import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from builders import (
    Outcome,
    altered,
    begun,
    failed,
    http,
    in_summary,
    marginal,
    recorded,
    summarized,
)
from harness import ROOT, GatesProject
from hypothesis import given, settings
from hypothesis import strategies as st

from backfill.attempts import Attempt
from backfill.ledger import Ledger, opened
from gates.commands import decide, handoff
from gates.config.gate import Gate
from gates.config.settings import Settings, load
from gates.config.stages import DECISIONS, FINAL
from gates.decide import history, records
from gates.decide.evidence import gather
from gates.decide.execution import pictured, summary_file
from gates.decide.record import record_file
from gates.decide.status import Status
from gates.decide.verdict import Verdict, judge
from gates.files import write_json
from gates.measure.all_runs import State
from gates.measure.result import Measurement

NOW = datetime(2026, 1, 3, 12, tzinfo=UTC)
BEGAN = NOW - timedelta(hours=5)
GOLDEN = Path(__file__).parents[1] / "golden"
WHO = "operator on workstation"
COVERAGE = "phase4.player_composite_factors.coverage"
USAGE = "phase2.player_game_summary.usage_rate"
ZONES = "phase2.player_game_summary.shot_zones"
NAME = "2026-01-03-SESSION-4-PHASE4-EXECUTION"
REASON = "the log's disk was full | <b>see</b> `mail`"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings whose reports and state lie in a folder of their own."""
    monkeypatch.chdir(tmp_path)
    return settings_in(tmp_path)


def settings_in(folder: Path) -> Settings:
    environ = {
        "GATES_CONFIG": str(ROOT / "gates.toml"),
        "GATES_REPORTS": str(folder / "reports"),
        "GATES_STATE": str(folder / "state"),
    }
    # The hash of a configuration that no change of gates.toml changes.
    return replace(load(environ, NOW), config_sha256="e" * 64)


def stages(made: Settings, others: Mapping[str, Mapping[str, Outcome]] | None = None) -> None:
    """Records of the three stages, an hour old, and the final decision over them."""
    for stage in DECISIONS:
        recorded(made, stage, NOW - timedelta(hours=1), (others or {}).get(stage))
    decided(made)


def decided(made: Settings) -> None:
    found = gather(made, NOW, decide.FRESH, DECISIONS)
    decision = decide.decided(made, found)
    decide.record_of(made, decision, found, NOW).write(record_file(made.reports, FINAL))


def attempted(ledger: Ledger, day: date, started: datetime, *, fails: bool) -> dict[str, object]:
    """A date that failed twice or was complete at once, in the ledger; its entry of a summary."""
    error = http(503) if fails else []
    http_status = 503 if fails else 200
    status: State = "failed" if fails else "complete"
    ended = started + timedelta(seconds=98)
    for _ in range(2 if fails else 1):
        number = ledger.begin(day, started)
        ledger.end(Attempt(day, number, started, ended, http_status, failures=error), status)
    return {
        "date": day.isoformat(),
        "status": status,
        "attempts": number,
        **in_summary(error),
        "http_status": http_status,
        "elapsed_s": 98.0,
        "finished_at": ended.isoformat(),
    }


def backfilled(
    made: Settings, failing: int = 0, overrides: Mapping[str, str] | None = None
) -> None:
    """A ledger of three dates of which the first `failing` failed twice, and its summary."""
    days = [date(2025, 1, 3), date(2025, 1, 4), date(2025, 1, 5)]
    sha256 = made.config_sha256
    with opened(made.state / "backfill.sqlite", "local", made.windows["preflight"]) as ledger:
        for moment, why in (overrides or {}).items():
            started = datetime.fromisoformat(moment)
            ledger.run(begun(started, None, config_sha256=sha256, decisions={}, reason=why))
        ledger.run(begun(BEGAN, made.server, config_sha256=sha256))
        ledger.plan(days)
        entries = [
            attempted(ledger, day, BEGAN + timedelta(minutes=2 * place), fails=place < failing)
            for place, day in enumerate(days)
        ]
    content = summarized(
        *entries,
        started_at=BEGAN.isoformat(),
        finished_at=(NOW - timedelta(hours=4)).isoformat(),
        config_sha256=made.config_sha256,
        overrides=[
            {"started_at": moment, "reason": why} for moment, why in (overrides or {}).items()
        ],
    )
    write_json(summary_file(made), content)


def written(made: Settings) -> Path:
    return handoff.write(made, handoff.figures(made, NOW), NOW, WHO, Path("handoff"))


def documents(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.md")}


def compare(folder: Path, case: str) -> None:
    """Every document of the folder, to the letter."""
    for file in sorted(folder.glob("*.md")):
        golden = GOLDEN / case / file.name
        text = file.read_text(encoding="utf-8")
        known = golden.read_text(encoding="utf-8") if golden.exists() else ""
        assert text == known, f"if it is right: cp {file} {golden}"
    assert {file.name for file in (GOLDEN / case).iterdir()} == set(documents(folder))


def test_go(here: Settings) -> None:
    stages(here)
    backfilled(here)
    compare(written(here), "go")


def test_no_go(here: Settings) -> None:
    stages(here, {"phase12": {USAGE: failed, ZONES: failed}, "phase4": {COVERAGE: marginal}})
    backfilled(here, failing=2, overrides={"2026-01-03T06:00:00+00:00": REASON})
    compare(written(here), "no-go")


def test_a_part(here: Settings) -> None:
    recorded(here, "phase12", NOW)
    compare(written(here), "part")


def test_a_stage_that_was_not_run_is_not_run(here: Settings) -> None:
    recorded(here, "phase12", NOW)
    texts = documents(written(here))
    session = texts[f"{NAME}.md"]
    for section in ("Pre-flight for Phase 4", "Phase 4 execution details", "Final data state"):
        assert f"## {section}" in session
    assert session.count("Not run (`make ") == 4
    following = texts["2026-01-03-SESSION-5-ML-TRAINING-NOT-READY.md"]
    assert "not decided" in following
    assert "Do not start this session." in following
    assert not re.search(r"\[[A-Z]+\]|TODO|\bNone\b|\bnan\b", "".join(texts.values()))


def test_no_go_does_not_start_the_next_session(here: Settings) -> None:
    stages(here, {"phase4": {COVERAGE: failed}})
    texts = documents(written(here))
    following = texts["2026-01-03-SESSION-5-ML-TRAINING-NOT-READY.md"]
    assert "❌ NO-GO" in following
    assert "Do not start this session." in following
    assert here.handoff.next_steps[0] not in following
    assert not any("Expected" in text for text in texts.values())


def test_what_others_wrote_is_shown_not_obeyed(here: Settings) -> None:
    stages(here)
    backfilled(here, overrides={"2026-01-03T06:00:00+00:00": REASON})
    session = documents(written(here))[f"{NAME}.md"]
    assert r"the log's disk was full \| \<b>see\</b> `mail` |" in session


def test_the_records_go_with_it_and_each_has_its_line(here: Settings) -> None:
    stages(here)
    backfilled(here)
    record_file(here.reports, "phase4").with_name("report.html").write_text("<p>", encoding="utf-8")
    folder = written(here)
    names = {file.name for file in folder.iterdir()}
    assert {f"{stage}-decision.json" for stage in (*DECISIONS, FINAL)} < names
    assert {"backfill-summary.json", "phase4-report.html"} < names
    readme = (folder / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\]\((\S+)\) \| \S", readme)) == names - {"README.md"}
    session = documents(folder)[f"{NAME}.md"]
    assert "| phase4 | ✅ GO | HIGH | [report](phase4-report.html) |\n" in session
    # Each gate of it leads to its place there, and no gate of a stage without a report.
    assert f"| [{COVERAGE}](phase4-report.html#{COVERAGE}) | 88% |" in session
    which = "phase4.player_composite_factors.null_rate"
    place = f"phase4-report.html#{which}%5Bpace_score%5D"
    assert f"| [{which}\\[pace_score]]({place}) |" in session
    assert f"| {USAGE} | 95% |" in session
    copy = (folder / "phase4-decision.json").read_bytes()
    assert copy == record_file(here.reports, "phase4").read_bytes()


def first_page(session: str) -> str:
    return session.split("## Where this was measured")[0]


def test_a_no_go_says_on_its_first_page_what_is_worst_and_what_to_do(here: Settings) -> None:
    keys = [{"key": f"game date 2025-03-{day:02}", "found": "0 of 19"} for day in range(1, 6)]

    def bad(gate: Gate) -> Verdict:
        return replace(failed(gate), failing=keys)

    stages(here, {"phase12": {USAGE: bad, ZONES: failed}})
    page = first_page(documents(written(here))[f"{NAME}.md"])
    assert "**❌ NO-GO for ML TRAINING** · confidence HIGH" in page
    assert f"(`{USAGE}`): 94%, at least 95% asked for (margin -1)\n" in page
    assert "  - Worst: game date 2025-03-01: 0 of 19; game date 2025-03-02: 0 of 19; " in page
    assert "2025-03-04" not in page
    assert "- Warning: shot_zones" in page
    assert page.count("- Least to spare: ") == 3
    assert "1. Do not start Session 5" in page


def test_a_go_says_on_its_first_page_what_has_least_to_spare(here: Settings) -> None:
    stages(here)
    page = first_page(documents(written(here))[f"{NAME}.md"])
    margins = page.split("**The smallest margins**")[1].split("**Waived**")[0]
    assert margins.count("\n- ") == 3
    assert "**Blockers**" not in page
    assert "1. Proceed to Session 5 (ML TRAINING)." in page


def test_what_has_changed_since_the_run_before_is_said(here: Settings) -> None:
    stages(here, {"phase12": {USAGE: failed}})
    record = records.load(here, "phase12")
    earlier = history.of(altered(record, finished_at=(NOW - timedelta(hours=9)).isoformat()))
    passing = replace(earlier.gates[USAGE], status=Status.PASS, measured=96)
    before = replace(earlier, decision="GO", gates={**earlier.gates, USAGE: passing})
    history.append(here.state, before)
    # That of the record itself is no earlier one.
    history.append(here.state, history.of(record))
    page = first_page(documents(written(here))[f"{NAME}.md"])
    assert (
        f"- phase12, since {before.finished_at}: GO before, NO-GO now. 1 gate with another" in page
    )
    assert f"  - {USAGE}: pass 96.000% → fail 94.000%\n" in page


def test_without_an_earlier_run_nothing_is_said_to_have_changed(here: Settings) -> None:
    stages(here)
    page = first_page(documents(written(here))[f"{NAME}.md"])
    assert "- No earlier run on this target is known.\n" in page
    # Looking for one makes no history.
    assert not (here.state / history.FILE).exists()


def test_pictures_stand_beside_the_section_that_they_are_of(here: Settings) -> None:
    stages(here)
    backfilled(here)
    file = record_file(here.reports, "phase4")
    content = json.loads(file.read_text(encoding="utf-8"))
    counts = {"dates": {"phase4.player_composite_factors": {"2025-01-03": [1, 2]}}}
    write_json(file, content | {"series": counts})
    folder = written(here)
    session = documents(folder)[f"{NAME}.md"]
    section = session.split("## Phase 4 validation results")[1].split("\n## ")[0]
    name = "calendar-of-player_composite_factors-phase4.svg"
    assert f"![Calendar of player_composite_factors (phase4)]({name})\n" in section
    assert "1 partial" in section
    execution = session.split("## Phase 4 execution details")[1].split("\n## ")[0]
    assert "](backfill-seconds-per-date.svg)" in execution
    root = ElementTree.fromstring((folder / name).read_text(encoding="utf-8"))  # noqa: S314
    style = root[0].text or ""
    used = set(re.findall(r"var\((--[a-z]+)\)", (folder / name).read_text(encoding="utf-8")))
    assert used
    assert all(f"{each}: #" in style for each in used)
    assert session.count("](margins-of") == 0


def test_the_report_draws_only_the_backfill_of_its_own_configuration(here: Settings) -> None:
    assert pictured(here) is None
    backfilled(here)
    shown = pictured(here)
    assert shown is not None
    assert [each.date for each in shown.dates] == ["2025-01-03", "2025-01-04", "2025-01-05"]
    assert pictured(replace(here, target_name="bigquery")) is None
    assert pictured(replace(here, config_sha256="0" * 64)) is None
    summary_file(here).write_text("{", encoding="utf-8")
    assert pictured(here) is None


def test_a_second_one_of_the_day_gets_a_number(here: Settings) -> None:
    stages(here)
    first = written(here)
    before = documents(first)
    second, third = written(here), written(here)
    assert [folder.name for folder in (first, second, third)] == [NAME, f"{NAME}-2", f"{NAME}-3"]
    assert documents(first) == before == documents(third)
    assert {file.name for file in Path("handoff").glob("2*")} == {NAME, f"{NAME}-2", f"{NAME}-3"}


def refused(made: Settings) -> str:
    with pytest.raises(handoff.RefusedError) as problem:
        handoff.figures(made, NOW)
    return str(problem.value)


@pytest.mark.parametrize("stage", [*DECISIONS, FINAL])
@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"config_sha256": "0" * 64}, "another gates.toml"),
        ({"windows": {}}, "other windows"),
        ({"finished_at": (NOW - timedelta(hours=24)).isoformat()}, "not within the last 24 hours"),
        ({"decision": "MAYBE"}, "no decision that can be read"),
    ],
    ids=["configuration", "windows", "a day old", "damaged"],
)
def test_what_is_no_evidence_is_refused_with_its_command(
    stage: str, values: dict[str, Any], why: str, here: Settings
) -> None:
    stages(here)
    file = record_file(here.reports, stage)
    content = json.loads(file.read_text(encoding="utf-8"))
    file.write_text(json.dumps(content | values), encoding="utf-8")
    found = refused(here)
    assert re.search(f"^{stage} .*{why}.*; run `make [a-z0-9-]+`.$", found, re.MULTILINE)
    assert not Path("handoff").exists()


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"config_sha256": "0" * 64}, "another gates.toml"),
        ({"target": "bigquery"}, "another target"),
        ({"finished_at": (NOW - timedelta(hours=24)).isoformat()}, "older than a day"),
        ({"planned": "many"}, "cannot be read"),
    ],
    ids=["configuration", "target", "a day old", "damaged"],
)
def test_a_backfill_that_is_no_evidence_is_refused(
    values: dict[str, Any], why: str, here: Settings
) -> None:
    stages(here)
    backfilled(here)
    content = json.loads(summary_file(here).read_text(encoding="utf-8"))
    summary_file(here).write_text(json.dumps(content | values), encoding="utf-8")
    assert why in refused(here)
    assert "run `make backfill`" in refused(here)


def test_a_ledger_that_is_gone_is_refused(here: Settings) -> None:
    stages(here)
    backfilled(here)
    shutil.rmtree(here.state)
    assert "cannot be read" in refused(here)
    assert not here.state.exists()


def test_a_backfill_with_nothing_left_to_do_renews_an_old_summary(here: Settings) -> None:
    stages(here)
    backfilled(here)
    content = json.loads(summary_file(here).read_text(encoding="utf-8"))
    old = {"finished_at": (NOW - timedelta(days=2)).isoformat(), "config_sha256": "0" * 64}
    old |= {"started_at": (NOW - timedelta(days=3)).isoformat()}
    write_json(summary_file(here), content | old)
    with opened(here.state / "backfill.sqlite", "local", here.windows["preflight"]) as ledger:
        ledger.run(begun(NOW - timedelta(hours=2), here.server, nothing="Nothing to do."))
    assert handoff.figures(here, NOW).execution is not None


def test_a_final_go_that_its_records_deny_is_refused(here: Settings) -> None:
    stages(here, {"phase4": {COVERAGE: failed}})
    file = record_file(here.reports, FINAL)
    before = json.loads(file.read_text(encoding="utf-8"))
    recorded(here, FINAL, NOW)
    write_json(file, json.loads(file.read_text(encoding="utf-8")) | {"stages": before["stages"]})
    assert "final says GO, and its records say NO-GO; run `make decide`." in refused(here)


def test_a_final_decision_over_other_records_is_refused(here: Settings) -> None:
    stages(here)
    recorded(here, "phase4", NOW)
    assert "final was decided over other records than these; run `make decide`." in refused(here)


def test_nothing_was_run(here: Settings) -> None:
    assert "run `make validate-phase12` first" in refused(here)


def test_as_a_user_runs_it(project: GatesProject) -> None:
    project.run()
    project.python("-m", "gates", "decide")
    done = project.python("-m", "gates", "handoff")
    assert (done.returncode, done.stderr) == (0, "")
    (folder,) = (project.folder / "handoff").glob("2*")
    assert f"Handoff: handoff/{folder.name}" in done.stdout
    for name in documents(folder):
        assert f"  {name}" in done.stdout


@pytest.mark.parametrize(
    ("others", "last"),
    [
        ({}, "Proceed to Session 5 (ML TRAINING)."),
        ({"phase4": {COVERAGE: failed}}, f"Next: make diagnose GATE='{COVERAGE}'"),
    ],
)
def test_the_last_line_says_what_comes_next(
    others: dict[str, dict[str, Outcome]],
    last: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    environ = {"GATES_CONFIG": str(ROOT / "gates.toml")}
    stages(load(environ, NOW), others)
    assert handoff.main([], environ, NOW) == 0
    assert capsys.readouterr().out.splitlines()[-1] == last


# ── No figure that is not in the records ──────────────────────────────────────

# What the templates say themselves, of sections, of the runbook and of the next session.
WORDS = re.compile(
    r"Phase \d(/\d)?|PHASE ?\d|Session \d|SESSION-\d|runbook [\d.]+|SHA-256|^\s*1\. |"
    r"handoff of session \d|phase12|phase\d|\((?:v\d)\)",
    re.MULTILINE | re.IGNORECASE,
)
FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")


def anything(rnd: random.Random) -> Outcome:
    """Any counts: a share, an average or a number, on either side of the bound."""

    def outcome(gate: Gate) -> Verdict:
        whole = rnd.randint(1, 10**6)
        part = rnd.randint(0, whole)
        over = Fraction(whole) if gate.of else None
        return judge(gate, Measurement(Fraction(part), over, query="sql/made/up.sql"))

    return outcome


def numbers_in(value: Any) -> Iterator[Decimal]:
    """Every number of a JSON value, those inside texts too."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from numbers_in(key)
            yield from numbers_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from numbers_in(item)
    elif isinstance(value, str):
        yield from (Decimal(found.replace(",", "")) for found in FIGURE.findall(value))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield abs(Decimal(str(value)))


def known_figures(made: Settings) -> list[Decimal]:
    files = [record_file(made.reports, stage) for stage in (*DECISIONS, FINAL)]
    contents = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    found = [number for content in contents for number in numbers_in(content)]
    summary = json.loads(summary_file(made).read_text(encoding="utf-8"))
    found += numbers_in(summary)
    with closing(sqlite3.connect(made.state / "backfill.sqlite")) as connection:
        found += numbers_in([list(row) for row in connection.execute("SELECT * FROM attempts")])
    # Of pre-flight's tables the games that are missing, a difference; how many blockers there are.
    gates = [gate for content in contents for gate in content["gates"] if gate["denominator"]]
    found += [Decimal(str(g["denominator"])) - Decimal(str(g["numerator"])) for g in gates]
    found += [Decimal(len(content["blockers"])) for content in contents]
    return found


def ledger_figures(failing: int) -> set[str]:
    # Three dates, each asked for once, the failing ones twice; 98 s each.
    return {str(3 - failing), str(failing), str(3 + failing), str(2 * failing), "98.0"}


@pytest.mark.usefixtures("long_search")
@given(seed=st.integers(0, 2**32), failing=st.integers(0, 2))
@settings(max_examples=20, deadline=None)
def test_no_figure_is_missing_from_the_records(
    seed: int, failing: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("figures")
    made, rnd = settings_in(folder), random.Random(seed)  # noqa: S311
    outcome = anything(rnd)
    stages(made, {s: dict.fromkeys(made.gates, outcome) for s in DECISIONS})
    backfilled(made, failing)
    shown = handoff.write(made, handoff.figures(made, NOW), NOW, WHO, folder / "handoff")
    known = known_figures(made)
    own = {*ledger_figures(failing), *numbers_of(made)}
    for name, text in documents(shown).items():
        for figure in FIGURE.findall(WORDS.sub("", text)):
            digits = len(figure.partition(".")[2])
            value = Decimal(figure.replace(",", ""))
            assert figure in own or any(round(each, digits) == value for each in known), (
                f"{figure} of {name} is in no record"
            )


def numbers_of(made: Settings) -> set[str]:
    """The date, and what gates.toml says of the next session."""
    said = [*made.handoff.expected, *made.handoff.next_steps, *made.handoff.read_first]
    return {found for text in [*said, NOW.isoformat()] for found in FIGURE.findall(text)}
