-- Phase 4: keys of player_daily_cache.
WITH cached AS (
  SELECT
    CONCAT(CAST(cache_date AS STRING), ' ', COALESCE(player_lookup, 'NULL')) AS found,
    COUNT(*) AS records
  FROM nba_precompute.player_daily_cache
  WHERE cache_date BETWEEN @window_start AND @window_end
  GROUP BY cache_date, player_lookup
),

findings AS (
  SELECT
    finding.measure,
    cached.found,
    finding.number
  FROM cached
  CROSS JOIN
    UNNEST([
      STRUCT('duplicate_rows' AS measure, cached.records - 1 AS number),
      -- Not a finding: the rows that there are.
      (NULL, cached.records)
    ]) AS finding
  WHERE finding.number > 0
)

SELECT COALESCE(SUM(IF(measure IS NULL, number, 0)), 0) AS window_rows
FROM placed_findings
