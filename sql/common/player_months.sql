-- The months of the player table, which the asking query gives as table_rows.
SELECT
  FORMAT_DATE('%Y-%m', game_date) AS month,
  COUNT(DISTINCT game_id) AS games,
  COUNT(points) AS played,
  COUNTIF(points IS NOT NULL AND minutes_played IS NULL) AS without_minutes,
  COUNTIF(points IS NOT NULL AND usage_rate IS NULL) AS without_usage,
  COUNTIF(points IS NOT NULL AND paint_attempts IS NULL) AS without_zones,
  [
    IF(AVG(points) BETWEEN @player_points[OFFSET(0)] AND @player_points[OFFSET(1)], '', 'points'),
    IF(
      AVG(minutes_played) BETWEEN @player_minutes[OFFSET(0)] AND @player_minutes[OFFSET(1)],
      '',
      'minutes_played'
    ),
    IF(
      AVG(usage_rate) BETWEEN @player_usage[OFFSET(0)] AND @player_usage[OFFSET(1)],
      '',
      'usage_rate'
    )
  ] AS implausible_means
FROM table_rows
GROUP BY month
