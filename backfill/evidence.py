"""What Phase 4's tables hold of each date of the schedule, and whether that is all of it.

The schedule is the expectation; what the service said of a date is not asked here.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from gates import sql
from gates.config import Backfill, Settings, Window
from gates.measure import unusable
from gates.warehouse import Warehouse, WarehouseError

SOURCE = "backfill/dates"
# The backfill has the window that pre-flight vouches for.
STAGE = "preflight"


@dataclass(frozen=True)
class Held:
    """A date's games, players and teams: how many there should be, how many were found."""

    day: date
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


def read(settings: Settings, warehouse: Warehouse, days: Window | None = None) -> list[Held]:
    """The dates of the backfill's window that have games, ascending; only `days` where given.

    Raises WarehouseError, also where the schedule has no game in the window.
    """
    statement = sql.read(SOURCE)
    lost = sql.prune(statement, unusable(statement, settings, warehouse)).lost
    if lost:
        why = next(iter(lost.values()))
        raise WarehouseError(why, "Restore the column, or name the right one in gates.toml.")
    text = sql.as_sent(statement.tree, settings, None)
    rows, _ = warehouse.run(statement.file, text, _parameters(settings, days))
    if not rows:
        first, last = days or settings.windows[STAGE]
        raise WarehouseError(
            f"nba_raw.nbac_schedule has no final league game from {first} to {last}",
            "Check the window and that the schedule was loaded.",
        )
    return [_held(row) for row in rows]


def _held(row: dict[str, Any]) -> Held:
    return Held(day=date.fromisoformat(row.pop("game_date")), **row)


def _parameters(settings: Settings, days: Window | None) -> dict[str, Any]:
    window = settings.windows[STAGE]
    year = settings.calendar.unknown_season(*window)
    if year is not None:
        raise WarehouseError(
            f"the window reaches season {year}, whose first game date is not configured",
            "Add it to calendar.season_starts in gates.toml.",
        )
    first, last = days or window
    return {
        **{name: settings.parameters[name] for name in ("final_status", "league_game_ids")},
        # A team's and a player's games are counted from the start of the season.
        "window_start": settings.calendar.season_start(window[0]) or window[0],
        "window_end": window[1],
        "first": max(first, window[0]),
        "last": min(last, window[1]),
        "bootstrap_dates": settings.calendar.bootstrap_dates(),
        "team_games": settings.backfill.team_games,
        "player_games": settings.backfill.player_games,
    }
