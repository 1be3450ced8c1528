"""What the documents show is tried out: commands, SQL, links."""

import csv
import json
import re
import shlex
import subprocess
import textwrap
from datetime import UTC, datetime
from pathlib import Path

import pytest
from harness import LOCAL_PYTHON, ROOT, GatesProject, TestWarehouse

from gates.config.settings import load
from gates.config.stages import STAGES

SETTINGS = load({"GATES_CONFIG": str(ROOT / "gates.toml")}, datetime.now(UTC))
PAGES = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted([*(ROOT / page for page in PAGES), *(ROOT / "docs").rglob("*.md")])
each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.name))


def block(document: str, holding: str) -> str:
    """The one fenced block of a document that holds these words."""
    text = (ROOT / document).read_text(encoding="utf-8")
    (found,) = (b for b in re.findall(r"```\w*\n(.*?)```", text, re.DOTALL) if holding in b)
    return str(found)


# The operator's runbook: its steps, and what it has under Troubleshooting.
STEPS = [
    *("1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "2.4", "3.1", "3.2", "3.3", "3.4", "4.1"),
    *("5.1", "5.2", "5.3", "6.1", "6.2", "6.3", "6.4", "7.1", "7.2", "7.3", "7.4", "7.5", "7.6"),
    *("8.1", "8.2", "8.3", "9.1", "9.2", "9.3"),
    *("Phase 4 API Returns Errors", "Coverage Below 88%", "High NULL Rates"),
]


@pytest.mark.parametrize("step", STEPS)
def test_every_step_of_the_runbook_is_answered(step: str) -> None:
    text = (ROOT / "docs/how-to/runbook.md").read_text(encoding="utf-8")
    rows = re.findall(rf"^\| {re.escape(step)} \| .+ \| (.+) \|$", text, re.MULTILINE)
    assert any("`make " in row for row in rows)


@each_document
def test_every_gate_that_is_named_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    named = re.findall(rf"(?:{'|'.join(STAGES)})\.\w+\.\w+(?:\[\w+\])?", text)
    entries = {gate.partition("[")[0] for gate in SETTINGS.gates}
    assert set(named) <= {*SETTINGS.gates, *entries}


@each_document
def test_every_make_target_exists(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z0-9-]+):.* ## ", makefile, re.MULTILINE))
    shown = re.compile(r"(?:^|`|&& |\$\()make ([a-z0-9-]+(?: [a-z0-9-]+)*)", re.MULTILINE)
    for words in shown.findall(document.read_text(encoding="utf-8")):
        assert set(words.split()) <= targets


@each_document
def test_every_link_leads_somewhere(document: Path) -> None:
    for link in re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8")):
        assert link.startswith("https://") or (document.parent / link).exists(), link


def test_the_example_of_a_threshold_is_one() -> None:
    text = (ROOT / "docs/how-to/new-threshold.md").read_text(encoding="utf-8")
    for language, file in (
        ("toml", "gates.toml"),
        ("python", "tests/phase2/test_player_game_summary.py"),
    ):
        (shown,) = re.findall(rf"```{language}\n(.*?) *```", text, re.DOTALL)
        assert textwrap.dedent(shown) in (ROOT / file).read_text(encoding="utf-8")


def test_every_page_is_reached_from_the_index() -> None:
    index = ROOT / "docs/index.md"
    linked = re.findall(r"\]\(([^)#]+)\)", index.read_text(encoding="utf-8"))
    pages = {file.resolve() for file in (ROOT / "docs").rglob("*.md")} - {index}
    decisions = {file for file in pages if file.parent.name == "decisions"}
    assert pages - decisions == {(index.parent / link).resolve() for link in linked} - {
        ROOT / "docs/decisions"
    }


def test_the_readme_is_short_and_its_figures_are_those_of_the_corpus() -> None:
    assert len(README.splitlines()) <= 90
    (said,) = re.findall(r"(\d+) faults; .+ pass (\d+) of them, all (\d+) gates (\w+) ", README)
    document = (ROOT / "docs/reference/detection.md").read_text(encoding="utf-8")
    faults, passed, gates, none = said
    assert f"\n{faults} faults, {gates} gates. " in document, "correct the README's numbers"
    assert f"alone pass {passed} of the faults, all gates {none}; " in document


def test_the_readmes_picture_is_a_small_png() -> None:
    (picture,) = re.findall(r"!\[[^]]+\]\((\S+)\)", README)
    content = (ROOT / picture).read_bytes()
    assert content.startswith(b"\x89PNG")
    assert len(content) < 200_000


def test_the_tutorials_fault_is_a_no_go_as_the_readme_shows_it(
    project: GatesProject, complete_warehouse: TestWarehouse
) -> None:
    project.host = complete_warehouse.host
    body = shlex.split(block("docs/tutorial.md", "UPDATE").split("\nmake")[0])[-1]
    with complete_warehouse.fault(json.loads(body)["query"]):
        run = project.run()
    assert run.runbook_others_than_pass() == {"phase2.player_game_summary.usage_rate": "fail"}
    assert (run.decision, run.status) == ("NO-GO", 1)
    # What the README says that it prints; three dots stand for the rest of a line, or for lines.
    printed = run.output.splitlines()
    for line in block("README.md", "REASONS:").splitlines():
        assert any(found.startswith(line.removesuffix("...")) for found in printed), line


def test_a_calendar_exported_as_documented_can_be_used(
    warehouse: TestWarehouse, tmp_path: Path
) -> None:
    rows = warehouse.rows(block("docs/reference/calendar-file.md", "SELECT"))
    assert sum(row["league_games"] for row in rows) == 5_793
    with (tmp_path / "calendar.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    made = [str(LOCAL_PYTHON), "-m", "season", "--out", str(tmp_path / "made")]
    subprocess.run([*made, "--calendar", str(tmp_path / "calendar.csv")], cwd=ROOT, check=True)
    phase1 = (tmp_path / "made/logs/team_offense_backfill_phase1.log").read_text(encoding="utf-8")
    assert "Total days: 1537" in phase1
