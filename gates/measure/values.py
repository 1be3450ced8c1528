"""Values on their way to BigQuery, as parameters, and back, as JSON can hold them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from google.cloud import bigquery


def json_safe(value: Any) -> Any:
    """Plain JSON values, exact: integral Decimals become int, other Decimals text.

    A Decimal or date that reaches pytest-xdist ends the worker, so none comes out of the warehouse.
    """
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else format(value, "f").rstrip("0")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): json_safe(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [json_safe(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"{type(value).__name__} has no plain form; add one to json_safe.")


def parameter(
    name: str, value: Any
) -> bigquery.ScalarQueryParameter | bigquery.ArrayQueryParameter:
    """A named parameter; its type follows from the value, a list's from its first."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return bigquery.ArrayQueryParameter(name, _kind(value[0]), list(value))
    return bigquery.ScalarQueryParameter(name, _kind(value), value)


def _kind(value: Any) -> str:
    return "DATE" if isinstance(value, date) else "INT64" if isinstance(value, int) else "STRING"
