-- Dates on which a column has no value in some of the rows that should have one.
SELECT
  CAST(player_groups.part AS DATE) AS game_date,
  checked.what AS column_name,
  checked.filled AS found,
  checked.due AS expected
FROM player_groups
CROSS JOIN UNNEST(player_groups.filled_columns) AS checked
WHERE player_groups.kind = 'date' AND checked.filled < checked.due
ORDER BY checked.filled / checked.due, game_date, column_name
LIMIT @row_limit
