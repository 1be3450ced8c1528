-- Phase 4: keys and ranges of team_defense_zone_analysis.
WITH counted_keys AS (
  SELECT
    CONCAT(CAST(analysis_date AS STRING), ' ', COALESCE(team_abbr, 'NULL')) AS found,
    [
      STRUCT('duplicate_rows' AS measure, COUNT(*) - 1 AS number),
      (
        'implausible_rows',
        COUNTIF(
          EXISTS (
            SELECT 1
            FROM
              UNNEST(
                [
                  paint_pct_allowed_last_15,
                  mid_range_pct_allowed_last_15,
                  three_pt_pct_allowed_last_15
                ]
              ) AS success
            WHERE
              success < PARSE_NUMERIC(@zone_success[OFFSET(0)])
              OR success > PARSE_NUMERIC(@zone_success[OFFSET(1)])
          )
          OR EXISTS (
            SELECT 1
            FROM
              UNNEST([defensive_rating_last_15, opponent_points_per_game, opponent_pace]) AS figure
            WHERE figure NOT BETWEEN @team_ratings[OFFSET(0)] AND @team_ratings[OFFSET(1)]
          )
        )
      ),
      -- Not a finding: the rows that there are.
      (NULL, COUNT(*))
    ] AS counts
  FROM nba_precompute.team_defense_zone_analysis
  WHERE analysis_date BETWEEN @window_start AND @window_end
  GROUP BY analysis_date, team_abbr
)

SELECT COALESCE(SUM(IF(measure IS NULL, number, 0)), 0) AS window_rows
FROM placed_findings
