"""Read-back: what Phase 4's tables hold of each date of the schedule, and whether it is all of it.

The schedule is the expectation; what the service said of a date is not asked here.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

from gates.config.schema import Backfill
from gates.config.settings import Settings, Window
from gates.measure import answer, queries, seasons
from gates.measure.failure import Failure, FailureCode, failure
from gates.measure.jobs import must_be_visible, parameters, unavailable, unusable
from gates.measure.result import KEYS_SHOWN, RESTORE, Measurement, QueryResult, keys
from gates.measure.warehouse import Warehouse, WarehouseError
from gates.numbers import plain

SOURCE = "phase4/processors"
FILE = f"sql/{SOURCE}.sql"
MALFORMED = (
    "Correct the file: a row per date, ascending, of counts. If nobody has changed it, the "
    "warehouse answered something else than it was asked."
)
FACTORS, CACHE = "player_composite_factors", "player_daily_cache"
PLAYER_ZONES, TEAM_ZONES = "player_shot_zone_analysis", "team_defense_zone_analysis"
# Table -> the processor of Phase 4 that writes it.
PROCESSORS = {
    FACTORS: "PlayerCompositeFactorsProcessor",
    CACHE: "PlayerDailyCacheProcessor",
    PLAYER_ZONES: "PlayerShotZoneAnalysisProcessor",
    TEAM_ZONES: "TeamDefenseZoneAnalysisProcessor",
}


@dataclass(frozen=True)
class DateCoverage:
    """A date's games, players and teams: how many there should be, how many were found."""

    game_date: date
    is_bootstrap: bool
    games: int
    games_found: int
    players: int
    players_found: int
    factor_rows: int
    cached_players: int
    teams_due: int
    teams_found: int
    zones_due: int
    zones_found: int

    def is_complete(self, asked: Backfill) -> bool:
        """Whether nothing is lacking."""
        return all(holds for holds, _ in self._checks(asked))

    def shortfalls(self, asked: Backfill) -> list[Failure]:
        """What keeps the date from being complete; empty when it is complete."""
        return [lacks() for holds, lacks in self._checks(asked) if not holds]

    def _checks(self, asked: Backfill) -> Iterator[tuple[bool, Callable[[], Failure]]]:
        """Whether something holds, and what is lacking where it does not."""
        share, in_cache = asked.players_at_least, asked.cached_players_per_game * self.games
        yield (
            self.games_found == self.games > 0,
            partial(_short, FailureCode.GAMES_MISSING, FACTORS, self.games_found, self.games),
        )
        yield (
            100 * self.players_found >= share * self.players > 0,
            partial(_players, FACTORS, self.players_found, self.players, share),
        )
        yield (
            self.cached_players >= in_cache,
            partial(_short, FailureCode.PLAYERS_TOO_FEW, CACHE, self.cached_players, in_cache),
        )
        yield (
            self.teams_found == self.teams_due,
            partial(
                _short, FailureCode.TEAMS_MISSING, TEAM_ZONES, self.teams_found, self.teams_due
            ),
        )
        yield (
            100 * self.zones_found >= share * self.zones_due,
            partial(_players, PLAYER_ZONES, self.zones_found, self.zones_due, share),
        )

    def rows(self) -> dict[str, int]:
        """Table -> what was found of the date in it."""
        return {
            FACTORS: self.factor_rows,
            CACHE: self.cached_players,
            PLAYER_ZONES: self.zones_found,
            TEAM_ZONES: self.teams_found,
        }


def _short(code: FailureCode, table: str, found: int, due: int, **more: float) -> Failure:
    return failure(code, table=table, found=found, due=due, **more)


def _players(table: str, found: int, due: int, share: Decimal) -> Failure:
    return _short(FailureCode.PLAYERS_MISSING, table, found, due, share=plain(share))


def read(settings: Settings, warehouse: Warehouse, days: Window) -> list[DateCoverage]:
    """The dates from `days` on which the schedule has a final league game, ascending.

    Raises WarehouseError, also where there is none.
    """
    from gates.measure import rewrite

    statement = queries.read(SOURCE)
    lacking = unavailable(statement, unusable(statement, settings, warehouse))
    if lacking:
        raise WarehouseError(next(iter(lacking.values())), RESTORE)
    must_be_visible(statement, warehouse)
    settings = seasons.complete(settings, warehouse, [days])
    text = rewrite.render(statement.tree, settings, None)
    rows, _ = warehouse.run(statement.file, text, parameters(statement, settings, days))
    if not rows:
        raise no_dates([day.isoformat() for day in days])
    return held_of(rows, days)


def held_of(rows: Sequence[Any], days: Window) -> list[DateCoverage]:
    """The rows of the query, as they come from the warehouse.

    Raises WarehouseError for what it cannot have answered: another date, one twice, no count.
    """
    found = [_held(row) for row in rows]
    dates = [held.game_date for held in found]
    if dates != sorted(set(dates)):
        raise _malformed("a date twice, or dates that do not ascend")
    for day in dates:
        if not days[0] <= day <= days[1]:
            raise _malformed(f"{day}, which is not from {days[0]} to {days[1]}")
    return found


def window_of(outcome: QueryResult) -> Window:
    """The first and the last date that an outcome was asked for."""
    first, last = map(date.fromisoformat, outcome.window)
    return first, last


def _held(row: Any) -> DateCoverage:
    names = [field.name for field in fields(DateCoverage)]
    problem = answer.row_problem([row], names)
    if problem:
        raise WarehouseError(f"{FILE} {problem}", MALFORMED)
    try:
        day = date.fromisoformat(row["game_date"])
    except (TypeError, ValueError) as error:
        raise _malformed(f"{answer.shown(row['game_date'])} as game_date") from error
    for name, value in row.items():
        wanted = type(value) is bool if name == "is_bootstrap" else answer.is_count(value)
        if name != "game_date" and not wanted:
            raise _malformed(f"{answer.shown(value)} as {name} of {day}")
    return DateCoverage(**{**row, "game_date": day})


def _malformed(what: str) -> WarehouseError:
    return WarehouseError(f"{FILE} returned {what}", MALFORMED)


class Processors:
    """What the four processors' tables hold: one attribute per measure (runbook 7.6)."""

    def __init__(self, outcome: QueryResult, asked: Backfill) -> None:
        self._outcome = outcome
        self._asked = asked

    @property
    def incomplete_dates(self) -> Measurement:
        """Eligible dates of the schedule that lack something, with what the first of them lack."""
        outcome = self._outcome
        missing = partial(Measurement, query=outcome.file)
        if outcome.why or outcome.rows is None:
            return missing(why=outcome.why, remedy=outcome.remedy)
        if outcome.unavailable:
            return missing(why=next(iter(outcome.unavailable.values())), remedy=RESTORE)
        try:
            found = held_of(outcome.rows, window_of(outcome))
        except WarehouseError as error:
            return missing(why=error.why, remedy=error.remedy)
        eligible = [held for held in found if not held.is_bootstrap]
        if not eligible:
            problem = no_dates(outcome.window)
            return missing(why=problem.why, remedy=problem.remedy)
        lacking = incomplete(eligible, self._asked)
        note = f"{len(eligible):,} eligible dates were read back"
        if places := _places(lacking):
            note += f"; {keys('incomplete', places, len(places))}"
        failing = [_key(held, each) for held, lacks in lacking for each in lacks][:KEYS_SHOWN]
        return Measurement(
            Fraction(len(lacking)), query=outcome.file, note=note, failing=failing or None
        )


def _key(held: DateCoverage, lacks: Failure) -> dict[str, str]:
    """A date and a table that lacks something, with what was found of how much."""
    row = row_of(lacks)
    return {
        answer.KEY: f"{held.game_date} {row['table']}",
        answer.FOUND: str(row["found"]),
        answer.EXPECTED: str(row["expected"]),
    }


def _places(lacking: Iterable[tuple[DateCoverage, list[Failure]]]) -> list[str]:
    """Each date with each table that lacks something, and the processor that writes the table."""
    found = (
        f"{held.game_date} {table} ({PROCESSORS[table]})"
        for held, lacks in lacking
        for table in (str(each.parameters["table"]) for each in lacks)
    )
    return list(dict.fromkeys(found))


def incomplete(
    held: Iterable[DateCoverage], asked: Backfill
) -> list[tuple[DateCoverage, list[Failure]]]:
    """The dates that lack something, each with what it lacks."""
    return [(each, lacks) for each in held if (lacks := each.shortfalls(asked))]


def row_of(lacks: Failure) -> dict[str, Any]:
    """What a date lacks, as `make diagnose` lists it."""
    table = str(lacks.parameters["table"])
    return {
        "table": table,
        "processor": PROCESSORS[table],
        "found": lacks.parameters["found"],
        "expected": lacks.parameters["due"],
        "lacks": lacks.clause,
    }


def no_dates(days: Sequence[str]) -> WarehouseError:
    """What to say where the schedule has no game from the first to the last of `days`."""
    return WarehouseError(
        f"nba_raw.nbac_schedule has no final league game from {days[0]} to {days[-1]}",
        "Check the window and that the schedule was loaded.",
    )
