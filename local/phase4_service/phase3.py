"""Phase 3 as the service reads it: a season's rows once, until a table changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from threading import Lock

import pyarrow as pa
import pyarrow.compute as pc
from google.api_core.exceptions import GoogleAPIError
from google.cloud import bigquery

from gates.config.calendar import FIRST_MONTH_OF_A_SEASON, season_year
from local.client import NO_RETRY, query
from season.calendar import SEASON_STARTS
from season.precompute import NEEDS, Phase3

PLAYERS = "nba_analytics.player_game_summary"
PLAYER_CONTEXT = "nba_analytics.upcoming_player_game_context"
# The players' context is wide, and a date's rows are read quickly.
KEPT = [table for table in NEEDS if table != PLAYER_CONTEXT]


@dataclass(frozen=True)
class _Season:
    """The rows of the tables in KEPT, and when they were read, by the warehouse's clock."""

    read_at: datetime
    rows: Mapping[str, pa.Table]


class Reader:
    """Reads what a date needs; may be used by several threads."""

    def __init__(self, client: bigquery.Client) -> None:
        self._client = client
        self._seasons: dict[int, _Season] = {}
        self._reading = Lock()

    def read(self, day: date) -> tuple[Phase3, date]:
        """What Phase 4 of `day` needs, and the season's first day. Raises GoogleAPIError."""
        rows = self._season(season_year(day))
        start = _first_day(day, rows[PLAYERS])
        tables = {
            table: _between(content, start if NEEDS[table][1] else day, day)
            for table, content in rows.items()
        }
        tables[PLAYER_CONTEXT] = self._rows(PLAYER_CONTEXT, day, day)
        return Phase3(day, *(tables[table] for table in NEEDS)), start

    def _season(self, year: int) -> Mapping[str, pa.Table]:
        with self._reading:
            known = self._seasons.get(year)
            if known is None or not self._unchanged(known.read_at, date(year + 1, 1, 1)):
                first, last = date(year, FIRST_MONTH_OF_A_SEASON, 1), date(year + 1, 9, 30)
                (read_at,) = next(iter(query(self._client, "SELECT CURRENT_TIMESTAMP()")))
                known = _Season(read_at, {t: self._rows(t, first, last) for t in KEPT})
                self._seasons[year] = known
            return known.rows

    def _unchanged(self, since: datetime, day: date) -> bool:
        """Whether no table was written to: the warehouse then, and only then, answers as of then.

        The rows themselves may be any, so one of one date is asked for.
        """
        asked = " UNION ALL ".join(
            f"(SELECT 1 FROM {table} FOR SYSTEM_TIME AS OF TIMESTAMP '{since.isoformat()}' "  # noqa: S608
            f"WHERE game_date = DATE '{day}' LIMIT 1)"
            for table in KEPT
        )
        try:
            query(self._client, asked, retry=NO_RETRY)
        except GoogleAPIError:
            return False
        return True

    def _rows(self, table: str, first: date, last: date) -> pa.Table:
        sql = (
            f"SELECT {', '.join(NEEDS[table][0])} FROM {table} "  # noqa: S608
            f"WHERE game_date BETWEEN DATE '{first}' AND DATE '{last}'"
        )
        return query(self._client, sql).to_arrow(create_bqstorage_client=False)


def _first_day(day: date, players: pa.Table) -> date:
    """The season's first day; of one that the platform does not list, the first game's."""
    found: date | None = pc.min(players["game_date"]).as_py()
    return SEASON_STARTS.get(season_year(day), found or day)


def _between(rows: pa.Table, first: date, last: date) -> pa.Table:
    days = rows["game_date"]
    return rows.filter(
        pc.and_(pc.greater_equal(days, pa.scalar(first)), pc.less_equal(days, pa.scalar(last)))
    )
