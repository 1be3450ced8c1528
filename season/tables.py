"""All that a warehouse holds, as Parquet files and logs, from a calendar and a seed."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from season import (
    other_games,
    player_context,
    player_table,
    schedule_table,
    team_context,
    team_tables,
)
from season.arrays import number
from season.calendar import CONTEXT_START, LAST_KNOWN
from season.calendar_file import read_calendar
from season.columns import Columns, Schemas
from season.league import SEED, League, generator, play_seasons
from season.lines import game_lines
from season.logs import write_logs
from season.own_calendar import later_calendar, own_calendar
from season.phase4 import phase4_tables
from season.rows import player_rows, team_rows
from season.style import TIDY
from season.travel import trips

Progress = Callable[[str, int, int], None]


def generate(
    parquet: Path,
    logs: Path,
    *,
    schemas: Path,
    calendar: Path | None = None,
    seed: int = SEED,
    tidy: bool = TIDY,
    until: date = LAST_KNOWN,
    progress: Progress | None = None,
) -> None:
    """Write `<dataset.table>.parquet` for each schema file into one folder, the logs into another.

    Without a calendar there are seasons up to `until`, the last day whose games are over.
    The same calendar, seed and `until` give the same data, `tidy` or as the platform's papers
    describe it: whole rosters, players who did not play, games that were put off. `progress` is
    told each table's name, its number and how many there are. Raises CalendarError for a calendar
    that cannot be used.
    """
    known = Schemas(schemas)
    days = read_calendar(calendar) if calendar else own_calendar(generator(seed, "calendar"))
    if calendar is None and until > LAST_KNOWN:
        days += later_calendar(generator(seed, "later calendar"), until)
    else:
        until = days[-1].date
    league = play_seasons(days, seed, until, tidy=tidy)
    write_logs(logs, league, generator(seed, "logs"))
    parquet.mkdir(parents=True, exist_ok=True)
    for done, (table, content) in enumerate(_tables(league, known, seed), start=1):
        # Nobody looks for single rows in these files.
        pq.write_table(content, parquet / f"{table}.parquet", write_statistics=False)
        if progress:
            progress(table, done, len(known.tables))


def _tables(league: League, schemas: Schemas, seed: int) -> Iterator[tuple[str, pa.Table]]:
    phase3 = dict(_phase3(league, schemas, seed))
    yield from phase3.items()
    yield from phase4_tables(
        league.starts, phase3, schemas, generator(seed, "phase 4"), tidy=league.tidy
    )


def _phase3(league: League, schemas: Schemas, seed: int) -> Iterator[tuple[str, pa.Table]]:
    """The schedule and the five analytics tables."""
    for name, columns, rows in _columns(league, seed):
        made = schemas.conform(name, columns, rows)
        if name == schedule_table.SCHEDULE and (league.ahead or not league.tidy):
            more = other_games.other_games(league, generator(seed, "other games"))
            by_date = [("game_date", "ascending"), ("game_id", "ascending")]
            made = pa.concat_tables([made, schemas.conform(name, *more)]).sort_by(by_date)
        yield name, made


def _columns(league: League, seed: int) -> Iterator[tuple[str, Columns, int]]:
    """Name, columns and number of rows of each table, from the games as they were played."""

    def chance(name: str) -> np.random.Generator:
        return generator(seed, name)

    teams = team_rows(league, chance("team rows"))
    players = player_rows(league, teams, chance("player rows"))
    known = trips(teams), game_lines(teams)
    shown = np.flatnonzero(teams.day >= number(CONTEXT_START))
    roster = player_context.roster(league, shown)
    games = len(league.games) + len(league.all_star)
    yield schedule_table.SCHEDULE, schedule_table.schedule_table(league), games
    offense = team_tables.offense(league, teams, chance("offense"))
    yield team_tables.OFFENSE, offense, len(teams.day)
    defense = team_tables.defense(league, teams, chance("defense"))
    yield team_tables.DEFENSE, defense, len(teams.day)
    summary = player_table.player_summary(league, teams, players, chance("summary"))
    yield player_table.PLAYER, summary, len(players.row)
    of_teams = team_context.team_context(league, teams, *known, shown, chance("team context"))
    yield team_context.TEAM_CONTEXT, of_teams, len(shown)
    of_players = player_context.player_context(
        league, teams, players, *known, roster, chance("player context")
    )
    yield player_context.PLAYER_CONTEXT, of_players, len(roster.row)
