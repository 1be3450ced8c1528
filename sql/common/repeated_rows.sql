-- Findings: rows beyond the first of a game and entry, and entries with two games on one date, of
-- the table_rows that the asking query gives.
SELECT
  IF(GROUPING(game_date) = 1, 'duplicate_rows', 'duplicate_dates') AS measure,
  CONCAT(COALESCE(game_id, CAST(game_date AS STRING)), ' ', entry) AS found,
  IF(GROUPING(game_date) = 1, COUNT(*) - 1, 1) AS number
FROM table_rows
GROUP BY GROUPING SETS ((game_id, entry), (game_date, entry))
HAVING IF(GROUPING(game_date) = 1, COUNT(*) > 1, MIN(game_id) != MAX(game_id))
