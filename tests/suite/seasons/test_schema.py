"""The eleven tables of the embedded warehouse are those of schemas/*.json."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from harness import PROJECT, ROOT, TestWarehouse, warehouse_command

SCHEMAS = {file.stem: json.loads(file.read_text()) for file in (ROOT / "schemas").glob("*.json")}
# BigQuery's API answers with the names of old.
OLD_NAMES = {"INTEGER": "INT64", "FLOAT": "FLOAT64", "BOOLEAN": "BOOL"}
each_table = pytest.mark.parametrize("table", sorted(SCHEMAS))


@pytest.fixture(scope="module")
def untouched(
    filled_home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TestWarehouse]:
    """A server whose tables no fault has put back: a copied table forgets what is REQUIRED."""
    home = tmp_path_factory.mktemp("untouched") / "home"
    shutil.copytree(filled_home, home)
    up = subprocess.run(
        warehouse_command(home, "up"), cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    )
    try:
        yield TestWarehouse(up.stdout.strip())
    finally:
        subprocess.run(warehouse_command(home, "down"), cwd=ROOT, check=True)


def found(field: Any) -> tuple[Any, ...]:
    kind = OLD_NAMES.get(field.field_type, field.field_type)
    return field.name, kind, field.mode, [found(inner) for inner in field.fields]


def wanted(field: dict[str, Any]) -> tuple[Any, ...]:
    inner = [wanted(one) for one in field.get("fields", [])]
    return field["name"], field["type"], field["mode"], inner


def test_there_are_eleven_tables_and_no_others(untouched: TestWarehouse) -> None:
    tables = {
        f"{table.dataset_id}.{table.table_id}"
        for dataset in untouched.client.list_datasets()
        for table in untouched.client.list_tables(dataset.dataset_id)
    }
    assert len(SCHEMAS) == 11
    assert tables == SCHEMAS.keys()


@each_table
def test_a_table_has_every_column_in_order_with_its_type(
    untouched: TestWarehouse, table: str
) -> None:
    schema = untouched.client.get_table(f"{PROJECT}.{table}").schema
    assert [found(field) for field in schema] == [wanted(f) for f in SCHEMAS[table]["schema"]]


@each_table
def test_a_table_is_partitioned_and_clustered_as_in_production(
    untouched: TestWarehouse, table: str
) -> None:
    known = untouched.client.get_table(f"{PROJECT}.{table}")
    assert known.time_partitioning.field == SCHEMAS[table]["partition_column"]
    assert known.clustering_fields == SCHEMAS[table]["clustering"]


@each_table
def test_numbers_have_no_more_digits_than_their_columns(
    untouched: TestWarehouse, table: str
) -> None:
    numeric = [field for field in SCHEMAS[table]["schema"] if field["type"] == "NUMERIC"]
    counts = [
        f"COUNTIF(ROUND({name}, {scale}) != {name} OR ABS({name}) >= 1e{digits})"
        for name, scale, digits in (
            (field["name"], field["scale"], int(field["precision"]) - int(field["scale"]))
            for field in numeric
        )
    ]
    names = [field["name"] for field in numeric]
    odd = ", ".join(f"{c} AS {n}" for c, n in zip(counts, names, strict=True))
    (row,) = untouched.rows(f"SELECT COUNT(*) AS n{odd and ', '}{odd} FROM {table} WHERE TRUE")
    assert row.pop("n") > 0
    assert {name: count for name, count in row.items() if count} == {}
