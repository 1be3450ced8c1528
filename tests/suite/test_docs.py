"""What the documents show is tried out: commands, SQL, links."""

import csv
import json
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from harness import LOCAL_PYTHON, ROOT, GatesProject, TestWarehouse

DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.name))


def block(document: str, holding: str) -> str:
    """The one fenced block of a document that holds these words."""
    text = (ROOT / document).read_text(encoding="utf-8")
    (found,) = (b for b in re.findall(r"```\w*\n(.*?)```", text, re.DOTALL) if holding in b)
    return str(found)


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


def test_the_readmes_fault_is_a_no_go(project: GatesProject, warehouse: TestWarehouse) -> None:
    body = shlex.split(block("README.md", "UPDATE").split("\nmake")[0])[-1]
    with warehouse.fault(json.loads(body)["query"]):
        run = project.run()
    assert run.others_than_pass() == {"phase2.player_game_summary.usage_rate": "fail"}
    assert (run.decision, run.status) == ("NO-GO", 1)


def test_a_calendar_exported_as_documented_can_be_used(
    warehouse: TestWarehouse, tmp_path: Path
) -> None:
    rows = warehouse.rows(block("docs/calendar-file.md", "SELECT"))
    assert sum(row["league_games"] for row in rows) == 5_793
    with (tmp_path / "calendar.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    made = [str(LOCAL_PYTHON), "-m", "local.season", "--out", str(tmp_path / "made")]
    subprocess.run([*made, "--calendar", str(tmp_path / "calendar.csv")], cwd=ROOT, check=True)
    phase1 = (tmp_path / "made/logs/team_offense_backfill_phase1.log").read_text(encoding="utf-8")
    assert "Total days: 1537" in phase1
