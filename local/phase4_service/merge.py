"""Write a date's rows: those whose key is there already are replaced, all others stay."""

import io
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
from google.api_core.exceptions import GoogleAPIError
from google.cloud import bigquery

from local.client import LOAD_S, RETRY, query

# Table -> its date column, and what else the logical key consists of.
KEYS: dict[str, tuple[str, tuple[str, ...]]] = {
    "nba_precompute.team_defense_zone_analysis": ("analysis_date", ("team_abbr",)),
    "nba_precompute.player_shot_zone_analysis": ("analysis_date", ("player_lookup",)),
    "nba_precompute.player_daily_cache": ("cache_date", ("player_lookup",)),
    "nba_precompute.player_composite_factors": ("game_date", ("game_id", "player_lookup")),
    "nba_predictions.ml_feature_store_v2": ("game_date", ("player_lookup",)),
}


def held(client: bigquery.Client, day: date) -> set[str]:
    """The tables that hold rows of `day`; all of them when that cannot be found out."""
    counts = ", ".join(
        f"(SELECT COUNT(*) FROM {table} WHERE {column} = DATE '{day}')"  # noqa: S608
        for table, (column, _) in KEYS.items()
    )
    try:
        found = query(client, f"SELECT {counts}")
    except GoogleAPIError:
        # One table is damaged; the others can still be written.
        return set(KEYS)
    return {table for table, count in zip(KEYS, next(iter(found)), strict=True) if count}


def merge(client: bigquery.Client, table: str, day: date, rows: pa.Table, *, held: bool) -> None:
    """Make `rows` part of `table`; `held` when the table has rows of `day`.

    DELETE of exactly these keys and a load job, because MERGE with a hundred columns takes the
    embedded warehouse five times as long. Raises GoogleAPIError.
    """
    if not rows.num_rows:
        return
    if held:
        _delete(client, table, day, rows)
    content = io.BytesIO()
    pq.write_table(rows, content)
    content.seek(0)
    config = bigquery.LoadJobConfig(
        source_format=bigquery.SourceFormat.PARQUET, write_disposition="WRITE_APPEND"
    )
    job = client.load_table_from_file(
        content, f"{client.project}.{table}", job_config=config, num_retries=1, timeout=LOAD_S
    )
    job.result(retry=RETRY, timeout=LOAD_S)


def _delete(client: bigquery.Client, table: str, day: date, rows: pa.Table) -> None:
    column, rest = KEYS[table]
    parts = [rows[name].to_pylist() for name in rest]
    keys = [" ".join(key) for key in zip(*parts, strict=True)]
    key = "CONCAT({})".format(", ' ', ".join(rest)) if len(rest) > 1 else rest[0]
    query(
        client,
        f"DELETE FROM {table} WHERE {column} = @day AND {key} IN UNNEST(@keys)",  # noqa: S608
        bigquery.ScalarQueryParameter("day", "DATE", day),
        bigquery.ArrayQueryParameter("keys", "STRING", keys),
    )
