-- The players with points of each game outside bootstrap.
SELECT
  game_date,
  game_id,
  player_lookup,
  MAX(processed_at) AS processed_at
FROM nba_analytics.player_game_summary
WHERE
  game_date BETWEEN @window_start AND @window_end
  AND game_date NOT IN UNNEST(@bootstrap_dates)
  AND points IS NOT NULL
GROUP BY game_date, game_id, player_lookup
