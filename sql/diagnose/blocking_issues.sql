-- Games with rows that hold a blocking issue: which issue, on how many rows.
-- Asked for the table that the gate counts, in the place of each_table.
WITH marked AS (
  SELECT
    game_date,
    game_id,
    quality_issues
  FROM nba_analytics.each_table
  WHERE game_date BETWEEN @window_start AND @window_end
)

SELECT
  marked.game_date,
  marked.game_id,
  'none' AS expected,
  LOWER(issue) AS found,
  COUNT(*) AS records
FROM marked
CROSS JOIN UNNEST(marked.quality_issues) AS issue
WHERE LOWER(issue) IN UNNEST(@blocking_issues)
GROUP BY marked.game_date, marked.game_id, found
ORDER BY marked.game_date, marked.game_id, found
LIMIT @row_limit
