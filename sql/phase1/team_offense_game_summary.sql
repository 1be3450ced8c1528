-- Phase 1, runbook 2.2 and 2.3: the team table over the window, one row of counts.
SELECT
  COUNT(*) AS window_rows,
  COUNT(DISTINCT game_id) AS game_count,
  STRUCT(
    COUNT(*) AS numerator, COUNT(DISTINCT game_id) AS denominator
  ) AS records_per_game,
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
FROM nba_analytics.team_offense_game_summary
WHERE game_date BETWEEN @window_start AND @window_end
