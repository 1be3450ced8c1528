#!/usr/bin/env bash
# pointblank 1.1.1 over polars 2.1.0 (narwhals 2.29.0).
#
# Behaviour: a step that could not be evaluated, because its table is empty, its column is missing or its
# column holds text where a number is compared, is below every threshold: assert_below_threshold() is
# silent at all three levels and none of the actions is called. assert_passing() on the same validation
# ends in a TypeError, which is not the AssertionError that it raises for a failing row. all_passed() alone
# says False.
#
# Why one would guess otherwise: the thresholds are how a pipeline is told to stop, at 1, 5 and 10 per cent
# here, and a step of which nothing is known should stop it more surely than one bad row in ten does.
#
# Output seen:
#   one bad row: warning above, error above, critical above; actions 3; assert_passing AssertionError; all_passed False
#   empty table: warning below, error below, critical below; actions 0; assert_passing TypeError; all_passed False
#   missing column: warning below, error below, critical below; actions 0; assert_passing TypeError; all_passed False
#   text column: warning below, error below, critical below; actions 0; assert_passing TypeError; all_passed False
set -euo pipefail
unset PYTHONPATH

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pointblank==1.1.1 polars==2.1.0 narwhals==2.29.0
cat > steps.py <<'PYTHON'
import pointblank
import polars

LEVELS = ("warning", "error", "critical")


def outcome(call, **words):
    try:
        call(**words)
    except Exception as error:
        return type(error).__name__
    return "silent"


def show(name, frame):
    called = []
    actions = {level: lambda level=level: called.append(level) for level in LEVELS}
    validation = pointblank.Validate(
        frame,
        thresholds=pointblank.Thresholds(warning=0.01, error=0.05, critical=0.1),
        actions=pointblank.Actions(**actions, highest_only=False),
    )
    validation = validation.col_vals_gt("x", 90).interrogate()
    sides = {"silent": "below", "AssertionError": "above"}
    ends = [outcome(validation.assert_below_threshold, level=level) for level in LEVELS]
    levels = ", ".join(f"{level} {sides.get(end, end)}" for level, end in zip(LEVELS, ends))
    passing = outcome(validation.assert_passing)
    print(f"{name}: {levels}; actions {len(called)}; assert_passing {passing}; all_passed {validation.all_passed()}")


show("one bad row", polars.DataFrame({"x": [1.0] + [95.0] * 4}))
show("empty table", polars.DataFrame({"x": [95.0]}).head(0))
show("missing column", polars.DataFrame({"y": [95.0]}))
show("text column", polars.DataFrame({"x": ["95"]}))
PYTHON

venv/bin/python steps.py | tee seen

cat > expected <<'TEXT'
one bad row: warning above, error above, critical above; actions 3; assert_passing AssertionError; all_passed False
empty table: warning below, error below, critical below; actions 0; assert_passing TypeError; all_passed False
missing column: warning below, error below, critical below; actions 0; assert_passing TypeError; all_passed False
text column: warning below, error below, critical below; actions 0; assert_passing TypeError; all_passed False
TEXT
diff expected seen || { echo "changed: where a step that was not evaluated stands to its thresholds"; exit 1; }
