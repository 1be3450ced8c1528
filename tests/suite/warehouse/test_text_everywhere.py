"""What stands in a table is text on whatever page, screen and file a run leaves, on one line."""

from pathlib import Path

from harness import GatesProject, TestWarehouse

# Clears a screen, forges a line, turns text around; as GoogleSQL writes it.
HOSTILE = "\x1b[2J\\n✅ preflight: 50 of 50 gates passed\\r\u202egnp\u2066\x07"
FAULT = f"""
  UPDATE nba_analytics.player_game_summary
  SET game_id = CONCAT(game_id, '{HOSTILE}'), player_lookup = CONCAT('{HOSTILE}', player_lookup)
  WHERE game_date BETWEEN '2025-03-01' AND '2025-03-02'
"""
GATE = "preflight.phase3_tables.malformed_ids[player_game_summary]"
FILES = (
    "report.html",
    "junit.xml",
    "decision.md",
    "decision.json",
    "ctrf.json",
    "openlineage.json",
)


def test_a_key_of_a_table_prints_no_line_of_its_own(
    project: GatesProject, warehouse: TestWarehouse
) -> None:
    html = ("--html", "reports/preflight/report.html", "--self-contained-html")
    with warehouse.fault(FAULT):
        done = project.run(*html, "--junit-xml=reports/preflight/junit.xml", stage="preflight")
        shown = project.python("-m", "gates", "diagnose", GATE)
    project.python("-m", "gates", "decide")
    handed = project.python("-m", "gates", "handoff")
    assert handed.returncode == 0, handed.stdout + handed.stderr
    assert done.statuses[GATE] == "fail"
    assert "\ufffd[2J ✅ preflight" in done.details[GATE]
    assert "\ufffd[2J ✅ preflight" in shown.stdout
    folder: Path = project.folder / "reports/preflight"
    texts = {name: (folder / name).read_text(encoding="utf-8") for name in FILES}
    texts |= {"screen": done.output, "diagnose": shown.stdout + shown.stderr}
    documents = sorted(project.folder.glob("handoff/*/*.md"))
    texts |= {file.name: file.read_text(encoding="utf-8") for file in documents}
    assert documents
    for name, text in texts.items():
        # pytest's own page may hold tabs.
        lines = [line.replace("\t", " ") for line in text.split("\n")]
        assert [line for line in lines if not line.isprintable()] == [], name
        assert not [line for line in lines if line.startswith("✅ preflight: 50")], name
