-- The same, with what is wrong with the game, on the first of its teams, and the place of the game
-- among those with or without a row of the team table.
SELECT
  player_sides.*,
  ROW_NUMBER() OVER (PARTITION BY player_sides.game_id ORDER BY player_sides.team_abbr) = 1
    AS is_first,
  COUNT(*) OVER (PARTITION BY player_sides.game_id) != 2
  OR MIN(player_sides.played) OVER (PARTITION BY player_sides.game_id)
  < @team_rows_of_player_game_summary[OFFSET(0)]
  OR MAX(player_sides.played) OVER (PARTITION BY player_sides.game_id)
  > @team_rows_of_player_game_summary[OFFSET(1)]
  OR SUM(player_sides.played) OVER (PARTITION BY player_sides.game_id)
  NOT BETWEEN @rows_of_player_game_summary[OFFSET(0)]
  AND @rows_of_player_game_summary[OFFSET(1)]
  OR SUM(player_sides.listed) OVER (PARTITION BY player_sides.game_id)
  > @most_rows_of_player_game_summary AS is_incomplete,
  scheduled_games.game_id IS NOT NULL AS is_swapped,
  DENSE_RANK() OVER (PARTITION BY player_sides.has_team_row ORDER BY player_sides.game_id)
    AS place,
  ROW_NUMBER() OVER (
    PARTITION BY player_sides.has_team_row, player_sides.game_id
    ORDER BY player_sides.team_abbr
  ) AS team_number
FROM player_sides
LEFT JOIN scheduled_games ON player_sides.game_id = scheduled_games.swapped_id
