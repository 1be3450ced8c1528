#!/usr/bin/env bash
# sqlglot 30.30.0 with DuckDB 1.5.5, beside zetasql 0.1.5, a build of Google's own GoogleSQL engine, called the
# reference here.
#
# Behaviour: SAFE_CAST of a text is written for DuckDB as TRY_CAST, which reads what GoogleSQL gives NULL for: 7.9 is the
# whole number 8, 1e3 and 1_000 are 1000, 2025/01/05, a date with a time, one after a space and the word epoch are dates,
# t and 1 are true. A check that counts malformed values by SAFE_CAST(x AS ...) IS NULL, tried on DuckDB, finds fewer of
# them than the engine that it is meant for.
#
# Why one would guess otherwise: both are the cast that gives NULL in place of an error, both give it for abc and for the
# 30th of February, and nothing is refused or warned of. What differs is which texts are a value at all.
#
# Output seen:
#   '7.9' for INT64: translated 8, reference NULL
#   '1e3' for INT64: translated 1000, reference NULL
#   '1_000' for INT64: translated 1000, reference NULL
#   'abc' for INT64: translated NULL, reference NULL
#   '2025/01/05' for DATE: translated 2025-01-05, reference NULL
#   '2025-01-05 10:00:00' for DATE: translated 2025-01-05, reference NULL
#   ' 2025-01-05' for DATE: translated 2025-01-05, reference NULL
#   'epoch' for DATE: translated 1970-01-01, reference NULL
#   '2025-02-30' for DATE: translated NULL, reference NULL
#   't' for BOOL: translated true, reference NULL
#   '1' for BOOL: translated true, reference NULL
set -euo pipefail
unset PYTHONPATH

folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3.11 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check sqlglot==30.30.0 duckdb==1.5.5 \
  zetasql==0.1.5 wasmtime==50.0.1 protobuf==6.33.6
cat > ask.py <<'PYTHON'
import duckdb
import sqlglot
from zetasql.api import CatalogBuilder, PreparedQuery
from zetasql.types import AnalyzerOptions, LanguageOptions, ZetaSQLBuiltinFunctionOptions

def read(text, kind):
    return f"SELECT COALESCE(CAST(SAFE_CAST(text AS {kind}) AS STRING), 'NULL') FROM UNNEST(['{text}']) AS text"


QUERIES = {
    "'7.9' for INT64": read("7.9", "INT64"),
    "'1e3' for INT64": read("1e3", "INT64"),
    "'1_000' for INT64": read("1_000", "INT64"),
    "'abc' for INT64": read("abc", "INT64"),
    "'2025/01/05' for DATE": read("2025/01/05", "DATE"),
    "'2025-01-05 10:00:00' for DATE": read("2025-01-05 10:00:00", "DATE"),
    "' 2025-01-05' for DATE": read(" 2025-01-05", "DATE"),
    "'epoch' for DATE": read("epoch", "DATE"),
    "'2025-02-30' for DATE": read("2025-02-30", "DATE"),
    "'t' for BOOL": read("t", "BOOL"),
    "'1' for BOOL": read("1", "BOOL"),
}
language = LanguageOptions.maximum_features()
functions = ZetaSQLBuiltinFunctionOptions(language_options=language)
catalog = CatalogBuilder("demo").with_builtin_functions(functions).build()


def reference(sql):
    options = AnalyzerOptions(language_options=language)
    builder = PreparedQuery.builder().set_sql(sql).set_analyzer_options(options).set_catalog(catalog)
    with builder.prepare() as query:
        return query.execute().content.table_data.row[0].cell[0].string_value


for name, sql in QUERIES.items():
    (written,) = sqlglot.transpile(sql, read="bigquery", write="duckdb")
    (found,) = duckdb.sql(written).fetchone()
    print(f"{name}: translated {found}, reference {reference(sql)}")
PYTHON
venv/bin/python ask.py | tee seen

cat > expected <<'TEXT'
'7.9' for INT64: translated 8, reference NULL
'1e3' for INT64: translated 1000, reference NULL
'1_000' for INT64: translated 1000, reference NULL
'abc' for INT64: translated NULL, reference NULL
'2025/01/05' for DATE: translated 2025-01-05, reference NULL
'2025-01-05 10:00:00' for DATE: translated 2025-01-05, reference NULL
' 2025-01-05' for DATE: translated 2025-01-05, reference NULL
'epoch' for DATE: translated 1970-01-01, reference NULL
'2025-02-30' for DATE: translated NULL, reference NULL
't' for BOOL: translated true, reference NULL
'1' for BOOL: translated true, reference NULL
TEXT
diff expected seen || { echo "changed: which texts a SAFE_CAST takes after a translation"; exit 1; }
