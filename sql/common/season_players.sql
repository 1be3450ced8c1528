-- Those who played in each game, from the season's start.
SELECT DISTINCT
  game_date,
  game_id,
  player_lookup,
  EXTRACT(YEAR FROM DATE_ADD(game_date, INTERVAL 3 MONTH)) - 1 AS season
FROM played_rows
