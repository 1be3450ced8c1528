"""The embedded warehouse holding a world, and a statement run on it with its parameters."""

import math
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from google.cloud import bigquery
from harness import PROJECT, TestWarehouse
from oracle.worlds import World

LIMIT_S = 120
_KINDS = {bool: "BOOL", int: "INT64", str: "STRING", date: "DATE"}


def hold(warehouse: TestWarehouse, world: World) -> None:
    """Make the tables hold the rows of `world` and no others."""
    for table, rows in world.items():
        warehouse.rows(f"DELETE FROM {table} WHERE TRUE")
        if not rows:
            continue
        content = [{name: _json(value) for name, value in row.items()} for row in rows]
        problems = warehouse.client.insert_rows_json(f"{PROJECT}.{table}", content, timeout=LIMIT_S)
        assert not problems, problems[:3]
        assert warehouse.value(f"SELECT COUNT(*) FROM {table}") == len(rows), table


def _json(value: Any) -> Any:
    if isinstance(value, Decimal | date | datetime):
        return str(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return [_json(each) for each in value] if isinstance(value, list) else value


def rows(warehouse: TestWarehouse, sql: str, parameters: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What `sql` gives there, as Python's own types."""
    config = bigquery.QueryJobConfig(
        query_parameters=[_parameter(name, value) for name, value in parameters.items()]
    )
    found = warehouse.client.query(sql, config, timeout=LIMIT_S).result(timeout=LIMIT_S)
    return [dict(row.items()) for row in found]


def _parameter(
    name: str, value: Any
) -> bigquery.ScalarQueryParameter | bigquery.ArrayQueryParameter:
    if isinstance(value, list | tuple):
        return bigquery.ArrayQueryParameter(name, _KINDS[type(value[0])], list(value))
    return bigquery.ScalarQueryParameter(name, _KINDS[type(value)], value)
