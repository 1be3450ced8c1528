"""Read-back: what Phase 4's tables hold of each date of the schedule, and whether it is all of it.

The schedule is the expectation; what the service said of a date is not asked here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import partial
from typing import Any

from gates import rewrite, sql
from gates.config import Settings, Window
from gates.measure import parameters, unusable
from gates.measurement import RESTORE, Measurement, Outcome, keys
from gates.toml_file import Backfill
from gates.warehouse import Warehouse, WarehouseError

SOURCE = "phase4/processors"


@dataclass(frozen=True)
class Held:
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

    def lacks(self, asked: Backfill) -> list[str]:
        """What keeps the date from being complete, a clause each; empty when it is complete."""
        share = asked.players_at_least
        needed_in_cache = asked.cached_players_per_game * self.games
        checks = [
            (
                self.games_found == self.games > 0,
                f"player_composite_factors holds {self.games_found} of {self.games} games",
            ),
            (
                100 * self.players_found >= share * self.players > 0,
                f"player_composite_factors holds {self.players_found} of {self.players} players, "
                f"at least {share}% are needed",
            ),
            (
                self.cached_players >= needed_in_cache,
                f"player_daily_cache holds {self.cached_players} players, "
                f"at least {needed_in_cache} are needed",
            ),
            (
                self.teams_found == self.teams_due,
                f"team_defense_zone_analysis holds {self.teams_found} of {self.teams_due} teams",
            ),
            (
                100 * self.zones_found >= share * self.zones_due,
                f"player_shot_zone_analysis holds {self.zones_found} of {self.zones_due} players, "
                f"at least {share}% are needed",
            ),
        ]
        return [clause for holds, clause in checks if not holds]

    def rows(self) -> dict[str, int]:
        """Table -> what was found of the date in it."""
        return {
            "player_composite_factors": self.factor_rows,
            "player_daily_cache": self.cached_players,
            "player_shot_zone_analysis": self.zones_found,
            "team_defense_zone_analysis": self.teams_found,
        }


def read(settings: Settings, warehouse: Warehouse, days: Window) -> list[Held]:
    """The dates from `days` on which the schedule has a final league game, ascending.

    Raises WarehouseError, also where there is none.
    """
    statement = sql.read(SOURCE)
    lost = rewrite.prune(statement, unusable(statement, settings, warehouse)).lost
    if lost:
        raise WarehouseError(next(iter(lost.values())), RESTORE)
    text = rewrite.as_sent(statement.tree, settings, None)
    rows, _ = warehouse.run(statement.file, text, parameters(statement, settings, days))
    if not rows:
        raise WarehouseError(*_no_dates([day.isoformat() for day in days]))
    return held_of(rows)


def held_of(rows: Sequence[Mapping[str, Any]]) -> list[Held]:
    """The rows of the query, as they come from the warehouse."""
    return [Held(**{**row, "game_date": date.fromisoformat(row["game_date"])}) for row in rows]


class Processors:
    """What the four processors' tables hold: one attribute per measure (runbook 7.6)."""

    def __init__(self, outcome: Outcome, asked: Backfill) -> None:
        self._outcome = outcome
        self._asked = asked

    @property
    def incomplete_dates(self) -> Measurement:
        """Eligible dates of the schedule that lack something, with what the first of them lack."""
        outcome = self._outcome
        missing = partial(Measurement, query=outcome.file)
        if outcome.why or outcome.rows is None:
            return missing(why=outcome.why, remedy=outcome.remedy)
        if outcome.lost:
            return missing(why=next(iter(outcome.lost.values())), remedy=RESTORE)
        eligible = [held for held in held_of(outcome.rows) if not held.is_bootstrap]
        if not eligible:
            why, remedy = _no_dates(outcome.window)
            return missing(why=why, remedy=remedy)
        lacking = [f"{held.game_date}" for held, _ in incomplete(eligible, self._asked)]
        of = f"{len(eligible):,} eligible dates were read back"
        note = "; ".join([of, *([keys("incomplete", lacking, len(lacking))] if lacking else [])])
        return Measurement(Fraction(len(lacking)), query=outcome.file, note=note)


def incomplete(held: Iterable[Held], asked: Backfill) -> list[tuple[Held, list[str]]]:
    """The dates that lack something, each with what it lacks."""
    return [(each, lacks) for each in held if (lacks := each.lacks(asked))]


def _no_dates(days: Sequence[str]) -> tuple[str, str]:
    return (
        f"nba_raw.nbac_schedule has no final league game from {days[0]} to {days[-1]}",
        "Check the window and that the schedule was loaded.",
    )
