-- A player of a game once, however often he stands in the player table, which the asking query
-- gives as table_rows; without points where he did not play.
SELECT
  game_id,
  team_abbr,
  entry,
  MAX(IF(has_played, points, NULL)) AS points,
  MAX(IF(has_played, usage_rate, NULL)) AS usage_rate,
  MIN(IF(has_played AND usage_rate IS NOT NULL, processed_at, NULL)) AS usage_processed_at
FROM table_rows
GROUP BY game_id, team_abbr, entry
