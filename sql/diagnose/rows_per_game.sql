-- Games that team_offense_game_summary does not hold with one row for each of two teams.
SELECT
  game_date,
  game_id,
  2 AS expected,
  COUNT(*) AS found,
  COUNT(DISTINCT team_abbr) AS teams
FROM nba_analytics.team_offense_game_summary
WHERE game_date BETWEEN @window_start AND @window_end
GROUP BY game_date, game_id
HAVING COUNT(*) != 2 OR COUNT(DISTINCT team_abbr) != 2
ORDER BY game_date, game_id
LIMIT @row_limit
