-- The players with points of each game, from the season's start.
SELECT DISTINCT
  game_date,
  game_id,
  player_lookup,
  EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS season
FROM nba_analytics.player_game_summary
WHERE
  game_date BETWEEN @season_start AND @window_end
  AND points IS NOT NULL
