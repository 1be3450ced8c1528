"""upcoming_team_game_context: two rows for each game, with what was known before it."""

import numpy as np

from season.arrays import Floats, Ints
from season.columns import Column, hashes, stamps, take
from season.league import League
from season.lines import GameLines
from season.lineups import unavailable
from season.provenance import is_silver, made, quality, source, times, written_twice
from season.rows import TeamRows
from season.teams import TRICODES
from season.travel import Trips, streaks

TEAM_CONTEXT = "nba_analytics.upcoming_team_game_context"
BOOK = "draftkings"
STARTERS = 5


def team_context(
    league: League,
    rows: TeamRows,
    trips: Trips,
    lines: GameLines,
    shown: Ints,
    rng: np.random.Generator,
) -> dict[str, Column]:
    """Columns of the table for the team rows `shown`."""
    day, nth = rows.day[shown], rows.nth[shown]
    silver = is_silver(rng, len(shown))
    sample = trips.past.games[shown]
    sources = ("nbac_schedule", "espn_scoreboard")
    return {
        "team_abbr": take(TRICODES, rows.team[shown]),
        "game_id": take(league.games.ids, rows.game[shown]),
        "game_date": day,
        "season_year": rows.season[shown],
        "opponent_team_abbr": take(TRICODES, rows.opponent[shown]),
        "home_game": rows.at_home[shown],
        **_form(rows, trips, shown),
        **_lines(rows, lines, shown),
        **_health(league, rows, shown),
        **complete(sample),
        **(times if league.tidy else written_twice)(TEAM_CONTEXT, day, nth),
        **quality(TEAM_CONTEXT, silver, day, nth, sources, sample),
        **source("nbac_schedule", TEAM_CONTEXT, day, nth, sample + 1),
        **source("odds_lines", TEAM_CONTEXT, day, nth, np.full(len(shown), 4)),
        **source("injury_report", TEAM_CONTEXT, day, nth, 1 + rows.game[shown] % 9),
        "l7d_completeness_pct": 100.0,
        "l7d_is_complete": True,
        "l14d_completeness_pct": 100.0,
        "l14d_is_complete": True,
        "all_windows_complete": True,
        "data_hash": hashes(rows.game[shown], rows.team[shown], sample),
    }


def complete(games: Ints) -> dict[str, Column]:
    """Completeness columns of rows that found all `games` they expected."""
    return {
        "expected_games_count": games,
        "actual_games_count": games,
        "completeness_percentage": 100.0,
        "missing_games_count": 0,
        "reprocess_attempt_count": 0,
        "circuit_breaker_active": False,
        "manual_override_required": False,
        "season_boundary_detected": games == 0,
        "backfill_bootstrap_mode": False,
        "processing_decision_reason": "processed_successfully",
    }


def _form(rows: TeamRows, trips: Trips, shown: Ints) -> dict[str, Column]:
    rest = trips.rest[shown]
    wins, losses = streaks(rows)
    last_margin = trips.past.latest("margin")[shown]
    result = np.where(np.isnan(last_margin), -1, (last_margin < 0).astype(np.int64))
    return {
        "is_back_to_back": rest == 1,
        "team_back_to_back": rest == 1,
        "days_since_last_game": rest,
        "team_days_rest": rest - 1,
        "game_number_in_season": trips.past.games[shown] + 1,
        "games_in_last_7_days": trips.past.within(7).games[shown],
        "games_in_last_14_days": trips.past.within(14).games[shown],
        "team_win_streak_entering": wins[shown],
        "team_loss_streak_entering": losses[shown],
        "last_game_margin": last_margin,
        "last_game_result": take(["W", "L"], result),
        "travel_miles": trips.miles[shown],
        "early_season_flag": trips.past.games[shown] < 5,
    }


def _lines(rows: TeamRows, lines: GameLines, shown: Ints) -> dict[str, Column]:
    day, second = made(TEAM_CONTEXT, rows.day[shown], rows.nth[shown])

    def moved(now: Floats, opening: Floats) -> Floats:
        return np.asarray((now - opening)[shown])

    return {
        "game_spread": lines.spread[shown],
        "game_total": lines.total[shown],
        "game_spread_source": BOOK,
        "game_total_source": BOOK,
        "spread_movement": moved(lines.spread, lines.opening_spread),
        "total_movement": moved(lines.total, lines.opening_total),
        "betting_lines_updated_at": stamps(day - 1, second),
    }


def _health(league: League, rows: TeamRows, shown: Ints) -> dict[str, Column]:
    return {
        "starters_out_count": unavailable(league.lineups, league.players, STARTERS)[shown],
        "questionable_players_count": (rows.game[shown] * 7 + rows.team[shown]) % 3,
    }
