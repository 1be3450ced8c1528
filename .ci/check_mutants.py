"""What `make mutants` has found: the mutants that no test notices, and the share of the others.

python .ci/check_mutants.py    exit status 0 where at least 90% were noticed
"""

import json
import sys
from collections import Counter
from pathlib import Path

AT_LEAST = 90  # %
# How mutmut notes that every test has passed, that none runs the code, or that none was asked.
UNNOTICED = (0, 5, 33, None)


def main() -> int:
    """List the survivors; `python -m mutmut show NAME` shows one."""
    found: dict[str, int | None] = {}
    for file in Path("mutants").rglob("*.meta"):
        found |= json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"]
    survivors = sorted(name for name, code in found.items() if code in UNNOTICED)
    print(*survivors, sep="\n")
    for place, count in sorted(Counter(name.rpartition(".")[0] for name in survivors).items()):
        print(f"{count:>5} in {place}")
    killed = len(found) - len(survivors)
    share = 100 * killed / max(len(found), 1)
    print(f"{killed:,} of {len(found):,} mutants were noticed ({share:.1f}%)")
    return 0 if found and share >= AT_LEAST else 1


if __name__ == "__main__":
    sys.exit(main())
