-- Phase 2, runbook 3.2 and 3.4: the player table over the window, one row of counts.
-- Who played has points, and nothing that says otherwise: rosters are listed too.
-- `first` is the first key of the rows that are counted.
SELECT
  COUNT(*) AS window_rows,
  COUNTIF(has_played) AS record_count,
  STRUCT(
    COUNTIF(has_played AND minutes_played IS NOT NULL) AS numerator,
    COUNTIF(has_played) AS denominator
  ) AS minutes_played,
  STRUCT(
    COUNTIF(has_played AND usage_rate IS NOT NULL) AS numerator, COUNTIF(has_played) AS denominator
  ) AS usage_rate,
  STRUCT(
    COUNTIF(has_played AND paint_attempts IS NOT NULL) AS numerator,
    COUNTIF(has_played) AS denominator
  ) AS shot_zones,
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
    COUNTIF(has_odd_minutes) AS numerator, MIN(IF(has_odd_minutes, entry, NULL)) AS first
  ) AS minutes_range,
  STRUCT(
    COUNTIF(has_odd_usage) AS numerator, MIN(IF(has_odd_usage, entry, NULL)) AS first
  ) AS usage_range,
  STRUCT(COUNTIF(is_scoreless) AS numerator, COUNTIF(has_played) AS denominator) AS zero_points,
  STRUCT(COUNTIF(usage_rate < 1) AS numerator, COUNT(usage_rate) AS denominator) AS zero_usage,
  STRUCT(
    COUNTIF(zone_attempts = fg_attempts) AS numerator, COUNT(zone_attempts) AS denominator
  ) AS shot_attempts,
  STRUCT(
    COUNTIF(is_off_scale) AS numerator, MIN(IF(is_off_scale, entry, NULL)) AS first
  ) AS quality_scale
FROM (
  SELECT
    game_date,
    minutes_played,
    usage_rate,
    paint_attempts,
    fg_attempts,
    is_production_ready,
    -- Neither NaN nor infinity is a score, and no NUMERIC holds them.
    PARSE_NUMERIC(CAST(
      IF(IS_NAN(quality_score) OR IS_INF(quality_score), NULL, quality_score) AS STRING
    )) AS score,
    points IS NOT NULL AND is_dnp IS NOT TRUE AS has_played,
    points = 0 AND is_dnp IS NOT TRUE AS is_scoreless,
    paint_attempts + mid_range_attempts + three_attempts_pbp AS zone_attempts,
    CONCAT(game_id, ' ', player_lookup) AS entry,
    CONCAT(COALESCE(game_id, 'NULL'), ' ', player_lookup) AS malformed_entry,
    EXISTS(
      SELECT 1 FROM UNNEST(quality_issues) AS issue
      WHERE LOWER(issue) IN UNNEST(@blocking_issues)
    ) AS is_blocked,
    REGEXP_CONTAINS(game_id, r'^[0-9]{8}_[A-Z]{3}_[A-Z]{3}$') IS NOT TRUE
    OR SUBSTR(game_id, 1, 8) != FORMAT_DATE('%Y%m%d', game_date)
    OR team_abbr NOT IN (SUBSTR(game_id, 10, 3), SUBSTR(game_id, 14, 3)) AS is_malformed,
    points != 2 * fg_makes + three_pt_makes + ft_makes
    OR three_pt_makes > fg_makes
    OR fg_makes > fg_attempts
    OR three_pt_makes > three_pt_attempts
    OR ft_makes > ft_attempts AS is_impossible,
    minutes_played NOT BETWEEN 0 AND @most_minutes AS has_odd_minutes,
    minutes_played >= @usage_minutes AND usage_rate NOT BETWEEN 0 AND @most_usage AS has_odd_usage,
    IS_NAN(quality_score)
    OR IS_INF(quality_score)
    OR quality_score < 0
    OR quality_score > 100
    OR (quality_score > 0 AND quality_score <= 1) AS is_off_scale
  FROM nba_analytics.player_game_summary
  WHERE game_date BETWEEN @window_start AND @window_end
) AS judged_rows
