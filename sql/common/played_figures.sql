-- The games of each player who played, from the season's start, one on a date.
SELECT
  player_lookup,
  game_date,
  EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS season,
  MIN(team_abbr) AS team_abbr,
  MAX(points) AS points,
  MAX(minutes_played) AS minutes,
  MAX(usage_rate) AS usage_rate,
  MAX(paint_attempts) AS paint_attempts,
  MAX(mid_range_attempts) AS mid_range_attempts,
  MAX(three_attempts_pbp) AS three_attempts,
  MAX(paint_makes) AS paint_makes,
  MAX(mid_range_makes) AS mid_range_makes,
  MAX(three_makes_pbp) AS three_makes
FROM nba_analytics.player_game_summary
WHERE
  game_date BETWEEN @season_start AND @window_end
  AND points IS NOT NULL
  AND is_dnp IS NOT TRUE
GROUP BY player_lookup, game_date
