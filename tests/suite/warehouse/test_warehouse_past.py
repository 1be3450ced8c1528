"""States of the past: answered exactly, or refused."""

import io
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from google.api_core.exceptions import GoogleAPIError
from google.cloud import bigquery
from harness import PROJECT, TestWarehouse
from warehouse_harness import GAMES, TABLE, Home


def as_of(warehouse: TestWarehouse, moment: datetime, table: str = TABLE) -> int:
    return int(
        warehouse.value(
            f"SELECT COUNT(*) FROM {table} FOR SYSTEM_TIME AS OF TIMESTAMP '{moment.isoformat()}'"
        )
    )


def server_time(warehouse: TestWarehouse) -> datetime:
    now: datetime = warehouse.value("SELECT CURRENT_TIMESTAMP()")
    return now


def load(warehouse: TestWarehouse) -> None:
    """Append a row with a load job."""
    config = bigquery.LoadJobConfig(
        source_format=bigquery.SourceFormat.NEWLINE_DELIMITED_JSON,
        write_disposition=bigquery.WriteDisposition.WRITE_APPEND,
    )
    row = io.BytesIO(b'{"game_id": "j", "game_date": "2024-10-24"}\n')
    table = f"{PROJECT}.scratch.t"
    warehouse.client.load_table_from_file(row, table, job_config=config).result()


def test_a_past_state_is_answered_only_while_it_is_the_present_one(home: Home) -> None:
    warehouse = home.up()
    warehouse.client.create_dataset("scratch")
    row = "SELECT 'g' AS game_id, DATE '2024-10-22' AS game_date"
    writes: list[Callable[[], object]] = [
        lambda: warehouse.rows("UPDATE scratch.t SET game_id = 'h' WHERE TRUE"),
        lambda: warehouse.rows("INSERT INTO scratch.t VALUES ('i', DATE '2024-10-23')"),
        lambda: warehouse.rows("DELETE FROM scratch.t WHERE TRUE"),
        lambda: warehouse.rows("TRUNCATE TABLE scratch.t"),
        lambda: warehouse.rows("SELECT 1; DELETE FROM scratch.t WHERE TRUE"),
        lambda: warehouse.rows("EXECUTE IMMEDIATE 'DELETE FROM scratch.t WHERE TRUE'"),
        lambda: warehouse.rows("/* of b.c */ DELETE FROM scratch.t WHERE TRUE"),
        lambda: warehouse.rows("CREATE OR REPLACE TABLE scratch.t AS SELECT 2 AS x"),
        lambda: load(warehouse),
        lambda: (
            warehouse.rows("ALTER TABLE scratch.t RENAME TO old"),
            warehouse.rows("CREATE TABLE scratch.new AS SELECT 3 AS x"),
            warehouse.rows("ALTER TABLE scratch.new RENAME TO t"),
        ),
    ]
    for write in writes:
        warehouse.rows("DROP TABLE IF EXISTS scratch.old")
        warehouse.rows(f"CREATE OR REPLACE TABLE scratch.t AS {row}")
        moment = server_time(warehouse)
        assert as_of(warehouse, moment, "scratch.t") == 1
        write()
        with pytest.raises(GoogleAPIError, match="keeps no past"):
            as_of(warehouse, moment, "scratch.t")
        # Other tables have not changed, so their state of then is known.
        assert as_of(warehouse, moment) == 2 * GAMES


@pytest.mark.parametrize(("end", "left"), [("ROLLBACK", 1), ("COMMIT", 0)])
def test_a_transaction_sees_what_it_wrote_as_of_its_start(home: Home, end: str, left: int) -> None:
    warehouse = home.up()
    warehouse.client.create_dataset("scratch")
    warehouse.rows("CREATE TABLE scratch.t AS SELECT 1 AS x")
    warehouse.rows("BEGIN TRANSACTION")
    warehouse.rows("DELETE FROM scratch.t WHERE TRUE")
    moment = server_time(warehouse)
    assert as_of(warehouse, moment, "scratch.t") == 0
    warehouse.rows(f"{end} TRANSACTION")
    with pytest.raises(GoogleAPIError, match="keeps no past"):
        as_of(warehouse, moment, "scratch.t")
    assert as_of(warehouse, server_time(warehouse), "scratch.t") == left


def test_reading_a_table_is_no_change(home: Home) -> None:
    warehouse = home.up()
    moment = server_time(warehouse)
    warehouse.client.create_dataset("scratch")
    warehouse.rows(f"-- rows\nSELECT COUNT(*) FROM {TABLE}")
    warehouse.rows(f"CREATE TABLE scratch.copy AS SELECT * FROM {TABLE}")
    warehouse.client.get_table(f"{PROJECT}.{TABLE}")
    assert as_of(warehouse, moment) == 2 * GAMES


def test_no_state_is_vouched_for_in_the_future_before_the_start_or_of_a_view(home: Home) -> None:
    warehouse = home.up()
    now = server_time(warehouse)
    with pytest.raises(GoogleAPIError, match="in the future"):
        as_of(warehouse, now + timedelta(minutes=1))
    with pytest.raises(GoogleAPIError, match="keeps no past"):
        as_of(warehouse, now - timedelta(hours=1))
    warehouse.client.create_dataset("scratch")
    warehouse.rows(f"CREATE VIEW scratch.v AS SELECT * FROM {TABLE}")
    with pytest.raises(GoogleAPIError, match="is not a table"):
        as_of(warehouse, server_time(warehouse), "scratch.v")
    home.run("down")
    with pytest.raises(GoogleAPIError, match="keeps no past"):
        as_of(home.up(), now)


def clause(moment: datetime) -> str:
    """As the gates write it."""
    return f"FOR SYSTEM_TIME AS OF CAST('{moment.isoformat()}' AS TIMESTAMP)"


def test_the_same_text_is_judged_anew_as_of_each_moment(home: Home) -> None:
    warehouse = home.up()
    warehouse.client.create_dataset("scratch")
    warehouse.rows("CREATE TABLE scratch.t AS SELECT 1 AS x")
    warehouse.rows("CREATE TABLE scratch.u AS SELECT 1 AS x")

    def counted(t: datetime, u: datetime) -> int:
        asked = f"(SELECT COUNT(*) FROM scratch.t {clause(t)}) + COUNT(*)"
        return int(warehouse.value(f"SELECT {asked} FROM scratch.u {clause(u)}"))

    before = server_time(warehouse)
    assert counted(before, before) == 2
    warehouse.rows("INSERT INTO scratch.t VALUES (2)")
    with pytest.raises(GoogleAPIError, match=r"scratch\.t .* keeps no past"):
        counted(before, before)
    after = server_time(warehouse)
    assert counted(after, after) == counted(after, before) == 3
    with pytest.raises(GoogleAPIError, match=r"scratch\.t .* keeps no past"):
        counted(before, after)
    with pytest.raises(GoogleAPIError, match="in the future"):
        counted(after + timedelta(hours=1), after + timedelta(hours=1))


def test_a_text_that_looks_like_such_a_clause_is_left_alone(home: Home) -> None:
    warehouse = home.up()
    now = server_time(warehouse)
    for moment in (now, now - timedelta(hours=1)):
        sql = f'SELECT "{clause(moment)}" AS text, COUNT(*) AS games FROM {TABLE} {clause(now)}'
        assert warehouse.rows(sql) == [{"text": clause(moment), "games": 2 * GAMES}]
    assert warehouse.value(f'SELECT "{clause(now)}" AS text') == clause(now)
