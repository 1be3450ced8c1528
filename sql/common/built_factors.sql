-- Those who played, each with the factors of the same game and with the context that those are
-- built from; a player who did not play has factors and context alone.
SELECT
  played_games.game_date,
  factor_players.game_id,
  factor_players.entry,
  played_games.player_lookup IS NOT NULL AS has_played,
  factor_players.processed_at < played_games.processed_at AS is_before_player,
  factor_players.processed_at < context_rows.processed_at AS is_before_context,
  ROW_NUMBER() OVER (
    PARTITION BY factor_players.game_id, factor_players.entry
    ORDER BY played_games.game_date
  ) AS row_of_player
FROM factor_players
FULL OUTER JOIN played_games
  ON
    factor_players.game_id = played_games.game_id
    AND factor_players.entry = played_games.player_lookup
LEFT JOIN context_rows
  ON
    factor_players.game_id = context_rows.game_id
    AND factor_players.entry = context_rows.player_lookup
