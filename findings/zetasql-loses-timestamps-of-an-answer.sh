#!/usr/bin/env bash
# zetasql 0.1.5 (PyPI, a WebAssembly build of Google's GoogleSQL engine; wasmtime 50.0.1, protobuf 6.33.6).
#
# Behaviour: a query executes, and its dates, numbers and texts come back. A TIMESTAMP of the answer is there and
# empty: it is an object of the package's base class without a single attribute of a time, which cannot be
# turned back into a message, and the package's own Value.get_timestamp ends in an AttributeError over it.
# The message that the engine sent holds the time; it is lost on the way into the package's model.
#
# Why one would guess otherwise: a TIMESTAMP goes in without trouble, as table content made with the
# package's own Value.timestamp, and the same model gives DATE, NUMERIC, STRUCT and arrays back. Nothing
# warns: the field is set, so the cell is not even NULL.
#
# Output seen:
#   date: 20089
#   timestamp attributes: []
#   to_proto: NotImplementedError
#   get_timestamp: AttributeError
#   the engine's own message: 2025-01-01T12:00:00Z 2031-05-05T05:05:05Z
set -euo pipefail
unset PYTHONPATH

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check zetasql==0.1.5 wasmtime==50.0.1 protobuf==6.33.6
cat > times.py <<'PYTHON'
from zetasql.api import Value
from zetasql.core.local_service import ZetaSqlLocalService
from zetasql.types import (
    AnalyzerOptions,
    EvaluateQueryRequest,
    LanguageOptions,
    SimpleCatalog,
    ZetaSQLBuiltinFunctionOptions,
)
from zetasql.wasi._pb2.zetasql.local_service import local_service_pb2

SQL = """SELECT DATE '2025-01-01' AS day, TIMESTAMP '2025-01-01 12:00:00+00' AS one,
  TIMESTAMP '2031-05-05 05:05:05+00' AS other"""
language = LanguageOptions.maximum_features()
query = {
    "sql": SQL,
    "options": AnalyzerOptions(language_options=language),
    "simple_catalog": SimpleCatalog(
        name="root",
        builtin_function_options=ZetaSQLBuiltinFunctionOptions(language_options=language),
    ),
}
service = ZetaSqlLocalService.get_instance()
day, one, _ = service.evaluate_query(**query).content.table_data.row[0].cell
print("date:", day.date_value)
print("timestamp attributes:", sorted(vars(one.timestamp_value)))
try:
    print("to_proto:", one.timestamp_value.to_proto())
except NotImplementedError:
    print("to_proto: NotImplementedError")
try:
    print("get_timestamp:", Value(one).get_timestamp())
except AttributeError:
    print("get_timestamp: AttributeError")
raw = service.wasm_client.call_grpc_func(
    "ZetaSqlLocalService_EvaluateQuery",
    EvaluateQueryRequest(**query).to_proto(),
    local_service_pb2.EvaluateQueryResponse,
)
times = [cell.timestamp_value.ToJsonString() for cell in raw.content.table_data.row[0].cell[1:]]
print("the engine's own message:", *times)
PYTHON
cat > expected <<'TEXT'
date: 20089
timestamp attributes: []
to_proto: NotImplementedError
get_timestamp: AttributeError
the engine's own message: 2025-01-01T12:00:00Z 2031-05-05T05:05:05Z
TEXT
venv/bin/python times.py > seen
if ! diff expected seen; then
  echo "changed: the lines marked > are what these versions print now" >&2
  exit 1
fi
cat seen
