"""What the tests of seasons like the platform's ask the warehouse for."""

from typing import Any

from harness import TestWarehouse

SCHEDULE = "nba_raw.nbac_schedule"
PLAYERS = "nba_analytics.player_game_summary"
OFFENSE = "nba_analytics.team_offense_game_summary"
DEFENSE = "nba_analytics.team_defense_game_summary"
CONTEXT = "nba_analytics.upcoming_player_game_context"
TEAM_CONTEXT = "nba_analytics.upcoming_team_game_context"
FACTORS = "nba_precompute.player_composite_factors"
CACHE = "nba_precompute.player_daily_cache"
PLAYER_ZONES = "nba_precompute.player_shot_zone_analysis"
TEAM_ZONES = "nba_precompute.team_defense_zone_analysis"
EVER = "game_date BETWEEN '2000-01-01' AND '2100-01-01'"
PLAYED = "points IS NOT NULL AND is_dnp IS NOT TRUE"
ROWS = f"SELECT * FROM {PLAYERS} WHERE {EVER}"
ON_THE_FLOOR = f"{ROWS} AND {PLAYED}"
JOINED = f"""
    SELECT p.*, t.overtime_periods,
        t.fg_attempts + 0.44 * t.ft_attempts + t.turnovers AS team_total
    FROM ({ON_THE_FLOOR}) AS p
    INNER JOIN (SELECT * FROM {OFFENSE} WHERE {EVER}) AS t USING (game_id, team_abbr)"""
WHOLE_ROSTERS = 2025


def one(warehouse: TestWarehouse, sql: str) -> dict[str, Any]:
    """The one row that `sql` gives."""
    (row,) = warehouse.rows(sql)
    return row
