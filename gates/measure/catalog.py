"""What BigQuery says of a table: kind, columns, types, modes, partitions, place, policies."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from google.cloud import bigquery

from gates.measure.queries import column_type
from gates.text import one_line


@dataclass(frozen=True)
class TableInfo:
    """A table as its metadata has it; None where the endpoint does not say.

    `columns` are names -> types, `required` those of mode REQUIRED; `partitioned_by` is a column,
    `partition_type` DAY, MONTH, ...
    """

    full_name: str
    kind: str
    columns: Mapping[str, str]
    required: frozenset[str]
    location: str | None
    partitioned_by: str | None
    partition_type: str | None
    needs_filter: bool | None
    rows: int | None
    modified: datetime | None


def info(table: bigquery.Table) -> TableInfo:
    """What is needed of the client's answer."""
    partitions = table.time_partitioning
    return TableInfo(
        full_name=f"{table.project}.{table.dataset_id}.{table.table_id}",
        kind=str(table.table_type),
        columns={c.name: column_type(c.field_type, c.mode) for c in table.schema},
        required=frozenset(c.name for c in table.schema if c.mode == "REQUIRED"),
        location=table.location,
        partitioned_by=partitions.field if partitions else None,
        partition_type=str(partitions.type_) if partitions else None,
        needs_filter=table.require_partition_filter,
        rows=table.num_rows,
        modified=table.modified,
    )


def policies_of(answer: Any) -> tuple[str, ...]:
    """The ids in an answer to rowAccessPolicies.list; raises ValueError for another answer."""
    if not isinstance(answer, dict):
        raise ValueError("it is not an object")
    listed = answer.get("rowAccessPolicies") or []
    references = [each["rowAccessPolicyReference"]["policyId"] for each in listed]
    return tuple(one_line(each) for each in references)
