-- The same with the shares of a season, and how much lower they are than those of the one before
-- it. Shot zones have no drop: that from 86% to 45% in mid-2024 is a change of the play-by-play
-- format.
SELECT
  player_seasons.*,
  CONCAT(CAST(season AS STRING), '-', SUBSTR(CAST(season + 1 AS STRING), 3)) AS season_name,
  100 * with_minutes / played AS minutes_pct,
  100 * with_usage / played AS usage_pct,
  100 * with_zones / played AS zones_pct,
  LAG(100 * with_minutes / played) OVER full_ones - 100 * with_minutes / played AS minutes_drop,
  LAG(100 * with_usage / played) OVER full_ones - 100 * with_usage / played AS usage_drop
FROM player_seasons
WINDOW full_ones AS (PARTITION BY is_full ORDER BY season)
