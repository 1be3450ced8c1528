-- The games of a table by date. The asking query gives table_rows: game_date, game_id, entry (what
-- tells the rows of a game apart), is_malformed.
SELECT
  game_date,
  game_id,
  COUNT(*) AS records,
  COUNTIF(is_malformed) AS malformed_rows
FROM table_rows
GROUP BY game_date, game_id
