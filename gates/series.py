"""Counts over time, for the pictures of a report: per date, season and month; no row data.

A query selects them beside its measures, as arrays named series_<kind>; those of Phase 4's tables
come from the read-back.
"""

from collections.abc import Iterable
from math import ceil
from typing import Any

from gates import readback
from gates.config import Settings
from gates.measurement import Outcome
from gates.sql import SERIES
from gates.stages import stages_of

BOOTSTRAP = "bootstrap"
Series = dict[str, Any]


def series(settings: Settings, stage: str, outcomes: Iterable[Outcome]) -> Series:
    """Kind -> "<stage>.<table>" -> counts, of what was measured of a decision's stages.

    dates: date -> [held, due]; seasons and months: rows of counts. bootstrap: the dates on which
    Phase 4 holds nothing.
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


def merged(several: Iterable[Series]) -> Series:
    """Those of several decisions as one."""
    found: Series = {}
    for one in several:
        for kind, content in one.items():
            if kind == BOOTSTRAP:
                found[kind] = sorted({*found.get(kind, ()), *content})
            else:
                found.setdefault(kind, {}).update(content)
    return found


def _arrays(outcome: Outcome) -> Series:
    """The series that a query gave, dates as decision.json holds them."""
    names = [name for name in outcome.measures if name.startswith(SERIES)]
    if not outcome.rows or len(outcome.rows) != 1:
        return {}
    (row,) = outcome.rows
    found = {name: row[name] for name in names if name in row}
    dates = f"{SERIES}dates"
    if dates in found:
        found[dates] = {day["game_date"]: [day["held"], day["due"]] for day in found[dates]}
    return found


def _read_back(settings: Settings, outcome: Outcome) -> Series:
    asked = settings.backfill
    tables: dict[str, dict[str, list[int]]] = {}
    for held in readback.held_of(outcome.rows or ()):
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


def _bootstrap(settings: Settings, stage: str) -> list[str]:
    windows = [settings.windows[each] for each in stages_of(stage) if each in settings.windows]
    return [
        day.isoformat()
        for day in settings.calendar.bootstrap_dates()
        if any(first <= day <= last for first, last in windows)
    ]
