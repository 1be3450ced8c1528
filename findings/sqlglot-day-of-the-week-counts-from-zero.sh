#!/usr/bin/env bash
# sqlglot 30.30.0 with DuckDB 1.5.5, beside zetasql 0.1.5, a build of Google's own GoogleSQL engine, called the
# reference here.
#
# Behaviour: EXTRACT(DAYOFWEEK FROM day) is written for DuckDB as it stands. It counts from 1, the Sunday, to 7 in GoogleSQL
# and from 0 to 6 in DuckDB, so that no day is a Saturday after the translation, and of a weekend one day is left.
#
# Why one would guess otherwise: the places of arrays and the order of NULL, which differ between the two just so, are
# turned by the same call. A part of EXTRACT is handed on by its name, which both have, and there is no error.
#
# Output seen:
#   Sunday: translated 0, reference 1
#   Saturday: translated 6, reference 7
#   Saturdays of a week: translated 0, reference 1
#   weekends by IN (1, 7): translated 1, reference 2
#   the day of the year: translated 5, reference 5
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

QUERIES = {
    "Sunday": "SELECT EXTRACT(DAYOFWEEK FROM DATE '2025-01-05')",
    "Saturday": "SELECT EXTRACT(DAYOFWEEK FROM DATE '2025-01-11')",
    "Saturdays of a week": "SELECT COUNTIF(EXTRACT(DAYOFWEEK FROM day) = 7) FROM UNNEST(GENERATE_DATE_ARRAY('2025-01-05', '2025-01-11')) AS day",
    "weekends by IN (1, 7)": "SELECT COUNTIF(EXTRACT(DAYOFWEEK FROM day) IN (1, 7)) FROM UNNEST(GENERATE_DATE_ARRAY('2025-01-05', '2025-01-11')) AS day",
    "the day of the year": "SELECT EXTRACT(DAYOFYEAR FROM DATE '2025-01-05')",
}
language = LanguageOptions.maximum_features()
functions = ZetaSQLBuiltinFunctionOptions(language_options=language)
catalog = CatalogBuilder("demo").with_builtin_functions(functions).build()


def reference(sql):
    options = AnalyzerOptions(language_options=language)
    builder = PreparedQuery.builder().set_sql(sql).set_analyzer_options(options).set_catalog(catalog)
    with builder.prepare() as query:
        return query.execute().content.table_data.row[0].cell[0].int64_value


for name, sql in QUERIES.items():
    (written,) = sqlglot.transpile(sql, read="bigquery", write="duckdb")
    (found,) = duckdb.sql(written).fetchone()
    print(f"{name}: translated {found}, reference {reference(sql)}")
PYTHON
venv/bin/python ask.py | tee seen

cat > expected <<'TEXT'
Sunday: translated 0, reference 1
Saturday: translated 6, reference 7
Saturdays of a week: translated 0, reference 1
weekends by IN (1, 7): translated 1, reference 2
the day of the year: translated 5, reference 5
TEXT
diff expected seen || { echo "changed: from which number a day of the week counts after a translation"; exit 1; }
