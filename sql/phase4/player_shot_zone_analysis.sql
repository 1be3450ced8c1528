-- Phase 4: keys and shot rates of player_shot_zone_analysis. Rates are per cent of a player's shots
-- and assisted rates of the shots made, to hundredths; shares of success are 0 to 1.
WITH counted_keys AS (
  SELECT
    CONCAT(CAST(analysis_date AS STRING), ' ', COALESCE(player_lookup, 'NULL')) AS found,
    [
      STRUCT('duplicate_rows' AS measure, COUNT(*) - 1 AS number),
      (
        'shot_rates',
        COUNTIF(
          ABS(paint_rate_last_10 + mid_range_rate_last_10 + three_pt_rate_last_10 - 100) > 1
          OR ABS(assisted_rate_last_10 + unassisted_rate_last_10 - 100) > 1
        )
      ),
      (
        'implausible_rows',
        COUNTIF(
          paint_rate_last_10 NOT BETWEEN 0 AND 100
          OR mid_range_rate_last_10 NOT BETWEEN 0 AND 100
          OR three_pt_rate_last_10 NOT BETWEEN 0 AND 100
          OR paint_pct_last_10 NOT BETWEEN 0 AND 1
          OR mid_range_pct_last_10 NOT BETWEEN 0 AND 1
          OR three_pt_pct_last_10 NOT BETWEEN 0 AND 1
        )
      ),
      -- Not a finding: the rows that there are.
      (NULL, COUNT(*))
    ] AS counts
  FROM nba_precompute.player_shot_zone_analysis
  WHERE analysis_date BETWEEN @window_start AND @window_end
  GROUP BY analysis_date, player_lookup
)

SELECT COALESCE(SUM(IF(measure IS NULL, number, 0)), 0) AS window_rows
FROM placed_findings
