-- Phase 4: keys of player_daily_cache.
WITH counted_keys AS (
  SELECT
    CONCAT(CAST(cache_date AS STRING), ' ', COALESCE(player_lookup, 'NULL')) AS found,
    [
      STRUCT('duplicate_rows' AS measure, COUNT(*) - 1 AS number),
      -- Not a finding: the rows that there are.
      (NULL, COUNT(*))
    ] AS counts
  FROM nba_precompute.player_daily_cache
  WHERE cache_date BETWEEN @window_start AND @window_end
  GROUP BY cache_date, player_lookup
)

SELECT COALESCE(SUM(IF(measure IS NULL, number, 0)), 0) AS window_rows
FROM placed_findings
