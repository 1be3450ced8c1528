-- How much of each team's roster, as the context of its game has it, has factors.
SELECT
  context_rows.game_date,
  context_rows.game_id,
  context_rows.team_abbr,
  COUNT(*) AS rostered,
  COUNT(held_factors.player_lookup) AS found
FROM context_rows
LEFT JOIN held_factors
  ON
    context_rows.game_id = held_factors.game_id
    AND context_rows.player_lookup = held_factors.player_lookup
    AND context_rows.game_date = held_factors.game_date
GROUP BY context_rows.game_date, context_rows.game_id, context_rows.team_abbr
