-- The months of those who played, which the asking query gives as played_rows. The playoffs are
-- judged on their own: few games of few teams, and benches that are listed with noughts.
SELECT
  FORMAT_DATE('%Y-%m', game_date) AS month,
  COUNT(DISTINCT IF(is_playoff, NULL, game_id)) AS games,
  COUNT(DISTINCT IF(is_playoff, game_id, NULL)) AS playoff_games,
  COUNT(*) AS played,
  COUNTIF(minutes_played IS NULL) AS without_minutes,
  COUNTIF(usage_rate IS NULL) AS without_usage,
  COUNTIF(paint_attempts IS NULL) AS without_zones,
  AVG(IF(is_playoff, NULL, points)) AS points,
  AVG(IF(is_playoff, NULL, minutes_played)) AS minutes_played,
  AVG(IF(is_playoff, NULL, usage_rate)) AS usage_rate,
  AVG(IF(is_playoff, points, NULL)) AS playoff_points,
  AVG(IF(is_playoff, minutes_played, NULL)) AS playoff_minutes,
  AVG(IF(is_playoff, usage_rate, NULL)) AS playoff_usage
FROM played_rows
GROUP BY month
