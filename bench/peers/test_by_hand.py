"""What somebody would write by hand: three aggregates at once, and a test for each threshold."""

import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from google.api_core.client_options import ClientOptions
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery
from thresholds import WINDOWS, thresholds

THRESHOLDS = thresholds("bigquery")
QUALITY = ("quality_score", "production_ready", "critical_issues")


def aggregate_of(table: str, name: str) -> str:
    """Which of the three queries a threshold is measured by."""
    return table + ("_quality" if table.startswith("player") and name in QUALITY else "")


def query(client: bigquery.Client, aggregate: str) -> dict[str, bool]:
    """Threshold -> whether it holds."""
    (table,) = (each for each in WINDOWS if aggregate.startswith(each))
    columns = ", ".join(
        f"{expression} AS {name}"
        for (of, name), expression in THRESHOLDS.items()
        if aggregate_of(of, name) == aggregate
    )
    text = f"SELECT {columns} FROM nba_analytics.{table} WHERE {WINDOWS[table]}"
    (row,) = client.query_and_wait(text)
    return dict(row.items())


@pytest.fixture(scope="session")
def found() -> dict[str, dict[str, bool]]:
    """What the three queries gave."""
    client = bigquery.Client(
        "nba-props-platform",
        AnonymousCredentials(),
        client_options=ClientOptions(api_endpoint=f"http://{os.environ['BIGQUERY_EMULATOR_HOST']}"),
    )
    aggregates = sorted({aggregate_of(*each) for each in THRESHOLDS})
    with ThreadPoolExecutor() as pool:
        answers = pool.map(lambda each: query(client, each), aggregates)
        return dict(zip(aggregates, answers, strict=True))


@pytest.mark.parametrize(("table", "name"), THRESHOLDS)
def test_threshold(found: dict[str, dict[str, bool]], table: str, name: str) -> None:
    """One of the twelve."""
    assert found[aggregate_of(table, name)][name]
