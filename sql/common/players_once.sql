-- A player of a game once, however often he stands in the player table, which the asking query
-- gives as table_rows.
SELECT
  game_id,
  team_abbr,
  entry,
  MAX(points) AS points,
  MAX(usage_rate) AS usage_rate,
  MIN(IF(usage_rate IS NULL, NULL, processed_at)) AS usage_processed_at
FROM table_rows
GROUP BY game_id, team_abbr, entry
