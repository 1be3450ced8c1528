"""The embedded warehouse: a BigQuery server on DuckDB, filled with generated seasons."""
