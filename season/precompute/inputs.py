"""What Phase 4 reads for one date: rows of the five analytics tables, as numbers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, wraps
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gates.config.calendar import season_year
from season.arrays import Floats, Ints, number
from season.history import History
from season.style import TIDY, WHOLE_ROSTERS
from season.teams import TRICODES

# The columns that are read of each table.
PLAYERS = (
    *("player_lookup", "universal_player_id", "game_id", "game_date", "team_abbr", "is_dnp"),
    *("points", "minutes_played", "usage_rate", "ts_pct", "fg_attempts", "ft_attempts", "ft_makes"),
    *("paint_attempts", "paint_makes", "mid_range_attempts", "mid_range_makes"),
    *("three_attempts_pbp", "three_makes_pbp", "assisted_fg_makes", "unassisted_fg_makes"),
    "processed_at",
)
OFFENSE = (
    "game_id",
    "game_date",
    "team_abbr",
    "pace",
    "offensive_rating",
    "win_flag",
    "processed_at",
)
DEFENSE = (
    *("game_id", "game_date", "defending_team_abbr", "points_allowed", "defensive_rating"),
    *("opponent_pace", "opp_paint_attempts", "opp_paint_makes", "opp_mid_range_attempts"),
    *("opp_mid_range_makes", "opp_three_pt_attempts", "opp_three_pt_makes", "blocks_paint"),
    *("blocks_mid_range", "blocks_three_pt", "processed_at"),
)
PLAYER_CONTEXT = (
    *("player_lookup", "universal_player_id", "game_id", "game_date", "team_abbr"),
    *("opponent_team_abbr", "home_game", "back_to_back", "season_phase", "days_rest"),
    *("games_in_last_7_days", "games_in_last_14_days", "minutes_in_last_7_days"),
    *("minutes_in_last_14_days", "avg_minutes_per_game_last_7", "back_to_backs_last_14_days"),
    *("travel_miles", "player_age", "opponent_days_rest", "pace_differential"),
    *("opponent_pace_last_10", "opponent_def_rating_last_10", "current_points_line"),
    *("opening_points_line", "player_status", "processed_at"),
)
TEAM_CONTEXT = ("game_id", "game_date", "team_abbr", "processed_at")
# Table -> columns, and whether the rows of the whole season up to the date are read.
NEEDS = {
    "nba_analytics.player_game_summary": (PLAYERS, True),
    "nba_analytics.team_offense_game_summary": (OFFENSE, True),
    "nba_analytics.team_defense_game_summary": (DEFENSE, True),
    "nba_analytics.upcoming_player_game_context": (PLAYER_CONTEXT, False),
    "nba_analytics.upcoming_team_game_context": (TEAM_CONTEXT, False),
}


@dataclass(frozen=True)
class Phase3:
    """The rows that Phase 4 reads for `day`, in any order, with the columns of NEEDS.

    Summaries: the season's rows up to and including `day`. Contexts: the rows of `day`.
    """

    day: date
    players: pa.Table
    offense: pa.Table
    defense: pa.Table
    player_context: pa.Table
    team_context: pa.Table
    tidy: bool = TIDY
    # What has been computed of these rows, by whatever computes it.
    known: dict[Any, Any] = field(default_factory=dict)

    @property
    def early(self) -> bool:
        """Whether Phase 4 writes rows that rest on few games, as it does since WHOLE_ROSTERS."""
        return not self.tidy and season_year(self.day) >= WHOLE_ROSTERS

    @property
    def today(self) -> int:
        """`day` as days since 1970-01-01."""
        return number(self.day)

    @cached_property
    def lookups(self) -> pa.Array:
        """Every player, in order; a player's place here is its number."""
        known = [table["player_lookup"] for table in (self.players, self.player_context)]
        every = pc.unique(pa.chunked_array([c for column in known for c in column.chunks]))
        return every.take(pc.sort_indices(every))

    @cached_property
    def universal_ids(self) -> pa.Array:
        """Each player's universal_player_id."""
        both = pa.concat_tables(
            table.select(["player_lookup", "universal_player_id"])
            for table in (self.player_context, self.players)
        )
        place = pc.index_in(self.lookups, both["player_lookup"].combine_chunks())
        return both["universal_player_id"].combine_chunks().take(place)

    @cached_property
    def due(self) -> "Due":
        """The players of the day's games, in order of game and player."""
        order = [("game_id", "ascending"), ("player_lookup", "ascending")]
        return Due(self.player_context.sort_by(order), self.lookups)

    @cached_property
    def player_history(self) -> History:
        """Games in which players played; keys are their numbers."""
        # Some of those who did not play have 0 points.
        out = pc.fill_null(self.players["is_dnp"], False)
        rows = self.players.filter(pc.and_not(pc.is_valid(self.players["points"]), out))
        values = {name: numbers(rows[name]) for name in PLAYERS[6:-1]}
        values["squares"] = values["points"] ** 2
        values["shots"] = (
            values["paint_attempts"] + values["mid_range_attempts"] + values["three_attempts_pbp"]
        )
        return History(places(rows["player_lookup"], self.lookups), _days(rows), values)

    @cached_property
    def offense_history(self) -> History:
        """Games by team, as places in TRICODES."""
        names = ("pace", "offensive_rating", "win_flag")
        values = {name: numbers(self.offense[name]) for name in names}
        return History(teams(self.offense["team_abbr"]), _days(self.offense), values)

    @cached_property
    def defense_history(self) -> History:
        """Games by defending team, as places in TRICODES."""
        values = {name: numbers(self.defense[name]) for name in DEFENSE[3:-1]}
        return History(teams(self.defense["defending_team_abbr"]), _days(self.defense), values)


_Found = TypeVar("_Found")


def once(compute: Callable[[Phase3], _Found]) -> Callable[[Phase3], _Found]:
    """`compute`, but for each Phase3 no more than once."""

    @wraps(compute)
    def found(phase3: Phase3) -> _Found:
        if compute not in phase3.known:
            phase3.known[compute] = compute(phase3)
        result: _Found = phase3.known[compute]
        return result

    return found


class Due:
    """The context rows of a day as columns."""

    def __init__(self, rows: pa.Table, lookups: pa.Array) -> None:
        self.rows = rows
        self.player = places(rows["player_lookup"], lookups)
        self.team = teams(rows["team_abbr"])
        self.opponent = teams(rows["opponent_team_abbr"])

    def __len__(self) -> int:
        return len(self.player)

    def number(self, name: str) -> Floats:
        """A column's numbers; NaN for NULL."""
        return numbers(self.rows[name])


def numbers(column: pa.ChunkedArray) -> Floats:
    """Any numbers, BOOL and NUMERIC too, as floats; NaN for NULL."""
    return np.asarray(column.cast(pa.float64()).to_numpy(), dtype=np.float64)


def places(column: pa.ChunkedArray, among: pa.Array) -> Ints:
    """Where each value stands in `among`; ValueError for one that does not."""
    found = pc.index_in(column, among)
    if found.null_count:
        odd = column.filter(pc.is_null(found))[0]
        raise ValueError(f"{odd} was found where one of {len(among)} known names was expected.")
    return np.asarray(found.to_numpy(), dtype=np.int64)


def teams(column: pa.ChunkedArray) -> Ints:
    """Tricodes as places in TRICODES."""
    return places(column, pa.array(TRICODES))


def latest(rows: pa.Table) -> datetime | None:
    """When the newest of `rows` was made; None without rows."""
    found: datetime | None = pc.max(rows["processed_at"]).as_py()
    return found


def _days(rows: pa.Table) -> Ints:
    return np.asarray(rows["game_date"].cast(pa.int32()).to_numpy(), dtype=np.int64)
