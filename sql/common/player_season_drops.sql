-- The same with the shares of a season, and how much lower they are than those of the one before
-- it. Shot zones have no drop: that from 86% to 45% in mid-2024 is a change of the play-by-play
-- format.
SELECT
  season,
  played,
  with_minutes,
  with_usage,
  with_zones,
  is_full,
  CONCAT(CAST(season AS STRING), '-', SUBSTR(CAST(season + 1 AS STRING), 3)) AS season_name,
  100 * with_minutes / NULLIF(played, 0) AS minutes_pct,
  100 * with_usage / NULLIF(played, 0) AS usage_pct,
  100 * with_zones / NULLIF(played, 0) AS zones_pct,
  LAG(100 * with_minutes / NULLIF(played, 0)) OVER (PARTITION BY is_full ORDER BY season)
  - 100 * with_minutes / NULLIF(played, 0) AS minutes_drop,
  LAG(100 * with_usage / NULLIF(played, 0)) OVER (PARTITION BY is_full ORDER BY season)
  - 100 * with_usage / NULLIF(played, 0) AS usage_drop
FROM player_seasons
