-- The dates of player_composite_factors, which the asking query gives as table_rows: versions, and
-- how far fatigue is from what is typical.
SELECT
  game_date,
  COUNT(DISTINCT calculation_version) AS versions,
  GREATEST(COUNT(fatigue_score), 1) AS scores,
  ABS(COALESCE(SUM(fatigue_score - @typical_fatigue), 0)) AS away
FROM table_rows
GROUP BY game_date
