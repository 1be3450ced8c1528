"""Take the README's picture: the report of a NO-GO on the embedded warehouse, `make screenshot`.

The warehouse is one of its own, damaged as docs/tutorial.md damages it. Needs Chromium.
"""

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from harness import LOCAL_PYTHON, ROOT, UNTIL, TestWarehouse
from playwright.sync_api import ViewportSize, sync_playwright

PICTURE = ROOT / "docs/no-go.png"
SIZE = ViewportSize(width=1100, height=760)
FAULT = (
    "UPDATE nba_analytics.player_game_summary SET usage_rate = NULL "
    "WHERE game_date BETWEEN '2025-03-01' AND '2025-03-10'"
)


def report_of_a_no_go(folder: Path) -> Path:
    """The page of phase12 over a warehouse in `folder` that has the fault."""
    environ = os.environ | {
        "WAREHOUSE_HOME": str(folder),
        "GATES_REPORTS": str(folder / "reports"),
        "GATES_STATE": str(folder / "state"),
        "GATES_LOGS": str(folder / "logs"),
    }

    def make(*words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["make", *words], cwd=ROOT, env=environ, capture_output=True, text=True
        )

    # The season that the README's output is of, on whatever day the picture is taken.
    up = [str(LOCAL_PYTHON), "-m", "local.warehouse", "up", "--home", str(folder)]
    started = subprocess.run([*up, *UNTIL], cwd=ROOT, capture_output=True, text=True, check=True)
    host = started.stdout.strip()
    try:
        TestWarehouse(host).rows(FAULT)
        done = make("validate-phase12")
    finally:
        make("warehouse-down")
    assert "DECISION: NO-GO" in done.stdout, done.stdout + done.stderr
    return folder / "reports/phase12/report.html"


def main() -> None:
    """Write docs/no-go.png."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium, "Chromium was not found; install it."
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=sandbox)
        page = browser.new_page(viewport=SIZE)
        page.goto(report_of_a_no_go(Path(folder)).as_uri())
        page.screenshot(path=PICTURE)
        browser.close()


if __name__ == "__main__":
    main()
