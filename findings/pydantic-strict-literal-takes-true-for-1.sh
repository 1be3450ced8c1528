#!/usr/bin/env bash
# pydantic 2.14.4 and the JSON Schema that it writes, read by jsonschema 4.26.0: a version number in a record.
#
# Behaviour: a field `version: Literal[1]` of a model with strict=True takes the JSON values `true` and `1.0` for 1,
# and the model then holds 1. The same model refuses both for an `int` beside it. The schema that pydantic writes of
# the field, {"const": 1, "type": "integer"}, refuses `true` in jsonschema and takes `1.0`, so a reader by the model
# and a reader by its published schema disagree about one file.
#
# Why one would guess otherwise: strict mode says that nothing is converted and that a bool is no int, and a literal of one
# value is the narrowest type there is. A literal looks the value up in a table by equality and hash, though, and in
# Python True == 1 == 1.0 with one hash; what it gives back is the table's own 1.
#
# Output seen:
#   1: model takes it as 1, schema takes it
#   true: model takes it as 1, schema refuses it
#   1.0: model takes it as 1, schema takes it
#   "1": model refuses it, schema refuses it
#   int beside it: true refused, 1.0 refused
set -euo pipefail
unset PYTHONPATH

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pydantic==2.14.4 jsonschema==4.26.0
cat > look.py <<'PYTHON'
import json
from typing import Literal

from jsonschema import Draft202012Validator
from pydantic import BaseModel, ConfigDict, ValidationError


class Record(BaseModel):
    model_config = ConfigDict(strict=True)
    version: Literal[1]


class Counted(BaseModel):
    model_config = ConfigDict(strict=True)
    rows: int


def by(model, text):
    try:
        return f"takes it as {next(iter(model.model_validate_json(text)))[1]!r}"
    except ValidationError:
        return "refuses it"


schema = Draft202012Validator(Record.model_json_schema())
for value in ("1", "true", "1.0", '"1"'):
    text = f'{{"version": {value}}}'
    published = "takes it" if schema.is_valid(json.loads(text)) else "refuses it"
    print(f"{value}: model {by(Record, text)}, schema {published}")
refused = [value for value in ("true", "1.0") if by(Counted, '{"rows": %s}' % value) == "refuses it"]
print("int beside it: " + ", ".join(f"{value} refused" for value in refused))
PYTHON
venv/bin/python look.py | tee seen

cat > expected <<'TEXT'
1: model takes it as 1, schema takes it
true: model takes it as 1, schema refuses it
1.0: model takes it as 1, schema takes it
"1": model refuses it, schema refuses it
int beside it: true refused, 1.0 refused
TEXT
diff expected seen || { echo "changed: what a strict literal takes for 1"; exit 1; }
