-- Shots by zone of a player's last ten games of a season, of those with play-by-play.
SELECT
  player_lookup,
  season,
  game_date AS since,
  LEAD(game_date, 1, DATE '9999-12-31') OVER so_far AS valid_to,
  COUNT(*) OVER so_far AS games,
  COUNT(paint_attempts + mid_range_attempts + three_attempts) OVER last_10 AS games_known,
  SUM(paint_attempts + mid_range_attempts + three_attempts) OVER last_10 AS shots,
  SUM(paint_attempts) OVER last_10 AS paint,
  SUM(mid_range_attempts) OVER last_10 AS mid_range,
  SUM(three_attempts) OVER last_10 AS threes,
  SUM(paint_makes) OVER last_10 AS paint_made,
  SUM(mid_range_makes) OVER last_10 AS mid_range_made,
  SUM(three_makes) OVER last_10 AS threes_made
FROM played_figures
WINDOW
  so_far AS (PARTITION BY player_lookup, season ORDER BY game_date),
  last_10 AS (so_far ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)
