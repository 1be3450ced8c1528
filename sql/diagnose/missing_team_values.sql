-- Dates on which a column has no value in some rows of the team table.
SELECT
  CAST(team_groups.part AS DATE) AS game_date,
  checked.what AS column_name,
  checked.filled AS found,
  team_groups.records AS expected
FROM team_groups
CROSS JOIN UNNEST(team_groups.filled_columns) AS checked
WHERE team_groups.is_date AND checked.filled < team_groups.records
ORDER BY checked.filled / team_groups.records, game_date, column_name
LIMIT @row_limit
