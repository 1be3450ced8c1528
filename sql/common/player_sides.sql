-- A team of a game in the player table, with its row of the team table.
SELECT
  players_once.game_id,
  players_once.team_abbr,
  COUNT(*) AS listed,
  COUNT(players_once.points) AS played,
  COUNT(players_once.usage_rate) AS with_usage,
  SUM(players_once.points) != ANY_VALUE(team_rows.points_scored) AS has_other_points,
  ANY_VALUE(team_rows.game_id) IS NOT NULL AS has_team_row,
  MIN(players_once.usage_processed_at) < ANY_VALUE(team_rows.processed_at) AS is_outdated
FROM players_once
LEFT JOIN team_rows
  ON
    players_once.game_id = team_rows.game_id
    AND players_once.team_abbr = team_rows.team_abbr
GROUP BY players_once.game_id, players_once.team_abbr
