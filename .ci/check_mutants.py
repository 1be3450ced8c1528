"""What `make mutants` has found: how many each module's tests notice, and why not the others.

    .venv-dev/bin/python .ci/check_mutants.py

Exit status 0 where at least 90% were noticed and each reason in .ci/survivors.toml is that of a
mutant that no test notices; such a reason raises no share.
"""

import json
import sys
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from mutmut.mutation.diff_apply import get_diff_for_mutant
from mutmut.utils.format_utils import orig_function_and_class_names_from_key

AT_LEAST = 90  # %
# How mutmut notes that every test has passed, that none runs the code, or that none was asked.
UNNOTICED = (0, 5, 33, None)
MUTANTS, REASONS = Path("mutants"), Path(".ci/survivors.toml")


def change(name: str, source: Path) -> str:
    """The function and what it reads instead; unlike the mutant's number, this stays as it is."""
    function, of = orig_function_and_class_names_from_key(name)
    place = ".".join((*source.with_suffix("").parts, *([of] if of else []), function))
    lines = get_diff_for_mutant(name, path=source).splitlines()[3:]
    changed = [line for line in lines if line.startswith("+")] or [
        line for line in lines if line.startswith("-")
    ]
    return f"{place}: {' '.join(f'{line[0]} {line[1:].strip()}' for line in changed)}"


def reasons() -> dict[str, str]:
    """Change -> why no test has to notice it."""
    content = tomllib.loads(REASONS.read_text(encoding="utf-8"))
    return {each: entry["reason"] for entry in content["survivor"] for each in entry["changes"]}


def told(survivors: Mapping[str, str], why: Mapping[str, str]) -> list[str]:
    """Prints each survivor with its reason; the reasons that are those of none."""
    by_reason = defaultdict(list)
    for name, changed in survivors.items():
        by_reason[why.get(changed, "WITHOUT A REASON")].append(f"  {changed}\n    {name}")
    for reason, found in sorted(by_reason.items()):
        print(reason, *sorted(found), sep="\n")
    gone = sorted(why.keys() - set(survivors.values()))
    for each in gone:
        print(f"{REASONS}: a test notices this now, or it is not there; remove it:\n  {each}")
    return gone


def main() -> int:
    """`python -m mutmut show NAME` shows a mutant whole."""
    survivors: dict[str, str] = {}
    every = killed = 0
    shares = []
    for meta in sorted(MUTANTS.rglob("*.meta")):
        source = meta.relative_to(MUTANTS).with_suffix("")
        codes = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
        left = [name for name, code in codes.items() if code in UNNOTICED]
        survivors |= {name: change(name, source) for name in left}
        every, killed = every + len(codes), killed + len(codes) - len(left)
        shares.append(f"{len(codes) - len(left):>6,} of {len(codes):>5,} {source}")
    gone = told(survivors, reasons())
    print(*shares, sep="\n")
    share = 100 * killed / max(every, 1)
    print(f"{killed:,} of {every:,} mutants were noticed ({share:.1f}%)")
    return 0 if every and share >= AT_LEAST and not gone else 1


if __name__ == "__main__":
    sys.exit(main())
