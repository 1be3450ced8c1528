-- The games of the team table, which the asking query gives as table_rows: their teams, home teams
-- and winners.
SELECT
  game_id,
  COUNT(DISTINCT game_date) AS dates,
  COUNT(DISTINCT entry) AS teams,
  COUNT(DISTINCT IF(home_game, entry, NULL)) AS home_teams,
  COUNT(DISTINCT IF(win_flag, entry, NULL)) AS winners,
  MAX(IF(home_game, entry, NULL)) AS home_team,
  MAX(IF(win_flag, points_scored, NULL)) AS winner_points,
  MAX(IF(win_flag, NULL, points_scored)) AS loser_points
FROM table_rows
GROUP BY game_id
