-- Phase 4: keys and versions of player_daily_cache.
WITH cached AS (
  SELECT
    cache_date,
    player_lookup,
    COUNT(*) AS records
  FROM nba_precompute.player_daily_cache
  WHERE cache_date BETWEEN @window_start AND @window_end
  GROUP BY cache_date, player_lookup
)

SELECT
  COUNT(*) AS window_rows,
  STRUCT(
    SUM(records - 1) AS numerator,
    ARRAY(
      SELECT CONCAT(CAST(twice.cache_date AS STRING), ' ', twice.player_lookup) AS found
      FROM cached AS twice
      WHERE twice.records > 1
      ORDER BY found
      LIMIT @keys_shown
    ) AS first
  ) AS duplicate_rows
FROM cached
