-- Phase 4: keys and ranges of team_defense_zone_analysis.
WITH zones AS (
  SELECT
    CONCAT(CAST(analysis_date AS STRING), ' ', COALESCE(team_abbr, 'NULL')) AS found,
    COUNT(*) AS records,
    COUNTIF(
      paint_pct_allowed_last_15 NOT BETWEEN
      CAST(@zone_success[OFFSET(0)] AS NUMERIC)
      AND CAST(@zone_success[OFFSET(1)] AS NUMERIC)
      OR mid_range_pct_allowed_last_15 NOT BETWEEN
      CAST(@zone_success[OFFSET(0)] AS NUMERIC)
      AND CAST(@zone_success[OFFSET(1)] AS NUMERIC)
      OR three_pt_pct_allowed_last_15 NOT BETWEEN
      CAST(@zone_success[OFFSET(0)] AS NUMERIC)
      AND CAST(@zone_success[OFFSET(1)] AS NUMERIC)
      OR defensive_rating_last_15 NOT BETWEEN
      @team_ratings[OFFSET(0)]
      AND @team_ratings[OFFSET(1)]
      OR opponent_points_per_game NOT BETWEEN
      @team_ratings[OFFSET(0)]
      AND @team_ratings[OFFSET(1)]
      OR opponent_pace NOT BETWEEN
      @team_ratings[OFFSET(0)]
      AND @team_ratings[OFFSET(1)]
    ) AS implausible
  FROM nba_precompute.team_defense_zone_analysis
  WHERE analysis_date BETWEEN @window_start AND @window_end
  GROUP BY analysis_date, team_abbr
),

findings AS (
  SELECT
    finding.measure,
    zones.found,
    finding.number
  FROM zones
  CROSS JOIN
    UNNEST([
      STRUCT('duplicate_rows' AS measure, zones.records - 1 AS number),
      ('implausible_rows', zones.implausible),
      -- Not a finding: the rows that there are.
      (NULL, zones.records)
    ]) AS finding
  WHERE finding.number > 0
)

SELECT COALESCE(SUM(IF(measure IS NULL, number, 0)), 0) AS window_rows
FROM placed_findings
