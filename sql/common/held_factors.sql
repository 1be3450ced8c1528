-- The players and games of player_composite_factors.
SELECT
  game_date,
  game_id,
  player_lookup,
  COUNT(*) AS records
FROM nba_precompute.player_composite_factors
WHERE game_date BETWEEN @window_start AND @window_end
GROUP BY game_date, game_id, player_lookup
