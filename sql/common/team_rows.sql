-- The rows of the team table, each game and team once.
SELECT
  game_id,
  team_abbr,
  MAX(points_scored) AS points_scored,
  MAX(processed_at) AS processed_at
FROM nba_analytics.team_offense_game_summary
WHERE game_date BETWEEN @window_start AND @window_end
GROUP BY game_id, team_abbr
