-- Phase 1, runbook 2.2 and 2.3: the team table over the window, one row of counts.
-- `first` is the first key of the rows that are counted.
SELECT
  COUNT(*) AS window_rows,
  COUNT(DISTINCT game_id) AS game_count,
  STRUCT(COUNT(*) AS numerator, COUNT(DISTINCT game_id) AS denominator) AS records_per_game,
  STRUCT(SUM(score) AS numerator, COUNT(score) AS denominator) AS quality_score,
  STRUCT(COUNTIF(is_production_ready) AS numerator, COUNT(*) AS denominator) AS production_ready,
  COUNTIF(is_blocked) AS critical_issues,
  STRUCT(
    COUNTIF(is_malformed) AS numerator, MIN(IF(is_malformed, malformed_entry, NULL)) AS first
  ) AS malformed_ids,
  STRUCT(
    COUNTIF(is_impossible) AS numerator, MIN(IF(is_impossible, entry, NULL)) AS first
  ) AS box_score,
  STRUCT(
    COUNTIF(has_odd_attempts) AS numerator, MIN(IF(has_odd_attempts, entry, NULL)) AS first
  ) AS team_attempts,
  STRUCT(COUNTIF(has_usage_inputs) AS numerator, COUNT(*) AS denominator) AS usage_inputs,
  STRUCT(
    COUNTIF(is_off_scale) AS numerator, MIN(IF(is_off_scale, entry, NULL)) AS first
  ) AS quality_scale
FROM (
  SELECT
    game_date,
    game_id,
    is_production_ready,
    -- Neither NaN nor infinity is a score, and no NUMERIC holds them.
    PARSE_NUMERIC(CAST(
      IF(IS_NAN(quality_score) OR IS_INF(quality_score), NULL, quality_score) AS STRING
    )) AS score,
    CONCAT(game_id, ' ', team_abbr) AS entry,
    CONCAT(COALESCE(game_id, 'NULL'), ' ', team_abbr) AS malformed_entry,
    EXISTS(
      SELECT 1 FROM UNNEST(quality_issues) AS issue
      WHERE LOWER(issue) IN UNNEST(@blocking_issues)
    ) AS is_blocked,
    REGEXP_CONTAINS(game_id, r'^[0-9]{8}_[A-Z]{3}_[A-Z]{3}$') IS NOT TRUE
    OR SUBSTR(game_id, 1, 8) != FORMAT_DATE('%Y%m%d', game_date)
    OR team_abbr NOT IN (SUBSTR(game_id, 10, 3), SUBSTR(game_id, 14, 3)) AS is_malformed,
    points_scored != 2 * fg_makes + three_pt_makes + ft_makes
    OR three_pt_makes > fg_makes
    OR fg_makes > fg_attempts
    OR three_pt_makes > three_pt_attempts
    OR ft_makes > ft_attempts AS is_impossible,
    fg_attempts NOT BETWEEN @team_attempts[OFFSET(0)] AND @team_attempts[OFFSET(1)]
      AS has_odd_attempts,
    points_scored IS NOT NULL
    AND fg_attempts IS NOT NULL
    AND ft_attempts IS NOT NULL
    AND turnovers IS NOT NULL AS has_usage_inputs,
    IS_NAN(quality_score)
    OR IS_INF(quality_score)
    OR quality_score < 0
    OR quality_score > 100
    OR (quality_score > 0 AND quality_score <= 1) AS is_off_scale
  FROM nba_analytics.team_offense_game_summary
  WHERE game_date BETWEEN @window_start AND @window_end
) AS judged_rows
