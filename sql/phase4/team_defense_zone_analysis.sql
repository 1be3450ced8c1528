-- Phase 4: keys and ranges of team_defense_zone_analysis.
WITH zones AS (
  SELECT
    analysis_date,
    team_abbr,
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
    AND @team_ratings[OFFSET(1)] AS is_implausible
  FROM nba_precompute.team_defense_zone_analysis
  WHERE analysis_date BETWEEN @window_start AND @window_end
),

teams AS (
  SELECT
    analysis_date,
    team_abbr,
    COUNT(*) AS records
  FROM zones
  GROUP BY analysis_date, team_abbr
)

SELECT
  COUNT(*) AS window_rows,
  STRUCT(
    (SELECT COALESCE(SUM(teams.records - 1), 0) FROM teams) AS numerator,
    ARRAY(
      SELECT CONCAT(CAST(teams.analysis_date AS STRING), ' ', teams.team_abbr) AS found
      FROM teams
      WHERE teams.records > 1
      ORDER BY found
      LIMIT @keys_shown
    ) AS first
  ) AS duplicate_rows,
  STRUCT(
    COUNTIF(is_implausible) AS numerator,
    ARRAY(
      SELECT CONCAT(CAST(odd.analysis_date AS STRING), ' ', odd.team_abbr) AS found
      FROM zones AS odd
      WHERE odd.is_implausible
      ORDER BY found
      LIMIT @keys_shown
    ) AS first
  ) AS implausible_rows
FROM zones
