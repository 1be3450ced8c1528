"""Counts over time, for the pictures of a report: per date, season and month; no row data.

A query selects them beside its measures, as arrays named series_<kind>; those of Phase 4's tables
come from the read-back.
"""

from collections.abc import Iterable, Mapping
from math import ceil
from typing import Any

from gates.config.settings import Settings
from gates.config.stages import stages_of
from gates.measure import answer, jobs, readback
from gates.measure.queries import SERIES
from gates.measure.result import QueryResult
from gates.measure.warehouse import WarehouseError

BOOTSTRAP = "bootstrap"
_DATE = {"game_date", "held", "due"}
Series = dict[str, Any]


def series(settings: Settings, stage: str, outcomes: Iterable[QueryResult]) -> Series:
    """Kind -> "<stage>.<table>" -> counts, of what was measured of a decision's stages.

    dates: date -> [held, due]; days_each: how many days from that date on these are of, where they
    are of more than one; seasons and months: rows of counts; filled: the same of dates on which a
    tenth lacks a value. bootstrap: the dates on which Phase 4 holds nothing.
    """
    found: Series = {}
    for outcome in outcomes:
        for name, rows in _arrays(outcome).items():
            of = found.setdefault(name.removeprefix(SERIES), {})
            of[f"{outcome.stage}.{outcome.counted}"] = rows
        if outcome.source == readback.SOURCE and outcome.rows:
            found.setdefault("dates", {}).update(_read_back(settings, outcome))
    if found:
        found[BOOTSTRAP] = _bootstrap(settings, stage)
    return found


def _arrays(outcome: QueryResult) -> Series:
    """The series that a query gave, dates as decision.json holds them."""
    names = [name for name in outcome.measures if name.startswith(SERIES)]
    if answer.row_problem(
        outcome.rows, [each for each in outcome.measures if each not in outcome.unavailable]
    ):
        return {}
    (row,) = outcome.rows or [{}]
    # What cannot be drawn is left out; no gate is judged by it.
    found = {name: row[name] for name in names if _drawable(row.get(name))}
    dates = f"{SERIES}dates"
    if dates in found and all(row.keys() == _DATE for row in found[dates]):
        found[dates] = {day["game_date"]: [day["held"], day["due"]] for day in found[dates]}
        if (days := jobs.series_days(readback.window_of(outcome))) > 1:
            found[f"{SERIES}days_each"] = days
    return found


def _drawable(rows: Any) -> bool:
    """Whether it is rows of a date, season or month each, with counts."""
    return isinstance(rows, list) and all(
        isinstance(row, Mapping)
        and row.keys() == rows[0].keys()
        and all(answer.is_count(value) or isinstance(value, str) for value in row.values())
        for row in rows
    )


def _read_back(settings: Settings, outcome: QueryResult) -> Series:
    asked = settings.backfill
    tables: dict[str, dict[str, list[int]]] = {}
    for held in _held(outcome):
        counts = {
            "player_composite_factors": [held.games_found, held.games],
            "player_daily_cache": [
                held.cached_players,
                asked.cached_players_per_game * held.games,
            ],
            # As many as make the date complete.
            "player_shot_zone_analysis": [
                held.zones_found,
                ceil(held.zones_due * asked.players_at_least / 100),
            ],
            "team_defense_zone_analysis": [held.teams_found, held.teams_due],
        }
        for table, pair in counts.items():
            tables.setdefault(f"phase4.{table}", {})[held.game_date.isoformat()] = pair
    return tables


def _held(outcome: QueryResult) -> list[readback.DateCoverage]:
    try:
        return readback.held_of(outcome.rows or (), readback.window_of(outcome))
    except WarehouseError:
        # Its gate says so.
        return []


def _bootstrap(settings: Settings, stage: str) -> list[str]:
    windows = [settings.windows[each] for each in stages_of(stage) if each in settings.windows]
    return [
        day.isoformat()
        for day in settings.calendar.bootstrap_dates()
        if any(first <= day <= last for first, last in windows)
    ]
