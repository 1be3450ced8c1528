-- Rows and players of player_composite_factors by date.
SELECT
  game_date,
  COUNT(DISTINCT player_lookup) AS unique_players,
  SUM(records) AS total_records
FROM held_factors
GROUP BY game_date
