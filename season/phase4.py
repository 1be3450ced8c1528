"""Phase 4 as it stood before the backfill: a few of the dates done, the rest not begun."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import numpy as np
import pyarrow as pa

from gates.config.calendar import season_year
from season.arrays import Ints, number
from season.arrays import day as as_date
from season.calendar import CONTEXT_START, LAST_KNOWN, is_bootstrap
from season.columns import Schemas
from season.precompute import NEEDS, PROCESSORS, Phase3, compute

# 50 of the window's 257 eligible dates were done.
DONE, ELIGIBLE = 50, 257
STARTS_AT = time(10, tzinfo=UTC)  # on the morning after the games
# Rows of the daily cache on days of a season on which Phase 4 should write none.
CACHE, EARLY_CACHE = "PlayerDailyCacheProcessor", {11: 9, 12: 13, 13: 16}
TAKES = timedelta(minutes=8)  # each processor


def phase4_tables(
    starts: Mapping[int, date],
    phase3: Mapping[str, pa.Table],
    schemas: Schemas,
    rng: np.random.Generator,
    *,
    tidy: bool,
) -> Iterator[tuple[str, pa.Table]]:
    """The five tables: their rows of the dates that were done, placeholders on bootstrap dates.

    `phase3` holds the analytics tables, their rows in order of date.
    """
    parts: dict[str, list[pa.Table]] = {table: [] for table, _ in PROCESSORS.values()}
    rows = {
        table: (phase3[table].select(columns), whole) for table, (columns, whole) in NEEDS.items()
    }
    days = {table: _days(content) for table, (content, _) in rows.items()}
    done, early = _dates(np.unique(days[next(iter(days))]), starts, rng)
    for day in sorted([*done, *early]):
        start = starts[season_year(day)]
        tables = [
            _between(content, days[table], start if whole else day, day)
            for table, (content, whole) in rows.items()
        ]
        known = replace(Phase3(day, *tables), tidy=tidy)
        made = compute(known, schemas, _clock(day), bootstrap=day in early)
        if known.early and (count := EARLY_CACHE.get((day - start).days)):
            cache = compute(known, schemas, _clock(day), bootstrap=False, processors=[CACHE])
            made |= {table: content.slice(0, count) for table, content in cache.items()}
        for table, content in made.items():
            parts[table].append(content)
    for table, found in parts.items():
        yield table, pa.concat_tables(found) if found else schemas.conform(table, {}, 0)


def _days(rows: pa.Table) -> Ints:
    return np.asarray(rows["game_date"].cast(pa.int32()).to_numpy(), dtype=np.int64)


def _between(rows: pa.Table, days: Ints, first: date, last: date) -> pa.Table:
    start, end = np.searchsorted(days, [number(first), number(last) + 1])
    return rows.slice(start, end - start)


def _dates(
    days: Ints, starts: Mapping[int, date], rng: np.random.Generator
) -> tuple[set[date], set[date]]:
    """The dates that were done, spread over the window by chance, and the bootstrap dates."""
    # What came later is not begun.
    window = [day for day in map(as_date, days) if CONTEXT_START <= day <= LAST_KNOWN]
    early = {day for day in window if is_bootstrap(day, starts[season_year(day)])}
    eligible = [day for day in window if day not in early]
    count = round(len(eligible) * DONE / ELIGIBLE)
    places = (np.arange(count) + rng.random(count)) * len(eligible) / max(count, 1)
    return {eligible[int(place)] for place in places}, early


def _clock(day: date) -> Callable[[], datetime]:
    """A clock that says when each processor was done, on the morning after `day`."""
    now = datetime.combine(day + timedelta(days=1), STARTS_AT)

    def read() -> datetime:
        nonlocal now
        now += TAKES
        return now

    return read
