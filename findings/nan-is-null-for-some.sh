#!/usr/bin/env bash
# pandera 0.35.0 and pointblank 1.1.1, each over pandas 3.1.1 and polars 2.1.0 (narwhals 2.29.0, numpy 2.4.6).
#
# Behaviour: one column, 95.0, NaN and 99.0, asked three things: is nothing missing; is everything above 90
# and is everything below 100, where missing values are allowed (nullable=True, na_pass=True). Over pandas
# the two tools agree. Over polars they do not: pandera calls the NaN missing when it must not be there,
# and a number greater than all others when it is compared, so that it passes "above 90" and fails
# "below 100"; pointblank says that nothing is missing, and then lets the NaN pass as missing.
#
# Why one would guess otherwise: a schema that moves from pandas to polars keeps its words, so it should
# keep its verdicts. Each tool, too, should call the NaN either missing or a number, and not one in the
# one check and the other in the next.
#
# Output seen:
#   pandera over pandas: none missing False, above 90 True, below 100 True
#   pandera over polars: none missing False, above 90 True, below 100 False
#   pointblank over pandas: none missing False, above 90 True, below 100 True
#   pointblank over polars: none missing True, above 90 True, below 100 True
set -euo pipefail
unset PYTHONPATH

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check "pandera[pandas,polars]==0.35.0" pointblank==1.1.1 \
  pandas==3.1.1 polars==2.1.0 narwhals==2.29.0 numpy==2.4.6
cat > missing.py <<'PYTHON'
import pandas
import pandera.pandas
import pandera.polars
import pointblank
import polars
from pandera.errors import SchemaError

VALUES = {"x": [95.0, float("nan"), 99.0]}


def pandera_says(library, frame):
    def passes(check, nullable):
        column = library.Column(float, check, nullable=nullable)
        try:
            library.DataFrameSchema({"x": column}).validate(frame)
        except SchemaError:
            return False
        return True

    above, below = library.Check.gt(90), library.Check.lt(100)
    return passes(None, False), passes(above, True), passes(below, True)


def pointblank_says(frame):
    steps = (
        pointblank.Validate(frame).col_vals_not_null("x"),
        pointblank.Validate(frame).col_vals_gt("x", 90, na_pass=True),
        pointblank.Validate(frame).col_vals_lt("x", 100, na_pass=True),
    )
    return tuple(step.interrogate().all_passed() for step in steps)


def show(name, answers):
    print("{}: none missing {}, above 90 {}, below 100 {}".format(name, *answers))


show("pandera over pandas", pandera_says(pandera.pandas, pandas.DataFrame(VALUES)))
show("pandera over polars", pandera_says(pandera.polars, polars.DataFrame(VALUES)))
show("pointblank over pandas", pointblank_says(pandas.DataFrame(VALUES)))
show("pointblank over polars", pointblank_says(polars.DataFrame(VALUES)))
PYTHON

venv/bin/python missing.py | tee seen

cat > expected <<'TEXT'
pandera over pandas: none missing False, above 90 True, below 100 True
pandera over polars: none missing False, above 90 True, below 100 False
pointblank over pandas: none missing False, above 90 True, below 100 True
pointblank over polars: none missing True, above 90 True, below 100 True
TEXT
diff expected seen || { echo "changed: which of the tools calls a NaN missing"; exit 1; }
