"""From a fresh clone with an empty package cache to a verdict, by turns with the baseline.

The first clone on a machine, and one whose first state was made there before. It downloads every
package for each turn, so it takes twenty minutes.
"""

import subprocess
import tempfile
from functools import partial
from pathlib import Path

from measuring import BASELINE, RESULTS, ROOT, Cost, Row, by_turns, cost, ratios, write


def from_nothing(commit: str, first_states: Path | None) -> Cost:
    """`make validate-phase12` in a clone of its own; without first states, also of the machine."""
    with tempfile.TemporaryDirectory() as name:
        clone = Path(name) / "clone"
        for words in (["clone", "-q", ROOT, clone], ["-C", clone, "checkout", "-q", commit]):
            subprocess.run(["git", *words], check=True)
        caches = {each: f"{name}/{each}" for each in ("PIP_CACHE_DIR", "UV_CACHE_DIR")}
        caches["XDG_CACHE_HOME"] = str(first_states or f"{name}/cache")
        done = cost(["make", "validate-phase12"], clone, caches)
        if done.status:
            raise SystemExit(f"make validate-phase12 of {commit} ended with {done.status}")
        return done


def main() -> None:
    """Measure and write."""
    made_before = RESULTS / "first-states"
    found = by_turns(
        {
            "baseline": partial(from_nothing, BASELINE, None),
            "first": partial(from_nothing, "HEAD", None),
            "next": partial(from_nothing, "HEAD", made_before),
        }
    )
    then, first, later = ([each.wall_s for each in costs] for costs in found.values())
    what = "fresh clone to verdict"
    write(
        "fresh_clone",
        [
            Row(f"{what}, baseline", "s", then),
            Row(f"{what}, the machine's first", "s", first),
            Row(
                f"{what}, the machine's first, of the baseline's", "ratio", ratios(first, then), 0.2
            ),
            Row(f"{what}, a later one", "s", later),
            Row(f"{what}, a later one, of the baseline's", "ratio", ratios(later, then), 0.2),
        ],
    )


if __name__ == "__main__":
    main()
