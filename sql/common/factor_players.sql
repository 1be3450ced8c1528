-- The players and games of player_composite_factors, which the asking query gives as table_rows.
SELECT
  game_id,
  entry,
  MIN(processed_at) AS processed_at
FROM table_rows
GROUP BY game_id, entry
