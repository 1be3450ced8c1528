-- One row: the months of the player table, for a picture.
SELECT
  COALESCE(
    ARRAY_AGG(
      STRUCT(
        month AS month,
        played AS `rows`,
        without_minutes AS minutes_played,
        without_usage AS usage_rate,
        without_zones AS paint_attempts
      ) ORDER BY month
    ),
    []
  ) AS series_months
FROM (
  SELECT
    month,
    SUM(played) AS played,
    SUM(without_minutes) AS without_minutes,
    SUM(without_usage) AS without_usage,
    SUM(without_zones) AS without_zones
  FROM player_months
  GROUP BY month
) AS whole_months
