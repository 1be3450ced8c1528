"""What is asked of the warehouse: the jobs of some sources, their texts and values.

A source is a file sql/<stage>/<source>.sql. Those of a stage that give one row of counts are asked
together, in one job, and those that compute values again in others.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from gates.config.schema import Table
from gates.config.settings import Settings, Window
from gates.kept import kept
from gates.measure import queries
from gates.measure.result import KEYS_SHOWN, QueryResult
from gates.measure.warehouse import Warehouse, WarehouseError

# How far behind the window's end the schedule is looked at: its longest break is a third of that.
LOOKED_AHEAD = timedelta(days=31)
# A shorter window's series have a count for each date, a longer one's for so many days together: of
# many seasons the dates would be most of an answer. Bootstrap takes two weeks, and stays apart.
BY_DATE, PERIOD_DAYS = timedelta(days=6 * 366), 14
# Stands for the run's snapshot in texts that are kept; left standing, no warehouse would take it.
LATER = "9999-12-31T23:59:59+00:00"


def unusable(
    statement: queries.Statement, settings: Settings, warehouse: Warehouse
) -> dict[str, dict[str, str]]:
    """Table -> column -> why it cannot be used, for every table that `statement` reads."""
    named = {statement.each[0]: statement.each[1]} if statement.each else {}
    return {
        table: queries.differences(
            table,
            settings.target.tables.get(table, Table()),
            warehouse.columns(table),
            named.get(table, ()),
        )
        for table in statement.tables
    }


def unavailable(
    statement: queries.Statement, lacking: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    """Measure -> why it cannot be had, where columns are `lacking`, as `unusable` has them."""
    if not any(lacking.values()):
        return {}
    from gates.measure import rewrite

    return dict(rewrite.prune(statement, lacking).unavailable)


def must_be_visible(statement: queries.Statement, warehouse: Warehouse) -> None:
    """Raise WarehouseError for a table of which rows may be hidden.

    As of now BigQuery gives those that this account may see, and does not say that there are more;
    as of a time it refuses the table.
    """
    for table in statement.tables:
        if policies := warehouse.policies(table):
            raise WarehouseError(
                f"rows of {table} may be hidden by its row access policies ({', '.join(policies)})",
                "Ask for a table without them, because what they hide cannot be told from here.",
            )


def series_days(window: Window) -> int:
    """How many days, from a season's first on, a series of the window counts together."""
    first, last = window
    return 1 if last - first < BY_DATE else PERIOD_DAYS


def parameters(
    statement: queries.Statement, settings: Settings, window: Window, **others: Any
) -> dict[str, Any]:
    """The values that `statement` asks for by @name, `others` among them. Raises WarehouseError."""
    first, last = window
    calendar = settings.calendar
    years = calendar.unknown_seasons(first, last)
    if years and "bootstrap_dates" in statement.parameters:
        # Its first two weeks would count as missing, or as wrongly there.
        raise WarehouseError(
            f"the window reaches season {years[0]}, whose first game date is not configured, "
            "and not found in the schedule",
            "Load the schedule, or add the date to calendar.season_starts in gates.toml.",
        )
    known = {
        **settings.parameters,
        "window_start": first,
        "window_end": last,
        "keys_shown": KEYS_SHOWN,
        # A team's and a player's games are counted from the start of the season.
        "season_start": calendar.season_start(first) or first,
        "schedule_end": last + LOOKED_AHEAD,
        "series_days": series_days(window),
        "season_starts": calendar.starts(first, last),
        "bootstrap_dates": calendar.bootstrap_dates(),
        "team_games": settings.backfill.team_games,
        "player_games": settings.backfill.player_games,
        **others,
    }
    return {name: known[name] for name in statement.parameters}


@dataclass(frozen=True)
class Part:
    """What a source adds to a job: its outcome so far, its query and the values for that."""

    outcome: QueryResult
    statement: queries.Statement
    # Table -> column -> why it cannot be used.
    unusable: Mapping[str, Mapping[str, str]]
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Texts:
    """A job's text as sent, `joint`, and of each source `alone` that with its values written in."""

    joint: str
    alone: Mapping[str, str]


def statement_of(source: str, settings: Settings) -> queries.Statement:
    """What is known of a source, for the columns that gates.toml names."""
    return queries.read(source, queries.columns_for(settings.gates.values(), source))


def grouped(sources: Iterable[str], settings: Settings) -> dict[str, list[str]]:
    """Job -> the sources that it asks together."""
    jobs: dict[str, list[str]] = {}
    for source in sources:
        jobs.setdefault(queries.job_of(statement_of(source, settings), source), []).append(source)
    return jobs


def tables_of(sources: Iterable[str], settings: Settings) -> list[str]:
    """All tables that `sources` read, each once."""
    return sorted({table for each in sources for table in statement_of(each, settings).tables})


def nothing_yet(source: str, settings: Settings) -> QueryResult:
    """The outcome of a source that was not asked."""
    statement = statement_of(source, settings)
    return QueryResult(
        source=source,
        file=statement.file,
        measures=list(statement.measures),
        table=statement.counted,
        window=[day.isoformat() for day in settings.windows[source.split("/")[0]]],
    )


def part_of(outcome: QueryResult, settings: Settings, warehouse: Warehouse) -> Part:
    """The query of a source without what the warehouse lacks. Raises WarehouseError."""
    statement = statement_of(outcome.source, settings)
    lacking = unusable(statement, settings, warehouse)
    return Part(
        outcome=replace(outcome, unavailable=unavailable(statement, lacking), rows=[]),
        statement=statement,
        unusable=lacking,
        values=parameters(statement, settings, settings.windows[outcome.stage]),
    )


def texts_of(parts: Mapping[str, Part], settings: Settings, snapshot: str) -> Texts:
    """The texts of one job for all `parts`, as of `snapshot` (RFC 3339)."""
    (first, *others) = parts.values()
    (source, *_) = parts
    job = queries.job_of(first.statement, source) if others else source

    def make() -> dict[str, Any]:
        from gates.measure import rewrite

        trees = {
            source: rewrite.prune(part.statement, part.unusable).tree
            for source, part in parts.items()
        }
        return rewrite.texts(trees, {name: parts[name].values for name in parts}, settings, LATER)

    target = settings.target
    named = target.project, dict(target.datasets), dict(target.tables)
    asked = [
        (source, part.statement.columns, part.unusable, part.values)
        for source, part in parts.items()
    ]
    found = kept(f"job.{job}", (named, asked), make)
    alone = {source: text.replace(LATER, snapshot) for source, text in found["alone"].items()}
    return Texts(found["joint"].replace(LATER, snapshot), alone)


def values_of(parts: Mapping[str, Part]) -> dict[str, Any]:
    """The values of all parts of a job, by name."""
    return {name: value for part in parts.values() for name, value in part.values.items()}


def called(parts: Mapping[str, Part]) -> str:
    """How a message names the job of `parts`: its file, or its folder."""
    (first, *others) = parts.values()
    return f"sql/{first.outcome.stage}/" if others else first.outcome.file
