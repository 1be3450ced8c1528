-- What a team has done in its last ten games of a season, as player_form has it.
SELECT
  team_abbr,
  game_date AS since,
  EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS season,
  LEAD(game_date, 1, DATE '9999-12-31') OVER so_far AS valid_to,
  COUNT(*) OVER so_far AS games,
  SUM(pace) OVER last_10 AS pace_10,
  COUNT(pace) OVER last_10 AS pace_known,
  SUM(offensive_rating) OVER last_10 AS rating_10,
  COUNT(offensive_rating) OVER last_10 AS rating_known
FROM team_paces
WINDOW
  so_far AS (
    PARTITION BY team_abbr, EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH))
    ORDER BY game_date
  ),
  last_10 AS (so_far ROWS BETWEEN 9 PRECEDING AND CURRENT ROW)
