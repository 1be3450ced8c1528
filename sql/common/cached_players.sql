-- How many players player_daily_cache holds of each date.
SELECT
  cache_date AS game_date,
  COUNT(DISTINCT player_lookup) AS found
FROM nba_precompute.player_daily_cache
WHERE cache_date BETWEEN @window_start AND @window_end
GROUP BY cache_date
