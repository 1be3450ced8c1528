-- When the context of each player and game was last written.
SELECT
  game_id,
  player_lookup,
  MAX(processed_at) AS processed_at
FROM nba_analytics.upcoming_player_game_context
WHERE game_date BETWEEN @window_start AND @window_end
GROUP BY game_id, player_lookup
