-- The games of a table by date. The asking query gives table_rows: game_date, game_id, entry (what
-- tells the rows of a game apart), is_malformed.
SELECT
  game_date,
  game_id,
  -- Whoever asks for the size of games says what is incomplete.
  FALSE AS is_incomplete,
  COUNT(*) AS records,
  COUNTIF(is_malformed) AS malformed_rows
FROM table_rows
GROUP BY game_date, game_id
