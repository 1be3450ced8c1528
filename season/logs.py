"""The logs of the two backfill jobs and of the orchestrator that waited for them.

Both jobs went through without a failed day; their record counts are those of the generated tables.
"""

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np

from season.arrays import day as as_date
from season.calendar import LAST_KNOWN
from season.league import League
from season.orchestrator_log import orchestrator_lines

ORCHESTRATOR = "orchestrator_{:%Y%m%d_%H%M%S}.log"
PHASE1 = "team_offense_backfill_phase1.log"
PHASE2 = "player_game_summary_backfill_phase2.log"
PHASE2_START = date(2024, 5, 1)
WORKERS = 15
RULE = "=" * 80
# When the orchestrator began to watch, on the day after the last one, and how long the first job
# took from there.
WATCHED_AT = time(13, 47, tzinfo=UTC)
PHASE1_TOOK = timedelta(minutes=44, seconds=12)
# Otherwise it is over by the end of the night's games, so that its logs are not ahead of a clock by
# which the last day is yesterday.
AT_NIGHT = time(3, 47, tzinfo=UTC)


@dataclass(frozen=True)
class Job:
    """What a job did: records for each day of its window, off-days too."""

    records: Mapping[date, int]
    games: Mapping[date, int]

    @property
    def total(self) -> int:
        """All records."""
        return sum(self.records.values())

    @property
    def days(self) -> list[date]:
        """The window."""
        return list(self.records)


def write_logs(out: Path, league: League, rng: np.random.Generator) -> None:
    """Write the logs of the jobs that made the tables of `league` into `out`."""
    games = Counter(as_date(day) for day in league.games.day)
    first, last = min(games), league.until
    team = _job({day: 2 * count for day, count in games.items()}, games, first, last)
    # A run that the papers do not tell of went over all seasons: any of them can be asked for.
    is_told = last <= LAST_KNOWN
    start = PHASE2_START if is_told and first <= PHASE2_START <= last else first
    player = _job(_players(league), games, start, last)
    at = WATCHED_AT if is_told else AT_NIGHT
    watched = datetime.combine(last + timedelta(days=1), at)
    phase1_done = watched + PHASE1_TOOK
    phase1, phase2 = (
        list(_sequential(team, phase1_done, rng)),
        list(_parallel(player, phase1_done, rng)),
    )
    out.mkdir(parents=True, exist_ok=True)
    _write(out / PHASE1, phase1)
    _write(out / PHASE2, phase2)
    done = _stamp(phase2[-1])
    lines = orchestrator_lines(team, player, watched, phase1_done, done)
    _write(out / ORCHESTRATOR.format(watched), lines)


def _players(league: League) -> dict[date, int]:
    rows: Counter[date] = Counter()
    for day, count in zip(np.repeat(league.games.day, 2), league.lineups.listed, strict=True):
        rows[as_date(day)] += int(count)
    return rows


def _job(records: Mapping[date, int], games: Mapping[date, int], first: date, last: date) -> Job:
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    return Job({day: records.get(day, 0) for day in days}, games)


def _write(file: Path, lines: Sequence[str]) -> None:
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _line(moment: datetime, text: str) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S},{moment.microsecond // 1000:03d} - INFO - {text}"


def _stamp(line: str) -> datetime:
    return datetime.strptime(line[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC)


def _seconds(count: int, rng: np.random.Generator) -> float:
    """How long a day of so many records took."""
    return float(rng.gamma(9, 0.3) + 0.6 * np.sqrt(count) * rng.gamma(16, 1 / 8))


def _sequential(job: Job, ends: datetime, rng: np.random.Generator) -> Iterator[str]:
    """One day after the other."""
    days = job.days
    took = [_seconds(job.records[day], rng) for day in days]
    now = ends - timedelta(seconds=sum(took) + 2)
    began, total = now, len(days)
    yield _line(now, f"Starting day-by-day backfill from {days[0]} to {days[-1]}")
    done = 0
    for number, (day, seconds) in enumerate(zip(days, took, strict=True), start=1):
        count = job.records[day]
        done += count
        yield _line(now, f"Processing day {number}/{total}: {day}")
        if count:
            yield f"INFO:team_offense_game_summary_processor:Extracted {count} team rows for {day}"
            if number % 7 == 0:
                yield "INFO:google.cloud.bigquery.job:Load job finished, state DONE"
        now += timedelta(seconds=seconds)
        yield _line(now, f"  ✓ Success: {count} records")
        if number % 10 == 0:
            left = (now - began) / number * (total - number)
            yield _line(
                now,
                f"Progress: {number}/{total} days (100.0% success), "
                f"{done} records, ETA: {left.total_seconds() / 60:.1f} min",
            )
    yield from (_line(ends, text) for text in _sequential_summary(job))


def _sequential_summary(job: Job) -> list[str]:
    days = job.days
    return [
        RULE,
        "DAY-BY-DAY BACKFILL SUMMARY:",
        f"  Date range: {days[0]} to {days[-1]}",
        f"  Total days: {len(days)}",
        f"  Successful days: {len(days)}",
        "  Failed days: 0",
        "  Success rate: 100.0%",
        f"  Total records processed: {job.total}",
        RULE,
    ]


def _parallel(job: Job, after: datetime, rng: np.random.Generator) -> Iterator[str]:
    """Fifteen workers, each taking the next day when it is free; days end in any order."""
    days, total = job.days, len(job.days)
    now = after + timedelta(seconds=95)
    yield _line(now, f"🚀 PARALLEL BACKFILL MODE - {WORKERS} CONCURRENT WORKERS")
    yield _line(now, f"Date range: {days[0]} to {days[-1]}")
    yield _line(now, f"Processing {total} days with {WORKERS} parallel workers")
    for number, (seconds, day) in enumerate(_finished(job, rng), start=1):
        moment = now + timedelta(seconds=seconds)
        count = job.records[day]
        if count:
            yield f"INFO:player_game_summary_processor:{day}: {job.games[day]} games"
        yield _line(moment, f"  ✓ {day}: {count} records")
        if number % 10 == 0:
            yield _line(moment, f"PROGRESS: {number}/{total} days ({100 * number / total:.1f}%)")
    yield from (_line(moment + timedelta(seconds=1), text) for text in _parallel_summary(job))


def _finished(job: Job, rng: np.random.Generator) -> Iterator[tuple[float, date]]:
    """Seconds after the start at which each day was done, in that order."""
    free = [0.0] * WORKERS
    ends = []
    for day in job.days:
        end = heapq.heappop(free) + 4 * _seconds(job.records[day], rng)
        heapq.heappush(free, end)
        ends.append((end, day))
    yield from sorted(ends)


def _parallel_summary(job: Job) -> list[str]:
    days = len(job.days)
    return [
        RULE,
        "PARALLEL BACKFILL COMPLETE",
        f"  Total days: {days:,}",
        f"  Successful: {days:,}",
        "  Failed: 0",
        "  Success rate: 100.0%",
        f"  Total records: {job.total:,}",
        RULE,
    ]
