-- What is wrong with a game of the team table, by its own rows and by the schedule's home and away.
SELECT
  games.game_id,
  reversed.game_id IS NOT NULL
  OR (games.home_teams = 1 AND games.home_team != scheduled_games.home_team) AS is_swapped,
  games.teams != 2 AS is_incomplete,
  games.dates != 1
  OR (
    games.teams = 2
    AND (
      games.home_teams != 1
      OR games.winners != 1
      OR games.winner_points <= games.loser_points
    )
  ) AS is_one_sided
FROM grouped_team_games AS games
LEFT JOIN scheduled_games ON games.game_id = scheduled_games.game_id
LEFT JOIN scheduled_games AS reversed ON games.game_id = reversed.swapped_id
