"""Ten and a hundred times the player rows: what the gates' process and the engine take for them.

A player's rows are copied under other names. The engine's time is that of
the longest job, with what waits before it in the embedded server, which runs one at a time.
"""

import json
import shutil
import sys
from itertools import pairwise
from pathlib import Path

from measuring import RESULTS, ROOT, Row, cost, environ, warehouse, write

sys.path.insert(0, str(ROOT / "tests/suite"))
sys.path.insert(0, str(ROOT))

from http_faults import Answer, Request, forward_to, serving

TABLE = "nba_analytics.player_game_summary"
COPIES = """
import sys
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
host, text = sys.argv[1:]
client = bigquery.Client("nba-props-platform", AnonymousCredentials(),
    client_options=ClientOptions(api_endpoint=f"http://{host}"))
client.query_and_wait(text)
"""
TIMES = (1, 10, 100)


def grow(host: str, times: int) -> None:
    """Make `times` as many player rows of those that there are."""
    text = (
        f"INSERT INTO {TABLE} SELECT held.* REPLACE (CONCAT(player_lookup, CAST(copy AS STRING)) "
        f"AS player_lookup) FROM {TABLE} AS held, UNNEST(GENERATE_ARRAY(2, {times})) AS copy"
    )
    done = cost([".venv/bin/python", "-c", COPIES, host, text], ROOT)
    if done.status:
        raise SystemExit(f"{TABLE} could not be made {times} times as large")


def measured(host: str, home: Path) -> tuple[float, float, float, int]:
    """Peak megabytes, bytes of all answers, seconds of the longest job, statements."""
    sizes, asked = list[int](), list[Request]()
    forward = forward_to(host)

    def answer(request: Request) -> Answer:
        found = forward(request)
        sizes.append(len(found.body))
        if request.method == "POST":
            asked.append(request)
        return found

    with serving(answer) as (address, _):
        words = [".venv/bin/python", "-m", "gates", "validate", "phase12"]
        done = cost(words, ROOT, environ(home, address))
    record = json.loads((home / "reports/phase12/decision.json").read_text(encoding="utf-8"))
    longest = max(each["elapsed_s"] for each in record["queries"])
    return done.peak_bytes / 10**6, float(sum(sizes)), longest, len(asked)


def main() -> None:
    """Measure and write."""
    home, rows = RESULTS / "home-growth", []
    shutil.rmtree(home, ignore_errors=True)
    found = []
    with warehouse(ROOT, home) as host:
        for before, times in pairwise((1, *TIMES)):
            if times > before:
                grow(host, times // before)
            # The first run waits for the engine, and the second finds its answers remembered.
            *_, longest, _ = measured(host, home)
            peak, size, _, statements = measured(host, home)
            found.append((peak, size, longest, statements))
    shutil.rmtree(home, ignore_errors=True)
    first = found[0]
    for times, (peak, size, longest, statements) in zip(TIMES, found, strict=True):
        name = f"phase12 over {times} times the player rows"
        rows += [
            Row(f"{name}: statements", "queries", [statements], first[3]),
            Row(f"{name}: peak memory beyond that of once", "MB", [peak - first[0]], 5),
            Row(f"{name}: bytes of answers, of once", "ratio", [size / first[1]], 1.1),
            Row(f"{name}: the longest job", "s", [longest]),
        ]
    write("growth", rows)


if __name__ == "__main__":
    main()
