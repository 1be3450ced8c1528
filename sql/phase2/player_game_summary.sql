-- Phase 2, runbook 3.2 and 3.4: the player table over the window, one row of counts.
-- Who played has points, and nothing that says otherwise: rosters are listed too.
-- `first` is the first key of the rows that are counted.
SELECT
  COUNT(*) AS window_rows,
  COUNTIF(points IS NOT NULL AND is_dnp IS NOT TRUE) AS record_count,
  STRUCT(
    COUNTIF(points IS NOT NULL AND is_dnp IS NOT TRUE AND minutes_played IS NOT NULL) AS numerator,
    COUNTIF(points IS NOT NULL AND is_dnp IS NOT TRUE) AS denominator
  ) AS minutes_played,
  STRUCT(
    COUNTIF(points IS NOT NULL AND is_dnp IS NOT TRUE AND usage_rate IS NOT NULL) AS numerator,
    COUNTIF(points IS NOT NULL AND is_dnp IS NOT TRUE) AS denominator
  ) AS usage_rate,
  STRUCT(
    COUNTIF(points IS NOT NULL AND is_dnp IS NOT TRUE AND paint_attempts IS NOT NULL) AS numerator,
    COUNTIF(points IS NOT NULL AND is_dnp IS NOT TRUE) AS denominator
  ) AS shot_zones,
  STRUCT(
    -- Neither NaN nor infinity is a score, and no NUMERIC holds them.
    SUM(
      CAST(IF(IS_NAN(quality_score) OR IS_INF(quality_score), NULL, quality_score) AS NUMERIC)
    ) AS numerator,
    COUNT(IF(IS_NAN(quality_score) OR IS_INF(quality_score), NULL, quality_score)) AS denominator
  ) AS quality_score,
  STRUCT(
    COUNTIF(is_production_ready) AS numerator, COUNT(*) AS denominator
  ) AS production_ready,
  COUNTIF(
    EXISTS (
      SELECT 1 FROM UNNEST(quality_issues) AS issue
      WHERE LOWER(issue) IN UNNEST(@blocking_issues)
    )
  ) AS critical_issues,
  STRUCT(
    COUNTIF(
      REGEXP_CONTAINS(game_id, r'^[0-9]{8}_[A-Z]{3}_[A-Z]{3}$') IS NOT TRUE
      OR SUBSTR(game_id, 1, 8) != FORMAT_DATE('%Y%m%d', game_date)
      OR team_abbr NOT IN (SUBSTR(game_id, 10, 3), SUBSTR(game_id, 14, 3))
    ) AS numerator,
    MIN(
      IF(
        REGEXP_CONTAINS(game_id, r'^[0-9]{8}_[A-Z]{3}_[A-Z]{3}$') IS NOT TRUE
        OR SUBSTR(game_id, 1, 8) != FORMAT_DATE('%Y%m%d', game_date)
        OR team_abbr NOT IN (SUBSTR(game_id, 10, 3), SUBSTR(game_id, 14, 3)),
        CONCAT(COALESCE(game_id, 'NULL'), ' ', player_lookup),
        NULL
      )
    ) AS first
  ) AS malformed_ids,
  STRUCT(
    COUNTIF(
      points != 2 * fg_makes + three_pt_makes + ft_makes
      OR three_pt_makes > fg_makes
      OR fg_makes > fg_attempts
      OR three_pt_makes > three_pt_attempts
      OR ft_makes > ft_attempts
    ) AS numerator,
    MIN(
      IF(
        points != 2 * fg_makes + three_pt_makes + ft_makes
        OR three_pt_makes > fg_makes
        OR fg_makes > fg_attempts
        OR three_pt_makes > three_pt_attempts
        OR ft_makes > ft_attempts,
        CONCAT(game_id, ' ', player_lookup),
        NULL
      )
    ) AS first
  ) AS box_score,
  STRUCT(
    COUNTIF(
      minutes_played NOT BETWEEN 0 AND @most_minutes
    ) AS numerator,
    MIN(
      IF(
        minutes_played NOT BETWEEN 0 AND @most_minutes,
        CONCAT(game_id, ' ', player_lookup),
        NULL
      )
    ) AS first
  ) AS minutes_range,
  STRUCT(
    COUNTIF(
      minutes_played >= @usage_minutes
      AND usage_rate NOT BETWEEN 0 AND @most_usage
    ) AS numerator,
    MIN(
      IF(
        minutes_played >= @usage_minutes
        AND usage_rate NOT BETWEEN 0 AND @most_usage,
        CONCAT(game_id, ' ', player_lookup),
        NULL
      )
    ) AS first
  ) AS usage_range,
  STRUCT(
    COUNTIF(points = 0 AND is_dnp IS NOT TRUE) AS numerator,
    COUNTIF(points IS NOT NULL AND is_dnp IS NOT TRUE) AS denominator
  ) AS zero_points,
  STRUCT(
    COUNTIF(usage_rate < 1) AS numerator, COUNT(usage_rate) AS denominator
  ) AS zero_usage,
  STRUCT(
    COUNTIF(paint_attempts + mid_range_attempts + three_attempts_pbp = fg_attempts) AS numerator,
    COUNT(paint_attempts + mid_range_attempts + three_attempts_pbp) AS denominator
  ) AS shot_attempts,
  STRUCT(
    COUNTIF(
      IS_NAN(quality_score)
      OR IS_INF(quality_score)
      OR quality_score < 0
      OR quality_score > 100
      OR (quality_score > 0 AND quality_score <= 1)
    ) AS numerator,
    MIN(
      IF(
        IS_NAN(quality_score)
        OR IS_INF(quality_score)
        OR quality_score < 0
        OR quality_score > 100
        OR (quality_score > 0 AND quality_score <= 1),
        CONCAT(game_id, ' ', player_lookup),
        NULL
      )
    ) AS first
  ) AS quality_scale
FROM nba_analytics.player_game_summary
WHERE game_date BETWEEN @window_start AND @window_end
