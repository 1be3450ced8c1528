-- Dates on which fewer of the rows with points have a usage_rate than the gate asks for, worst
-- first. It is computed from team_offense_game_summary: a game without rows there cannot have it.
WITH players AS (
  SELECT
    game_date,
    game_id,
    usage_rate
  FROM nba_analytics.player_game_summary
  WHERE
    game_date BETWEEN @window_start AND @window_end
    AND points IS NOT NULL
),

teams AS (
  SELECT DISTINCT game_id
  FROM nba_analytics.team_offense_game_summary
  WHERE game_date BETWEEN @window_start AND @window_end
)

SELECT
  players.game_date,
  COUNT(*) AS rows_with_points,
  COUNTIF(players.usage_rate IS NULL) AS null_rows,
  ROUND(100 * COUNTIF(players.usage_rate IS NULL) / COUNT(*), 1) AS null_pct,
  COUNT(DISTINCT IF(teams.game_id IS NULL, players.game_id, NULL)) AS games_without_team_rows
FROM players
LEFT JOIN teams ON players.game_id = teams.game_id
GROUP BY players.game_date
HAVING 100 * COUNT(players.usage_rate) < CAST(@bound AS NUMERIC) * COUNT(*)
ORDER BY null_pct DESC, players.game_date ASC
LIMIT @row_limit
