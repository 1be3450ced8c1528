-- Dates on which fewer of those who played have minutes than the gate asks for, worst first.
SELECT
  game_date,
  COUNT(minutes_played) AS found,
  COUNT(*) AS expected,
  COUNTIF(minutes_played IS NULL) AS null_rows,
  ROUND(100 * COUNTIF(minutes_played IS NULL) / COUNT(*), 1) AS null_pct
FROM played_rows
WHERE game_date >= @window_start
GROUP BY game_date
HAVING 100 * COUNT(minutes_played) < PARSE_NUMERIC(@bound) * COUNT(*)
ORDER BY null_pct DESC, game_date ASC
LIMIT @row_limit
