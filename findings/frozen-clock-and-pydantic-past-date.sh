#!/usr/bin/env bash
# freezegun 1.5.5 with pydantic 2.14.4 (pydantic-core 2.50.5, python-dateutil 2.9.0.post0).
#
# Behaviour: with the clock frozen at 2020-01-01, what a PastDate field says depends on when the process
# validated its first one. If that was before the freeze, the frozen clock is not seen at all: 2021-06-01
# counts as past. If it was under the freeze, every date, also a past one, raises a TypeError instead of a
# ValidationError, in this and every later freeze of the process, while between freezes all is well.
#
# Why one would guess otherwise: freezegun replaces the clock for all modules, and pydantic asks for
# today at each validation, so 2019-06-01 ought to pass and 2021-06-01 to be refused, in either order.
# A suite sees one or the other by the order in which its tests run, or by which worker runs them.
#
# Output seen:
#   real clock first: 2019-06-01 passes
#   real clock first, frozen in 2020: 2019-06-01 passes, 2021-06-01 passes
#   frozen clock first: 2019-06-01 TypeError, 2021-06-01 TypeError
#   frozen clock first, then the real one: 2019-06-01 passes, 2999-01-01 ValidationError
#   frozen clock first, frozen again: 2019-06-01 TypeError, 2021-06-01 TypeError
set -euo pipefail
unset PYTHONPATH

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check freezegun==1.5.5 pydantic==2.14.4 \
  pydantic_core==2.50.5 python-dateutil==2.9.0.post0
cat > past.py <<'PYTHON'
import sys

from freezegun import freeze_time
from pydantic import BaseModel, PastDate


class Game(BaseModel):
    day: PastDate


def verdict(day):
    try:
        Game(day=day)
    except Exception as error:
        return f"{day} {type(error).__name__}"
    return f"{day} passes"


def show(name, *days):
    print(f"{name}:", ", ".join(verdict(day) for day in days))


if sys.argv[1] == "real":
    show("real clock first", "2019-06-01")
    with freeze_time("2020-01-01"):
        show("real clock first, frozen in 2020", "2019-06-01", "2021-06-01")
else:
    with freeze_time("2020-01-01"):
        show("frozen clock first", "2019-06-01", "2021-06-01")
    show("frozen clock first, then the real one", "2019-06-01", "2999-01-01")
    with freeze_time("2020-01-01"):
        show("frozen clock first, frozen again", "2019-06-01", "2021-06-01")
PYTHON

{ venv/bin/python past.py real; venv/bin/python past.py frozen; } | tee seen

cat > expected <<'TEXT'
real clock first: 2019-06-01 passes
real clock first, frozen in 2020: 2019-06-01 passes, 2021-06-01 passes
frozen clock first: 2019-06-01 TypeError, 2021-06-01 TypeError
frozen clock first, then the real one: 2019-06-01 passes, 2999-01-01 ValidationError
frozen clock first, frozen again: 2019-06-01 TypeError, 2021-06-01 TypeError
TEXT
diff expected seen || { echo "changed: what PastDate makes of a frozen clock"; exit 1; }
