-- The rows of those who played, from the season's start: points are there, and nothing says that
-- the player did not play. The table lists whole rosters; some of those who sat have 0 points.
SELECT
  game_date,
  game_id,
  player_lookup,
  minutes_played,
  usage_rate,
  paint_attempts,
  processed_at
FROM nba_analytics.player_game_summary
WHERE
  game_date BETWEEN @season_start AND @window_end
  AND points IS NOT NULL
  AND is_dnp IS NOT TRUE
