-- The months of player_composite_factors, which the asking query gives as table_rows: how far means
-- are from what is typical, and how many rows hold a default. Too few rows have a mean of their
-- own, such as those of one game: they count as none.
SELECT
  FORMAT_DATE('%Y-%m', game_date) AS month,
  GREATEST(COUNT(fatigue_score), 1) AS fatigue,
  GREATEST(COUNT(shot_zone_mismatch_score), 1) AS mismatch,
  GREATEST(COUNT(pace_score), 1) AS pace,
  GREATEST(COUNTIF(has_zones AND shot_zone_mismatch_score IS NOT NULL), 1) AS with_zones,
  IF(
    COUNT(*) >= @rows_of_a_month, COALESCE(ABS(SUM(fatigue_score - @typical_fatigue)), 0), 0
  ) AS fatigue_away,
  IF(
    COUNT(*) >= @rows_of_a_month, COALESCE(ABS(SUM(shot_zone_mismatch_score)), 0), 0
  ) AS mismatch_away,
  IF(COUNT(*) >= @rows_of_a_month, COALESCE(ABS(SUM(pace_score)), 0), 0) AS pace_away,
  IF(COUNT(*) >= @rows_of_a_month, COUNTIF(fatigue_score = 100), 0) AS fatigue_default,
  IF(
    COUNT(*) >= @rows_of_a_month, COUNTIF(has_zones AND shot_zone_mismatch_score = 0), 0
  ) AS mismatch_default,
  IF(COUNT(*) >= @rows_of_a_month, COUNTIF(pace_score = 0), 0) AS pace_default
FROM table_rows
GROUP BY month
