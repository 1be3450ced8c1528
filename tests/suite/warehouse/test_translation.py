"""What the embedded warehouse does with a query before DuckDB runs it, and without running it."""

from contextlib import suppress
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from uuid import uuid4

import pytest
from google.api_core.exceptions import GoogleAPICallError
from google.cloud.bigquery import QueryJobConfig
from harness import ROOT, TestWarehouse
from warehouse_harness import Home

KEPT = ROOT / "sql" / "__pycache__"


def test_a_dry_run_tells_the_columns_and_runs_nothing(warehouse: TestWarehouse) -> None:
    sql = "SELECT CAST(home_team_tricode AS INT64) AS number FROM nba_raw.nbac_schedule"
    planned = warehouse.client.query(sql, QueryJobConfig(dry_run=True))
    assert [(field.name, field.field_type) for field in planned.schema or []] == [
        ("number", "INTEGER")
    ]
    with pytest.raises(GoogleAPICallError, match="INT"):
        warehouse.rows(sql)


def test_a_dry_run_refuses_what_cannot_be_planned(warehouse: TestWarehouse) -> None:
    sql = "SELECT nothing_of_the_kind FROM nba_raw.nbac_schedule"
    with pytest.raises(GoogleAPICallError, match="nothing_of_the_kind"):
        warehouse.client.query(sql, QueryJobConfig(dry_run=True))


def made_of(name: str) -> list[tuple[Path, int]]:
    """The kept translations that name it, and when each was written."""
    found = []
    for file in KEPT.glob("translation-*.json"):
        # Another server may put a newer one in the place of an old one meanwhile.
        with suppress(FileNotFoundError):
            if name in file.read_text(encoding="utf-8"):
                found.append((file, file.stat().st_mtime_ns))
    return found


def test_a_later_server_takes_what_an_earlier_one_has_translated(home: Home) -> None:
    name = f"column_{uuid4().hex}"
    sql = f"SELECT 1 AS {name}, {', '.join(f'{number} AS n{number}' for number in range(300))}"
    first = home.up().rows(sql)
    kept = made_of(name)
    assert len(kept) == 1
    home.run("down")
    assert home.up().rows(sql) == first
    assert made_of(name) == kept


def test_a_short_text_is_not_kept(home: Home) -> None:
    name = f"column_{uuid4().hex}"
    home.up().rows(f"SELECT 1 AS {name}")
    assert made_of(name) == []


@pytest.mark.parametrize(
    "text",
    [
        *("0", "-0.0", "7", "+7.25", "0.3333333333333333", "-66.66666666666667", ".5", "5."),
        # Ties, which go away from zero.
        *("9.0000000005", "-9.0000000005", "9.00000000049999999", "999999999.9999999995"),
        # Of more than 18 digits.
        *("1234567890.5", "-1234567890123456789.123456789", "0.12345678901234567890"),
        *("1e3", "2.5E-3", "5.0504045549099555544e9", "1.7e18"),
    ],
)
def test_a_text_is_read_as_a_numeric_to_the_last_digit(text: str, warehouse: TestWarehouse) -> None:
    found = warehouse.value(f"SELECT PARSE_NUMERIC('{text}') AS number")
    assert found == Decimal(text).quantize(Decimal("1e-9"), ROUND_HALF_UP)


def test_what_is_no_number_is_no_numeric(warehouse: TestWarehouse) -> None:
    assert warehouse.value("SELECT PARSE_NUMERIC(CAST(NULL AS STRING)) AS number") is None
    for text in ("", "none", "NaN", "1.5.5", f"{10**29}"):
        with pytest.raises(GoogleAPICallError):
            warehouse.rows(f"SELECT PARSE_NUMERIC('{text}') AS number")
