#!/usr/bin/env bash
# sqlglot 30.30.0 with DuckDB 1.5.5, beside zetasql 0.1.5, a build of Google's own GoogleSQL engine, called the
# reference here.
#
# Behaviour: FORMAT, translated from BigQuery to DuckDB, is handed on as FORMAT. DuckDB's function of that name wants {},
# so it takes '%010d' for a text without places, leaves the arguments over, and answers with the template: no error, on
# either side.
#
# Why one would guess otherwise: sqlglot renames a function that means something else on the other side, or logs that it is
# not supported there, as it does of SOUNDEX; DuckDB has the same thing under another name, printf. And an argument that
# no place takes is an error in most languages.
#
# Output seen:
#   an id of ten digits: translated %010d, reference 0022400123
#   a column in two decimals: translated %.2f, reference 2.25
#   a text and a number: translated %s %d, reference BOS 7
#   a percentage: translated %d %%, reference 88 %
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
    "an id of ten digits": "SELECT FORMAT('%010d', 22400123)",
    "a column in two decimals": "SELECT FORMAT('%.2f', x) FROM UNNEST([2.25]) AS x",
    "a text and a number": "SELECT FORMAT('%s %d', 'BOS', 7)",
    "a percentage": "SELECT FORMAT('%d %%', 88)",
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
an id of ten digits: translated %010d, reference 0022400123
a column in two decimals: translated %.2f, reference 2.25
a text and a number: translated %s %d, reference BOS 7
a percentage: translated %d %%, reference 88 %
TEXT
diff expected seen || { echo "changed: what FORMAT is after a translation"; exit 1; }
