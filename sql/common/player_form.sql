-- What a player has done in a season: a row for each game that he played, which holds from the day
-- after it until his next one. Points of his last five and ten games, the days of his last ten.
SELECT
  player_lookup,
  season,
  team_abbr,
  game_date AS since,
  LEAD(game_date, 1, DATE '9999-12-31') OVER so_far AS valid_to,
  COUNT(*) OVER so_far AS games,
  LEAST(COUNT(*) OVER so_far, 5) AS games_5,
  LEAST(COUNT(*) OVER so_far, 10) AS games_10,
  SUM(points) OVER so_far AS points_season,
  SUM(points) OVER last_5 AS points_5,
  SUM(points) OVER last_10 AS points_10,
  SUM(minutes) OVER last_10 AS minutes_10,
  COUNT(minutes) OVER last_10 AS minutes_known,
  SUM(usage_rate) OVER last_10 AS usage_10,
  COUNT(usage_rate) OVER last_10 AS usage_known,
  MIN(game_date) OVER last_5 AS first_of_5,
  MIN(game_date) OVER last_10 AS first_of_10,
  ARRAY_AGG(STRUCT(game_date AS day, minutes AS minutes)) OVER last_10 AS recent
FROM played_figures
WINDOW
  so_far AS (PARTITION BY player_lookup, season ORDER BY game_date),
  last_5 AS (so_far ROWS BETWEEN 4 PRECEDING AND CURRENT ROW),
  last_10 AS (so_far ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)
