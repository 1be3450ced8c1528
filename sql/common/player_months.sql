-- The months of those who played, which the asking query gives as played_rows. The playoffs stand
-- apart: few games of few teams, and benches that are listed with noughts.
SELECT
  is_playoff,
  FORMAT_DATE('%Y-%m', game_date) AS month,
  COUNT(DISTINCT game_id) AS games,
  COUNT(*) AS played,
  COUNTIF(minutes_played IS NULL) AS without_minutes,
  COUNTIF(usage_rate IS NULL) AS without_usage,
  COUNTIF(paint_attempts IS NULL) AS without_zones,
  AVG(points) AS mean_points,
  AVG(minutes_played) AS mean_minutes,
  AVG(usage_rate) AS mean_usage
FROM played_rows
GROUP BY month, is_playoff
