-- Phase 2, runbook 3.2 and 3.4: the player table over the window, one row of counts.
-- A row with points is a player who played.
SELECT
  COUNT(*) AS window_rows,
  COUNTIF(points IS NOT NULL) AS record_count,
  STRUCT(
    COUNTIF(points IS NOT NULL AND minutes_played IS NOT NULL) AS numerator,
    COUNTIF(points IS NOT NULL) AS denominator
  ) AS minutes_played,
  STRUCT(
    COUNTIF(points IS NOT NULL AND usage_rate IS NOT NULL) AS numerator,
    COUNTIF(points IS NOT NULL) AS denominator
  ) AS usage_rate,
  STRUCT(
    COUNTIF(points IS NOT NULL AND paint_attempts IS NOT NULL) AS numerator,
    COUNTIF(points IS NOT NULL) AS denominator
  ) AS shot_zones,
  STRUCT(
    SUM(CAST(quality_score AS BIGNUMERIC)) AS numerator, COUNT(quality_score) AS denominator
  ) AS quality_score,
  STRUCT(
    COUNTIF(is_production_ready) AS numerator, COUNT(*) AS denominator
  ) AS production_ready,
  COUNTIF(
    EXISTS (
      SELECT 1 FROM UNNEST(quality_issues) AS issue
      WHERE LOWER(issue) IN UNNEST(@blocking_issues)
    )
  ) AS critical_issues
FROM nba_analytics.player_game_summary
WHERE game_date BETWEEN @window_start AND @window_end
