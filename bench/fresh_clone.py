"""From a fresh clone with an empty package cache to a verdict, by turns with the baseline.

It downloads every package for each turn, so it takes a quarter of an hour.
"""

import subprocess
import tempfile
from functools import partial
from pathlib import Path

from measuring import BASELINE, ROOT, Cost, Row, by_turns, cost, ratios, write


def from_nothing(commit: str) -> Cost:
    """`make validate-phase12` in a clone of its own."""
    with tempfile.TemporaryDirectory() as name:
        clone = Path(name) / "clone"
        for words in (["clone", "-q", ROOT, clone], ["-C", clone, "checkout", "-q", commit]):
            subprocess.run(["git", *words], check=True)
        caches = {each: f"{name}/{each}" for each in ("PIP_CACHE_DIR", "UV_CACHE_DIR")}
        done = cost(["make", "validate-phase12"], clone, caches)
        if done.status:
            raise SystemExit(f"make validate-phase12 of {commit} ended with {done.status}")
        return done


def main() -> None:
    """Measure and write."""
    commits = {"then": BASELINE, "now": "HEAD"}
    found = by_turns({name: partial(from_nothing, commit) for name, commit in commits.items()})
    then, now = ([each.wall_s for each in found[name]] for name in commits)
    write(
        "fresh_clone",
        [
            Row("fresh clone to verdict, baseline", "s", then),
            Row("fresh clone to verdict", "s", now),
            Row("fresh clone to verdict, of the baseline's", "ratio", ratios(now, then), 0.2),
        ],
    )


if __name__ == "__main__":
    main()
