"""The twelve thresholds as Great Expectations' UnexpectedRowsExpectation over a DuckDB file.

python by_great_expectations.py FILE
"""

import sys

import great_expectations
from great_expectations.expectations import UnexpectedRowsExpectation
from thresholds import WINDOWS, thresholds

context = great_expectations.get_context(mode="ephemeral")
source = context.data_sources.add_sql("tables", connection_string=f"duckdb:///{sys.argv[1]}")
met = []
for table, window in WINDOWS.items():
    batch = source.add_table_asset(table, table_name=table).add_batch_definition_whole_table("all")
    suite = great_expectations.ExpectationSuite(name=table)
    for (of, name), holds in thresholds("duckdb").items():
        if of == table:
            text = (
                f"SELECT * FROM (SELECT ({holds}) AS {name} FROM {{batch}} WHERE {window}) "
                f"WHERE {name} IS NOT TRUE"
            )
            suite.add_expectation(UnexpectedRowsExpectation(unexpected_rows_query=text))
    found = batch.get_batch().validate(suite)
    met += [each.success for each in found.results]
if met != [True] * len(thresholds("duckdb")):
    sys.exit(f"{met.count(True)} of {len(met)} thresholds hold")
