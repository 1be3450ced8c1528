"""No false alarm on warehouses from ten other seeds: every gate of every stage passes on each.

    .venv-dev/bin/python .ci/check_other_seeds.py [HOW_MANY]

Exit status 1 when a gate does not pass, with its sentence.
"""

import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests/suite")]

from corpus import STANDING  # noqa: E402
from harness import GatesProject, complete_warehouse_command, copy_gates  # noqa: E402

from gates.config.stages import DECISIONS  # noqa: E402

SEEDS = range(1, 11)
AT_ONCE = 2


def alarms(seed: int) -> dict[str, str]:
    """The gates that do not pass on a complete warehouse from `seed`, but for age alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        home, copy = folder / "home", folder / "project"
        up = subprocess.run(  # noqa: S603
            complete_warehouse_command(home, "up", seed=seed),
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            copy.mkdir()
            copy_gates(copy)
            # What the runs before have made of the SQL serves every seed.
            (ROOT / "sql/__pycache__").mkdir(exist_ok=True)
            (copy / "sql/__pycache__").symlink_to(ROOT / "sql/__pycache__")
            gates = GatesProject(copy, home / "logs", up.stdout.strip())
            found = gates.run_all(list(DECISIONS))
            return {gate: status for gate, status in found.items() if gate not in STANDING}
        finally:
            down = complete_warehouse_command(home, "down")
            subprocess.run(down, cwd=ROOT, check=True, stderr=subprocess.DEVNULL)  # noqa: S603
            shutil.rmtree(home, ignore_errors=True)


def main() -> int:
    """Try the first seeds, or all of them, two at once."""
    seeds = SEEDS[: int(sys.argv[1])] if len(sys.argv) > 1 else SEEDS
    # Processes, because each has a server of its own that runs the gates, one run at a time.
    with ProcessPoolExecutor(AT_ONCE) as pool:
        found = dict(zip(seeds, pool.map(alarms, seeds), strict=True))
    for seed, gates in found.items():
        print(f"seed {seed}: {gates or 'no alarm'}")
    return 1 if any(found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
