-- Dates on which fewer of those who played have a usage_rate than the gate asks for, worst first.
-- It is computed from team_offense_game_summary: a game without rows there cannot have it.
WITH teams AS (
  SELECT DISTINCT game_id
  FROM nba_analytics.team_offense_game_summary
  WHERE game_date BETWEEN @window_start AND @window_end
)

SELECT
  played_rows.game_date,
  COUNT(played_rows.usage_rate) AS found,
  COUNT(*) AS expected,
  COUNTIF(played_rows.usage_rate IS NULL) AS null_rows,
  ROUND(100 * COUNTIF(played_rows.usage_rate IS NULL) / COUNT(*), 1) AS null_pct,
  COUNT(DISTINCT IF(teams.game_id IS NULL, played_rows.game_id, NULL)) AS games_without_team_rows
FROM played_rows
LEFT JOIN teams ON played_rows.game_id = teams.game_id
WHERE played_rows.game_date >= @window_start
GROUP BY played_rows.game_date
HAVING 100 * COUNT(played_rows.usage_rate) < PARSE_NUMERIC(@bound) * COUNT(*)
ORDER BY null_pct DESC, played_rows.game_date ASC
LIMIT @row_limit
